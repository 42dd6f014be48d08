import { functionsOfSource, type ScriptFunction } from '../../nodes/AppsScript/scriptSource';

const read = (...sources: string[]) => functionsOfSource(sources.map((source, index) => ({ name: `File${index + 1}`, source })));

/** The one function of a source. */
function only(source: string): ScriptFunction {
	const { functions, unreadable } = read(source);
	expect(unreadable).toEqual([]);
	expect(functions).toHaveLength(1);
	return functions[0] as ScriptFunction;
}

const names = (...sources: string[]) => read(...sources).functions.map(({ name }) => name);
const typeIn = (jsDocType: string) => only(`/** @param {${jsDocType}} value */ function f(value) {}`).parameters[0]?.type;

describe('which functions', () => {
	it("are all of the forms that Google's guide to the V8 runtime lists", () => {
		const source = `
			function normalFunction() {}
			async function asyncFunction() {}
			function* generatorFunction() {}
			var varFunction = function() {}
			let letFunction = function() {}
			const constFunction = function() {}
			var namedVarFunction = function alternateName() {}
			var varAsyncFunction = async function() {}
			const constGeneratorFunction = function*() {}
			var varLambda = () => {}
			let letLambda = () => {}
			const constLambda = () => {}
			const constAsyncLambda = async () => {}
			async function* asyncGeneratorFunction() {}`;
		expect(read(source).functions.map(({ name, returns }) => [name, returns])).toEqual([
			['normalFunction', undefined],
			['asyncFunction', 'promise'],
			['generatorFunction', 'generator'],
			['varFunction', undefined],
			['letFunction', undefined],
			['constFunction', undefined],
			['namedVarFunction', undefined],
			['varAsyncFunction', 'promise'],
			['constGeneratorFunction', 'generator'],
			['varLambda', undefined],
			['letLambda', undefined],
			['constLambda', undefined],
			['constAsyncLambda', 'promise'],
			['asyncGeneratorFunction', 'generator'],
		]);
	});

	it('are top-level assignments too, several names at once included', () => {
		expect(names('first = function () {}; var second = third = () => 1;')).toEqual(['first', 'second', 'third']);
	});

	it('are not private, nested, a member of something, or what a call gives', () => {
		const source = `
			function private_() {}
			const alsoPrivate_ = () => 1;
			function outer() { function inner() {} }
			if (true) { function conditional() {} }
			(function () { function hidden() {} })();
			const menu = { item() {} };
			menu.other = function () {};
			class Order { static make() {} }
			const wrapped = wrap(function () {});
			const number = 5;`;
		expect(names(source)).toEqual(['outer']);
	});

	it('are there whatever @private and @customfunction say, as scripts.run does not read them', () => {
		expect(names('/** @private */ function a() {} /** @customfunction */ function b() {}')).toEqual(['a', 'b']);
	});

	it('come with file and line, whatever the line ends', () => {
		const { functions } = read('function a() {}', '\r\n// one\rvar\n  b = () => 1,\u2028c = () => 2;');
		expect(functions.map(({ name, file, line }) => `${name} ${file}:${line}`)).toEqual(['a File1:1', 'b File2:4', 'c File2:5']);
	});
});

describe('several definitions of a name', () => {
	const parametersOf = (...sources: string[]) => read(...sources).functions.map(({ name, parameters }) => [name, ...parameters.map((parameter) => parameter.name)].join(' '));

	it('leave the last, over all files', () => {
		expect(parametersOf('function f(a) {} function g() {}', 'function f(b) {}', 'function f(c, d) {}')).toEqual(['g', 'f c d']);
	});

	it('leave an assigned one before a declared one, as declarations come first wherever they are', () => {
		expect(parametersOf('var f = function (assigned) {}; function f(declared) {}')).toEqual(['f assigned']);
		expect(parametersOf('f = (assigned) => 1', 'function f(declared) {}')).toEqual(['f assigned']);
	});
});

