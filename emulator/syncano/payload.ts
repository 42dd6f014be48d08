import { Refusal, jsonAnswer, refuseField } from './answers';
import { isObject, pythonTypeName } from './json';

const invalidFormat = 'Payload passed in invalid format.';
const notJson = 'Not a valid JSON string.';
const isNull = 'This field may not be null.';

/**
 * A JSON field: an object or a list, or a text that contains one of them; an empty text is an empty object.
 * @param field the name under which a null or a text that is no JSON is refused
 * @param formatField the name under which any other value is refused
 */
function readJsonField(value: unknown, field: string, formatField: string): unknown {
	if (value === null) throw refuseField(field, isNull);
	if (value === '') return {};
	let read: unknown = value;
	if (typeof value === 'string') {
		try {
			read = JSON.parse(value) as unknown;
		} catch {
			throw refuseField(field, notJson);
		}
	}
	if (typeof read !== 'object' || read === null) throw refuseField(formatField, invalidFormat);
	return read;
}

/** A body's object; throws the service's refusal for anything else. */
export function requireObject(body: unknown): Record<string, unknown> {
	if (isObject(body)) return body;
	throw new Refusal(
		jsonAnswer(400, {
			non_field_errors: [body === null ? 'No data provided' : `Invalid data. Expected a dictionary, but got ${pythonTypeName(body)}.`],
		}),
	);
}

/** ARGS of a script that is run directly: the body's `payload`. */
export function scriptArguments(body: unknown): unknown {
	const { payload } = requireObject(body);
	return payload === undefined ? {} : readJsonField(payload, 'payload', 'payload');
}

/** What a run of an endpoint was given, apart by where it came from: the `args` of its trace. */
export interface EndpointArguments {
	readonly POST: unknown;
	readonly GET: Readonly<Record<string, string>>;
}

const without = <Value>(values: Record<string, Value>, ...names: string[]): Record<string, Value> =>
	Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));

/** Reads what an endpoint is given: the body as it is, and the query, each without the keys that are in it. */
export function readEndpointArguments(body: unknown, query: URLSearchParams): EndpointArguments {
	const post = readJsonField(body, 'POST', 'non_field_errors');
	return {
		POST: isObject(post) ? without(post, '_api_key', '_user_key') : post,
		GET: without(Object.fromEntries(query), 'api_key', 'apikey'),
	};
}

/**
 * ARGS of an endpoint: body and query flat, the query before the body. Instances of before 2017 also see both apart.
 * @param createdYear the year in which the instance was created
 */
export function endpointArguments({ POST, GET }: EndpointArguments, createdYear: number): Record<string, unknown> {
	const flat = { ...(isObject(POST) ? POST : {}), ...GET };
	return createdYear >= 2017 ? flat : { POST, GET, ...flat };
}
