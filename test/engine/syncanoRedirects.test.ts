import type { IncomingMessage } from 'node:http';

import { jsonOf, pairsOf, startBench, startStandIn, type StandIn, type SyncanoBench } from './syncanoBench';

const byOutcome = { routing: 'byOutcome' } as const;

/** A proxy that leads to another scheme or host answers in place of the script: nothing ran, and it is no custom reply. */
describe('an endpoint that is led to its own path elsewhere', () => {
	let bench: SyncanoBench;
	let proxy: StandIn;
	let answer: { status: number; location: (request: IncomingMessage) => string; type?: string; body?: string };
	beforeAll(async () => {
		bench = await startBench();
		proxy = await startStandIn((request, response) => {
			const { status, location, type, body } = answer;
			response.writeHead(status, { location: location(request), ...(type === undefined ? {} : { 'content-type': type }) }).end(body);
		});
		bench.engine.saveCredential('syncano', { name: 'Syncano', type: 'syncanoApi', data: { baseUrl: proxy.address, accountKey: bench.emulator.syncano.accountKey, instanceName: 'mine' } });
	});
	beforeEach(() => proxy.requests.splice(0));
	afterAll(async () => {
		await proxy.stop();
		await bench.stop();
	});

	const pathOf = ({ url = '' }: IncomingMessage) => url;
	const toHttps = (request: IncomingMessage) => `https://${request.headers.host ?? ''}${pathOf(request)}`;
	const toAnotherHost = (request: IncomingMessage) => `https://elsewhere.invalid${pathOf(request)}`;
	const toItself = (request: IncomingMessage) => pathOf(request);
	const run = (more = {}) => bench.endpoint('echo', [{ a: 1 }, { a: 2 }], { ...byOutcome, ...more });
	const failed = (status: number, hint: RegExp) => ({ outcome: 'notFinished', error: { reason: 'badAnswer', httpStatus: status, mayHaveRun: true, hint: expect.stringMatching(hint) as unknown } });

	test.each([301, 302, 307, 308])('HTTP status %i to https is no success', async (status) => {
		answer = { status, location: toHttps };
		const result = await run();
		expect(pairsOf(result.outputs)).toEqual([[], [], [0, 1], []]);
		expect(jsonOf(result.outputs)[2]).toMatchObject([failed(status, /https.*Base URL/), failed(status, /https.*Base URL/)]);
		// Not followed, not repeated.
		expect(proxy.requests).toHaveLength(2);
	});

	test.each<[string, typeof answer, object]>([
		['to another host', { status: 308, location: toAnotherHost }, {}],
		['with a word as text', { status: 301, location: toHttps, type: 'text/plain', body: 'Moved Permanently' }, {}],
		['with JSON', { status: 307, location: toHttps, type: 'application/json', body: '{"moved":true}' }, {}],
		['to the same address, as with a cookie to come back with', { status: 302, location: toItself }, {}],
		['of a GET, its query kept', { status: 301, location: toHttps }, { method: 'GET' }],
		['of a GET, its query lost', { status: 301, location: (request) => toHttps(request).replace(/\?.*/, '') }, { method: 'GET' }],
	])('%s', async (_what, given, parameters) => {
		answer = given;
		expect(pairsOf((await run(parameters)).outputs)).toEqual([[], [], [0, 1], []]);
	});

	test('a public link: the hint is about the link', async () => {
		answer = { status: 301, location: toHttps };
		const publicUrl = bench.publicLink('echo').replace(bench.emulator.address, proxy.address);
		const result = await bench.run({ resource: 'scriptEndpoint', operation: 'runPublic', publicUrl, payloadFrom: 'none', ...byOutcome });
		expect(jsonOf(result.outputs)[2]).toMatchObject([failed(301, /https.*Public Link/)]);
	});

	test.each<[string, typeof answer]>([
		['to another path', { status: 302, location: () => 'https://elsewhere.invalid/thanks' }],
		['to another path of the same host', { status: 302, location: () => '/thanks' }],
		['to what is no address', { status: 302, location: () => 'http://[' }],
		['after a form was sent', { status: 303, location: toItself }],
	])("a script's own redirect stays its reply: %s", async (_what, given) => {
		answer = given;
		const result = await run();
		expect(pairsOf(result.outputs)).toEqual([[0, 1], [], [], []]);
		expect(jsonOf(result.outputs)[0]).toMatchObject([{ result: { status: given.status, content: '' } }, { result: { status: given.status } }]);
		expect(proxy.requests).toHaveLength(2);
	});
});
