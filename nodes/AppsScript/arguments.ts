import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { isRecord, setOwn, toJsonValue, UnsupportedValueError, type JsonValue } from '../shared/json';
import { InputError, jsonParameter, type ParameterReader } from '../shared/parameters';

/** The mark of a rest parameter in the id of its field: the elements of its array are parameters of their own. */
export const REST = '...';

/** *Parameters From*: where a function's parameters come from. */
export type ParametersFrom = 'mapping' | 'json' | 'item' | 'none';

/** A file as a function receives it, as the last parameter. */
export type FileParameter = {
	fileName: string;
	mimeType: string;
	base64: string;
};

/** What an item hands to the function: a list of parameters, or in a batch the one entry that stands for the item. */
export interface ItemArguments {
	/** Of no use in a batch. */
	readonly list: JsonValue[];
	/** In a batch: the mapped parameters by name, the JSON, the item, or null. */
	readonly entry: JsonValue;
}

/**
 * Reads what an item hands to the function. The file of *Binary Field* is the last parameter, in a place that no item's data moves:
 * - Of mapped parameters it takes the place of the function's last one where the node, as it was saved, leaves that one empty or without it. Where the last
 *   one is mapped, the file stands behind it, also for an item for which the mapping comes to nothing: such an item gets null there.
 * - Where the item's fields are mapped by their names, nothing that was saved says whether the last parameter is the file's, so it always is; an item that
 *   has a value for it is refused.
 * - Of a rest parameter it is the last element, and it stands behind what JSON, the whole item or no parameters give.
 *
 * In a batch it stands under the name of its binary field in the entry; an entry that has a value there is refused.
 * @throws {InputError} naming the field, for what is not JSON or what JSON cannot carry, and for a value that the file would take the place of
 */
export async function itemArguments(context: IExecuteFunctions, parameters: ParameterReader, itemIndex: number, binaryField: string, batch: boolean): Promise<ItemArguments> {
	const from = parameters.get('parametersFrom', itemIndex, 'mapping') as ParametersFrom;
	const item = context.getInputData()[itemIndex] as INodeExecutionData;
	const given = argumentsFrom(from, parameters, itemIndex, item, context.getNode().parameters.parameters, binaryField !== '' && !batch);
	if (binaryField === '') return given;
	if (batch && isRecord(given.entry) && !isNothing(own(given.entry, binaryField))) {
		throw new InputError(
			`The file would take the place of the field "${binaryField}" in the entry of this item`,
			'In a batch, the file stands among the fields of its item, under the name of its binary field. Rename the field or the binary field before this node.',
		);
	}
	const file = await fileParameter(context, itemIndex, binaryField);
	return {
		list: [...given.list, file],
		entry: isRecord(given.entry) ? { ...(given.entry as Record<string, JsonValue>), [binaryField]: file } : [given.entry, file],
	};
}

/** @param fileFollows whether a file is appended to the list */
function argumentsFrom(from: ParametersFrom, parameters: ParameterReader, itemIndex: number, item: INodeExecutionData, savedMapper: unknown, fileFollows: boolean): ItemArguments {
	switch (from) {
		case 'none':
			return { list: [], entry: null };
		case 'item': {
			const entry = asJson(item.json, 'The item');
			return { list: [entry], entry };
		}
		case 'json': {
			const value = asJson(jsonParameter(parameters.get('parametersJson', itemIndex, '[]'), 'Parameters (JSON)'), 'Parameters (JSON)');
			return { list: value === null ? [] : Array.isArray(value) ? value : [value], entry: value };
		}
		case 'mapping':
			return mappedArguments(parameters.get('parameters', itemIndex, {}), savedMapper, item, fileFollows);
	}
}

/**
 * The mapped parameters in the order of the function's own, as the resource mapper's schema keeps it. Missing ones at the end are left out, so that the
 * function's own defaults hold; missing ones in the middle, and those that were taken out of the form, are null, as JSON has no word for a gap.
 * A value that the schema does not know belongs to a parameter that the function no longer has, and is dropped. Where there is no schema, as in a
 * workflow that was not made in the editor, the values' own order counts.
 * @param saved the field as it was saved: an empty text is a field left empty there, but a value where it is what an expression came to
 * @param fileFollows whether a file is appended to the list: then missing ones at the end are null too, but for a last one whose place the file takes
 */
