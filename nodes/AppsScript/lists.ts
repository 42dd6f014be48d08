import type { ILoadOptionsFunctions, INodeListSearchItems, INodeListSearchResult, ResourceMapperField, ResourceMapperFields } from 'n8n-workflow';
import { NodeApiError } from 'n8n-workflow';

import { isRecord } from '../shared/json';
import { listError, listErrorOf } from '../shared/listError';
import type { Failure } from '../shared/outcome';
import { failureOfPlanning } from '../shared/parameters';
import { cleanText } from '../shared/text';
import { REST } from './arguments';
import { connectionOf, credentialTypeOf, type Connection, type CredentialTypeName } from './connection';
import { AUTOMATIC_LABEL, newestApiExecutable, type Deployment } from './deployments';
import { USER_SETTINGS_URL } from './hints';
import { AUTOMATIC_DEPLOYMENT, scriptIdOf } from './ids';
import { getJson, listDeployments, type Looked } from './managementApi';
import { readContent, signatureOf, type ProjectContent } from './projectContent';
import type { ScriptFunction, ScriptParameter } from './scriptSource';
import { howToAddScopes } from './setupSentences';

const AUTOMATIC: INodeListSearchItems = { name: AUTOMATIC_LABEL, value: AUTOMATIC_DEPLOYMENT };

/** What a list is called, the scope that it needs, and what works without it. */
interface ListKind {
	readonly what: string;
	readonly scope: string;
	readonly instead: string;
}

const AUTH = 'https://www.googleapis.com/auth/';
const SCRIPTS: ListKind = { what: 'Script projects', scope: `${AUTH}drive.metadata.readonly`, instead: 'Without the list, choose By ID or By URL.' };
const DEPLOYMENTS: ListKind = { what: 'Deployments', scope: `${AUTH}script.deployments.readonly`, instead: 'Without the list, choose By ID and paste the deployment ID.' };
const FUNCTIONS: ListKind = { what: 'Functions', scope: `${AUTH}script.projects.readonly`, instead: 'Without the list, choose By Name and type the name of the function.' };
const PARAMETERS: ListKind = { ...FUNCTIONS, what: 'Parameters', instead: 'Without them, set Parameters From to JSON.' };
const LIBRARY_PARAMETERS: ListKind = { ...PARAMETERS, what: 'The parameters of the library' };

/**
 * Script projects of the account's Drive and of its shared drives, those changed last first. Drive finds words by their beginnings. Projects that belong
 * to a document are not in Drive's list; their ID works.
 */
export async function searchScripts(this: ILoadOptionsFunctions, filter?: string, paginationToken?: string): Promise<INodeListSearchResult> {
	const connection = await connected(this);
	const wanted = filter?.trim() ?? '';
	const query = new URLSearchParams({
		q: ["mimeType = 'application/vnd.google-apps.script'", 'trashed = false', ...(wanted === '' ? [] : [`name contains '${wanted.replace(/[\\']/g, '\\$&')}'`])].join(' and '),
		orderBy: 'modifiedTime desc',
		pageSize: '50',
		fields: 'nextPageToken,files(id,name,modifiedTime)',
		supportsAllDrives: 'true',
		includeItemsFromAllDrives: 'true',
		...(paginationToken ? { pageToken: paginationToken } : {}),
	});
	const page = valueOf(this, SCRIPTS, await getJson(this, connection, connection.driveBaseUrl, `/drive/v3/files?${query.toString()}`));
	const files = isRecord(page) && Array.isArray(page.files) ? (page.files as unknown[]).filter(isRecord) : [];
	const next = isRecord(page) && typeof page.nextPageToken === 'string' ? page.nextPageToken : undefined;
	return { results: files.flatMap((file) => scriptItem(file, files)), paginationToken: next };
}

function scriptItem({ id, name, modifiedTime }: Record<string, unknown>, files: ReadonlyArray<Record<string, unknown>>): INodeListSearchItems[] {
	if (typeof id !== 'string') return [];
	const title = typeof name === 'string' && name.trim() !== '' ? cleanText(name, 120) : id;
	// Many projects are called "Untitled project".
	const ambiguous = typeof modifiedTime === 'string' && files.filter((other) => other.name === name).length > 1;
	return [{ name: ambiguous ? `${title} · ${modifiedTime.slice(0, 10)}` : title, value: id, url: `https://script.google.com/d/${encodeURIComponent(id)}/edit` }];
}

/** The API executables of the chosen script, the newest first; before them the automatic choice. Without a script, only that. */
export async function searchDeployments(this: ILoadOptionsFunctions, filter?: string): Promise<INodeListSearchResult> {
	const scriptId = chosenScript(this);
	if (scriptId === undefined) return { results: [AUTOMATIC] };
	const deployments = valueOf(this, DEPLOYMENTS, await listDeployments(this, await connected(this), scriptId));
	const executables = deployments.filter(({ apiExecutable, versionNumber }) => apiExecutable && versionNumber !== undefined);
	if (executables.length === 0) {
		throw listError(this.getNode(), 'The script has no API executable yet', 'In the script editor, choose Deploy > New deployment > API Executable. Then open this list again.');
	}
	const items = executables
		.sort((a, b) => (b.versionNumber ?? 0) - (a.versionNumber ?? 0) || b.updateTime.localeCompare(a.updateTime))
		.map(deploymentItem);
	return { results: [AUTOMATIC, ...items].filter(({ name }) => matches(name, filter)) };
}

