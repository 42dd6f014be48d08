/** The body of scripts.run, understood. */
export interface ExecutionRequest {
	readonly function: string | undefined;
	readonly parameters: readonly unknown[];
	readonly devMode: boolean;
}

/**
 * Reads the body of scripts.run as Google's front end does, strictly: names that it does not know are refused.
 * That `function` is missing is told later, by the service. The sentence for an unknown name is recorded
 * (google_workspace_mcp #836); the others are those of other Google APIs.
 */
export function readExecutionRequest(text: string): { readonly body: ExecutionRequest } | { readonly mistake: string } {
	let parsed: unknown;
	try {
		parsed = text.trim() === '' ? {} : JSON.parse(text);
	} catch {
		const line = text.slice(0, 80).split('\n')[0] ?? '';
		return { mistake: `Invalid JSON payload received. Unexpected token.\n${line}\n^` };
	}
	if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
		return { mistake: 'Invalid JSON payload received. Unknown name "": Root element must be a message.' };
	}
	let name: string | undefined;
	let parameters: readonly unknown[] = [];
	let devMode = false;
	for (const [key, value] of Object.entries(parsed)) {
		if (key === 'function') {
			if (value === null) continue;
			if (typeof value !== 'string') return { mistake: `Invalid value at 'function' (TYPE_STRING), ${JSON.stringify(value)}` };
			name = value;
		} else if (key === 'parameters') {
			if (value === null) continue;
			if (!Array.isArray(value)) return { mistake: `Invalid value at 'parameters' (type.googleapis.com/google.protobuf.ListValue), ${JSON.stringify(value)}` };
			parameters = value;
		} else if (key === 'devMode' || key === 'dev_mode') {
			if (value === null) continue;
			if (typeof value !== 'boolean') return { mistake: `Invalid value at 'dev_mode' (TYPE_BOOL), ${JSON.stringify(value)}` };
			devMode = value;
		} else if (key === 'sessionState' || key === 'session_state') {
			if (value !== null && typeof value !== 'string') return { mistake: `Invalid value at 'session_state' (TYPE_STRING), ${JSON.stringify(value)}` };
		} else {
			return { mistake: `Invalid JSON payload received. Unknown name "${key}": Cannot find field.` };
		}
	}
	return { body: { function: name, parameters, devMode } };
}

/** Query parameters that every method takes; those of the message itself are taken and, for scripts.run, not looked at. */
const KNOWN_QUERY = new Set([
	'$.xgafv', 'alt', '$alt', 'callback', '$callback', 'fields', '$fields', 'key', '$key', 'access_token', 'oauth_token', 'prettyPrint', '$prettyPrint', 'quotaUser', '$quotaUser',
	'uploadType', 'upload_protocol', '$unique', '$userProject',
	'function', 'parameters', 'devMode', 'sessionState', 'scriptId',
]);

/** The sentence for a query parameter that nobody knows (that of other Google APIs). */
export function queryMistake(query: URLSearchParams): string | undefined {
	for (const name of query.keys()) {
		if (!KNOWN_QUERY.has(name)) {
			return `Invalid JSON payload received. Unknown name "${name}": Cannot bind query parameter. Field '${name}' could not be found in request message.`;
		}
	}
	return undefined;
}
