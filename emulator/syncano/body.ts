import type { EmulatedRequest } from '../service';
import { refuse } from './answers';
import { jsonError } from './json';

/** The content type without its parameters, in lower case; an empty text where there is none. */
export const mediaType = (request: EmulatedRequest): string => (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

/** A request's body as the service reads it: JSON, text that contains JSON, or a form. An empty body of any type is an empty object. */
export async function readBody(request: EmulatedRequest): Promise<unknown> {
	if (request.body.length === 0) return {};
	const type = mediaType(request);
	switch (type) {
		case 'application/json':
		case 'text/plain':
			return readJson(request.body.toString('utf8'));
		case 'application/x-www-form-urlencoded':
			// The last of repeated names wins.
			return Object.fromEntries(new URLSearchParams(request.body.toString('utf8')));
		case 'multipart/form-data':
			return await readForm(request);
		default:
			throw refuse(415, `Unsupported media type "${type}" in request.`);
	}
}

function readJson(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch (error) {
		const found = jsonError(text);
		const problem = found === undefined ? String(error) : `Parse error at offset ${found.offset}: ${found.message}`;
		throw refuse(400, `JSON parse error - ${problem}`);
	}
}

async function readForm(request: EmulatedRequest): Promise<Record<string, string>> {
	const headers = { 'content-type': request.headers['content-type'] ?? '' };
	let form: FormData;
	try {
		// eslint-disable-next-line @typescript-eslint/no-deprecated -- Node advises against it for servers, because it holds everything in memory; here a body is at most 512 KiB
		form = await new Response(new Uint8Array(request.body), { headers }).formData();
	} catch {
		throw refuse(400, 'Multipart form parse error - Invalid boundary in multipart: None');
	}
	const fields: Record<string, string> = {};
	for (const [name, value] of form.entries()) fields[name] = typeof value === 'string' ? value : await value.text();
	return fields;
}