function deploymentItem({ deploymentId, versionNumber, description, updateTime }: Deployment): INodeListSearchItems {
	const name = [`Version ${versionNumber ?? ''}`, cleanText(description, 80), updateTime.slice(0, 10)].filter(Boolean).join(' · ');
	return { name, value: deploymentId };
}

/** The functions that can be run, of the deployed version where it is known, with their parameters. */
export async function searchFunctions(this: ILoadOptionsFunctions, filter?: string): Promise<INodeListSearchResult> {
	const scriptId = chosenScript(this);
	if (scriptId === undefined) {
		throw listError(this.getNode(), 'Choose a script first', 'Its functions are then listed here. Without a script, choose By Name and type the name of the function.');
	}
	const { functions, unreadable } = valueOf(this, FUNCTIONS, await chosenContent(this, await connected(this), scriptId));
	if (functions.length === 0 && unreadable.length > 0) {
		const files = unreadable.map(({ file, message }) => `${file}: ${message}`).join('; ');
		throw listError(this.getNode(), 'The code of the script could not be read', `${cleanText(files)}. ${FUNCTIONS.instead}`);
	}
	const items = functions.map((found): INodeListSearchItems => ({ name: signatureOf(found), value: found.name, ...(found.description === undefined ? {} : { description: found.description }) }));
	return { results: items.filter(({ name, description = '' }) => matches(`${name} ${description}`, filter)) };
}

/**
 * One field for each parameter of the chosen function, in its order. Where they cannot be read, the editor tells nothing of an error but that there is
 * one, so the reason is given as the notice of an empty list; unless there are fields already, which an empty list would take away with what is in them.
 */
export async function mapParameters(this: ILoadOptionsFunctions): Promise<ResourceMapperFields> {
	const name = locatorText(this.getCurrentNodeParameter('function', { extractValue: true })).trim();
	if (name === '') return noFields('Choose a function. Its parameters then show up here.');
	const found = await attempted(this, functionOf(this, name));
	if ('error' in found) {
		if (hasFields(this)) throw found.error;
		return noFields(`${found.error.message}. ${found.error.description ?? ''}`);
	}
	if (found.value === undefined) return noFields(`The script has no function "${cleanText(name, 80)}". Choose another one, or set Parameters From to JSON.`);
	return { fields: found.value.parameters.map(fieldOf), emptyFieldsNotice: escaped(`${cleanText(name, 80)} takes no parameters.`) };
}

async function attempted<T>(context: ILoadOptionsFunctions, look: Promise<T>): Promise<{ value: T } | { error: NodeApiError }> {
	try {
		return { value: await look };
	} catch (error) {
		if (error instanceof NodeApiError) return { error };
		return { error: listErrorOf(context.getNode(), 'The parameters cannot be listed', failureOfPlanning(error), 'Set Parameters From to JSON instead.') };
	}
}

function noFields(notice: string): ResourceMapperFields {
	return { fields: [], emptyFieldsNotice: escaped(notice) };
}

/** The editor takes the notice for HTML. */
function escaped(text: string): string {
	return text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
}

function hasFields(context: ILoadOptionsFunctions): boolean {
	const mapper: unknown = context.getCurrentNodeParameter('parameters');
	return isRecord(mapper) && Array.isArray(mapper.schema) && mapper.schema.length > 0;
}

/** The function of that name, or `Library.function` of a library that the account can read; undefined where there is none. */
async function functionOf(context: ILoadOptionsFunctions, name: string): Promise<ScriptFunction | undefined> {
	const scriptId = chosenScript(context);
	if (scriptId === undefined) throw listError(context.getNode(), 'The script of the function is not chosen', 'Choose it, so that the parameters can be listed here, or set Parameters From to JSON.');
	const connection = await connected(context);
	const { functions, libraries } = valueOf(context, PARAMETERS, await chosenContent(context, connection, scriptId));
	const [, symbol, inner] = /^([^.]+)\.([^.]+)$/.exec(name) ?? [];
	if (symbol === undefined) return functions.find((candidate) => candidate.name === name);
	const library = libraries.find((candidate) => candidate.symbol === symbol);
	if (library === undefined) return undefined;
	const content = valueOf(context, LIBRARY_PARAMETERS, await readContent(context, connection, library.scriptId, library.version));
	return content.functions.find((candidate) => candidate.name === inner);
}

