import type { IDataObject, INodeParameters, INodePropertyOptions } from 'n8n-workflow';

import type { ProjectOptions, ScriptFile, ScriptProject } from '../../emulator/appsScript';
import { AppsScriptRun } from '../../nodes/AppsScript/AppsScriptRun.node';
import { contentOf, signatureOf } from '../../nodes/AppsScript/projectContent';
import { locator, startBench, type AppsScriptBench } from './appsScriptBench';
import { subtitleOf } from './subtitle';

const AUTH = 'https://www.googleapis.com/auth/';
const TYPE = { type: 'appsScriptRun', credentials: { googleAppsScriptOAuth2Api: 'google' } };

const code = (source: string, name = 'Code'): ScriptFile => ({ name, type: 'SERVER_JS', source });

const ORDERS = `
/** Appends one order. More words that are not shown.
 * @param {Object} order what was ordered
 * @param {number} [quantity=1] pieces
 * @param {boolean} paid
 */
function addRow(order, quantity, paid) {}
const total = (from, { currency } = {}, ...more) => 0;
function flags(verbose = true, debug = !verbose, quiet = false) {}
function ready() {}
function helper_() {}
`;

describe('Lists of Apps Script Run, through n8n-core', () => {
	let bench: AppsScriptBench;
	beforeEach(async () => {
		bench = await startBench();
	});
	afterEach(() => bench.stop());

	const add = (options: ProjectOptions): ScriptProject => bench.emulator.appsScript.addProject(options);
	/** A signed-in credential that lacks some scopes. */
	const withScopes = (...names: string[]): string => {
		const oauthTokenData = { access_token: bench.emulator.google.issueToken({ scopes: names.map((name) => AUTH + name) }), token_type: 'Bearer' };
		bench.engine.saveCredential('other', { name: 'Other', type: 'googleAppsScriptOAuth2Api', data: { ...bench.credential, oauthTokenData } });
		return 'other';
	};
	const search = (method: string, parameters: INodeParameters, more: { filter?: string; paginationToken?: string; credential?: string } = {}) => {
		const { credential = 'google', ...rest } = more;
		return bench.engine.listSearch(method, { ...TYPE, credentials: { googleAppsScriptOAuth2Api: credential }, parameters: { authentication: 'oAuth2', ...parameters }, ...rest });
	};
	const map = (parameters: INodeParameters, credential = 'google') =>
		bench.engine.resourceMapping('mapParameters', { ...TYPE, credentials: { googleAppsScriptOAuth2Api: credential }, parameters: { authentication: 'oAuth2', ...parameters } });
	const namesOf = (results: INodePropertyOptions[]) => results.map(({ name }) => name);
	/** What the editor gets of an error: of any but a NodeApiError only the message. */
	const shown = async (refused: Promise<unknown>): Promise<IDataObject> => {
		const error = await refused.then(
			() => undefined,
			(thrown: unknown) => thrown as Error & IDataObject,
		);
		expect(error?.name).toBe('NodeApiError');
		// The editor breaks a message up at these.
		expect(error?.message).not.toMatch(/[-–—]/);
		return { message: error?.message, description: error?.description, httpCode: error?.httpCode };
	};

	describe('scripts', () => {
		it('those of Drive, the last changed first, with a link to the editor', async () => {
			add({ title: 'First' });
			const bound = add({ title: 'Bound', parentId: 'sheet' });
			const last = add({ title: 'Last' });
			last.updateTime += 60_000;
			const { results } = await search('searchScripts', {});
			expect(results[0]).toEqual({ name: 'Last', value: last.scriptId, url: `https://script.google.com/d/${last.scriptId}/edit` });
			expect(namesOf(results)).toContain('First');
			expect(results.map(({ value }) => value)).not.toContain(bound.scriptId);
		});

		it.each([
			["Bob's", ["Bob's orders"]],
			['back\\slash', ['A back\\slash']],
			["x' or name contains 'O", []],
			['  orders ', ["Bob's orders"]],
		])('finds %s', async (filter, expected) => {
			for (const title of ["Bob's orders", 'A back\\slash', 'Other']) add({ title });
			expect(namesOf((await search('searchScripts', {}, { filter })).results)).toEqual(expected);
		});

		it('goes from page to page', async () => {
			for (let n = 0; n < 120; n += 1) add({ title: `Project ${n}` });
			const found: unknown[] = [];
			let paginationToken: string | undefined;
			do {
				const page = await search('searchScripts', {}, { paginationToken });
				found.push(...page.results.map(({ value }) => value));
				paginationToken = page.paginationToken;
			} while (paginationToken !== undefined);
			expect(new Set(found).size).toBe(121);
			expect(found).toHaveLength(121);
		});

		it('tells projects of the same name apart', async () => {
			for (let n = 0; n < 2; n += 1) add({ title: 'Same' });
			const { results } = await search('searchScripts', {}, { filter: 'Same' });
			for (const { name } of results) expect(name).toMatch(/^Same · \d{4}-\d\d-\d\d$/);
		});
	});

	describe('deployments', () => {
		it('the automatic choice, then API executables from the newest version on', async () => {
			const project = add({
				versions: [{}, {}, {}],
				deployments: [{}, { id: 'AKfycbOne', versionNumber: 1, description: 'First try' }, { id: 'AKfycbWeb', versionNumber: 3, entryPoints: ['WEB_APP'] }, { id: 'AKfycbTwo', versionNumber: 2 }],
			});
			const parameters = { script: locator('list', project.scriptId) };
			const { results } = await search('searchDeployments', parameters);
			expect(results.map(({ value }) => value)).toEqual(['auto', 'AKfycbTwo', 'AKfycbOne']);
			expect(results[2]?.name).toMatch(/^Version 1 · First try · \d{4}-\d\d-\d\d$/);
			expect((await search('searchDeployments', parameters, { filter: 'first' })).results.map(({ value }) => value)).toEqual(['AKfycbOne']);
		});

		it('without a script only the automatic choice, and nothing is asked', async () => {
			expect((await search('searchDeployments', { script: locator('list', '') })).results.map(({ value }) => value)).toEqual(['auto']);
			expect(bench.emulator.journal.requests).toHaveLength(0);
		});

		it('a script without an API executable: how to make one', async () => {
			const project = add({ deployments: [{}] });
			const error = await shown(search('searchDeployments', { script: locator('id', project.scriptId) }));
			expect(error).toMatchObject({ message: 'The script has no API executable yet', description: expect.stringContaining('New deployment > API Executable') as unknown });
		});
	});

	describe('functions', () => {
		it('with their parameters, without the private ones, found by name and description', async () => {
			const project = add({ files: [code(ORDERS)] });
			const parameters = { script: locator('list', project.scriptId), deployment: locator('list', 'auto') };
			const { results } = await search('searchFunctions', parameters);
			expect(results).toEqual([
				{ name: 'addRow(order, quantity?, paid)', value: 'addRow', description: 'Appends one order.' },
				{ name: 'total(from, param2?, ...more)', value: 'total' },
				{ name: 'flags(verbose?, debug?, quiet?)', value: 'flags' },
				{ name: 'ready()', value: 'ready' },
			]);
			expect((await search('searchFunctions', parameters, { filter: 'APPENDS' })).results.map(({ value }) => value)).toEqual(['addRow']);
		});

		it('of the version that will run: the deployed one, or the code as last saved in Development Mode', async () => {
			const project = add({ versions: [{ files: [code('function first() {}')] }, { files: [code('function second() {}')] }], files: [code('function saved() {}')] });
			const old = project.addDeployment({ versionNumber: 1 });
			const found = async (parameters: INodeParameters) => (await search('searchFunctions', { script: locator('list', project.scriptId), ...parameters })).results.map(({ value }) => value);
			expect(await found({ deployment: locator('list', 'auto') })).toEqual(['second']);
			expect(await found({ deployment: locator('list', '') })).toEqual(['second']);
			expect(await found({ deployment: locator('id', old.id) })).toEqual(['first']);
			expect(await found({ deployment: locator('id', 'AKfycbUnknown') })).toEqual(['saved']);
			expect(await found({ deployment: locator('list', 'auto'), options: { devMode: true } })).toEqual(['saved']);
		});

		it('without the scope for deployments, of the code as last saved', async () => {
			const project = add({ versions: [{ files: [code('function first() {}')] }], files: [code('function saved() {}')] });
			const { results } = await search('searchFunctions', { script: locator('list', project.scriptId) }, { credential: withScopes('script.projects.readonly') });
			expect(results.map(({ value }) => value)).toEqual(['saved']);
		});

		it('leaves out what cannot be read, and says so where nothing can', async () => {
			const some = add({ files: [code('function good(a) {}', 'Good'), code('let x = ;', 'Bad')] });
			expect(namesOf((await search('searchFunctions', { script: locator('list', some.scriptId) })).results)).toEqual(['good(a)']);
			const none = add({ files: [code('let x = ;', 'Bad')] });
			expect(await shown(search('searchFunctions', { script: locator('list', none.scriptId) }))).toMatchObject({
				message: 'The code of the script could not be read',
				description: expect.stringMatching(/^Bad: Unexpected token .*By Name/) as unknown,
			});
		});

		it("takes names and parameters from the API's own list where a file cannot be read, or came without its code", () => {
			const functionSet = { values: [{ name: 'found', parameters: ['x'] }, { name: 'bad', parameters: ['a', 'b'] }, { name: 'plain' }, { name: 'own_' }] };
			const { functions } = contentOf({
				files: [
					{ name: 'Bad', type: 'SERVER_JS', source: 'function found(mine = 1) {}\nlet x = ;', functionSet },
					{ name: 'Closed', type: 'SERVER_JS', functionSet: { values: [{ name: 'closed' }] } },
					{ name: 'Good', type: 'SERVER_JS', source: 'function good() {}', functionSet: { values: [{ name: 'neverThere' }] } },
					{ name: 'Page', type: 'HTML', source: '', functionSet: {} },
				],
			});
			expect(functions.map(signatureOf)).toEqual(['found(mine?)', 'good()', 'bad(a, b)', 'plain()', 'closed()']);
		});

		it('without a script says to choose one', async () => {
			expect(await shown(search('searchFunctions', { script: locator('list', '') }))).toMatchObject({ message: 'Choose a script first' });
		});
	});

	describe('refused', () => {
		it.each([
			['searchScripts', 'script.projects.readonly', 'drive.metadata.readonly', 'By URL'],
			['searchDeployments', 'script.projects.readonly', 'script.deployments.readonly', 'By ID'],
			['searchFunctions', 'script.deployments.readonly', 'script.projects.readonly', 'By Name'],
		])('%s without its scope names it, and what works without the list', async (method, held, needed, instead) => {
			const refused = search(method, { script: locator('list', bench.scriptId) }, { credential: withScopes(held) });
			const error = await shown(refused);
			// Only with 401 or 403 the editor shows the link to the credential.
			expect(error.httpCode).toBe('403');
			expect(error.description).toContain(AUTH + needed);
			expect(error.description).toContain(instead);
		});

		it.each([
			['an expired sign-in', () => bench.emulator.google.revokeAllAccessTokens(), '401', /connect it again/],
			["the account's own switch", () => bench.emulator.faults.add({ fault: 'userToggle403' }), '403', /script\.google\.com\/home\/usersettings/],
			['an API that is off', () => bench.emulator.faults.add({ fault: 'serviceDisabled403' }), '403', /project=\d+ .*choose Enable/],
			['no right to see the script', () => bench.emulator.faults.add({ fault: 'permissionDenied403' }), '403', /Share the script/],
			['a script that is not there', () => bench.emulator.faults.add({ fault: 'notFound404' }), '404', /no script with this ID/],
		])('%s', async (_what, arrange, httpCode, description) => {
			const credential = withScopes('script.deployments.readonly');
			arrange();
			const error = await shown(search('searchDeployments', { script: locator('list', bench.scriptId) }, { credential }));
			expect(error).toMatchObject({ httpCode, description: expect.stringMatching(description) as unknown });
		});

		it('a script ID that is none, and a node without a credential', async () => {
			expect((await shown(search('searchFunctions', { script: locator('id', 'my script') }))).message).toMatch(/has a space/);
			expect((await shown(bench.engine.listSearch('searchScripts', { ...TYPE, credentials: {}, parameters: { authentication: 'oAuth2' } }))).message).toMatch(/no usable credential/);
		});

		it('a passing fault is tried again', async () => {
			bench.emulator.faults.add({ fault: 'http503', urlIncludes: '/drive/', times: 1 });
			expect((await search('searchScripts', {})).results).toHaveLength(1);
		});
	});

	describe('parameters', () => {
		let project: ScriptProject;
		beforeEach(() => {
			project = add({ files: [code(ORDERS)] });
		});
		const chosen = (name: string): INodeParameters => ({ script: locator('list', project.scriptId), deployment: locator('list', 'auto'), function: locator('list', name) });

		it('one field a parameter, in order, with type, default and comment', async () => {
			const { fields } = await map(chosen('addRow'));
			expect(fields.map(({ id, displayName, type }) => [id, displayName, type])).toEqual([
				['order', 'order · what was ordered', 'object'],
				['quantity', 'quantity (default: 1) · pieces', 'number'],
				['paid', 'paid', 'boolean'],
			]);
			expect(fields.every(({ required, display, defaultMatch }) => !required && display && !defaultMatch)).toBe(true);
		});

		it('destructured and rest parameters', async () => {
			const { fields } = await map(chosen('total'));
			expect(fields.map(({ id, displayName, type }) => [id, displayName, type])).toEqual([
				['from', 'from', undefined],
				['param2', 'param2 (default: {})', 'object'],
				['...more', 'more (list)', 'array'],
			]);
		});

		it("a switch begins with the function's own default", async () => {
			const { fields } = await map(chosen('flags'));
			expect(fields.map(({ type, defaultValue }) => [type, defaultValue])).toEqual([
				['boolean', true],
				[undefined, undefined],
				['boolean', undefined],
			]);
		});

		it("of a library's function, in the version that the project uses", async () => {
			const library = add({ versions: [{ files: [code('function tax(amount, rate = 0.19) {}')] }], files: [code('function tax(newer) {}')] });
			const dependencies = { libraries: [{ userSymbol: 'Money', libraryId: library.scriptId, version: '1' }] };
			project = add({ files: [code('function own() {}')], manifest: { dependencies } });
			expect((await map(chosen('Money.tax'))).fields.map(({ id }) => id)).toEqual(['amount', 'rate']);
			for (const name of ['Money.gone', 'Other.tax']) {
				expect(await map(chosen(name))).toEqual({ fields: [], emptyFieldsNotice: expect.stringContaining(`no function "${name}"`) as unknown });
			}
		});

		it.each([
			['no function is chosen', () => ({ ...chosen('') }), /^Choose a function\./],
			['no script is chosen', () => ({ ...chosen('addRow'), script: locator('list', '') }), /^The script of the function is not chosen\. .*JSON/],
			['the function is not there', () => chosen('<b>gone</b>'), /no function "&lt;b>gone/],
			['the function takes none', () => chosen('ready'), /^ready takes no parameters/],
		])('says why there are no fields: %s', async (_what, parameters, notice) => {
			expect(await map(parameters())).toEqual({ fields: [], emptyFieldsNotice: expect.stringMatching(notice) as unknown });
		});

		it('a refusal is told as notice, but does not take away fields that are there', async () => {
			const credential = withScopes('script.deployments.readonly');
			const { emptyFieldsNotice } = await map(chosen('addRow'), credential);
			expect(emptyFieldsNotice).toContain('script.projects.readonly');
			const filled = { ...chosen('addRow'), parameters: { mappingMode: 'defineBelow', value: { order: '={{ $json }}' }, schema: [{ id: 'order' }] } };
			await expect(map(filled as INodeParameters, credential)).rejects.toThrow('Parameters could not be listed');
		});
	});

	describe('mapped parameters, when the node runs', () => {
		const field = (id: string, more: IDataObject = {}): IDataObject => ({ id, displayName: id, required: false, defaultMatch: false, display: true, ...more });
		const sent = async (parameters: IDataObject, item: IDataObject = {}): Promise<unknown> => {
			const result = await bench.run('echo', [item], { parametersFrom: 'mapping', parameters: { mappingMode: 'defineBelow', ...parameters } as INodeParameters });
			expect(result.status).toBe('success');
			return result.outputs[0]?.[0]?.json.result;
		};
		const abc = [field('a'), field('b'), field('c')];

		it.each<[string, IDataObject, unknown[]]>([
			["in the schema's order", { schema: abc, value: { c: 3, a: 1, b: 2 } }, [1, 2, 3]],
			['missing ones in the middle are null, at the end left out', { schema: [...abc, field('d')], value: { a: 1, c: 3, d: null } }, [1, null, 3]],
			['one that was taken out of the form keeps its place', { schema: [field('a'), field('b', { removed: true }), field('c')], value: { a: 1, c: 3 } }, [1, null, 3]],
			['a field left empty is missing, an empty text from an expression is not', { schema: abc, value: { a: '', b: '={{ "" }}', c: '' } }, [null, '']],
			['values that the schema does not know are dropped', { schema: [field('a')], value: { old: 0, a: 1 } }, [1]],
			["without a schema, in the values' order", { schema: [], value: { b: 2, a: 1 } }, [2, 1]],
			['a rest parameter is spread', { schema: [field('a'), field('...more', { type: 'array' })], value: { a: 1, '...more': '[2, [3]]' } }, [1, 2, [3]]],
			['an empty rest parameter adds nothing', { schema: [field('a'), field('...more', { type: 'array' })], value: { a: 1, '...more': '[]' } }, [1]],
			[
				'texts in fields of another type',
				{
					schema: [field('n', { type: 'number' }), field('b', { type: 'boolean' }), field('o', { type: 'object' }), field('l', { type: 'array' }), field('t', { type: 'string' })],
					value: { n: '={{ $json.n }}', b: '={{ $json.b }}', o: '{ "x": 1 }', l: '={{ $json.l }}', t: '={{ $json.n }}' },
				},
				[7.5, false, { x: 1 }, [1], '7.5'],
			],
			['a text that says nothing of the type is left to the script', { schema: [field('n', { type: 'number' })], value: { n: '={{ "seven" }}' } }, ['seven']],
			['an object for a field of another shape too', { schema: [field('o', { type: 'object' })], value: { o: '={{ [1] }}' } }, [[1]]],
			['by the names of the item', { mappingMode: 'autoMapInputData', schema: [...abc, field('...l', { type: 'array' })], value: null }, [null, 'bee', null, 1]],
		])('%s', async (_what, parameters, expected) => {
			expect(await sent(parameters, { n: '7.5', b: 'false', l: '[1]', ...(parameters.mappingMode === undefined ? {} : { b: 'bee' }) })).toEqual(expected);
		});

		it('text that is no JSON in a field for an object is refused before anything is sent', async () => {
			const parameters = { mappingMode: 'defineBelow', schema: [field('order', { type: 'object' })], value: { order: '{ customer: Ann }' } };
			const result = await bench.run('echo', [{}], { parametersFrom: 'mapping', parameters: parameters as INodeParameters, routing: 'byOutcome' });
			expect(result.outputs[3]?.[0]?.json.error).toMatchObject({ message: expect.stringMatching(/^Parameter "order" is not valid JSON/) as unknown, mayHaveRun: false });
			expect(bench.emulator.journal.requests).toHaveLength(0);
		});

		it('what the editor was given for a function runs it with its parameters in their places', async () => {
			const project = add({ files: [code('function join(first, { sep } = {}, ...rest) { return [first, ...rest].join(sep); }')] });
			const chosen = { script: locator('list', project.scriptId), deployment: locator('list', 'auto'), function: locator('list', 'join') };
			const { fields } = await map(chosen);
			const value = { '...rest': '={{ ["b", "c"] }}', first: 'a', param2: '={{ ({ sep: "-" }) }}' };
			const parameters = { mappingMode: 'defineBelow', schema: fields, value } as unknown as INodeParameters;
			const result = await bench.run('join', [{}], { ...chosen, parametersFrom: 'mapping', parameters });
			expect(result.outputs[0]?.[0]?.json).toEqual({ result: 'a-b-c' });
		});
	});

	describe('subtitle', () => {
		it.each<[string, INodeParameters, string]>([
			['chosen from lists', { script: { ...locator('list', 'id'), cachedResultName: 'Orders' }, function: { ...locator('list', 'addRow'), cachedResultName: 'addRow(order)' } }, 'addRow · Orders'],
			['by address and name', { script: locator('url', 'https://script.google.com/d/abc/edit'), function: locator('name', 'addRow') }, 'addRow'],
			['by ID', { script: locator('id', 'abc'), function: locator('name', 'Lib.addRow') }, 'Lib.addRow'],
			['nothing chosen yet', { script: locator('list', ''), function: locator('list', '') }, ''],
			['no parameters at all', {}, ''],
			['a check', { operation: 'checkSetup', script: { ...locator('list', 'id'), cachedResultName: 'Orders' }, function: locator('list', '') }, 'Check setup · Orders'],
			['an expression', { function: locator('name', '={{ $json.name }}'), script: locator('id', '={{ $json.id }}') }, '{{ $json.name }}'],
		])('%s', async (_what, parameters, expected) => {
			expect(await subtitleOf(new AppsScriptRun(), parameters)).toBe(expected);
		});
	});
});
