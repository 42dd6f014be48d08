import { cleanText } from '../shared/text';

/** Those of n8n's field types that a script's parameter can have, as the resource mapper names them. */
export type ParameterType = 'string' | 'number' | 'boolean' | 'array' | 'object' | 'dateTime';

/** One `@param` of a comment. Properties of a parameter (`@param {string} options.name`) are not parameters and are left out. */
export interface DocumentedParameter {
	/** Empty where the comment gives none that is a JavaScript name, e.g. `@param {Object} { id, title }`: it still counts as a position. */
	name: string;
	/** The type as written, without its braces. */
	type?: string;
	/** `[name]`, `[name=default]` or `{type=}`. */
	optional: boolean;
	defaultText?: string;
	description?: string;
}

/** What a JSDoc comment says that is of use here. `@returns` and all other tags are ignored. */
export interface JsDoc {
	/** The first sentence. */
	description?: string;
	parameters: DocumentedParameter[];
	/** The type that the comment defines for the whole project with `@typedef`, or describes with `@property`. */
	typedef?: { name: string; type: string };
	/** The comment describes the file, whatever follows it. */
	aboutFile: boolean;
}

/** The longest description, in characters: it is a hint below a field, or a line in a list. */
const LONGEST_DESCRIPTION = 200;
/** The longest default value that is shown, in characters. */
export const LONGEST_DEFAULT = 100;
/** What of a text is read at all. Machine-made comments can have megabytes. */
const MOST_READ = 4_000;
const LONGEST_TYPE = 500;
const DEEPEST_TYPE = 20;

const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/**
 * Reads a JSDoc comment.
 * @param comment the text between `/*` and its end, beginning with the second star
 */
export function jsDocOf(comment: string): JsDoc {
	const [text, ...tags] = sectionsOf(comment);
	const parameters: DocumentedParameter[] = [];
	let described = text?.text ?? '';
	let typedef: JsDoc['typedef'];
	let properties = false;
	let aboutFile = false;
	for (const { tag, text: content } of tags) {
		if (tag === 'param' || tag === 'arg' || tag === 'argument') {
			const parameter = documentedParameter(content);
			if (parameter !== undefined) parameters.push(parameter);
		} else if (tag === 'description' || tag === 'desc') {
			if (described === '') described = content;
		} else if (tag === 'typedef') {
			const { type, rest } = leadingType(content);
			const [name = ''] = rest.split(/\s/, 1);
			if (name !== '') typedef = { name, type: type ?? '' };
		} else if (tag === 'property' || tag === 'prop') {
			properties = true;
		} else if (tag === 'fileoverview' || tag === 'file' || tag === 'overview') {
			aboutFile = true;
		}
	}
	if (typedef?.type === '') typedef = properties ? { ...typedef, type: 'Object' } : undefined;
	return { description: firstSentence(described), parameters, typedef, aboutFile };
}

/** The comment without its stars, cut where a line begins with `@tag`. The first section, before any tag, has an empty tag. */
function sectionsOf(comment: string): Array<{ tag: string; text: string }> {
	const sections: Array<{ tag: string; lines: string[] }> = [{ tag: '', lines: [] }];
	for (const line of comment.split('\n')) {
		const content = line.replace(/^\s*\*+ ?/, '');
		const tag = /^\s*@([A-Za-z]+)/.exec(content);
		if (tag === null) sections[sections.length - 1]?.lines.push(content);
		else sections.push({ tag: tag[1] as string, lines: [content.slice(tag[0].length)] });
	}
	return sections.map(({ tag, lines }) => ({ tag, text: lines.join('\n').trim() }));
}