describe('parameters', () => {
	it('have their defaults, types and places without any comment', () => {
		expect(only("function f(a, text = 'x', count = -1, on = true, list = [], more = {}, when = new Date(), any = null, other = a, ...rest) {}").parameters).toEqual([
			{ name: 'a', optional: false, rest: false },
			{ name: 'text', optional: true, rest: false, type: 'string', defaultText: "'x'" },
			{ name: 'count', optional: true, rest: false, type: 'number', defaultText: '-1' },
			{ name: 'on', optional: true, rest: false, type: 'boolean', defaultText: 'true' },
			{ name: 'list', optional: true, rest: false, type: 'array', defaultText: '[]' },
			{ name: 'more', optional: true, rest: false, type: 'object', defaultText: '{}' },
			{ name: 'when', optional: true, rest: false, type: 'dateTime', defaultText: 'new Date()' },
			{ name: 'any', optional: true, rest: false, defaultText: 'null' },
			{ name: 'other', optional: true, rest: false, defaultText: 'a' },
			{ name: 'rest', optional: true, rest: true, type: 'array' },
		]);
	});

	it('that are destructured get a name from the comment, else from their place', () => {
		const commented = only(`
			/**
			 * @param {string} id
			 * @param {Object} options - how
			 * @param {number} options.limit
			 * @param {number[]} pair
			 */
			function f(id, { limit, filter: { by } = {} } = {}, [x, y]) {}`);
		expect(commented.parameters).toEqual([
			{ name: 'id', optional: false, rest: false, type: 'string' },
			{ name: 'options', optional: true, rest: false, type: 'object', defaultText: '{}', description: 'how' },
			{ name: 'pair', optional: false, rest: false, type: 'array' },
		]);
		expect(only('const f = ({ a }, [b], param1) => 1').parameters.map(({ name }) => name)).toEqual(['param1_', 'param2', 'param1']);
	});

	it('that are destructured never take the name of another one from a comment out of step', () => {
		expect(only('/** @param {string} id - which */ function f({ a }, id) {}').parameters).toEqual([
			{ name: 'param1', optional: false, rest: false, type: 'object' },
			{ name: 'id', optional: false, rest: false, type: 'string', description: 'which' },
		]);
		expect(only('/**\n * @param a\n * @param a\n */ function f({ b }, { c }) {}').parameters.map(({ name }) => name)).toEqual(['a', 'param2']);
	});

	it('of one name leave it to the last, as JavaScript does', () => {
		expect(only('function f(a, a) {}').parameters.map(({ name }) => name)).toEqual(['param1', 'a']);
	});

	it('show a long default cut', () => {
		expect(only(`function f(a = '${'x'.repeat(500)}') {}`).parameters[0]?.defaultText).toHaveLength(100);
	});
});

describe('JSDoc', () => {
	it('gives description, types, optional parameters and hints', () => {
		const found = only(`
			/**
			 * Adds a row, e.g. an order, to {@link Sheet the sheet}.
			 * What else is said here is not needed.
			 *
			 * @param {string} sheet - The sheet's
			 *     name.
			 * @param {Array<Array<string|number>>} rows The rows
			 * @param {number=} limit
			 * @param {boolean} [header=true] - Whether there is one
			 * @param {string} [mark]
			 * @return {number} how many
			 */
			function addRow(sheet, rows, limit, header, mark, undocumented) {}`);
		expect(found).toMatchObject({ name: 'addRow', description: 'Adds a row, e.g. an order, to the sheet.' });
		expect(found.parameters).toEqual([
			{ name: 'sheet', optional: false, rest: false, type: 'string', description: "The sheet's name." },
			{ name: 'rows', optional: false, rest: false, type: 'array', description: 'The rows' },
			{ name: 'limit', optional: true, rest: false, type: 'number' },
			{ name: 'header', optional: true, rest: false, type: 'boolean', defaultText: 'true', description: 'Whether there is one' },
			{ name: 'mark', optional: true, rest: false, type: 'string' },
			{ name: 'undocumented', optional: false, rest: false },
		]);
	});

	it('goes by name where it names parameters in another order', () => {
		const { parameters } = only('/**\n * @param {number} b\n * @param {string} a\n */ function f(a, b) {}');
		expect(parameters.map(({ name, type }) => [name, type])).toEqual([
			['a', 'string'],
			['b', 'number'],
		]);
	});

	it('tells what the code does, not what the code contradicts', () => {
		expect(only('/** @param {string} list\n * @param {number} more */ function f([list], ...more) {}').parameters.map(({ type }) => type)).toEqual(['array', 'array']);
		expect(only('/** @param {string|number} value */ function f(value = 5) {}').parameters[0]?.type).toBeUndefined();
	});

	it('is the last one before the function, its own only', () => {
		const { functions } = read(`
			/** @OnlyCurrentDoc */
			/** Of a. */
			// a line between
			function a() {}
			function b() {}
			var c = 1, /** Of d. */ d = () => 1;
			/* no JSDoc */ function e() {}
			/*** a rule ***/ function f() {}
			const g = /** Of g. */ () => 1, h = () => 2;`);
		expect(functions.map(({ name, description }) => [name, description])).toEqual([
			['a', 'Of a.'],
			['b', undefined],
			['d', 'Of d.'],
			['e', undefined],
			['f', undefined],
			['g', 'Of g.'],
			['h', undefined],
		]);
	});

	it('about the file is not about its first function', () => {
		expect(only('/**\n * Helpers.\n * @fileoverview All of them\n */\nfunction f() {}').description).toBeUndefined();
	});

	it('takes a description from its tag, a paragraph without a full stop, and cuts what is long', () => {
		expect(only('/** @description Does it. And more. */ function f() {}').description).toBe('Does it.');
		expect(only('/**\n * Does it\n * well\n *\n * Second paragraph.\n */ function f() {}').description).toBe('Does it well');
		expect(only(`/** ${'word '.repeat(200)} */ function f() {}`).description?.length).toBeLessThanOrEqual(200);
	});

	it('with the name before the type, a colon, or nothing but a type, is understood as far as it goes', () => {
		const { parameters } = only('/**\n * @param a {number} first\n * @param {string} b: second\n * @param {boolean}\n * @param\n */ function f(a, b, { c }) {}');
		expect(parameters).toEqual([
			{ name: 'a', optional: false, rest: false, type: 'number', description: 'first' },
			{ name: 'b', optional: false, rest: false, type: 'string', description: 'second' },
			{ name: 'param3', optional: false, rest: false, type: 'object' },
		]);
	});

	it.each([
		['string', 'string'],
		['String', 'string'],
		['!number', 'number'],
		['?number', 'number'],
		['number=', 'number'],
		['(number|null|undefined)', 'number'],
		['1 | 2', 'number'],
		["'a'|'b'", 'string'],
		['string|number', undefined],
		['*', undefined],
		['any', undefined],
		['Function', undefined],
		['T', undefined],
		['string[]', 'array'],
		['string[]|number[]', 'array'],
		['(string|number)[]', 'array'],
		['Array<string>', 'array'],
		['Array.<{a: string}>', 'array'],
		['[string, number]', 'array'],
		['Object', 'object'],
		['Object<string, number[]>', 'object'],
		['{a: string, b: (number|string)}', 'object'],
		['Record<string, string>', 'object'],
		['Date', 'dateTime'],
		['GoogleAppsScript.Spreadsheet.Sheet', 'object'],
		['SpreadsheetApp.Range', 'object'],
		['Sheet', 'object'],
		['Sheet[]', 'array'],
		['{unclosed', undefined],
	])('type %s is %s', (jsDocType, type) => {
		expect(typeIn(jsDocType)).toBe(type);
	});

	it("knows the project's own types from any file, and what they stand for", () => {
		const { functions } = read(
			`/**
			 * @param {Order} order
			 * @param {Mode} mode
			 * @param {Customer} customer
			 * @param {Invoice} invoice
			 * @param {Itself} itself
			 */
			function f(order, mode, customer, invoice, itself) {}`,
			`/** @typedef {{id: string}} Order */
			/** @typedef {'fast'|'slow'} Mode */
			/**
			 * @typedef Customer
			 * @property {string} name
			 */
			/** @typedef {Itself|Itself} Itself */
			class Invoice {}`,
		);
		expect(functions[0]?.parameters.map(({ type }) => type)).toEqual(['object', 'string', 'object', 'object', undefined]);
	});
});

