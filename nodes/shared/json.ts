/** A value that JSON can carry. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/**
 * Deeper values are refused: the services' own parsers and n8n's would overflow their stacks on them. (n8n 2.40.7 keeps an execution with 1,000,000 levels,
 * cannot read it again, never answers the webhook that began it, and no worker starts after that.)
 */
export const DEEPEST = 1_000;

/** A value that JSON has no word for, with the path where it stands. */
export class UnsupportedValueError extends Error {
	override name = 'UnsupportedValueError';

	/** @param path e.g. `order.lines[3].price`; empty for the value itself */
	constructor(
		readonly path: string,
		readonly what: string,
	) {
		super(`${path === '' ? 'The value' : `The value at ${path}`} is ${what}, which JSON cannot carry`);
	}
}

/**
 * The value as JSON would carry it, refusing what JSON would silently change.
 * `Date` and Luxon's `DateTime` (anything with `toISO`) become ISO 8601 strings; keys with `undefined` are left out, `undefined` in an array becomes
 * `null`, both as JSON does; NaN, Infinity, BigInt, symbols, functions, cycles and values deeper than {@link DEEPEST} are refused.
 * Plain JSON data is returned as it is, not copied.
 * @throws {UnsupportedValueError}
 */
export function toJsonValue(value: unknown): JsonValue {
	return convert(value, [], new Set()) as JsonValue;
}

function convert(value: unknown, path: Array<string | number>, above: Set<object>): JsonValue | undefined {
	switch (typeof value) {
		case 'string':
		case 'boolean':
		case 'undefined':
			return value;
		case 'number':
			if (Number.isFinite(value)) return value;
			throw new UnsupportedValueError(pathText(path), Number.isNaN(value) ? 'NaN (not a number)' : 'infinite');
		case 'bigint':
			throw new UnsupportedValueError(pathText(path), 'a BigInt');
		case 'function':
		case 'symbol':
			throw new UnsupportedValueError(pathText(path), `a ${typeof value}`);
		default:
	}
	if (value === null) return null;
	if (value instanceof Date || Object.prototype.toString.call(value) === '[object Date]') {
		const date = value as Date;
		if (Number.isNaN(date.getTime())) throw new UnsupportedValueError(pathText(path), 'an invalid date');
		return date.toISOString();
	}
	const object = value as object;
	if ('toISO' in object && typeof object.toISO === 'function') {
		const text = (object.toISO as () => unknown).call(object);
		if (typeof text !== 'string') throw new UnsupportedValueError(pathText(path), 'an invalid date');
		return text;
	}
	if (above.has(object)) throw new UnsupportedValueError(pathText(path), 'a reference to something that contains it');
	if (above.size >= DEEPEST) throw new UnsupportedValueError(`${pathText(path.slice(0, 3))}…`, `nested more than ${DEEPEST} levels deep`);
	above.add(object);
	const result = Array.isArray(object) ? convertArray(object, path, above) : convertObject(object as Record<string, unknown>, path, above);
	above.delete(object);
	return result;
}

function convertArray(array: unknown[], path: Array<string | number>, above: Set<object>): JsonValue[] {
	let copy: JsonValue[] | undefined;
	for (let index = 0; index < array.length; index += 1) {
		path.push(index);
		const element = convert(array[index], path, above) ?? null;
		path.pop();
		if (copy === undefined && element !== array[index]) copy = array.slice(0, index) as JsonValue[];
		copy?.push(element);
	}
	return copy ?? (array as JsonValue[]);
}

function convertObject(object: Record<string, unknown>, path: Array<string | number>, above: Set<object>): JsonValue {
	if ('toJSON' in object && typeof object.toJSON === 'function') {
		return convert((object.toJSON as () => unknown).call(object), path, above) ?? null;
	}
	let copy: Record<string, JsonValue> | undefined;
	const keys = Object.keys(object);
	for (let index = 0; index < keys.length; index += 1) {
		const key = keys[index] as string;
		path.push(key);
		const value = convert(object[key], path, above);
		path.pop();
		if (copy === undefined && value !== object[key]) {
			copy = {};
			for (const earlier of keys.slice(0, index)) setOwn(copy, earlier, object[earlier] as JsonValue);
		}
		if (copy !== undefined && value !== undefined) setOwn(copy, key, value);
	}
	return copy ?? (object as Record<string, JsonValue>);
}

/** Sets a key as an own property, also when it is called `__proto__`. */
export function setOwn<T>(object: Record<string, T>, key: string, value: T): void {
	if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
	else object[key] = value;
}

function pathText(path: ReadonlyArray<string | number>): string {
	return path
		.slice(0, 12)
		.map((step, index) =>
			typeof step === 'number' ? `[${step}]` : /^[A-Za-z_$][\w$]*$/.test(step) ? `${index === 0 ? '' : '.'}${step}` : `[${JSON.stringify(step.slice(0, 40))}]`,
		)
		.join('');
}

/** Whether a value is an object with keys: not null, not an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The JSON that a text or bytes are, or `undefined` where they are none (`null` is JSON too) or are nested deeper than {@link DEEPEST}. Bytes are read as
 * UTF-8, a byte order mark is passed over.
 */
export function parseJson(source: string | Buffer): { readonly value: unknown } | undefined {
	const text = typeof source === 'string' ? source : source.toString('utf8');
	try {
		const value = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text) as unknown;
		// A level takes two characters at least.
		return text.length > 2 * DEEPEST && isDeeperThan(value, DEEPEST) ? undefined : { value };
	} catch {
		return undefined;
	}
}

function isDeeperThan(value: unknown, levels: number): boolean {
	if (typeof value !== 'object' || value === null) return false;
	if (levels === 0) return true;
	if (Array.isArray(value)) return value.some((element) => isDeeperThan(element, levels - 1));
	for (const key in value) {
		if (isDeeperThan((value as Record<string, unknown>)[key], levels - 1)) return true;
	}
	return false;
}
