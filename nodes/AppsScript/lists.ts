import type { ILoadOptionsFunctions, INodeListSearchItems, INodeListSearchResult, INodeParameterResourceLocator, ResourceMapperField, ResourceMapperFields } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { isRecord } from '../shared/json';
import type { Failure } from '../shared/outcome';
import { failureOfPlanning } from '../shared/parameters';
import { cleanText } from '../shared/text';
import { REST } from './arguments';
import { connectionOf, type Connection } from './connection';
import { newestApiExecutable, type Deployment } from './deployments';
import { AUTOMATIC_DEPLOYMENT, scriptIdOf } from './ids';
import { getJson, listDeployments, type Looked } from './managementApi';
import { readContent, signatureOf, type ProjectContent } from './projectContent';
import type { ScriptFunction, ScriptParameter } from './scriptSource';

const AUTOMATIC_LABEL = 'Latest API executable (automatic)';
const AUTOMATIC: INodeListSearchItems = { name: AUTOMATIC_LABEL, value: AUTOMATIC_DEPLOYMENT };

/** Script projects of the account's Drive, those changed last first. Those bound to a document do not stand in Drive's list; their ID works. */
export async function searchScripts(this: ILoadOptionsFunctions, filter?: string, paginationToken?: string): Promise<INodeListSearchResult> {
	const connection = await connected(this);
	const conditions = ["mimeType = 'application/vnd.google-apps.script'", 'trashed = false'];
	if (filter) conditions.push(`name contains '${filter.replace(/[\\']/g, '\\$&')}'`);
	const query = new URLSearchParams({
		q: conditions.join(' and '),
		orderBy: 'modifiedTime desc',
		pageSize: '50',
		fields: 'nextPageToken,files(id,name)',
		...(paginationToken ? { pageToken: paginationToken } : {}),
	});
	const page = valueOf(
		this,
		await getJson(this, connection, connection.driveBaseUrl, `/drive/v3/files?${query.toString()}`),
		'Script projects cannot be listed',
		'https://www.googleapis.com/auth/drive.metadata.readonly',
		'Give the ID or the address of the script instead.',
	);
	const files = isRecord(page) && Array.isArray(page.files) ? (page.files as unknown[]).filter(isRecord) : [];
	const next = isRecord(page) && typeof page.nextPageToken === 'string' ? page.nextPageToken : undefined;
	return {
		results: files.flatMap(({ id, name }) =>
			typeof id === 'string' ? [{ name: typeof name === 'string' ? cleanText(name, 120) : id, value: id, url: `https://script.google.com/d/${encodeURIComponent(id)}/edit` }] : [],
		),
		paginationToken: next,
	};
}

/** The API executables of the chosen script, the newest first; before them the automatic choice. */
export async function searchDeployments(this: ILoadOptionsFunctions, filter?: string): Promise<INodeListSearchResult> {
	const scriptId = chosenScript(this);
	if (scriptId === undefined) return { results: [AUTOMATIC] };
	const deployments = valueOf(
		this,
		await listDeployments(this, await connected(this), scriptId),
		'Deployments cannot be listed',
		'https://www.googleapis.com/auth/script.deployments.readonly',
		'Give the deployment ID instead.',
	);
	const versions = deployments
		.filter(({ apiExecutable, versionNumber }) => apiExecutable && versionNumber !== undefined)
		.sort((a, b) => (b.versionNumber ?? 0) - (a.versionNumber ?? 0))
		.map(deploymentItem);
	return { results: [AUTOMATIC, ...versions.filter(({ name }) => matches(name, filter))] };
}

function deploymentItem({ deploymentId, versionNumber, description, updateTime }: Deployment): INodeListSearchItems {
	const name = [`Version ${versionNumber ?? ''}`, cleanText(description, 80), updateTime.slice(0, 10)].filter(Boolean).join(' · ');
	return { name, value: deploymentId };
}

/** The functions that can be run, of the deployed version where it is known. */
export async function searchFunctions(this: ILoadOptionsFunctions, filter?: string): Promise<INodeListSearchResult> {
	const { functions } = await chosenContent(this);
	return {
		results: functions.filter(({ name }) => matches(name, filter)).map((found) => ({ name: signatureOf(found), value: found.name, ...describe(found.description) })),
	};
}

