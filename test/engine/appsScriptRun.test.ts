import type { IDataObject } from 'n8n-workflow';

import { jsonOf, locator, pairsOf, startBench, type AppsScriptBench } from './appsScriptBench';

const numbers = (count: number): IDataObject[] => Array.from({ length: count }, (_, n) => ({ n }));
const json = (text: string) => ({ parametersFrom: 'json', parametersJson: text });

describe('Apps Script Run, through n8n-core', () => {
	let bench: AppsScriptBench;
	beforeEach(async () => {
		bench = await startBench();
	});
	afterEach(() => bench.stop());

	const sent = () => bench.emulator.journal.requests.filter(({ url }) => url.includes(':run'));

	it('keeps order and pairs, and routes each failure beside its input', async () => {
		const result = await bench.run('choosy', numbers(6), { ...json('={{ [$json.n] }}'), routing: 'byOutcome' });
		expect(jsonOf(result.outputs)[0]).toEqual([{ result: 0 }, { result: 20 }, { result: 40 }]);
		expect(pairsOf(result.outputs)).toEqual([[0, 2, 4], [1, 3, 5], [], []]);
		expect(jsonOf(result.outputs)[1]?.map(({ n }) => n)).toEqual([1, 3, 5]);
	});

	it('sends the ExecutionRequest and the query parameters as the API names them', async () => {
		await bench.run('echo', [{ a: 1 }], {
			...json('[1, "two", null, { "three": [3] }]'),
			options: { devMode: true, sessionState: 'state', quotaUser: 'user 7', prettyPrint: false, errorFormat: '1', apiKey: 'AIza-test', fields: 'response/result' },
		});
		const [request] = sent();
		const url = new URL(request?.url ?? '', bench.emulator.address);
		expect(url.pathname).toBe(`/v1/scripts/${bench.deploymentId}:run`);
		expect(Object.fromEntries(url.searchParams)).toEqual({ fields: 'done,error,response/result', quotaUser: 'user 7', prettyPrint: 'false', '$.xgafv': '1' });
		expect(JSON.parse(request?.body ?? '')).toEqual({ function: 'echo', parameters: [1, 'two', null, { three: [3] }], devMode: true, sessionState: 'state' });
		expect(request?.headers['x-goog-api-key']).toBe('AIza-test');
		expect(request?.headers.authorization).toMatch(/^Bearer ya29\./);
	});

	it.each([
		['a single value is the only parameter', json('7'), [7]],
		['text that is no array is the only parameter', json('"x"'), ['x']],
		['empty JSON is no parameter', json(''), []],
		['an array from an expression is taken as it is', json('={{ [$json.n, [1]] }}'), [5, [1]]],
		['an object from an expression is taken as it is', json('={{ ({ a: $json.n }) }}'), [{ a: 5 }]],
		['a date becomes its ISO text', json('={{ [new Date(0), DateTime.fromMillis(0).toUTC()] }}'), ['1970-01-01T00:00:00.000Z', '1970-01-01T00:00:00.000Z']],
		['the whole item', { parametersFrom: 'item' }, [{ n: 5 }]],
		['none', { parametersFrom: 'none' }, []],
	])('parameters: %s', async (_what, parameters, expected) => {
		const result = await bench.run('echo', [{ n: 5 }], parameters);
		expect(jsonOf(result.outputs)[0]).toEqual([{ result: expected }]);
	});

	it.each([
		['an ID with a blank', { deployment: locator('id', 'AKfycb x') }, /space or a slash/],
		['an ID with a slash', { deployment: locator('id', 'AKfycb/../x') }, /space or a slash/],
		['a function with parentheses', { function: locator('name', 'addRow(1)') }, /parentheses/],
		['a function that is no name', { function: locator('name', 'add row') }, /not a name/],
		['no function', { function: locator('name', '={{ "" }}') }, /Function is empty/],
		['a quota user of 41 characters', { options: { quotaUser: 'x'.repeat(41) } }, /41 characters/],
		['JSON that is none', json('[1,'), /not valid JSON/],
		['NaN, with its place', json('={{ [1, { a: [0 / 0] }] }}'), /\[1\]\.a\[0\], is NaN/],
		['a cycle', json('={{ (() => { const a = { b: 1 }; a.self = a; return [a]; })() }}'), /refers to itself/],
		['a function among the values', json('={{ [() => 1] }}'), /a function/],
		['an expression that throws', json('={{ $("Nowhere").item.json.n }}'), /Referenced node/],
		['an expression that comes to nothing', json('={{ $json.missing }}'), /came to nothing/],
		['a file that the item does not have', { options: { binaryField: 'data' } }, /no file in the binary field "data"/],
		['Result Field "error"', { options: { resultField: 'error' } }, /cannot be "error"/],
		['a negative timeout', { options: { timeout: -1 } }, /Timeout has to be/],
		['retries that are no number', { options: { maxRetries: '=many' } }, /Max Retries has to be/],
		['an automatic deployment without a script', { deployment: locator('list', 'auto') }, /Script is empty/],
	])('bad input is refused before any request: %s', async (_what, parameters, message) => {
		const result = await bench.run('echo', [{}, {}], { ...parameters, routing: 'byOutcome' });
		expect(result.outputs.map((items) => items.length)).toEqual([0, 0, 0, 2]);
		expect(jsonOf(result.outputs)[3]?.[0]).toMatchObject({ outcome: 'requestError', error: { reason: 'invalidInput', mayHaveRun: false, hint: expect.any(String) as unknown } });
		expect((jsonOf(result.outputs)[3]?.[0]?.error as IDataObject).message).toMatch(message);
		expect(bench.emulator.journal.requests).toHaveLength(0);
	});

	it('a time-out of more milliseconds than a timer of Node.js counts is a long one', async () => {
		const result = await bench.run('slow', [{}], { ...json('[200]'), options: { timeout: 3_600_000 }, routing: 'byOutcome' });
		expect(jsonOf(result.outputs)[0]).toEqual([{ result: 200 }]);
	});

	it('one item with bad input leaves the others alone', async () => {
		const result = await bench.run('give', numbers(3), { ...json('={{ $json.n === 1 ? [0 / 0] : [$json.n] }}'), routing: 'byOutcome' });
		expect(pairsOf(result.outputs)).toEqual([[0, 2], [], [], [1]]);
		expect(sent()).toHaveLength(2);
	});

	it('finds the newest versioned API executable of a script, by its address, once', async () => {
		const address = `https://script.google.com/home/projects/${bench.scriptId}/edit`;
		const result = await bench.run('add', numbers(3), { ...json('={{ [$json.n, 1] }}'), script: locator('url', address), deployment: locator('list', 'auto'), output: 'record' });
		expect(jsonOf(result.outputs)[0]?.map(({ result: sum }) => sum)).toEqual([1, 2, 3]);
		expect((jsonOf(result.outputs)[0]?.[0]?.run as IDataObject).script).toBe(bench.deploymentId);
		expect(bench.emulator.journal.requests.filter(({ url }) => url.includes('/deployments'))).toHaveLength(1);
	});

	it('an expired token in the middle of a run: one refresh, no item lost', async () => {
		const before = bench.emulator.google.counts.refreshes;
		const off = setInterval(() => {
			if (sent().length >= 4) {
				bench.emulator.google.revokeAllAccessTokens();
				clearInterval(off);
			}
		}, 1);
		const result = await bench.run('give', numbers(10), { ...json('={{ [$json.n] }}'), routing: 'byOutcome' });
		clearInterval(off);
		expect(jsonOf(result.outputs)[0]).toEqual(numbers(10).map(({ n }) => ({ result: n })));
		expect(bench.emulator.google.counts.refreshes - before).toBe(1);
	});

	it('a sign-in that a fresh token does not cure is not tried item by item', async () => {
		bench.emulator.faults.add({ fault: 'unauthenticated401', urlIncludes: ':run' });
		const result = await bench.run('give', numbers(5), { ...json('[1]'), routing: 'byOutcome' });
		const failed = jsonOf(result.outputs)[3]?.map(({ error }) => (error as IDataObject).reason);
		expect(failed).toEqual(['unauthorized', 'notStarted', 'notStarted', 'notStarted', 'notStarted']);
		expect(sent().length).toBeLessThanOrEqual(2);
	});

	it('a revoked refresh token says what to do', async () => {
		bench.emulator.google.revokeAllAccessTokens();
		bench.emulator.google.revokeAllRefreshTokens();
		const result = await bench.run('give', numbers(2), { ...json('[1]'), routing: 'byOutcome' });
		expect(jsonOf(result.outputs)[3]?.[0]).toMatchObject({ error: { reason: 'unauthorized', hint: expect.stringMatching(/connect it again.*7 days/) as unknown } });
		expect(jsonOf(result.outputs)[3]?.[1]).toMatchObject({ error: { reason: 'notStarted' } });
	});

	it('a credential that was never connected, and none at all', async () => {
		const stranger = await startBench({}, { oauthTokenData: {} });
		const unconnected = await stranger.run('give', [{}], { ...json('[1]'), routing: 'byOutcome' });
		expect(jsonOf(unconnected.outputs)[3]?.[0]).toMatchObject({ error: { reason: 'notConnected', hint: expect.stringMatching(/sign in/) as unknown } });
		const none = await bench.run('give', [{}], { ...json('[1]'), routing: 'byOutcome' }, { credentials: {} });
		expect(jsonOf(none.outputs)[3]?.[0]).toMatchObject({ error: { reason: 'notConnected' } });
		expect([...sent(), ...stranger.emulator.journal.requests]).toHaveLength(0);
		await stranger.stop();
	});

	it('Stop closes what is open, starts nothing more, and says what ran', async () => {
		const run = bench.run('slow', numbers(6), { ...json('={{ [$json.n < 2 ? 1 : 5000] }}') });
		await until(() => bench.emulator.journal.executions.length === 3);
		run.cancel();
		const result = await run;
		expect(result.status).toBe('canceled');
		expect(result.error?.message).toMatch(/canceled/);
		expect(result.error?.description).toBe('Ran: items 0–1. May have run: items 2. Never started: items 3–5. Items are counted from 0, as n8n does.');
		await until(() => sent().every(({ endedAt }) => endedAt !== undefined));
		expect(sent().map(({ closedByClient }) => closedByClient ?? false)).toEqual([false, false, true]);
		expect(sent()).toHaveLength(3);
	});

	it('the 4th of 10 items fails in stop mode: the error lists what ran and what never started', async () => {
		const result = await bench.run('give', numbers(10), { ...json('={{ $json.n === 3 ? [0 / 0] : [$json.n] }}') });
		expect(result.status).toBe('error');
		expect(result.error?.description).toContain('Ran: items 0–2. May have run: none. Never started: items 3–9.');
		expect((result.error as unknown as { context: IDataObject }).context).toMatchObject({ itemIndex: 3, outcome: 'requestError' });
		expect(sent()).toHaveLength(3);
	});

	it("a script's own words survive in the message, errno words too", async () => {
		const result = await bench.run('throwText', [{}], json('["ENOENT: no such order"]'));
		expect(result.error?.message).toContain('ENOENT: no such order');
	});

	it('a file reaches the function as base64, and stays with the item on a failed output', async () => {
		const binary = { data: { data: Buffer.from('hello').toString('base64'), mimeType: 'text/plain', fileName: 'a.txt' } };
		const parameters = { options: { binaryField: 'data' }, routing: 'byOutcome' };
		const result = await bench.run('sizeOf', [{ json: {}, binary }], parameters);
		expect(jsonOf(result.outputs)[0]).toEqual([{ result: { name: 'a.txt', type: 'text/plain', bytes: 5 } }]);
		const failed = await bench.run('hidden_', [{ json: { keep: 1 }, binary }], parameters);
		expect(failed.outputs[3]?.[0]).toMatchObject({ json: { keep: 1 }, binary });
	});

	describe('output', () => {
		it.each([
			['items', '[[1, { "a": 2 }, { "error": 3 }, null]]', [{ result: 1 }, { a: 2 }, { result: { error: 3 } }, { result: null }]],
			['items', '[{ "a": 1 }]', [{ a: 1 }]],
			['items', '[[]]', []],
			['items', '["x"]', [{ result: 'x' }]],
			['result', '[[1, 2]]', [{ result: [1, 2] }]],
		])('%s of %s', async (output, list, expected) => {
			const result = await bench.run('give', [{ n: 1 }], { ...json(list), output }, { onError: 'continueErrorOutput' });
			expect(jsonOf(result.outputs)).toEqual([expected, []]);
			expect(pairsOf(result.outputs)[0]).toEqual(expected.map(() => 0));
		});

		it('raw has the answer as it came, record the facts of the run', async () => {
			const raw = await bench.run('give', [{}], { ...json('[5]'), output: 'raw' });
			expect(jsonOf(raw.outputs)[0]?.[0]).toMatchObject({ response: { statusCode: 200, body: { done: true, response: { result: 5 } } } });
			const record = await bench.run('give', [{}], { ...json('[5]'), output: 'record' });
			expect(jsonOf(record.outputs)[0]?.[0]).toEqual({
				outcome: 'success',
				result: 5,
				run: { service: 'appsScript', script: bench.deploymentId, function: 'give', startedAt: expect.stringMatching(/Z$/) as unknown, durationMs: expect.any(Number) as unknown, attempts: 1 },
			});
		});

		it('Result Field keeps the input, and an error in it becomes inputError', async () => {
			const result = await bench.run('give', [{ n: 1, error: 'from before' }], { ...json('[5]'), options: { resultField: 'answer' } }, { onError: 'continueErrorOutput' });
			expect(jsonOf(result.outputs)).toEqual([[{ n: 1, inputError: 'from before', answer: 5 }], []]);
		});

		it('Result Field holds each element as it is', async () => {
			const elements = [{ result: 5 }, 5, { a: 1 }, { error: 'in the result' }, null];
			const result = await bench.run('give', [{ n: 1 }], { ...json(JSON.stringify([elements])), output: 'items', options: { resultField: 'answer' } });
			expect(jsonOf(result.outputs)[0]).toEqual(elements.map((answer) => ({ n: 1, answer })));
		});
	});

	describe('batch', () => {
		const batch = { parametersFrom: 'item', runMode: 'batch', batchSize: 4, routing: 'byOutcome' };

		it('runs once for many items and gives each its own result', async () => {
			const result = await bench.run('doubleAll', [...numbers(9), { n: 99 }], batch);
			expect(jsonOf(result.outputs)[0]).toEqual(numbers(9).map(({ n }) => ({ result: { twice: Number(n) * 2 } })));
			expect(jsonOf(result.outputs)[1]?.[0]).toMatchObject({ n: 99, error: { message: 'too much: 99' } });
			expect(pairsOf(result.outputs)).toEqual([[0, 1, 2, 3, 4, 5, 6, 7, 8], [9], [], []]);
			expect(bench.emulator.journal.executions.map(({ input }) => (input as unknown[][])[0]?.length)).toEqual([4, 4, 2]);
		});

		it('halves a batch that is too large, and one that took too long where running twice does no harm', async () => {
			bench.emulator.faults.add({ fault: 'http413', urlIncludes: ':run', bodyIncludes: '"n":3' , times: 2 });
			const large = await bench.run('doubleAll', numbers(4), batch);
			expect(pairsOf(large.outputs)).toEqual([[0, 1, 2, 3], [], [], []]);
			expect(bench.emulator.journal.executions.map(({ input }) => (input as Array<Array<{ n: number }>>)[0]?.map(({ n }) => n))).toEqual([[0, 1], [2], [3]]);

			bench.emulator.faults.add({ fault: 'timeout', urlIncludes: ':run', times: 1 });
			const slow = await bench.run('doubleAll', numbers(4), { ...batch, options: { safeToRepeat: true } });
			expect(pairsOf(slow.outputs)).toEqual([[0, 1, 2, 3], [], [], []]);

			bench.emulator.journal.clear();
			bench.emulator.faults.add({ fault: 'timeout', urlIncludes: ':run', times: 1 });
			const unsafe = await bench.run('doubleAll', numbers(4), batch);
			expect(pairsOf(unsafe.outputs)).toEqual([[], [0, 1, 2, 3], [], []]);
			expect(bench.emulator.journal.executions).toHaveLength(1);
		});

		it('in stop mode a half that failed is the end: the other half is not sent', async () => {
			bench.emulator.faults.add({ fault: 'http413', urlIncludes: ':run', times: 1 });
			const result = await bench.run('half', numbers(4), { ...batch, routing: 'onError' });
			expect(result.error?.description).toContain('Ran: items 0–1. May have run: none. Never started: items 2–3.');
			expect(bench.emulator.journal.executions).toHaveLength(1);
		});

		it('a half that was refused for its sign-in is not followed by the other half', async () => {
			bench.emulator.faults.add({ fault: 'http413', urlIncludes: ':run', times: 1 });
			bench.emulator.faults.add({ fault: 'unauthenticated401', urlIncludes: ':run' });
			const result = await bench.run('doubleAll', numbers(8), batch);
			const reasons = jsonOf(result.outputs)[3]?.map(({ error }) => (error as IDataObject).reason);
			expect(reasons).toEqual(['unauthorized', 'unauthorized', ...Array.from({ length: 6 }, () => 'notStarted')]);
		});

		it('another length than the batch has is said plainly, for each of its items', async () => {
			const result = await bench.run('half', numbers(4), batch);
			expect(pairsOf(result.outputs)).toEqual([[], [0, 1, 2, 3], [], []]);
			expect(jsonOf(result.outputs)[1]?.[0]).toMatchObject({ error: { reason: 'batchResult', message: expect.stringContaining('an array of 3 instead of an array of 4') as unknown } });
		});
	});

	describe("n8n's Retry On Fail", () => {
		const retry = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };

		it('does not run again what ran', async () => {
			const result = await bench.run('choosy', numbers(4), json('={{ [$json.n] }}'), retry);
			expect(result.status).toBe('error');
			expect(result.tries).toHaveLength(3);
			expect(bench.emulator.journal.executions.map(({ input }) => input)).toEqual([[0], [1]]);
		});

		it('goes on where the service was out of reach', async () => {
			bench.emulator.faults.add({ fault: 'execQps', urlIncludes: ':run', skip: 2, times: 1 });
			const result = await bench.run('give', numbers(4), { ...json('={{ [$json.n] }}'), options: { maxRetries: 0 } }, retry);
			expect(result.status).toBe('success');
			expect(jsonOf(result.outputs)[0]).toEqual(numbers(4).map(({ n }) => ({ result: n })));
			expect(bench.emulator.journal.executions.map(({ input }) => input)).toEqual([[0], [1], [2], [3]]);
		});

		it('the next round of a loop starts anew', async () => {
			const node = (name: string, type: string, more: object = {}) => ({ id: name, name, type, typeVersion: 1, position: [0, 0] as [number, number], parameters: {}, ...more });
			const to = (...names: string[]) => ({ main: [names.map((name) => ({ node: name, type: 'main' as const, index: 0 }))] });
			const parameters = { deployment: locator('id', bench.deploymentId), function: locator('name', 'choosy'), ...json('={{ [$json.n] }}') };
			const result = await bench.engine.run({
				items: numbers(2),
				workflow: {
					nodes: [
						node('Start', 'n8n-nodes-base.manualTrigger'),
						node('Once', 'n8n-nodes-base.noOp'),
						node('Again', 'n8n-nodes-base.noOp'),
						node('Run', 'n8n-nodes-cloud-scripts.appsScriptRun', { ...retry, parameters, onError: 'continueRegularOutput', credentials: { googleAppsScriptOAuth2Api: { id: 'google', name: 'Google' } } }),
					],
					connections: { Start: to('Once', 'Again'), Once: to('Run'), Again: to('Run') },
				},
			});
			expect(result.status).toBe('success');
			expect(bench.emulator.journal.executions.map(({ input }) => input)).toEqual([[0], [1], [0], [1]]);
		});

		it('starts nothing after a Stop', async () => {
			const run = bench.run('slow', numbers(3), json('[3000]'), { ...retry, waitBetweenTries: 1 });
			await until(() => bench.emulator.journal.executions.length === 1);
			run.cancel();
			const result = await run;
			expect(result.status).toBe('canceled');
			expect(sent()).toHaveLength(1);
		});
	});
});

async function until(condition: () => boolean): Promise<void> {
	while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
