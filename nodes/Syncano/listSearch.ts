import type { ILoadOptionsFunctions, INodeListSearchItems, INodeListSearchResult } from 'n8n-workflow';

import { listError, listErrorOf } from '../shared/listError';
import { failureOfPlanning } from '../shared/parameters';
import type { Failure } from '../shared/outcome';
import { cleanText } from '../shared/text';
import { hostClock } from '../shared/wait';
import { checkedId, checkedName, connectionOf, instanceUrl, type Connection } from './connection';
import { failureOfList } from './outcome';
import { pageOf, readPages } from './paging';
import { ask, READ_TIMEOUT_MS } from './request';

/** An object of a list as an entry of a dropdown; `undefined` for one that is none. */
type ToEntry = (object: Record<string, unknown>) => INodeListSearchItems | undefined;

/** The largest page that the server gives. */
const PAGE = 'page_size=100';

/** The instances that the key may see. */
export async function searchInstances(this: ILoadOptionsFunctions, filter?: string, paginationToken?: string): Promise<INodeListSearchResult> {
	return await search(this, ({ baseUrl }) => `${baseUrl}/v1.1/instances/`, PAGE, namedEntry, filter, paginationToken);
}

/** The scripts of the instance, with their runtimes. */
export async function searchScripts(this: ILoadOptionsFunctions, filter?: string, paginationToken?: string): Promise<INodeListSearchResult> {
	return await search(this, (connection) => `${ownInstance(this, connection)}/snippets/scripts/`, `${PAGE}&fields=id,label,runtime_name`, scriptEntry, filter, paginationToken);
}

/** The Script Endpoints of the instance. */
export async function searchEndpoints(this: ILoadOptionsFunctions, filter?: string, paginationToken?: string): Promise<INodeListSearchResult> {
	return await search(this, (connection) => `${ownInstance(this, connection)}/endpoints/scripts/`, PAGE, namedEntry, filter, paginationToken);
}

/** The latest traces of the script or endpoint that the node names; the server keeps no more than one page of them. */
export async function searchTraces(this: ILoadOptionsFunctions, filter?: string): Promise<INodeListSearchResult> {
	const ofEndpoint = this.getCurrentNodeParameter('traceOf') === 'scriptEndpoint';
	const address = (connection: Connection) =>
		ofEndpoint
			? `${ownInstance(this, connection)}/endpoints/scripts/${encodeURIComponent(checkedName(parameter(this, 'endpoint'), 'Endpoint'))}/traces/`
			: `${ownInstance(this, connection)}/snippets/scripts/${checkedId(parameter(this, 'scriptId'), 'Script')}/traces/`;
	const found = await search(this, address, `${PAGE}&excluded_fields=result,args,meta`, traceEntry, filter);
	return { results: found.results };
}

const namedEntry: ToEntry = ({ name, description }) =>
	typeof name !== 'string' ? undefined : { name, value: name, ...(typeof description === 'string' && description !== '' ? { description: cleanText(description, 200) } : {}) };

const scriptEntry: ToEntry = ({ id, label, runtime_name: runtime }) =>
	typeof id !== 'number' ? undefined : { name: `${text(label) || `Script ${id}`} (${[String(id), text(runtime)].filter(Boolean).join(', ')})`, value: id };

const traceEntry: ToEntry = ({ id, status, executed_at: executedAt }) =>
	typeof id !== 'number' ? undefined : { name: [String(id), text(status), text(executedAt)].filter(Boolean).join(' · '), value: id };

const text = (value: unknown): string => (typeof value === 'string' ? cleanText(value, 120) : '');

function parameter(context: ILoadOptionsFunctions, name: string): string {
	const value = context.getCurrentNodeParameter(name, { extractValue: true });
	return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function ownInstance(context: ILoadOptionsFunctions, connection: Connection): string {
	return instanceUrl(connection, parameter(context, 'instance'));
}

/**
 * One page of entries or, where a filter is given, all that fit over all pages: the server only finds beginnings of labels.
 * A token is the query of the next page.
 */
async function search(
	context: ILoadOptionsFunctions,
	address: (connection: Connection) => string,
	firstQuery: string,
	entry: ToEntry,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	const found = await searched(context, address, firstQuery, entry, filter, paginationToken);
	if ('results' in found) return found;
	if (found.reason === 'invalidInput') throw listError(context.getNode(), found.message, found.hint ?? '');
	throw listErrorOf(context.getNode(), 'The list cannot be shown', found, [found.hint, 'An ID or name works without the list.'].filter(Boolean).join(' '));
}

async function searched(
	context: ILoadOptionsFunctions,
	address: (connection: Connection) => string,
	firstQuery: string,
	entry: ToEntry,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult | Failure> {
	try {
		const connection = await connectionOf(context);
		const url = address(connection);
		const request = (query: string) => ask(context, { method: 'GET', url: `${url}?${query}`, timeoutMs: READ_TIMEOUT_MS, withKey: true });
		const failure = (answer: Awaited<ReturnType<typeof request>>) =>
			failureOfList(answer, { target: 'list', sentKey: connection.keyKind, wrapped: false }, hostClock.now());
		const wanted = filter?.trim().toLowerCase() ?? '';
		if (wanted !== '') {
			const results: INodeListSearchItems[] = [];
			const refused = await readPages(request, firstQuery, ({ id, name }) => id ?? name, (object) => {
				const found = entry(object);
				if (found !== undefined && `${found.name} ${found.description ?? ''}`.toLowerCase().includes(wanted)) results.push(found);
				return false;
			});
			return refused === undefined ? { results } : failure(refused);
		}
		const query = paginationToken ?? firstQuery;
		const answer = await request(query);
		const page = pageOf(answer);
		if (page === undefined) return failure(answer);
		const results = page.objects.map(entry).filter((found) => found !== undefined);
		// A page that leads to itself has no next one, and neither has an empty one.
		const more = page.nextQuery !== undefined && page.nextQuery !== query && results.length > 0;
		return { results, ...(more ? { paginationToken: page.nextQuery } : {}) };
	} catch (error) {
		return failureOfPlanning(error);
	}
}
