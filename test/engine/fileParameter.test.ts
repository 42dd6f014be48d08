import type { IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';

import { jsonOf, pairsOf, startBench, type AppsScriptBench } from './appsScriptBench';

/** The file of *Binary Field* among the parameters of a function, `save(order, note, file)` for one, and in the entries of a batch. */
describe('Binary Field', () => {
	let bench: AppsScriptBench;
	beforeAll(async () => {
		bench = await startBench();
	});
	beforeEach(() => bench.emulator.journal.clear());
	afterAll(() => bench.stop());

	const FILE = { fileName: 'a.txt', mimeType: 'text/plain', base64: Buffer.from('hello').toString('base64') };
	const withFile = (json: IDataObject): INodeExecutionData => ({ json, binary: { data: { data: FILE.base64, mimeType: FILE.mimeType, fileName: FILE.fileName } } });
	const field = (id: string, more: IDataObject = {}): IDataObject => ({ id, displayName: id, required: false, defaultMatch: false, display: true, ...more });
	const mapping = (mapper: IDataObject): INodeParameters => ({ parametersFrom: 'mapping', parameters: { mappingMode: 'defineBelow', ...mapper } as INodeParameters, options: { binaryField: 'data' } });
	const byName = (schema: IDataObject[]): INodeParameters => mapping({ mappingMode: 'autoMapInputData', schema, value: null });
	const sent = () => bench.emulator.journal.requests.filter(({ url }) => url.includes(':run'));

	const save = [field('order'), field('note'), field('file')];
	const filled = { order: '={{ $json.order }}', note: '={{ $json.note }}' };
	const items = [{ order: 7, note: 'x' }, { order: 7, note: null }, { order: 7 }];
	const [withNote, without] = [
		[7, 'x', FILE],
		[7, null, FILE],
	];

	describe('has one place, whatever the data of an item is', () => {
		it.each<[string, INodeParameters, unknown[]]>([
			['the last field, where it is left empty', mapping({ schema: save, value: { ...filled, file: '' } }), [withNote, without, without]],
			['the last field, where it is null', mapping({ schema: save, value: { ...filled, file: null } }), [withNote, without, without]],
			['the last field, where it was never filled in', mapping({ schema: save, value: filled }), [withNote, without, without]],
			['the last field, where it was taken out of the form', mapping({ schema: [...save.slice(0, 2), field('file', { removed: true })], value: { ...filled, file: 'old' } }), [withNote, without, without]],
			['behind a last field that is mapped, also where that comes to nothing', mapping({ schema: save.slice(0, 2), value: filled }), [withNote, without, without]],
			['behind a field that is mapped to a text', mapping({ schema: save.slice(0, 2), value: { order: 1, note: 'fixed' } }), [[1, 'fixed', FILE], [1, 'fixed', FILE], [1, 'fixed', FILE]]],
			['the only field', mapping({ schema: save.slice(2), value: {} }), [[FILE], [FILE], [FILE]]],
			['behind nothing, where the function is not known to take anything', mapping({ schema: [], value: null }), [[FILE], [FILE], [FILE]]],
			['the first element of a rest parameter that is left empty', mapping({ schema: [...save.slice(0, 2), field('...files', { type: 'array' })], value: filled }), [withNote, without, without]],
			[
				'the last element of a rest parameter that is mapped',
				mapping({ schema: [field('order'), field('...more', { type: 'array' })], value: { order: 1, '...more': '={{ $json.note ? [$json.note] : [] }}' } }),
				[[1, 'x', FILE], [1, FILE], [1, FILE]],
			],
			['behind the values of a workflow that was written by hand', mapping({ schema: [], value: filled }), [withNote, without, without]],
			['the last field, where the fields are filled by the names of the item', byName(save), [withNote, without, without]],
			['the last element of a rest parameter that is filled by its name', byName([...save.slice(0, 2), field('...files', { type: 'array' })]), [withNote, without, without]],
		])('%s', async (_what, parameters, expected) => {
			const result = await bench.run('echo', items.map(withFile), parameters);
			expect(jsonOf(result.outputs)[0]).toEqual(expected.map((list) => ({ result: list })));
		});

		it('behind a JSON array and behind the whole item', async () => {
			const options = { binaryField: 'data' };
			const json = await bench.run('echo', [withFile({ n: 1 })], { parametersFrom: 'json', parametersJson: '={{ [$json.n, null] }}', options });
			expect(jsonOf(json.outputs)[0]).toEqual([{ result: [1, null, FILE] }]);
			const item = await bench.run('echo', [withFile({ data: 1 })], { parametersFrom: 'item', options });
			expect(jsonOf(item.outputs)[0]).toEqual([{ result: [{ data: 1 }, FILE] }]);
		});
	});

	it('does not push out a field of the item that goes to the same parameter: such an item is refused', async () => {
		const result = await bench.run('echo', [{ file: 'mine' }, { file: '' }, {}].map((json) => withFile({ order: 1, ...json })), { ...byName(save), routing: 'byOutcome' });
		expect(pairsOf(result.outputs)).toEqual([[1, 2], [], [], [0]]);
		expect(jsonOf(result.outputs)[0]).toEqual([{ result: [1, null, FILE] }, { result: [1, null, FILE] }]);
		expect(jsonOf(result.outputs)[3]).toMatchObject([{ error: { reason: 'invalidInput', message: expect.stringMatching(/"file"/) as unknown, hint: expect.stringMatching(/rename/i) as unknown, mayHaveRun: false } }]);
		expect(sent()).toHaveLength(2);
	});

	describe('in a batch', () => {
		const batch = { runMode: 'batch', routing: 'byOutcome', options: { binaryField: 'data' } };

		it.each<[string, INodeParameters]>([
			['the whole item', { parametersFrom: 'item' }],
			['JSON', { parametersFrom: 'json', parametersJson: '={{ $json }}' }],
			['fields', mapping({ schema: [field('n'), field('data')], value: { n: '={{ $json.n }}', data: '={{ $json.data }}' } })],
			['fields by name', byName([field('n'), field('data')])],
		])('a field of the entry of the same name is not overwritten, but refused: %s', async (_what, parameters) => {
			const given = [{ n: 1 }, { n: 2, data: 'mine' }, { n: 3, data: '' }, { n: 4, data: null }].map(withFile);
			const result = await bench.run('give', given, { ...parameters, ...batch });
			expect(pairsOf(result.outputs)).toEqual([[0, 2, 3], [], [], [1]]);
			expect(jsonOf(result.outputs)[0]).toEqual([1, 3, 4].map((n) => ({ result: { n, data: FILE } })));
			expect(jsonOf(result.outputs)[3]).toMatchObject([{ error: { reason: 'invalidInput', message: expect.stringMatching(/"data"/) as unknown, hint: expect.stringMatching(/rename/i) as unknown, mayHaveRun: false } }]);
			expect(sent()).toHaveLength(1);
		});

		it('a field that is left empty is none', async () => {
			const parameters = mapping({ schema: [field('n'), field('data')], value: { n: 1, data: '' } });
			const result = await bench.run('give', [withFile({ data: 'not mapped' })], { ...parameters, ...batch });
			expect(jsonOf(result.outputs)[0]).toEqual([{ result: { n: 1, data: FILE } }]);
		});

		it('the file has its own name in the entry, so a parameter keeps its value', async () => {
			const result = await bench.run('give', [withFile({ order: 1, file: 'mine' })], { ...byName(save), ...batch });
			expect(jsonOf(result.outputs)[0]).toEqual([{ result: { order: 1, file: 'mine', data: FILE } }]);
		});
	});

	it('what every object has is no file', async () => {
		const result = await bench.run('echo', [withFile({})], { options: { binaryField: 'constructor' }, routing: 'byOutcome' });
		expect(jsonOf(result.outputs)[3]).toMatchObject([{ error: { message: 'The item has no file in the binary field "constructor"' } }]);
	});
});

describe('parameters with names that every object knows', () => {
	let bench: AppsScriptBench;
	beforeAll(async () => {
		bench = await startBench();
	});
	afterAll(() => bench.stop());

	const schema = ['a', 'toString', 'constructor', '__proto__', 'z'].map((id) => ({ id, displayName: id, required: false, defaultMatch: false, display: true }));

	it.each<[string, IDataObject]>([
		['by the names of the item', { mappingMode: 'autoMapInputData', schema, value: null }],
		['in fields that were never filled in', { mappingMode: 'defineBelow', schema, value: { a: 1, z: 2 } }],
	])('are missing where nothing was given: %s', async (_what, parameters) => {
		const result = await bench.run('echo', [{ a: 1, z: 2 }], { parametersFrom: 'mapping', parameters: parameters as INodeParameters, routing: 'byOutcome' });
		expect(jsonOf(result.outputs)[0]).toEqual([{ result: [1, null, null, null, 2] }]);
	});
});
