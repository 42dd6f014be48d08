import {
	Parser,
	tokTypes,
	type ArrowFunctionExpression,
	type AnonymousFunctionDeclaration,
	type Expression,
	type FunctionDeclaration,
	type FunctionExpression,
	type Options,
	type Pattern,
	type Program,
	type Token,
	type TokenType,
} from 'acorn';

import { cleanText } from '../shared/text';
import { jsDocOf, LONGEST_DEFAULT, parameterTypeOf, type DocumentedParameter, type JsDoc, type ParameterType } from './jsDoc';

/** A parameter of a function, in its place. */
export interface ScriptParameter {
	/**
	 * Unique among the function's parameters. A destructured parameter has none of its own: it gets the one that the comment gives at its place, else
	 * `param` and its place, e.g. `param1`. Only the place matters to the script.
	 */
	name: string;
	/** It has a default value, or the comment says so (`[name]`, `{type=}`), or it is a rest parameter. */
	optional: boolean;
	/** `...name`: its field holds an array, and each of the array's elements is a parameter of its own. */
	rest: boolean;
	/**
	 * By the form of a rest or destructured parameter, else the comment, else a default value that is a literal. Left out where that says nothing or
	 * allows several types.
	 */
	type?: ParameterType;
	/** The default value as it is written in the code, else in the comment; at most 100 characters. */
	defaultText?: string;
	/** From the comment, one line of at most 200 characters. */
	description?: string;
}

/** A function that scripts.run can be asked for. */
export interface ScriptFunction {
	name: string;
	parameters: ScriptParameter[];
	/** The first sentence of its JSDoc comment, one line of at most 200 characters. */
	description?: string;
	/** The file's name as it was given. */
	file: string;
	/** Counts from 1. */
	line: number;
	/**
	 * An `async` or a generator function. It runs when it is called, an async one to its end (Google's V8 guide: microtasks are processed), but hands
	 * back something for which scripts.run has no word ("not a supported return type"; a guess for Promise and generator).
	 */
	returns?: 'promise' | 'generator';
}

type FunctionNode = FunctionDeclaration | AnonymousFunctionDeclaration | FunctionExpression | ArrowFunctionExpression;

interface Definition {
	readonly name: string;
	readonly node: FunctionNode;
	/** The text in which the node's positions are. */
	readonly source: string;
	readonly file: string;
	readonly line: number;
	readonly jsDoc: JsDoc | undefined;
	/** A declaration: it is there before any file's code runs. */
	readonly hoisted: boolean;
}

/** Leaner than V8 where that costs nothing: what is there is read, not judged. */
const OPTIONS: Options = { ecmaVersion: 'latest', sourceType: 'script', allowHashBang: true, allowReturnOutsideFunction: true, checkPrivateFields: false };

/**
 * acorn, without the check that no name is declared twice. It compares each declared name with all before it: ten seconds for a megabyte of `let`.
 * `declareName` is not part of acorn's documented interface; under another name the check would be back, and nothing else.
 */
class SourceParser extends Parser {
	declareName(): void {
		// Which names are taken is of no interest here.
	}
}

/**
 * The functions of an Apps Script project that scripts.run can call by name, with their parameters, in the order of their definitions.
 *
 * Which ones: those that Google's guide to the V8 runtime lists under "Improved function detection" (read in 2026): function declarations, and functions
 * and arrow functions that a top-level `var`, `let` or `const` begins with, async and generator functions included. `let` and `const` are no properties
 * of the global object, but the list names them; that scripts.run goes by this list is a guess. A top-level assignment `name = function …` is taken
 * too, as it makes the same global as `var` (a guess: the list does not name it).
 *
 * Left out: names that end with an underscore, which Apps Script keeps private; functions inside blocks, objects, classes and calls
 * (`var f = wrap(g)`), which may be callable, but whose names or parameters only running the script would tell. `@private` and `@customfunction` change
 * nothing, as they change nothing for scripts.run.
 *
 * Of several definitions of one name the last counts. Declarations are there before any file's code runs (Apps Script's release notes of 2020 say so across
 * files), so an assigned function wins over a declared one wherever they are.
 *
 * A file that acorn cannot read (a syntax error, syntax of the old Rhino runtime, nesting that exceeds the stack) is reported. Its function declarations outside all
 * brackets still count as far as its tokens can be told, so that a person can choose them: one with its complete head, parameters included, or not at all.
 *
 * Total: any text gives an answer, in time that grows with its length.
 * @param files the SERVER_JS files in the project's order
 */
