import type { IDataObject } from 'n8n-workflow';

import { jsonOf, locator, startBench, startStandIn, type StandIn, type SyncanoBench } from './syncanoBench';

const json = (value: unknown) => ({ payloadFrom: 'json', payloadJson: JSON.stringify(value) });
const fields = (...field: Array<{ name: string; value: string }>) => ({ payloadFrom: 'fields', payloadFields: { field } });

describe('on the wire', () => {
	let bench: SyncanoBench;
	beforeAll(async () => {
		bench = await startBench();
	});
	beforeEach(() => bench.emulator.journal.clear());
	afterAll(() => bench.stop());

	const lastCall = () => {
		const request = bench.sent('/run/')[0] ?? bench.sent('/p/')[0];
		return { method: request?.method, url: request?.url, body: request?.body, key: request?.headers['x-api-key'], type: request?.headers['content-type'] };
	};
	const key = () => bench.emulator.syncano.accountKey;
	const at = (path: string) => `/v1.1/instances/mine/${path}`;

	// The five forms of the service's documentation, with its headers.
	test('a script: the payload is wrapped', async () => {
		await bench.script('echo', [{}], fields({ name: 'KEY', value: 'VALUE' }));
		expect(lastCall()).toEqual({ method: 'POST', url: at('snippets/scripts/1/run/'), body: '{"payload":{"KEY":"VALUE"}}', key: key(), type: 'application/json' });
	});

	test('an endpoint by GET: the payload is the query', async () => {
		await bench.endpoint('echo', [{}], { method: 'GET', ...fields({ name: 'monster', value: 'Manticore' }) });
		expect(lastCall()).toEqual({ method: 'GET', url: at('endpoints/scripts/echo/run/?monster=Manticore'), body: '', key: key(), type: 'application/json' });
	});

	test('an endpoint by POST: the payload is flat', async () => {
		await bench.endpoint('echo', [{}], fields({ name: 'monster', value: 'Manticore' }));
		expect(lastCall()).toEqual({ method: 'POST', url: at('endpoints/scripts/echo/run/'), body: '{"monster":"Manticore"}', key: key(), type: 'application/json' });
	});

	test('an endpoint by GET with ?payload={…}', async () => {
		const result = await bench.endpoint('echo', [{}], { method: 'GET', ...json({ payload: { a: 1 } }) });
		expect(lastCall()).toEqual({ method: 'GET', url: at('endpoints/scripts/echo/run/?payload=%7B%22a%22%3A1%7D'), body: '', key: key(), type: 'application/json' });
		expect(jsonOf(result.outputs)[0]).toEqual([{ result: { stdout: { payload: '{"a":1}' }, stderr: '' } }]);
	});

	test.each(['GET', 'POST'])('the public link by %s, without a key and without a credential', async (method) => {
		const link = bench.publicLink('echo');
		const result = await bench.run({ resource: 'scriptEndpoint', operation: 'runPublic', publicUrl: link, method, payloadFrom: 'item' }, [{ a: 'b' }], { credentials: {} });
		expect(lastCall()).toEqual({
			method,
			url: `${new URL(link).pathname}${method === 'GET' ? '?a=b' : ''}`,
			body: method === 'GET' ? '' : '{"a":"b"}',
			key: undefined,
			type: 'application/json',
		});
		expect(Object.keys(bench.sent('/p/')[0]?.headers ?? {})).not.toContain('authorization');
		expect(jsonOf(result.outputs)[0]).toEqual([{ result: { stdout: { a: 'b' }, stderr: '' } }]);
	});

	test('the public link with Send Key', async () => {
		await bench.run({ resource: 'scriptEndpoint', operation: 'runPublic', publicUrl: bench.publicLink('echo'), sendKey: true, payloadFrom: 'none' });
		expect(lastCall().key).toBe(key());
	});

	test('a public link without its last slash and with a query of its own', async () => {
		const link = new URL(bench.publicLink('echo'));
		await bench.run({ resource: 'scriptEndpoint', operation: 'runPublic', publicUrl: `${link.href.slice(0, -1)}?a=1`, method: 'GET', ...json({ b: [2], c: null, d: 'x&y' }) });
		expect(lastCall().url).toBe(`${link.pathname}?a=1&b=%5B2%5D&c=&d=x%26y`);
	});

	test.each([
		['JSON text', json({ a: [1, { b: null }] }), { a: [1, { b: null }] }],
		['an array', json([1, 2]), [1, 2]],
		['an object from an expression', { payloadFrom: 'json', payloadJson: '={{ ({ n: $json.n }) }}' }, { n: 5 }],
		['a text with JSON in it, which the server parses', { payloadFrom: 'json', payloadJson: '"{\\"KEY\\":\\"VALUE\\"}"' }, '{"KEY":"VALUE"}'],
		['fields keep the types of their expressions', fields({ name: 'n', value: '={{ $json.n }}' }, { name: 'd', value: '={{ DateTime.fromMillis(0).toUTC() }}' }), { n: 5, d: '1970-01-01T00:00:00.000Z' }],
		['the whole item', { payloadFrom: 'item' }, { n: 5 }],
		['a payload wrapped by hand', json({ payload: { a: 1 } }), { payload: { a: 1 } }],
	])('payload of a script: %s', async (_what, parameters, payload) => {
		const result = await bench.script('echo', [{ n: 5 }], parameters);
		expect(JSON.parse(lastCall().body ?? '')).toEqual({ payload });
		expect(result.status).toBe('success');
	});

	test.each([
		['none', { payloadFrom: 'none' }],
		['no fields', { payloadFrom: 'fields' }],
		['empty JSON', { payloadFrom: 'json', payloadJson: '' }],
	])('payload of a script: %s', async (_what, parameters) => {
		const result = await bench.script('echo', [{ n: 5 }], parameters);
		expect(lastCall().body).toBe('');
		expect(jsonOf(result.outputs)[0]).toEqual([{ result: { stdout: {}, stderr: '' } }]);
	});

	test.each([
		['a number', json(42), /a number; Syncano takes an object/],
		['null', json(null), /null; Syncano takes an object/],
		['a text', json('x'), /a string; Syncano takes an object/],
		['no JSON', { payloadFrom: 'json', payloadJson: '{a}' }, /not valid JSON/],
		['an expression that comes to nothing', { payloadFrom: 'json', payloadJson: '={{ $json.gone }}' }, /came to nothing/],
		['NaN', { payloadFrom: 'json', payloadJson: '={{ ({ a: [0 / 0] }) }}' }, /a\[0\] is NaN|a\[0\], is NaN/],
		['a field without a name', fields({ name: ' ', value: '1' }), /no name/],
		['two fields of one name', fields({ name: 'a', value: '1' }, { name: 'a', value: '2' }), /two fields called "a"/],
		['a script that is no number', { scriptId: locator('id', 'seven') }, /not a whole number/],
		['a script that comes to nothing', { scriptId: locator('id', '={{ "" }}') }, /Script is empty/],
		['an instance with a slash', { instance: locator('name', '../other') }, /not a name/],
		['a Wait Limit of nothing', { options: { waitLimit: 0 } }, /Wait Limit has to be/],
		['a custom API call', { operation: '__CUSTOM_API_CALL__' }, /no custom API calls/],
	])('bad input of a script is refused before any request: %s', async (_what, parameters, message) => {
		const result = await bench.script('echo', [{}, {}], { ...parameters, routing: 'byOutcome' });
		expect(jsonOf(result.outputs).map((items) => items.length)).toEqual([0, 0, 0, 2]);
		expect(jsonOf(result.outputs)[3]?.[0]).toMatchObject({ error: { reason: 'invalidInput', mayHaveRun: false, hint: expect.any(String) as unknown } });
		expect((jsonOf(result.outputs)[3]?.[0]?.error as IDataObject).message).toMatch(message);
		expect(bench.emulator.journal.requests).toHaveLength(0);
	});

	test.each([
		['an endpoint with a blank', { endpoint: locator('name', 'my endpoint') }, 'invalidInput', /not a name/],
		['an array by GET', { method: 'GET', ...json([1]) }, 'invalidInput', /keys of an object/],
		['more than GET carries', { method: 'GET', ...json({ a: 'x'.repeat(8_000) }) }, 'tooLarge', /more than the 8192/],
		['more than POST carries', { payloadFrom: 'json', payloadJson: '={{ ({ a: "ü".repeat(262144) }) }}' }, 'tooLarge', /at most 524288/],
		['a public link that is none', { operation: 'runPublic', publicUrl: 'ftp://x/' }, 'invalidInput', /not an address/],
		['a key for another server', { operation: 'runPublic', publicUrl: 'http://127.0.0.1:9/p/x/', sendKey: true }, 'invalidInput', /not the server of the credential/],
	])('bad input of an endpoint is refused before any request: %s', async (_what, parameters, reason, message) => {
		const result = await bench.endpoint('echo', [{}], { ...parameters, routing: 'byOutcome' });
		const [failed] = jsonOf(result.outputs)[3] ?? [];
		expect(failed).toMatchObject({ error: { reason, mayHaveRun: false } });
		expect((failed?.error as IDataObject).message).toMatch(message);
		expect(bench.emulator.journal.requests).toHaveLength(0);
	});

	test('as much as GET carries is still taken by the server, and one byte more than POST carries is not', async () => {
		const result = await bench.endpoint('print', [{}], { method: 'GET', ...json({ text: 'x'.repeat(7_400) }) });
		expect(jsonOf(result.outputs)[0]).toEqual([{ result: { stdout: 'x'.repeat(7_400), stderr: '' } }]);
		const full = 'x'.repeat(524_288 - '{"text":""}'.length);
		const most = await bench.endpoint('print', [{ text: full }]);
		expect(most.status).toBe('success');
		expect(bench.sent('print/run/')[1]?.body).toHaveLength(524_288);
		const more = await bench.endpoint('print', [{ text: `${full}x` }]);
		expect(more.error?.message).toMatch(/524289 bytes/);
		expect(bench.sent('print/run/')).toHaveLength(2);
	});

	test.each([
		['a script', 'script', json({ payload: { a: 1 } }), /puts it under "payload" by itself/],
		['an endpoint', 'endpoint', json({ payload: { a: 1 } }), /takes its values directly/],
		['an array for an endpoint', 'endpoint', json([1]), /keys of an object only/],
	] as const)('what is sent as it is but probably not meant so is explained: %s', async (_what, kind, parameters, message) => {
		const { hints, status } = await bench[kind]('echo', [{}, {}], parameters);
		expect(status).toBe('success');
		expect(hints.map((hint) => hint.message)).toEqual([expect.stringMatching(message)]);
	});
});