function mappedArguments(mapper: unknown, saved: unknown, item: INodeExecutionData, fileFollows: boolean): ItemArguments {
	const mapped = isRecord(mapper) ? mapper : {};
	const automatic = mapped.mappingMode === 'autoMapInputData';
	const values = isRecord(mapped.value) ? mapped.value : {};
	const savedValues = isRecord(saved) && isRecord(saved.value) ? saved.value : {};
	const schema = Array.isArray(mapped.schema) ? (mapped.schema as unknown[]).filter(isRecord).filter(({ id }) => typeof id === 'string') : [];
	const fields: ReadonlyArray<Record<string, unknown>> = schema.length > 0 || automatic ? schema : Object.keys(values).map((id) => ({ id }));

	const last = fileFollows ? fields.at(-1) : undefined;
	const placeOfFile = last !== undefined && isFilesOwn(last, automatic ? item.json : undefined, savedValues) ? last : undefined;

	const list: JsonValue[] = [];
	const entry: Record<string, JsonValue> = {};
	let filled = 0;
	for (const field of fields) {
		if (field === placeOfFile) continue;
		const id = field.id as string;
		const rest = id.startsWith(REST);
		const name = rest ? id.slice(REST.length) : id;
		const value = field.removed === true ? undefined : automatic ? own(item.json, name) : own(values, id);
		const missing = value === undefined || value === null || (value === '' && !automatic && own(savedValues, id) === '');
		if (missing && rest) continue;
		const json = missing ? null : asJson(typed(value, field.type, name), `Parameter "${name}"`);
		// One by one: as arguments of a call, very many overflow the stack.
		if (rest && Array.isArray(json)) for (const element of json) list.push(element);
		else list.push(json);
		if (missing) continue;
		filled = list.length;
		setOwn(entry, name, json);
	}
	return { list: fileFollows ? list : list.slice(0, filled), entry };
}

/**
 * Whether the file takes the place of the last field.
 * @param item the item's fields, where they are mapped by their names
 * @throws {InputError} where the item has a value for it
 */
function isFilesOwn(last: Record<string, unknown>, item: Record<string, unknown> | undefined, savedValues: Record<string, unknown>): boolean {
	const id = last.id as string;
	if (id.startsWith(REST)) return false;
	if (last.removed === true) return true;
	if (item === undefined) return isNothing(own(savedValues, id));
	if (isNothing(own(item, id))) return true;
	throw new InputError(
		`The item has a field "${id}", but the parameter of this name, the last one of the function, gets the file`,
		'Rename that field before this node, or map the parameters one by one instead of automatically.',
	);
}

/** A value of the object's own: every object knows `constructor` and `toString`. */
function own(object: Record<string, unknown>, key: string): unknown {
	return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isNothing(value: unknown): boolean {
	return value === undefined || value === null || value === '';
}

/**
 * A text in a field of another type, as the value that it says. What it says nothing of is handed over as it is: types come from comments in the script,
 * and the script has the last word; only JSON that is none is refused, as it is surely a slip.
 */
function typed(value: unknown, type: unknown, name: string): unknown {
	if (typeof value !== 'string') return value;
	const text = value.trim();
	switch (type) {
		case 'object':
		case 'array':
			return jsonParameter(value, `Parameter "${name}"`);
		case 'number':
			return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : value;
		case 'boolean':
			return text === 'true' ? true : text === 'false' ? false : value;
		default:
			return value;
	}
}

function asJson(value: unknown, field: string): JsonValue {
	const converted = convertible(value);
	if (!('refused' in converted)) return converted.json;
	const where = converted.refused.path === '' ? field : `${field}, at ${converted.refused.path},`;
	throw new InputError(`${where} is ${converted.refused.what}, which JSON cannot carry`, 'Turn it into a text, a number, true, false or null before this node, for example with an Edit Fields node.');
}

function convertible(value: unknown): { json: JsonValue } | { refused: UnsupportedValueError } {
	try {
		return { json: value === undefined ? null : toJsonValue(value) };
	} catch (error) {
		if (error instanceof UnsupportedValueError) return { refused: error };
		return { refused: new UnsupportedValueError('', 'a value that cannot be read') };
	}
}

async function fileParameter(context: IExecuteFunctions, itemIndex: number, field: string): Promise<FileParameter> {
	const files = context.getInputData()[itemIndex]?.binary ?? {};
	const file = Object.hasOwn(files, field) ? files[field] : undefined;
	if (file === undefined) {
		const fields = Object.keys(files);
		throw new InputError(
			`The item has no file in the binary field "${field}"`,
			fields.length > 0 ? `It has files in: ${fields.join(', ')}.` : 'It has no files at all. Put a node before this one that reads or downloads the file.',
		);
	}
	const content = await context.helpers.getBinaryDataBuffer(itemIndex, field);
	return { fileName: file.fileName ?? '', mimeType: file.mimeType, base64: content.toString('base64') };
}
