import type { IExecuteFunctions } from 'n8n-workflow';

import { isRecord, parseJson, setOwn, toJsonValue, type JsonValue } from '../shared/json';
import { requestError } from '../shared/outcome';
import { InputError, jsonParameter, PlanError, type ParameterReader } from '../shared/parameters';
import { WRAPPED_HINT } from './hints';
import type { Planning } from './planning';

/** What a script gets as ARGS: an object or, for a Script, also an array. `undefined`: nothing is handed over. */
export type Payload = Readonly<Record<string, JsonValue>> | readonly JsonValue[] | string;

/** The largest body that the server takes, in bytes, the whole of it (server setting CODEBOX_PAYLOAD_SIZE_LIMIT). */
const LARGEST_BODY = 524_288;
/** The request line and the headers together, in bytes: over about this much, the server breaks (uWSGI's buffer-size). */
const LARGEST_HEAD = 8_192;
/** What the rest of the head takes besides the path and the query: ours, and what proxies add on the way. */
const OTHER_HEAD_BYTES = 700;

/**
 * The payload of an item, from where *Payload From* says; what is worth saying about it is said.
 * @throws {InputError}
 */
export function payloadOf({ context, parameters, notice }: Planning, itemIndex: number, target: 'script' | 'endpoint'): Payload | undefined {
	const payload = givenPayload(context, parameters, itemIndex);
	const text = payloadNotice(payload, target);
	if (text !== undefined) notice(text);
	return payload;
}

function givenPayload(context: IExecuteFunctions, parameters: ParameterReader, itemIndex: number): Payload | undefined {
	switch (parameters.get('payloadFrom', itemIndex, 'fields')) {
		case 'json':
			return checked(jsonParameter(parameters.get('payloadJson', itemIndex, ''), 'Payload (JSON)'), 'Payload (JSON)');
		case 'item':
			return checked(context.getInputData()[itemIndex]?.json, 'The item');
		case 'none':
			return undefined;
		default:
			return payloadOfFields(parameters.get('payloadFields', itemIndex, {}));
	}
}

/**
 * The payload from *Payload Fields*, as n8n has the collection: `{ field: [{ name, value }] }`.
 * @throws {InputError}
 */
function payloadOfFields(collection: unknown): Payload | undefined {
	const entries = isRecord(collection) && Array.isArray(collection.field) ? (collection.field as unknown[]).filter(isRecord) : [];
	if (entries.length === 0) return undefined;
	const payload: Record<string, unknown> = {};
	for (const { name, value } of entries) {
		if (typeof name !== 'string' || name.trim() === '') throw new InputError('A field of the payload has no name', 'Give each field the name under which the script finds it in ARGS.');
		if (Object.hasOwn(payload, name)) throw new InputError(`The payload has two fields called "${name}"`, 'Give each field a name of its own.');
		setOwn(payload, name, value);
	}
	return checked(payload, 'Payload Fields');
}

function checked(value: unknown, label: string): Payload | undefined {
	if (value === undefined) return undefined;
	const json = toJsonValue(value);
	if (isRecord(json) || Array.isArray(json)) return json;
	// A text that holds JSON is taken by the server as if it were the JSON.
	if (typeof json === 'string') {
		const inner = parseJson(json)?.value;
		if (isRecord(inner) || Array.isArray(inner)) return json;
	}
	throw new InputError(`${label} is ${json === null ? 'null' : `a ${typeof json}`}; Syncano takes an object as payload`, 'Put the value into an object, e.g. { "value": 42 }.');
}

/** Whether a payload is an object with the one key `payload`: probably wrapped by hand. */
export function isWrapped(payload: Payload | undefined): boolean {
	return isRecord(payload) && Object.keys(payload).length === 1 && 'payload' in payload;
}

/** What is worth saying about a payload although it is sent as it is. */
function payloadNotice(payload: Payload | undefined, target: 'script' | 'endpoint'): string | undefined {
	if (isWrapped(payload)) return WRAPPED_HINT[target];
	if (target === 'endpoint' && Array.isArray(payload) && payload.length > 0) {
		return 'The payload is an array. A script that is run through its endpoint gets the keys of an object only (ARGS is empty otherwise): put the array under a key.';
	}
	return undefined;
}

/** The body with which a Script is started: its payload is wrapped. @throws {PlanError} for more than the server takes */
export function bodyOfScript(payload: Payload | undefined): Record<string, unknown> {
	const body = payload === undefined ? {} : { payload };
	checkSize(body);
	return body;
}

/**
 * How an endpoint is asked: by POST its payload is the body as it is, by GET the query, where texts stand for themselves, an empty one for null, and
 * everything else as JSON.
 * @param url what the address has as query is kept
 * @throws {PlanError} for more than the server takes
 */
export function requestOfEndpoint(method: 'GET' | 'POST', url: string, payload: Payload | undefined): { url: string; body?: unknown } {
	if (method === 'POST') {
		checkSize(payload);
		const body = typeof payload === 'string' ? parseJson(payload)?.value : payload;
		return { url: checkedUrl(url), body };
	}
	return { url: checkedUrl(withQuery(url, payload)) };
}

function withQuery(url: string, payload: Payload | undefined): string {
	const object = typeof payload === 'string' ? parseJson(payload)?.value : payload;
	if (object === undefined) return url;
	if (!isRecord(object)) throw new InputError('A GET request carries the keys of an object; the payload is an array', 'Put the array under a key, or set Method to POST.');
	const query = new URLSearchParams();
	for (const [name, value] of Object.entries(object)) query.append(name, typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value));
	const text = query.toString();
	return text === '' ? url : `${url}${url.includes('?') ? '&' : '?'}${text}`;
}

function checkedUrl(url: string): string {
	const { pathname, search } = new URL(url);
	const bytes = Buffer.byteLength(pathname) + Buffer.byteLength(search);
	if (bytes > LARGEST_HEAD - OTHER_HEAD_BYTES) {
		throw tooLarge(
			`The address of this request has ${bytes} bytes; with the headers that is more than the ${LARGEST_HEAD} that Syncano takes`,
			'Set Method to POST, which carries 524,288 bytes.',
		);
	}
	return url;
}

function checkSize(body: unknown): void {
	const bytes = body === undefined ? 0 : Buffer.byteLength(JSON.stringify(body));
	if (bytes > LARGEST_BODY) {
		throw tooLarge(
			`The payload makes a request of ${bytes} bytes; Syncano takes at most ${LARGEST_BODY}`,
			'Send less, or put the data where the script can fetch it and send its address.',
		);
	}
}

function tooLarge(message: string, hint: string): PlanError {
	return new PlanError(requestError('tooLarge', message, hint, 'https://github.com/cloud-scripts/n8n-nodes-cloud-scripts#syncano-script'));
}