/** One field for each parameter of the chosen function, in its order. */
export async function mapParameters(this: ILoadOptionsFunctions): Promise<ResourceMapperFields> {
	const name = locatorText(this.getCurrentNodeParameter('function', { extractValue: true }));
	if (name === '') return { fields: [], emptyFieldsNotice: 'Choose a function first; its parameters then show up here.' };
	if (chosenScript(this) === undefined) {
		return { fields: [], emptyFieldsNotice: 'Choose the script, so that the parameters of its function can be read, or set Parameters From to JSON.' };
	}
	const { functions } = await chosenContent(this);
	const found = functions.find((candidate) => candidate.name === name);
	if (found === undefined) {
		const reason = name.includes('.') ? 'Parameters of a library’s function cannot be read' : `The script has no function "${cleanText(name, 80)}"`;
		return { fields: [], emptyFieldsNotice: `${reason}. Set Parameters From to JSON to hand over what it needs.` };
	}
	return { fields: fieldsOf(found), emptyFieldsNotice: `${found.name} takes no parameters.` };
}

function fieldsOf(found: ScriptFunction): ResourceMapperField[] {
	return found.parameters.map((parameter) => ({
		id: `${parameter.rest ? REST : ''}${parameter.name}`,
		displayName: labelOf(parameter),
		required: false,
		defaultMatch: false,
		display: true,
		...(parameter.type === undefined ? {} : { type: parameter.type }),
	}));
}

function labelOf({ name, rest, optional, defaultText }: ScriptParameter): string {
	if (rest) return `${name} (list)`;
	if (defaultText !== undefined) return `${name} (default: ${cleanText(defaultText, 40)})`;
	return optional ? `${name} (optional)` : name;
}

async function chosenContent(context: ILoadOptionsFunctions): Promise<ProjectContent> {
	const scriptId = chosenScript(context);
	if (scriptId === undefined) throw listError(context, 'Choose a script first', 'The functions of the chosen script show up here. The name of a function works without a list.');
	const connection = await connected(context);
	return valueOf(
		context,
		await readContent(context, connection, scriptId, await deployedVersion(context, connection, scriptId)),
		'Functions cannot be listed',
		'https://www.googleapis.com/auth/script.projects.readonly',
		'Give the name of the function instead.',
	);
}

/** The version that the chosen deployment runs; unknown where the deployments cannot be read, for which the code as last saved stands in. */
async function deployedVersion(context: ILoadOptionsFunctions, connection: Connection, scriptId: string): Promise<number | undefined> {
	const looked = await listDeployments(context, connection, scriptId);
	if ('failure' in looked) return undefined;
	const chosen = locatorText(context.getCurrentNodeParameter('deployment', { extractValue: true }));
	if (chosen === '' || chosen === AUTOMATIC_DEPLOYMENT) return newestApiExecutable(looked.value)?.versionNumber;
	return looked.value.find(({ deploymentId }) => deploymentId === chosen)?.versionNumber;
}

function chosenScript(context: ILoadOptionsFunctions): string | undefined {
	const given = locatorText(context.getCurrentNodeParameter('script', { extractValue: true }));
	if (given.trim() === '') return undefined;
	try {
		return scriptIdOf(given);
	} catch (error) {
		const { message, hint } = failureOfPlanning(error);
		throw new NodeOperationError(context.getNode(), message, { description: hint });
	}
}

function locatorText(value: unknown): string {
	if (typeof value === 'string') return value;
	const inner = isRecord(value) ? (value as unknown as INodeParameterResourceLocator).value : undefined;
	return typeof inner === 'string' ? inner : '';
}

async function connected(context: ILoadOptionsFunctions): Promise<Connection> {
	try {
		return await connectionOf(context, context.getCurrentNodeParameter('authentication'));
	} catch (error) {
		const { message, hint } = failureOfPlanning(error);
		throw new NodeOperationError(context.getNode(), message, { description: hint });
	}
}

function valueOf<T>(context: ILoadOptionsFunctions, looked: Looked<T>, what: string, scope: string, instead: string): T {
	if ('value' in looked) return looked.value;
	throw listError(context, `${what}: ${looked.failure.message}`, advice(looked.failure, scope, instead));
}

function advice(failure: Failure, scope: string, instead: string): string {
	const lacksScope = failure.httpStatus === 401 || /scope/i.test(failure.message);
	return [lacksScope ? `The list needs the scope ${scope}: add it to the credential and connect again.` : failure.hint, instead].filter(Boolean).join(' ');
}

function listError(context: ILoadOptionsFunctions, message: string, description: string): NodeOperationError {
	return new NodeOperationError(context.getNode(), message, { description });
}

function matches(name: string, filter: string | undefined): boolean {
	return filter === undefined || name.toLowerCase().includes(filter.toLowerCase());
}

function describe(description: string | undefined): { description?: string } {
	return description === undefined ? {} : { description };
}
