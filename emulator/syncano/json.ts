/**
 * Where and why a text is no JSON, in the words of the parser that the service uses (RapidJSON).
 * Recorded for a missing name; the other sentences are that parser's own, their offsets a guess.
 * @returns undefined where the text is JSON
 */
export function jsonError(text: string): { readonly offset: number; readonly message: string } | undefined {
	let at = 0;
	const stop = (message: string, offset = at): never => {
		throw new JsonProblem(offset, message);
	};
	const blank = () => {
		while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at += 1;
	};
	const string = () => {
		const start = at;
		at += 1;
		for (;;) {
			const character = text.charAt(at);
			if (character === '') stop('Missing a closing quotation mark in string.', start);
			if (character === '"') break;
			if (character === '\\') {
				const escape = text.charAt(at + 1);
				if (escape === 'u' && !/^[0-9a-fA-F]{4}$/.test(text.slice(at + 2, at + 6))) stop('Incorrect hex digit after \\u escape in string.');
				if (!'"\\/bfnrtu'.includes(escape) || escape === '') stop('Invalid escape character in string.');
				at += escape === 'u' ? 6 : 2;
				continue;
			}
			if (character < ' ') stop('Invalid encoding in string.');
			at += 1;
		}
		at += 1;
	};
	const members = (close: string, member: () => void, comma: string) => {
		at += 1;
		blank();
		if (text.charAt(at) === close) {
			at += 1;
			return;
		}
		for (;;) {
			member();
			blank();
			if (text.charAt(at) === ',') {
				at += 1;
				blank();
			} else if (text.charAt(at) === close) {
				at += 1;
				return;
			} else stop(comma);
		}
	};
	const value = (): void => {
		const character = text.charAt(at);
		if (character === '{') {
			const member = () => {
				if (text.charAt(at) !== '"') stop('Missing a name for object member.');
				string();
				blank();
				if (text.charAt(at) !== ':') stop('Missing a colon after a name of object member.');
				at += 1;
				blank();
				value();
			};
			members('}', member, 'Missing a comma or } after an object member.');
		} else if (character === '[') members(']', value, 'Missing a comma or ] after an array element.');
		else if (character === '"') string();
		else {
			const word = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/.exec(text.slice(at));
			if (word === null) stop('Invalid value.');
			else at += word[0].length;
		}
	};
	try {
		blank();
		if (at === text.length) stop('The document is empty.');
		value();
		blank();
		if (at < text.length) stop('The document root must not be followed by other values.');
	} catch (error) {
		if (error instanceof JsonProblem) return { offset: error.offset, message: error.message };
		throw error;
	}
	return undefined;
}

class JsonProblem extends Error {
	constructor(
		readonly offset: number,
		message: string,
	) {
		super(message);
	}
}

/**
 * JSON as Python's `json.dumps` writes it, with its blanks: the default reply of an endpoint.
 * @param ascii whether all other characters are escaped, as Python does unless told otherwise
 */
export function pythonJson(value: unknown, ascii = true): string {
	if (Array.isArray(value)) return `[${value.map((element) => pythonJson(element, ascii)).join(', ')}]`;
	if (typeof value === 'object' && value !== null) {
		const members = Object.entries(value).filter(([, member]) => member !== undefined);
		return `{${members.map(([key, member]) => `${pythonJson(key, ascii)}: ${pythonJson(member, ascii)}`).join(', ')}}`;
	}
	const text = JSON.stringify(value ?? null);
	if (!ascii) return text;
	return text.replace(/[\u007f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** What Python calls the type of a value that came out of JSON. */
export function pythonTypeName(value: unknown): string {
	if (value === null) return 'NoneType';
	if (Array.isArray(value)) return 'list';
	if (typeof value === 'string') return 'str';
	if (typeof value === 'boolean') return 'bool';
	if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
	return 'dict';
}

/** A JSON object: neither null nor an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