export function functionsOfSource(files: ReadonlyArray<{ readonly name: string; readonly source: string }>): {
	functions: ScriptFunction[];
	/** `message` is acorn's, ending in `(line:column)`; at most 500 characters. */
	unreadable: Array<{ file: string; message: string }>;
} {
	let definitions: Definition[] = [];
	const unreadable: Array<{ file: string; message: string }> = [];
	const typedefs = new Map<string, ParameterType | undefined>();
	for (const { name: file, source } of files) {
		let comments = new Comments();
		try {
			const program = SourceParser.parse(source, { ...OPTIONS, onComment: comments.add });
			definitions = definitions.concat(definitionsOfProgram(program, source, file, comments));
			for (const statement of program.body) {
				if (statement.type === 'ClassDeclaration') typedefs.set(statement.id.name, 'object');
			}
		} catch (error) {
			unreadable.push({ file, message: cleanText(error instanceof Error ? error.message : String(error)) });
			// The tokens' comments come again, from the beginning.
			comments = new Comments();
			definitions = definitions.concat(definitionsOfTokens(source, file, comments));
		}
		for (const { name, type } of comments.typedefs()) typedefs.set(name, parameterTypeOf(type, typedefs));
	}

	const last = new Map<string, Definition>();
	for (const definition of definitions) {
		if (definition.hoisted && last.get(definition.name)?.hoisted === false) continue;
		last.set(definition.name, definition);
	}
	const functions = definitions.filter((definition) => last.get(definition.name) === definition).map((definition) => scriptFunction(definition, typedefs));
	return { functions, unreadable };
}

function scriptFunction({ name, node, source, file, line, jsDoc }: Definition, typedefs: ReadonlyMap<string, ParameterType | undefined>): ScriptFunction {
	return {
		name,
		parameters: parametersOf(node.params, source, jsDoc?.parameters ?? [], typedefs),
		...(jsDoc?.description !== undefined && { description: jsDoc.description }),
		file,
		line,
		...(node.generator ? { returns: 'generator' as const } : node.async ? { returns: 'promise' as const } : {}),
	};
}

function definitionsOfProgram(program: Program, source: string, file: string, comments: Comments): Definition[] {
	const definitions: Definition[] = [];
	const lineAt = lineCounter(source);
	/** Where what comes before the present definition ends; its comment is not before that. */
	let before = 0;
	const define = (names: ReadonlyArray<string>, start: number, node: FunctionNode, hoisted: boolean) => {
		const callable = names.filter((name) => !name.endsWith('_'));
		if (callable.length === 0) return;
		const jsDoc = comments.last(before, hoisted ? start : node.start);
		const line = lineAt(start);
		for (const name of callable) definitions.push({ name, node, source, file, line, jsDoc, hoisted });
	};
	const defineAssigned = (target: Pattern, value: Expression) => {
		const { names, end } = assigned(target, value);
		if (isFunction(end)) define(names, target.start, end, false);
	};

	for (const statement of program.body) {
		if (statement.type === 'FunctionDeclaration') {
			define([statement.id.name], statement.start, statement, true);
		} else if (statement.type === 'VariableDeclaration') {
			for (const declarator of statement.declarations) {
				if (declarator.init) defineAssigned(declarator.id, declarator.init);
				before = declarator.end;
			}
		} else if (statement.type === 'ExpressionStatement' && statement.expression.type === 'AssignmentExpression' && statement.expression.operator === '=') {
			defineAssigned(statement.expression.left, statement.expression.right);
		}
		before = statement.end;
	}
	return definitions;
}

