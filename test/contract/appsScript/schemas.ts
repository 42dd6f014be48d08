import Ajv, { type AnySchemaObject, type ValidateFunction } from 'ajv';
import discovery from './discovery.json';

/**
 * The types of the Apps Script API's discovery document (trimmed to what the package and the emulator use; no descriptions) as JSON
 * Schemas. Stricter than the document: a key that a type does not have is refused, unless it is `@type`.
 */

interface DiscoverySchema {
	readonly $ref?: string;
	readonly type?: string;
	readonly format?: string;
	readonly enum?: readonly string[];
	readonly items?: DiscoverySchema;
	readonly properties?: Readonly<Record<string, DiscoverySchema>>;
	readonly additionalProperties?: DiscoverySchema;
}

const PATTERNS: Readonly<Record<string, string>> = {
	'google-datetime': '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?Z$',
	'google-duration': '^\\d+(\\.\\d{1,9})?s$',
};

function convert(schema: DiscoverySchema): AnySchemaObject {
	if (schema.$ref !== undefined) return { $ref: `#/definitions/${schema.$ref}` };
	if (schema.type === 'any') return {};
	if (schema.type === 'array') return { type: 'array', items: convert(schema.items ?? { type: 'any' }) };
	if (schema.type !== 'object') {
		const pattern = PATTERNS[schema.format ?? ''];
		return { type: schema.type, ...(schema.enum === undefined ? {} : { enum: schema.enum }), ...(pattern === undefined ? {} : { pattern }) };
	}
	if (schema.properties === undefined) return { type: 'object', additionalProperties: convert(schema.additionalProperties ?? { type: 'any' }) };
	const properties = Object.fromEntries(Object.entries(schema.properties).map(([name, property]) => [name, convert(property)]));
	return { type: 'object', properties: { ...properties, '@type': { type: 'string' } }, additionalProperties: false };
}

const schemas: Readonly<Record<string, DiscoverySchema>> = discovery.schemas;
const definitions = Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, convert(schema)]));
const ajv = new Ajv({ allErrors: true, strict: true });
const compiled = new Map<string, ValidateFunction>();

/** The property names of each type in the document. */
export const propertyNames: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
	Object.entries(schemas).map(([name, schema]) => [name, Object.keys(schema.properties ?? {}).sort()]),
);

/** What in a value is not as the type says; empty where all is right. */
export function mistakes(type: string, value: unknown): string[] {
	const validate = compiled.get(type) ?? ajv.compile({ $ref: `#/definitions/${type}`, definitions });
	compiled.set(type, validate);
	validate(value);
	return (validate.errors ?? []).map((error) => `${error.instancePath || '/'} ${error.message ?? ''} ${JSON.stringify(error.params)}`);
}

/** As {@link mistakes} for an operation of scripts.run, with what lies inside its `response` and its `details`. */
export function mistakesOfOperation(value: unknown): string[] {
	const found = mistakes('Operation', value);
	const { done, response, error } = value as { done?: unknown; response?: unknown; error?: { details?: readonly unknown[] } };
	if (response !== undefined) found.push(...mistakes('ExecutionResponse', response));
	for (const detail of error?.details ?? []) found.push(...mistakes('ExecutionError', detail));
	if (done === true && (response === undefined) === (error === undefined)) found.push('of response and error exactly one must be there');
	if (done !== true && (response !== undefined || error !== undefined)) found.push('while it is not done neither response nor error may be there');
	return found;
}
