import { createContext, runInContext } from 'node:vm';

import { assert, array, constantFrom, oneof, property, record, string, tuple, uniqueArray } from 'fast-check';

import { functionsOfSource } from '../../nodes/AppsScript/scriptSource';

const read = (source: string) => functionsOfSource([{ name: 'Code', source }]);

/** Words of the language and of JSDoc, so that random texts get past the first token. */
const word = constantFrom(
	...'function async var let const class for each return => = ( ) { } [ ] , ; ... . ` ${ " \' / * /** */ // <!-- --> @param @typedef {string} [a=1] - | < > \n \r\n \u2028 \\ # a b_ 0x 1n /a/ e.g. \uFEFF \uD800'
		.split(' ')
		.concat(' ', '\t'),
);
const anyText = oneof(string({ unit: 'binary' }), array(word, { maxLength: 60 }).map((words) => words.join(' ')), array(word, { maxLength: 60 }).map((words) => words.join('')));

describe('any text', () => {
	it('gives an answer in which names are callable and parameters can be told apart', () => {
		assert(
			property(array(anyText, { maxLength: 3 }), (sources) => {
				const { functions, unreadable } = functionsOfSource(sources.map((source, index) => ({ name: String(index), source })));
				expect(new Set(functions.map(({ name }) => name)).size).toBe(functions.length);
				expect(unreadable.length).toBeLessThanOrEqual(sources.length);
				for (const { name, parameters, file, line } of functions) {
					expect(name).toMatch(/[^_]$/);
					expect(new Set(parameters.map((parameter) => parameter.name)).size).toBe(parameters.length);
					expect(line).toBeLessThanOrEqual((sources[Number(file)] ?? '').split(/\r\n?|[\n\u2028\u2029]/).length);
				}
			}),
			{ numRuns: 1_000 },
		);
	});

	it('as a comment takes nothing from the function and its parameters', () => {
		assert(
			property(array(oneof(word, string({ unit: 'binary' }))), (words) => {
				const comment = words.join(' ').replace(/\*\//g, '');
				const { functions, unreadable } = read(`/** ${comment} */ function f(a, { b }, c = 1) {}`);
				expect(unreadable).toEqual([]);
				expect(functions).toMatchObject([{ name: 'f', parameters: [{ name: 'a' }, { type: 'object' }, { name: 'c', optional: true, defaultText: '1' }] }]);
			}),
			{ numRuns: 500 },
		);
	});
});

/** A definition in one of the forms that may be repeated within a script. */
const definition = record({
	name: constantFrom('a', 'b', 'c', 'd_', '$e', 'été', '__proto__', 'constructor'),
	form: constantFrom('function NAME(PARAMETERS) {}', 'async function NAME(PARAMETERS) {}', 'function* NAME(PARAMETERS) {}', 'var NAME = function (PARAMETERS) {}', 'var NAME = async (PARAMETERS) => 1'),
	parameters: tuple(
		uniqueArray(constantFrom('p', 'q', 'r', '{ s }', '[t]')),
		uniqueArray(constantFrom('u = 1', 'v = ")"', '{ w } = {}', 'x = (y, z) => `${y}`'), { maxLength: 2 }),
		constantFrom([], ['...others'], ['...[first]']),
	).map((groups) => groups.flat()),
});

const sourceOf = (definitions: ReadonlyArray<{ name: string; form: string; parameters: readonly string[] }>) =>
	definitions.map(({ name, form, parameters }) => form.replace('NAME', () => name).replace('PARAMETERS', () => parameters.join(', '))).join(';\n');

describe('a script that runs', () => {
	it('has the functions that V8 finds in it, with as many parameters', () => {
		assert(
			property(array(definition, { maxLength: 8 }), (definitions) => {
				const source = sourceOf(definitions);
				const found = new Map(read(source).functions.map((scriptFunction) => [scriptFunction.name, scriptFunction]));
				const context = createContext({ __proto__: null });
				runInContext(source, context);
				for (const name of new Set(definitions.map((each) => each.name))) {
					const scriptFunction = found.get(name);
					if (name.endsWith('_')) expect(scriptFunction).toBeUndefined();
					if (name.endsWith('_') || name === '__proto__') continue;
					const [length, kind] = runInContext(`[${name}.length, Object.prototype.toString.call(${name})]`, context) as [number, string];
					const required = scriptFunction?.parameters.findIndex(({ optional }) => optional) ?? -2;
					expect(required === -1 ? scriptFunction?.parameters.length : required).toBe(length);
					expect(scriptFunction?.returns).toBe({ '[object AsyncFunction]': 'promise', '[object GeneratorFunction]': 'generator' }[kind]);
				}
			}),
		);
	});

	it('keeps its declarations when something after or between them cannot be read', () => {
		const declarations = array(definition.filter(({ form }) => form.startsWith('function') || form.startsWith('async')), { maxLength: 6 });
		const unreadable = constantFrom('for each (var x in y) {}', 'function closure(x) x * x;', 'var = 5', 'const c;', '/* function f() {} */ a b', '"function g() {}" {)');
		assert(
			property(declarations, declarations, unreadable, (before, after, between) => {
				const readable = read(sourceOf(before)).functions;
				const last = read(`${sourceOf(before)};\n${between}`);
				expect(last.unreadable).toHaveLength(1);
				expect(last.functions).toEqual(readable);

				if (between.endsWith('{)')) return;
				const shape = (source: string) => read(source).functions.map(({ line: _line, ...rest }) => rest);
				expect(shape(`${sourceOf(before)};\n${between};\n${sourceOf(after)}`)).toEqual(shape(sourceOf([...before, ...after])));
			}),
		);
	});
});

/** The parts repeated up to a megabyte. */
function megabyte(part: (index: number) => string): string {
	const parts: string[] = [];
	for (let length = 0, index = 0; length < 1_000_000; index += 1) {
		const text = part(index);
		parts.push(text);
		length += text.length;
	}
	return parts.join('');
}

/** Far more than any of these takes. What grows with the square of the length, or is caught in a loop, is ended there and fails. */
const LIMIT_MS = 20_000;

function readWithin(source: string): ReturnType<typeof read> {
	const context = createContext({ answer: () => read(source) });
	return runInContext('answer()', context, { timeout: LIMIT_MS }) as ReturnType<typeof read>;
}

describe('a megabyte', () => {
	const f = 'function f(a) {}';
	const doc = (comment: string) => `/** ${comment} */ ${f}`;
	it.each<[string, string, number]>([
		['of let, twice', `let ${megabyte((index) => `a${index},`)}a, ${megabyte((index) => `b${index},`)}b; ${f}`, 1],
		['of var below many blocks', `${f}${'{let b;'.repeat(1_000)}${megabyte((index) => `var a${index};`)}${'}'.repeat(1_000)}`, 1],
		['of functions of one name', megabyte(() => f), 1],
		['of parentheses', `${f}\n${megabyte(() => '(')}`, 1],
		['of blocks', `${f}\n${megabyte(() => '{')}`, 1],
		['of one sum', `${f}\nvar s = ${megabyte(() => 'a+')}a;\nfunction g() {}`, 2],
		['of HTML comments', `${f}\n${megabyte(() => '<!--\n')}`, 1],
		['of destructured parameters', `function f(${megabyte(() => '{},')}a) {}`, 1],
		['of documented parameters', `/** ${megabyte(() => '\n@param {string} a')} */ function f(${'[],'.repeat(50_000)}b) {}`, 1],
		['of blanks in a comment', doc(megabyte(() => ' ')), 1],
		['of stars in a comment', doc(megabyte(() => '\n***')), 1],
		['of links', doc(megabyte(() => '{@link ')), 1],
		['of brackets in a type', doc(`@param {${megabyte(() => '(')}} a`), 1],
		['of a union', doc(`@param {${megabyte(() => 'A|')}A} a`), 1],
		['of types that double', `${megabyte((index) => `/** @typedef {T${index}|T${index}} T${index + 1} */`)}${doc('@param {T9999} a')}`, 1],
		['of functions before a syntax error', `${megabyte(() => `${f}\n`)}for each`, 1],
		['of heads without an end', `${f}\n${megabyte(() => 'function g(')}`, 1],
	])('%s', (_name, source, count) => {
		expect(readWithin(source).functions).toHaveLength(count);
	});
});