/** The names that a value is assigned to, `a = b = value` included, and the value. */
function assigned(target: Pattern, value: Expression): { names: string[]; end: Expression } {
	const names = target.type === 'Identifier' ? [target.name] : [];
	let end = value;
	while (end.type === 'AssignmentExpression' && end.operator === '=') {
		if (end.left.type === 'Identifier') names.push(end.left.name);
		end = end.right;
	}
	return { names, end };
}

function isFunction(node: Expression): node is FunctionExpression | ArrowFunctionExpression {
	return node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression';
}

/** The function declarations of a file that acorn cannot read whole: those outside all brackets, up to where the tokens end or make no sense. */
function definitionsOfTokens(source: string, file: string, comments: Comments): Definition[] {
	const definitions: Definition[] = [];
	const lineAt = lineCounter(source);
	let depth = 0;
	let earlier: Token | undefined;
	let previous: Token | undefined;
	/** The declaration that is being read, up to its opening brace. */
	let head: { start: number; before: number } | undefined;
	try {
		for (const token of SourceParser.tokenizer(source, { ...OPTIONS, onComment: comments.add })) {
			if (depth === 0 && head !== undefined && previous?.type === tokTypes.parenR) {
				// Without a body in braces it is no declaration. (Rhino had functions that were one expression.)
				const node = token.type === tokTypes.braceL ? functionOfHead(`${source.slice(head.start, previous.end)}{}`) : undefined;
				if (node !== undefined && !node.id.name.endsWith('_')) {
					const jsDoc = comments.last(head.before, head.start);
					definitions.push({ name: node.id.name, node, source: source.slice(head.start), file, line: lineAt(head.start), jsDoc, hoisted: true });
				}
				head = undefined;
			}
			if (depth === 0 && token.type === tokTypes._function) {
				const isAsync = previous !== undefined && source.slice(previous.start, previous.end) === 'async';
				const first = isAsync && previous !== undefined ? previous : token;
				const preceding = isAsync ? earlier : previous;
				head = beginsStatement(first, preceding, source) ? { start: first.start, before: preceding?.end ?? 0 } : undefined;
			}
			if (OPENING.has(token.type)) depth += 1;
			else if (CLOSING.has(token.type)) depth -= 1;
			if (depth < 0) break;
			earlier = previous;
			previous = token;
		}
	} catch {
		// A token that cannot be read. What was found before it stays.
	}
	return definitions;
}

const OPENING: ReadonlySet<TokenType> = new Set([tokTypes.braceL, tokTypes.dollarBraceL, tokTypes.parenL, tokTypes.bracketL]);
const CLOSING: ReadonlySet<TokenType> = new Set([tokTypes.braceR, tokTypes.parenR, tokTypes.bracketR]);
/** What can end a statement without a semicolon, if a new line follows. */
const ENDING: ReadonlySet<TokenType> = new Set([tokTypes.parenR, tokTypes.bracketR, tokTypes.name, tokTypes.num, tokTypes.string, tokTypes.regexp]);

function beginsStatement(first: Token, preceding: Token | undefined, source: string): boolean {
	if (preceding === undefined || preceding.type === tokTypes.semi || preceding.type === tokTypes.braceR) return true;
	return ENDING.has(preceding.type) && /[\r\n]/.test(source.slice(preceding.end, first.start));
}

function functionOfHead(source: string): FunctionDeclaration | undefined {
	try {
		const [statement] = SourceParser.parse(source, OPTIONS).body;
		return statement?.type === 'FunctionDeclaration' ? statement : undefined;
	} catch {
		return undefined;
	}
}