describe('a file that cannot be read', () => {
	it("is named with acorn's message, and the others count", () => {
		const { functions, unreadable } = read('function a() {}', 'function b( {', 'function c() {}');
		expect(functions.map(({ name }) => name)).toEqual(['a', 'c']);
		expect(unreadable).toEqual([{ file: 'File2', message: 'Unexpected token (1:13)' }]);
	});

	it.each(['import x from "y"', 'export function f() {}', 'function f() {', 'let = ;', '`', '/', '"', '/*', '\\'])('for %s, too', (source) => {
		expect(read(source).unreadable).toHaveLength(1);
	});

	it('still gives its function declarations with their heads and comments, as of the Rhino runtime', () => {
		const { functions, unreadable } = read(`
			/** Sums. @param {number[]} list */
			function sum(list, start = 0) { var s = start; for each (var x in list) s += x; return s; }
			/** Async. */
			async function later({ a }, ...rest) { return \`\${function no() {}}\`; }
			var after = 5
			function last() {}`);
		expect(unreadable).toHaveLength(1);
		expect(functions).toEqual([
			{
				name: 'sum',
				description: 'Sums.',
				file: 'File1',
				line: 3,
				parameters: [
					{ name: 'list', optional: false, rest: false },
					{ name: 'start', optional: true, rest: false, type: 'number', defaultText: '0' },
				],
			},
			{
				name: 'later',
				description: 'Async.',
				file: 'File1',
				line: 5,
				parameters: [
					{ name: 'param1', optional: false, rest: false, type: 'object' },
					{ name: 'rest', optional: true, rest: true, type: 'array' },
				],
				returns: 'promise',
			},
			{ name: 'last', file: 'File1', line: 7, parameters: [] },
		]);
	});

	it('gives none that are not there', () => {
		const source = `
			for each (var x in y) {}
			// function comment(a) {}
			/*
function block(a) {}
			*/
			var text = "function quoted(a) {}", template = \`
function templated(a) {}
\`;
			var regexp = /function matched(a) {}/;
			function closure(x) x * x;
			function private_() {}
			var named = function expression() {};
			(function inBrackets() {})();
			wrap(function argument() {});
			function (a) {}
			if (x) function conditional() {}
			function broken(a b) {}
			{ function inBlock() {} }`;
		expect(names(source)).toEqual([]);
	});

	it('gives nothing after the brackets stop matching', () => {
		expect(names('function a() {}\n}\nfunction b() {}')).toEqual(['a']);
		expect(names('function a() {}\n} { ; function b() {} }')).toEqual(['a']);
		expect(names('function a() {\nfunction b() {}\nfunction c() {}')).toEqual(['a']);
	});
});
