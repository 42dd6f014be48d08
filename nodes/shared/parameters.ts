import type { IExecuteFunctions, INodeProperties, NodeParameterValueType } from 'n8n-workflow';

import { cleanText } from './text';
import { isRecord } from './json';
import { requestError, type Failure } from './outcome';

/** Why an item's run cannot even be planned; nothing was sent for it. */
export class PlanError extends Error {
	override name = 'PlanError';

	constructor(readonly failure: Failure) {
		super(failure.message);
	}
}

/** A mistake in an item's parameters, found before anything is sent. */
export class InputError extends PlanError {
	override name = 'InputError';

	constructor(message: string, hint?: string, documentationUrl?: string) {
		super(requestError('invalidInput', message, hint, documentationUrl));
	}
}

/** The failure of an item whose run could not be planned, whatever was thrown. */
export function failureOfPlanning(error: unknown): Failure {
	if (error instanceof PlanError) return error.failure;
	return requestError('invalidInput', cleanText(error instanceof Error ? error.message : String(error)), "Check this item's fields; nothing was sent for it.");
}

/** Reads a node's parameters item by item. */
export interface ParameterReader {
	/**
	 * @param name a parameter's name, or that of an option with the collection's before it (`options.timeout`): then no other option is evaluated
	 * @throws {InputError} where an expression cannot be evaluated for this item
	 */
	get(name: string, itemIndex: number, fallback?: unknown): unknown;
	/** A parameter that holds for the whole node: as it is for the first item. @throws {InputError} */
	ofAll(name: string): unknown;
	/** What `get` gives, as text; numbers and booleans are written out. */
	text(name: string, itemIndex: number, fallback?: string): string;
}

/**
 * A reader that evaluates a parameter once where it holds no expression: n8n works through a parameter's whole definition on every read, which is
 * most of what an item costs.
 * @param properties the node's, for the labels that a person sees
 */
export function parameterReader(context: IExecuteFunctions, properties: readonly INodeProperties[]): ParameterReader {
	const saved = context.getNode().parameters;
	const label = (name: string): string => labelOf(properties, name) ?? name;
	const constants = new Map<string, unknown>();
	const read = (name: string, itemIndex: number, fallback: unknown, hint: string): unknown => {
		if (constants.has(name)) return constants.get(name);
		const path = name.split('.');
		const savedValue = path.reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), saved);
		// What the node does not show with its present settings is not there, and n8n cannot take the value out of what it has no definition of.
		if (savedValue === undefined) return fallback;
		const extractValue = path.length === 1;
		const evaluated = attempt(() => context.getNodeParameter(name, itemIndex, fallback as NodeParameterValueType, { extractValue }) as unknown);
		if (evaluated.failed) throw new InputError(`"${label(name)}" could not be read: ${evaluated.message}`, hint);
		if (!holdsExpression(savedValue)) constants.set(name, evaluated.value);
		return evaluated.value;
	};
	const get: ParameterReader['get'] = (name, itemIndex, fallback) => read(name, itemIndex, fallback, 'Check the expression in this field for this item.');
	return {
		get,
		ofAll: (name) => read(name, 0, undefined, 'This field holds for all items, and is read with the first one. Check its expression for that item.'),
		text: (name, itemIndex, fallback = '') => {
			const value = get(name, itemIndex, fallback);
			if (value === undefined || value === null) return '';
			if (typeof value === 'string') return value;
			if (typeof value === 'number' || typeof value === 'boolean') return String(value);
			throw new InputError(`"${label(name)}" should be a text, but it is ${Array.isArray(value) ? 'an array' : 'an object'}`, 'Check the expression in this field for this item.');
		},
	};
}

/** The label of a parameter, or of a part of one (`options.timeout`). */
function labelOf(properties: readonly INodeProperties[], name: string): string | undefined {
	const [first, second] = name.split('.');
	const found = properties.filter((property) => property.name === first);
	const named = second === undefined ? found : found.flatMap(({ options = [] }) => options).filter((option) => option.name === second);
	return named.flatMap((property) => ('displayName' in property ? [property.displayName] : []))[0];
}

/** Whether a saved parameter holds an expression (a text that begins with `=`), at any depth. */
function holdsExpression(value: unknown): boolean {
	if (typeof value === 'string') return value.startsWith('=');
	if (Array.isArray(value)) return value.some(holdsExpression);
	return isRecord(value) && Object.values(value).some(holdsExpression);
}

/**
 * A field that takes JSON: text is parsed; an object, array, number or boolean, which an expression or an AI agent hands over, is taken as it is.
 * Empty text is `undefined`.
 * @throws {InputError} naming the field, and where in the text the JSON ends to be JSON
 */
export function jsonParameter(value: unknown, label: string): unknown {
	if (value === undefined || value === null) {
		throw new InputError(`${label} came to nothing for this item`, 'The expression in this field gave no value. n8n gives none also where an expression fails; check its names.');
	}
	if (typeof value !== 'string') return value;
	const text = value.trim();
	if (text === '') return undefined;
	const parsed = attempt(() => JSON.parse(text) as unknown);
	if (!parsed.failed) return parsed.value;
	throw new InputError(
		`${label} is not valid JSON (${parsed.message})`,
		/[{[,:]\s*'|'\s*[\]},:]/.test(text)
			? 'JSON wants double quotes around keys and texts.'
			: 'Check quotes, commas and brackets; a text by itself needs double quotes around it.',
	);
}

function attempt<T>(action: () => T): { failed: false; value: T } | { failed: true; message: string } {
	try {
		return { failed: false, value: action() };
	} catch (error) {
		if (error instanceof RangeError) return { failed: true, message: 'it refers to itself, or is nested too deeply' };
		return { failed: true, message: cleanText(error instanceof Error ? error.message : String(error), 300) };
	}
}