function parametersOf(
	patterns: readonly Pattern[],
	source: string,
	documented: readonly DocumentedParameter[],
	typedefs: ReadonlyMap<string, ParameterType | undefined>,
): ScriptParameter[] {
	const parts = patterns.map(partsOf);
	// Outside strict mode a name may occur twice; the last place has it.
	const places = new Map(parts.flatMap(({ target }, place) => (target.type === 'Identifier' ? [[target.name, place] as const] : [])));
	const byName = new Map(documented.map((parameter) => [parameter.name, parameter]));
	const taken = new Set(places.keys());
	const unused = (wanted: string, place: number): string => {
		let name = wanted === '' || taken.has(wanted) ? `param${place + 1}` : wanted;
		while (taken.has(name)) name += '_';
		taken.add(name);
		return name;
	};

	return parts.map(({ target, rest, defaultValue }, place) => {
		const ownName = target.type === 'Identifier' && places.get(target.name) === place ? target.name : undefined;
		const atPlace = documented[place];
		const comment = ownName !== undefined ? byName.get(ownName) : atPlace !== undefined && !places.has(atPlace.name) ? atPlace : undefined;
		const defaultText = defaultValue === undefined ? comment?.defaultText : cleanText(source.slice(defaultValue.start, defaultValue.end), LONGEST_DEFAULT);
		const type = rest ? 'array' : typeOf(target, comment?.type, defaultValue, typedefs);
		return {
			name: ownName ?? unused(comment?.name ?? '', place),
			optional: rest || defaultValue !== undefined || comment?.optional === true,
			rest,
			...(type !== undefined && { type }),
			...(defaultText !== undefined && { defaultText }),
			...(comment?.description !== undefined && { description: comment.description }),
		};
	});
}

function partsOf(pattern: Pattern): { target: Pattern; rest: boolean; defaultValue?: Expression } {
	if (pattern.type === 'RestElement') return { target: pattern.argument, rest: true };
	if (pattern.type === 'AssignmentPattern') return { target: pattern.left, rest: false, defaultValue: pattern.right };
	return { target: pattern, rest: false };
}

function typeOf(
	target: Pattern,
	commentType: string | undefined,
	defaultValue: Expression | undefined,
	typedefs: ReadonlyMap<string, ParameterType | undefined>,
): ParameterType | undefined {
	if (target.type === 'ObjectPattern') return 'object';
	if (target.type === 'ArrayPattern') return 'array';
	if (commentType) return parameterTypeOf(commentType, typedefs);
	return defaultValue === undefined ? undefined : typeOfLiteral(defaultValue);
}

function typeOfLiteral(value: Expression): ParameterType | undefined {
	switch (value.type) {
		case 'Literal':
			return typeof value.value === 'string' ? 'string' : typeof value.value === 'number' ? 'number' : typeof value.value === 'boolean' ? 'boolean' : undefined;
		case 'TemplateLiteral':
			return 'string';
		case 'UnaryExpression':
			return value.operator === '-' || value.operator === '+' ? 'number' : value.operator === '!' ? 'boolean' : undefined;
		case 'ArrayExpression':
			return 'array';
		case 'ObjectExpression':
			return 'object';
		case 'NewExpression':
			return value.callee.type === 'Identifier' && value.callee.name === 'Date' ? 'dateTime' : undefined;
		default:
			return undefined;
	}
}

/** The JSDoc comments of a file, in their order. */
class Comments {
	private readonly found: Array<{ start: number; end: number; text: string }> = [];

	/** What acorn calls for each comment. A comment with three stars or more is a line drawn, not JSDoc. */
	readonly add = (isBlock: boolean, text: string, start: number, end: number): void => {
		if (isBlock && text.startsWith('*') && !text.startsWith('**')) this.found.push({ start, end, text });
	};

	/** The last comment between two positions, unless it is about the file. */
	last(from: number, to: number): JsDoc | undefined {
		let low = 0;
		let high = this.found.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if ((this.found[middle]?.end ?? 0) <= to) low = middle + 1;
			else high = middle;
		}
		const comment = this.found[low - 1];
		if (comment === undefined || comment.start < from) return undefined;
		const jsDoc = jsDocOf(comment.text);
		return jsDoc.aboutFile ? undefined : jsDoc;
	}

	typedefs(): Array<{ name: string; type: string }> {
		return this.found.flatMap(({ text }) => (text.includes('@typedef') ? (jsDocOf(text).typedef ?? []) : []));
	}
}

/** A function that tells the line of a position, counting from 1; to be asked in ascending order. */
function lineCounter(source: string): (position: number) => number {
	const lineEnd = /\r\n?|[\n\u2028\u2029]/g;
	let line = 1;
	let next = lineEnd.exec(source);
	return (position) => {
		while (next !== null && next.index < position) {
			line += 1;
			next = lineEnd.exec(source);
		}
		return line;
	};
}