function fieldOf(parameter: ScriptParameter): ResourceMapperField {
	const { name, rest, defaultText } = parameter;
	// The editor's switch is never empty, so it has to begin with the function's own default; where that is unknown, a field that can be empty stands in.
	const type = parameter.type === 'boolean' && defaultText !== undefined && !['true', 'false'].includes(defaultText) ? undefined : parameter.type;
	return {
		id: `${rest ? REST : ''}${name}`,
		displayName: labelOf(parameter),
		required: false,
		defaultMatch: false,
		display: true,
		...(type === undefined ? {} : { type }),
		...(type === 'boolean' && defaultText === 'true' ? { defaultValue: true } : {}),
	};
}

/** Characters of a field's label that the editor has room for, at its usual widths; of what is longer it shows the beginning, and nothing brings up the rest. */
const LABEL_LENGTH = 30;

/** The name, with as much about the parameter as can be read. */
function labelOf({ name, rest, optional, defaultText, description }: ScriptParameter): string {
	const about = rest ? ' (list)' : defaultText !== undefined ? ` (default: ${cleanText(defaultText, 40)})` : optional ? ' (optional)' : '';
	const brief = rest || about === '' ? about : ' (optional)';
	const labels = [...(description === undefined ? [] : [`${name}${about} · ${cleanText(description, 60)}`]), `${name}${about}`, `${name}${brief}`];
	return labels.find(({ length }) => length <= LABEL_LENGTH) ?? name;
}

/** The content of the version that the node runs; where that cannot be found out, the code as last saved stands in. */
async function chosenContent(context: ILoadOptionsFunctions, connection: Connection, scriptId: string): Promise<Looked<ProjectContent>> {
	return await readContent(context, connection, scriptId, await chosenVersion(context, connection, scriptId));
}

async function chosenVersion(context: ILoadOptionsFunctions, connection: Connection, scriptId: string): Promise<number | undefined> {
	const options: unknown = context.getCurrentNodeParameter('options');
	if (isRecord(options) && options.devMode === true) return undefined;
	const looked = await listDeployments(context, connection, scriptId);
	if ('failure' in looked) return undefined;
	const chosen = locatorText(context.getCurrentNodeParameter('deployment', { extractValue: true })).trim();
	if (chosen === '' || chosen === AUTOMATIC_DEPLOYMENT) return newestApiExecutable(looked.value)?.versionNumber;
	return looked.value.find(({ deploymentId }) => deploymentId === chosen)?.versionNumber;
}

function chosenScript(context: ILoadOptionsFunctions): string | undefined {
	const given = locatorText(context.getCurrentNodeParameter('script', { extractValue: true }));
	if (given.trim() === '') return undefined;
	try {
		return scriptIdOf(given);
	} catch (error) {
		throw unplanned(context, error);
	}
}

function locatorText(value: unknown): string {
	if (typeof value === 'string') return value;
	return isRecord(value) && typeof value.value === 'string' ? value.value : '';
}

async function connected(context: ILoadOptionsFunctions): Promise<Connection> {
	try {
		return await connectionOf(context, context.getCurrentNodeParameter('authentication'));
	} catch (error) {
		throw unplanned(context, error);
	}
}

/** What is wrong with the node's own fields. */
function unplanned(context: ILoadOptionsFunctions, error: unknown): Error {
	const { message, hint } = failureOfPlanning(error);
	return listError(context.getNode(), message, hint ?? '');
}

function valueOf<T>(context: ILoadOptionsFunctions, kind: ListKind, looked: Looked<T>): T {
	if ('value' in looked) return looked.value;
	throw listErrorOf(context.getNode(), `${kind.what} could not be listed`, looked.failure, advice(looked.failure, kind, credentialTypeOf(context.getCurrentNodeParameter('authentication'))));
}

/** What to do where a list was refused. A run's own hints do not fit: a list needs other scopes, and another API for the script projects. */
function advice(failure: Failure, { scope, instead }: ListKind, credentialType: CredentialTypeName): string {
	return [remedy(failure, scope, credentialType), instead].filter(Boolean).join(' ');
}

function remedy({ message, httpStatus, reason, hint }: Failure, scope: string, credentialType: CredentialTypeName): string {
	if (/authentication scopes|insufficient.*scope/i.test(message)) return `The list needs the scope ${scope}. ${howToAddScopes(credentialType)}`;
	if (/User has not enabled the Apps Script API/.test(message)) return `Switch the Apps Script API on for the account that signed in, at ${USER_SETTINGS_URL}, and wait a minute.`;
	if (/has not been used in project|it is disabled/.test(message)) return 'Open the address above, choose Enable, and wait a few minutes.';
	if (httpStatus === 401 || (reason === 'unauthorized' && hint === undefined)) return 'The sign-in is not valid any more: open the credential and connect it again (a refresh token: get a new one).';
	if (httpStatus === 403) return 'Share the script with the account that signed in; viewing is enough for lists.';
	if (httpStatus === 404) return 'There is no script with this ID, or the account that signed in cannot see it. Check Script.';
	if (reason === 'noConnection' || reason === 'throttled') return 'Try again in a moment.';
	return hint ?? '';
}

function matches(text: string, filter: string | undefined): boolean {
	return filter === undefined || text.toLowerCase().includes(filter.trim().toLowerCase());
}