describe('the address and the key of the credential', () => {
	let bench: SyncanoBench;
	const standIns: StandIn[] = [];
	beforeAll(async () => {
		bench = await startBench();
	});
	afterAll(async () => {
		await Promise.all(standIns.map((standIn) => standIn.stop()));
		await bench.stop();
	});
	const save = (data: IDataObject) => {
		const { syncano } = bench.emulator;
		bench.engine.saveCredential('syncano', { name: 'Syncano', type: 'syncanoApi', data: { baseUrl: bench.emulator.address, accountKey: syncano.accountKey, instanceName: 'mine', ...data } as Record<string, string> });
	};
	beforeEach(() => {
		bench.emulator.journal.clear();
		save({});
	});
	const standIn = async (...answer: Parameters<typeof startStandIn>): Promise<StandIn> => {
		const started = await startStandIn(...answer);
		standIns.push(started);
		return started;
	};

	test.each(['/', '//', '/v1.1', '/v1.1/'])('a Base URL that ends with %s', async (ending) => {
		save({ baseUrl: ` ${bench.emulator.address}${ending} ` });
		expect((await bench.script('echo', [{ a: 1 }])).status).toBe('success');
		expect(bench.sent()[0]?.url).toBe('/v1.1/instances/mine/snippets/scripts/1/run/');
		expect(await bench.engine.testCredential('syncano')).toMatchObject({ status: 'OK' });
	});

	test('a Base URL with a path before the API, whose lists know nothing of it', async () => {
		const page = (id: number, next: string | null) => JSON.stringify({ next, prev: null, objects: [{ id, status: 'success', executed_at: null, duration: 1, result: {} }] });
		const proxy = await standIn((request, response) => {
			response.setHeader('content-type', 'application/json');
			response.end(request.url?.includes('last_pk') ? page(1, null) : page(2, '/v1.1/instances/mine/snippets/scripts/1/traces/?direction=1&last_pk=2'));
		});
		save({ baseUrl: `${proxy.address}/syncano/` });
		const result = await bench.run({ resource: 'trace', operation: 'getAll', scriptId: locator('id', 1), returnAll: true });
		expect(jsonOf(result.outputs)[0]?.map(({ id }) => id)).toEqual([2, 1]);
		expect(proxy.requests.map(({ url }) => url)).toEqual([
			'/syncano/v1.1/instances/mine/snippets/scripts/1/traces/?page_size=100',
			'/syncano/v1.1/instances/mine/snippets/scripts/1/traces/?direction=1&last_pk=2',
		]);
	});

	test("the node's instance goes before the credential's", async () => {
		bench.emulator.syncano.addInstance({ name: 'other' });
		bench.emulator.syncano.addScript({ instance: 'other', id: 1, label: 'x', runtime_name: 'nodejs_v6', source: '', native: { run: () => 'other', duration: 0 } });
		const result = await bench.script('echo', [{}], { instance: locator('list', 'other') });
		expect(jsonOf(result.outputs)[0]).toEqual([{ result: { stdout: 'other', stderr: '' } }]);
	});

	test('a redirect is not followed, neither by a run nor by the Test button', async () => {
		const other = await standIn((_request, response) => void response.end('{}'));
		const first = await standIn((request, response) => void response.writeHead(307, { location: `${other.address}${request.url ?? ''}` }).end());
		save({ baseUrl: first.address });
		const result = await bench.script('echo', [{}], { routing: 'byOutcome' });
		expect(jsonOf(result.outputs)[2]).toMatchObject([{ error: { reason: 'badAnswer', httpStatus: 307, hint: expect.stringMatching(/leads elsewhere/) as unknown } }]);
		expect((await bench.engine.testCredential('syncano')).status).toBe('Error');
		expect(first.requests).toHaveLength(2);
		expect(other.requests).toHaveLength(0);
	});

	test.each(['syncanoHostileNextLink', 'syncanoHostileNextLinkWithoutScheme'])('%s: the next page is asked of the credential’s own server', async (fault) => {
		const other = await standIn((_request, response) => void response.end('{"next":null,"objects":[]}'));
		for (let run = 0; run < 3; run += 1) await bench.script('echo');
		bench.emulator.faults.add({ fault, parameters: { host: new URL(other.address).host } });
		const traces = { resource: 'trace', operation: 'getAll', scriptId: locator('id', 1), returnAll: true };
		const result = await bench.run(traces);
		bench.emulator.faults.clear();
		expect(jsonOf(result.outputs)[0]?.length).toBeGreaterThanOrEqual(3);
		expect(new Set(jsonOf(result.outputs)[0]?.map(({ id }) => id)).size).toBe(jsonOf(result.outputs)[0]?.length);
		expect(other.requests).toHaveLength(0);
	});

	test('the Test button says what is wrong', async () => {
		await expect(bench.engine.testCredential('syncano')).resolves.toMatchObject({ status: 'OK' });
		save({ instanceName: '' });
		await expect(bench.engine.testCredential('syncano')).resolves.toMatchObject({ status: 'OK' });
		save({ accountKey: '0'.repeat(40) });
		await expect(bench.engine.testCredential('syncano')).resolves.toEqual({ status: 'Error', message: expect.stringMatching(/refused the key/) as unknown });
		save({ instanceName: 'nowhere' });
		await expect(bench.engine.testCredential('syncano')).resolves.toEqual({ status: 'Error', message: expect.stringMatching(/no instance of this name/) as unknown });
	});

	test('a key that belongs to an instance is named as the reason, and the next items are not sent', async () => {
		save({ accountKey: bench.emulator.syncano.instance('mine').instanceKey });
		const refused = await bench.script('echo', [{}], { routing: 'byOutcome' });
		expect(jsonOf(refused.outputs)[3]).toMatchObject([{ error: { reason: 'forbidden', hint: expect.stringMatching(/API key of an instance/) as unknown } }]);
		save({ accountKey: '0'.repeat(40) });
		bench.emulator.journal.clear();
		const unknown = await bench.script('echo', [{}, {}, {}], { routing: 'byOutcome' });
		expect(jsonOf(unknown.outputs)[3]).toMatchObject([{ error: { reason: 'unauthorized' } }, { error: { reason: 'notStarted' } }, { error: { reason: 'notStarted' } }]);
		expect(bench.sent()).toHaveLength(1);
	});

	test.each([
		['no credential', { credentials: {} }, {}, /no usable credential/],
		['a Base URL that is none', {}, { baseUrl: 'api.syncano.io' }, /Base URL in the credential is not/],
	])('%s: every item leaves as a request error, without a request', async (_what, node, data, message) => {
		save(data);
		const result = await bench.script('echo', [{}, {}], { routing: 'byOutcome' }, node);
		expect(jsonOf(result.outputs)[3]).toMatchObject([{ error: { reason: 'notConnected' } }, { error: { reason: 'notConnected' } }]);
		expect((jsonOf(result.outputs)[3]?.[0]?.error as IDataObject).message).toMatch(message);
		expect(bench.sent()).toHaveLength(0);
	});
});