function documentedParameter(content: string): DocumentedParameter | undefined {
	const leading = leadingType(content.slice(0, MOST_READ));
	let { type, rest } = leading;
	let name: string;
	let optional = type?.trimEnd().endsWith('=') ?? false;
	let defaultText: string | undefined;

	const bracket = rest.startsWith('[') ? closingOf(rest, 0) : -1;
	if (bracket > 0) {
		const inside = rest.slice(1, bracket);
		const equals = inside.indexOf('=');
		name = (equals < 0 ? inside : inside.slice(0, equals)).trim();
		defaultText = equals < 0 ? undefined : cleanText(inside.slice(equals + 1), LONGEST_DEFAULT) || undefined;
		optional = true;
		rest = rest.slice(bracket + 1);
	} else {
		// A destructured parameter as it is in the code.
		const brace = rest.startsWith('{') ? closingOf(rest, 0) : -1;
		const end = brace > 0 ? brace + 1 : rest.search(/\s|$/);
		name = rest.slice(0, end).replace(/[:,]$/, '');
		rest = rest.slice(end);
	}
	// `@param name {type} text`, a common slip.
	if (type === undefined) ({ type, rest } = leadingType(rest));

	name = name.replace(/^\.\.\./, '');
	if (/[.[]/.test(name)) return undefined;
	const text = rest.trim().replace(/^[-–—:]+/, '');
	return {
		name: NAME.test(name) ? name : '',
		type,
		optional,
		defaultText,
		description: cleanText(plain(text), LONGEST_DESCRIPTION) || undefined,
	};
}

/** Splits `{type} rest`. Where a name in braces was meant, as in `{ id } text`, the caller finds no name. */
function leadingType(content: string): { type?: string; rest: string } {
	const text = content.trim();
	const end = text.startsWith('{') ? closingOf(text, 0) : -1;
	if (end < 0) return { rest: text };
	return { type: text.slice(1, end).trim(), rest: text.slice(end + 1).trim() };
}

/** Where the bracket at `start` is closed, or -1. Texts in quotes count for nothing. */
function closingOf(text: string, start: number): number {
	let depth = 0;
	let quote = '';
	for (let index = start; index < text.length; index += 1) {
		const character = text.charAt(index);
		if (quote !== '') {
			if (character === quote) quote = '';
			else if (character === '\\') index += 1;
		} else if (character === '"' || character === "'" || character === '`') quote = character;
		else if ('([{'.includes(character)) depth += 1;
		else if (')]}'.includes(character)) {
			depth -= 1;
			if (depth === 0) return index;
		}
	}
	return -1;
}

/** The first sentence of the first paragraph. "e.g." and "i.e." end none. */
function firstSentence(described: string): string | undefined {
	const paragraph = described.slice(0, MOST_READ).split(/\n[ \t]*\n/, 1)[0] ?? '';
	const text = plain(paragraph);
	for (const end of text.matchAll(/[.!?](?=\s|$)|[。!?]/gu)) {
		if (/(?:^|[\s(])(?:e\.g|i\.e)$/.test(text.slice(0, end.index))) continue;
		return cleanText(text.slice(0, end.index + 1), LONGEST_DESCRIPTION);
	}
	return cleanText(text, LONGEST_DESCRIPTION) || undefined;
}

/** One line, with the words of `{@link …}` in its place. */
function plain(text: string): string {
	return text
		.replace(/\{@link(?:code|plain)?\s([^{}]*)\}/g, (_link, content: string) => {
			const [target = '', ...words] = content.trim().split(/[\s|]+/);
			return words.length > 0 ? words.join(' ') : target;
		})
		.replace(/\s+/g, ' ')
		.trim();
}

/** Classes of Google's that comments name without their service. Handed over as JSON, they can only be objects. */
const GOOGLE_CLASSES = new Set(
	(
		'Blob BlobSource Body Calendar CalendarEvent Document Event File Folder Form FormResponse GmailAttachment GmailDraft GmailLabel ' +
		'GmailMessage GmailThread HTTPResponse HtmlOutput HtmlTemplate Presentation Range Sheet Slide Spreadsheet TextOutput Trigger User'
	).split(' '),
);

const NAMED_TYPES = new Map<string, ParameterType>([
	['string', 'string'],
	...['number', 'integer', 'int', 'float', 'double'].map((name) => [name, 'number'] as const),
	...['boolean', 'bool', 'true', 'false'].map((name) => [name, 'boolean'] as const),
	...['array', 'readonlyarray', 'iterable'].map((name) => [name, 'array'] as const),
	...['object', 'record', 'map'].map((name) => [name, 'object'] as const),
	['date', 'dateTime'],
]);

/**
 * The field type for a JSDoc type, or `undefined` where it allows several or says nothing (`*`, `string|number`, a name that is not known): a field
 * of a wrong type would refuse what the script takes. A type of Google's is an object: a parameter of scripts.run cannot be one, only its data can.
 * @param typedefs what the project's own types come to, by name
 */
export function parameterTypeOf(type: string, typedefs: ReadonlyMap<string, ParameterType | undefined>, depth = 0): ParameterType | undefined {
	if (depth > DEEPEST_TYPE || type.length > LONGEST_TYPE) return undefined;
	const text = type
		.trim()
		.replace(/^\.\.\./, '')
		.replace(/^[?!]+/, '')
		.replace(/[=?!]+$/, '')
		.trim();
	const members = unionOf(text);
	if (members.length > 1) {
		const types = new Set(members.filter((member) => !/^(null|undefined|void)$/.test(member)).map((member) => parameterTypeOf(member, typedefs, depth + 1)));
		return types.size === 1 ? [...types][0] : undefined;
	}
	if (text.endsWith('[]')) return 'array';
	const first = text.charAt(0);
	const whole = '([{'.includes(first) && closingOf(text, 0) === text.length - 1;
	if (whole && text !== '') return first === '(' ? parameterTypeOf(text.slice(1, -1), typedefs, depth + 1) : first === '[' ? 'array' : 'object';
	if (/^(["'`]).*\1$/s.test(text)) return 'string';
	if (/^-?[\d.]+$/.test(text)) return 'number';

	const name = /^([\p{ID_Start}$_][\p{ID_Continue}$.]*?)(?:\.?<.*>)?$/su.exec(text)?.[1];
	if (name === undefined) return undefined;
	if (typedefs.has(name)) return typedefs.get(name);
	if (name.includes('.')) return name === 'GoogleAppsScript.Base.Date' ? 'dateTime' : 'object';
	return GOOGLE_CLASSES.has(name) ? 'object' : NAMED_TYPES.get(name.toLowerCase());
}

/** The members of a union: split at each `|` that is in no brackets and no quotes. */
function unionOf(type: string): string[] {
	const members: string[] = [];
	let depth = 0;
	let quote = '';
	let from = 0;
	for (let index = 0; index < type.length; index += 1) {
		const character = type.charAt(index);
		if (quote !== '') quote = character === quote ? '' : quote;
		else if (character === '"' || character === "'" || character === '`') quote = character;
		else if ('([{<'.includes(character)) depth += 1;
		else if (')]}>'.includes(character)) depth -= 1;
		else if (character === '|' && depth === 0) {
			members.push(type.slice(from, index).trim());
			from = index + 1;
		}
	}
	return [...members, type.slice(from).trim()].filter((member) => member !== '');
}
