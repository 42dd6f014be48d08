import type { RequestContext } from '../shared/egress';
import { isRecord, parseJson } from '../shared/json';
import { cleanText } from '../shared/text';
import type { Connection } from './connection';
import { getJson, type Looked, type ReadEffort } from './managementApi';
import { functionsOfSource, type ScriptFunction } from './scriptSource';

/** A library that a project's manifest names. */
export interface Library {
	/** The name under which the project's code calls it. */
	readonly symbol: string;
	/** The script ID of the library's own project. */
	readonly scriptId: string;
	/** Absent where the project uses the library's code as last saved. */
	readonly version?: number;
}

/** What of a project's content matters here. */
export interface ProjectContent {
	/** Those that scripts.run can be asked for, in the order of the files. */
	readonly functions: readonly ScriptFunction[];
	/** The scopes that the manifest names; undefined where it names none, and Google finds them out from the code. */
	readonly manifestScopes?: readonly string[];
	readonly libraries: readonly Library[];
	/** Files whose code could not be read, with why. */
	readonly unreadable: ReadonlyArray<{ readonly file: string; readonly message: string }>;
}

/**
 * Reads a project's files.
 * @param version the version that is deployed; without it the code as last saved
 */
export async function readContent(context: RequestContext, connection: Connection, scriptId: string, version?: number, effort?: ReadEffort): Promise<Looked<ProjectContent>> {
	const query = version === undefined ? '' : `?versionNumber=${version}`;
	const looked = await getJson(context, connection, connection.apiBaseUrl, `/v1/projects/${encodeURIComponent(scriptId)}/content${query}`, effort);
	return 'failure' in looked ? looked : { value: contentOf(looked.value) };
}

/** The content from what came over the wire. */
export function contentOf(body: unknown): ProjectContent {
	const files = isRecord(body) && Array.isArray(body.files) ? (body.files as unknown[]).filter(isRecord) : [];
	const code = files.flatMap((file) => (file.type === 'SERVER_JS' ? [{ name: textOf(file.name), source: textOf(file.source), listed: listedFunctions(file) }] : []));
	const { functions, unreadable } = functionsOfSource(code);
	// A file that cannot be read, or came without its source, still has the names that Google lists for it.
	const closed = new Set(unreadable.map(({ file }) => file));
	const known = new Set(functions.map(({ name }) => name));
	const listed = code.flatMap((file) => (closed.has(file.name) || file.source === '' ? file.listed : [])).filter(({ name }) => !known.has(name));
	return { functions: [...functions, ...listed], unreadable, ...readManifest(files.find((file) => file.type === 'JSON' && file.name === 'appsscript')?.source) };
}

/** The functions of a file's `functionSet`. Its parameter names are documented, but in no answer that was seen. */
function listedFunctions(file: Record<string, unknown>): ScriptFunction[] {
	const values = isRecord(file.functionSet) && Array.isArray(file.functionSet.values) ? (file.functionSet.values as unknown[]).filter(isRecord) : [];
	return values.flatMap(({ name, parameters }) => {
		if (typeof name !== 'string' || name === '' || name.endsWith('_')) return [];
		const names = Array.isArray(parameters) ? (parameters as unknown[]).filter((parameter) => typeof parameter === 'string') : [];
		return [{ name, parameters: names.map((parameter) => ({ name: parameter, optional: false, rest: false })), file: textOf(file.name), line: 1 }];
	});
}

function readManifest(source: unknown): Pick<ProjectContent, 'manifestScopes' | 'libraries'> {
	const manifest = parseJson(textOf(source))?.value;
	if (!isRecord(manifest)) return { libraries: [] };
	const listed = isRecord(manifest.dependencies) && Array.isArray(manifest.dependencies.libraries) ? (manifest.dependencies.libraries as unknown[]).filter(isRecord) : [];
	const libraries = listed.flatMap(({ userSymbol, libraryId, version, developmentMode }) => {
		if (typeof userSymbol !== 'string' || typeof libraryId !== 'string') return [];
		const number = Number(version);
		return [{ symbol: userSymbol, scriptId: libraryId, ...(developmentMode !== true && Number.isInteger(number) && number > 0 ? { version: number } : {}) }];
	});
	return { libraries, ...(Array.isArray(manifest.oauthScopes) ? { manifestScopes: (manifest.oauthScopes as unknown[]).filter((scope) => typeof scope === 'string') } : {}) };
}

function textOf(value: unknown): string {
	return typeof value === 'string' ? value : '';
}

/** How a function is called, e.g. `addRow(order, note?, ...more)`. */
export function signatureOf(found: ScriptFunction): string {
	return cleanText(`${found.name}(${found.parameters.map(({ name, optional, rest }) => (rest ? `...${name}` : `${name}${optional ? '?' : ''}`)).join(', ')})`, 120);
}
