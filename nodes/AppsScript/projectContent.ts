import type { RequestContext } from '../shared/egress';
import { isRecord } from '../shared/json';
import type { Connection } from './connection';
import { getJson, type Looked } from './managementApi';
import { functionsOfSource, type ScriptFunction } from './scriptSource';

/** What of a project's content matters here. */
export interface ProjectContent {
	/** Those that scripts.run can be asked for, in the order of the files. */
	readonly functions: readonly ScriptFunction[];
	/** The scopes that the manifest names; undefined where it names none, and Google finds them out from the code. */
	readonly manifestScopes?: readonly string[];
	/** Files whose code could not be read, with why. */
	readonly unreadable: ReadonlyArray<{ readonly file: string; readonly message: string }>;
}

/**
 * Reads a project's files.
 * @param version the version that is deployed; without it the code as last saved
 */
export async function readContent(context: RequestContext, connection: Connection, scriptId: string, version?: number): Promise<Looked<ProjectContent>> {
	const query = version === undefined ? '' : `?versionNumber=${version}`;
	const looked = await getJson(context, connection, connection.apiBaseUrl, `/v1/projects/${encodeURIComponent(scriptId)}/content${query}`);
	return 'failure' in looked ? looked : { value: contentOf(looked.value) };
}

/** The content from what came over the wire. */
export function contentOf(body: unknown): ProjectContent {
	const files = isRecord(body) && Array.isArray(body.files) ? (body.files as unknown[]).filter(isRecord) : [];
	const code = files.flatMap((file) =>
		file.type === 'SERVER_JS' && typeof file.source === 'string' ? [{ name: typeof file.name === 'string' ? file.name : '', source: file.source }] : [],
	);
	const { functions, unreadable } = functionsOfSource(code);
	const manifest = files.find((file) => file.type === 'JSON' && file.name === 'appsscript');
	return { functions, unreadable, ...scopesOf(manifest?.source) };
}

function scopesOf(manifest: unknown): { manifestScopes?: string[] } {
	try {
		const parsed: unknown = typeof manifest === 'string' ? JSON.parse(manifest) : undefined;
		if (isRecord(parsed) && Array.isArray(parsed.oauthScopes)) return { manifestScopes: parsed.oauthScopes.filter((scope) => typeof scope === 'string') };
	} catch {
		// A manifest that is no JSON names no scopes.
	}
	return {};
}

/** How a function is called, e.g. `addRow(order, note?, ...more)`. */
export function signatureOf(found: ScriptFunction): string {
	return `${found.name}(${found.parameters.map(({ name, optional, rest }) => (rest ? `...${name}` : `${name}${optional ? '?' : ''}`)).join(', ')})`;
}
