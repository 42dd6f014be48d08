import { BinaryDataService } from 'n8n-core';
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { AdjustableClock } from '../../emulator/clock';
import { SyncanoScript } from '../../nodes/Syncano/SyncanoScript.node';
import { subtitleOf } from './subtitle';
import { jsonOf, locator, pairsOf, startBench, startStandIn, type SyncanoBench } from './syncanoBench';

const numbers = (count: number): IDataObject[] => Array.from({ length: count }, (_, n) => ({ n }));
const trace = (operation: 'get' | 'getAll', parameters: IDataObject = {}) => ({ resource: 'trace', operation, scriptId: locator('id', 1), ...parameters }) as never;
const byOutcome = { routing: 'byOutcome' };

describe('Syncano Script, through n8n-core', () => {
	let bench: SyncanoBench;
	const clock = new AdjustableClock();
	beforeAll(async () => {
		bench = await startBench({ clock });
	});
	beforeEach(() => {
		bench.emulator.faults.clear();
		bench.emulator.journal.clear();
	});
	afterAll(() => bench.stop());

	const executed = () => bench.emulator.journal.executions.length;

	describe('scripts', () => {
		test('each failure leaves beside its input, in order and paired', async () => {
			const result = await bench.script('choosy', numbers(4), byOutcome);
			expect(pairsOf(result.outputs)).toEqual([[0, 2], [1, 3], [], []]);
			expect(jsonOf(result.outputs)[0]).toEqual([{ result: { stdout: 0, stderr: '' } }, { result: { stdout: 20, stderr: '' } }]);
			expect(jsonOf(result.outputs)[1]?.[0]).toMatchObject({
				n: 1,
				outcome: 'scriptError',
				error: { message: expect.stringMatching(/odd: 1/) as unknown, reason: 'exception', mayHaveRun: true, httpStatus: 200, result: { stdout: '' } },
				run: { service: 'syncano', script: '3', attempts: 1, traceId: expect.any(Number) as unknown },
			});
			expect(executed()).toBe(4);
		});

		test('with n8n’s error output, and stopping at the first failure', async () => {
			const continued = await bench.script('choosy', numbers(2), {}, { onError: 'continueErrorOutput' });
			expect(pairsOf(continued.outputs)).toEqual([[0], [1]]);
			expect(jsonOf(continued.outputs)[1]).toMatchObject([{ n: 1, error: { reason: 'exception', run: { script: '3' } } }]);
			const stopped = await bench.script('choosy', numbers(4));
			expect(stopped.status).toBe('error');
			expect(stopped.error).toMatchObject({ message: expect.stringMatching(/odd: 1/) as unknown, context: { itemIndex: 1, runs: { ran: '0–1', mayHaveRun: '', notStarted: '2–3' } } });
		});

		test('real Node.js and Python, with their errors', async () => {
			const { syncano } = bench.emulator;
			syncano.addScript({ instance: 'mine', id: 21, label: 'js', runtime_name: 'nodejs_v6', source: 'function work() {\n  throw new RangeError("too " + ARGS.what);\n}\nconsole.log(JSON.stringify({ seen: ARGS }));\nsetTimeout(work, 1);' });
			syncano.addScript({ instance: 'mine', id: 22, label: 'py', runtime_name: 'python3', source: 'print(ARGS["what"])\nraise ValueError("no " + ARGS["what"])' });
			const run = async (id: number) => jsonOf((await bench.script('echo', [{ what: 'late' }], { ...byOutcome, scriptId: locator('id', id) })).outputs)[1]?.[0]?.error;
			expect(await run(21)).toMatchObject({ message: 'RangeError: too late', type: 'RangeError', stack: [{ line: 2 }], result: { stdout: { seen: { what: 'late' } } } });
			expect(await run(22)).toMatchObject({ message: 'ValueError: no late', type: 'ValueError', stack: [{ function: '(script)', line: 2 }], result: { stdout: 'late' } });
		});

		test('Fail on Stderr and Parse Stdout', async () => {
			const quiet = await bench.script('noisy');
			expect(jsonOf(quiet.outputs)[0]).toMatchObject([{ result: { stdout: 'done', stderr: expect.stringMatching(/^ReferenceError/) as unknown } }]);
			const strict = await bench.script('noisy', [{}], { ...byOutcome, options: { failOnStderr: true } });
			expect(jsonOf(strict.outputs)[1]).toMatchObject([
				{ error: { reason: 'stderr', message: 'ReferenceError: foo is not defined', type: 'ReferenceError', stack: [{ function: 'work', line: 2 }, { line: 7 }], result: { stdout: 'done' } } },
			]);
			const raw = await bench.script('echo', [{ a: 1 }], { options: { parseStdout: false } });
			expect(jsonOf(raw.outputs)[0]).toEqual([{ result: { stdout: '{"a":1}', stderr: '' } }]);
		});

		test('without waiting, the pending trace, with which a later look goes on', async () => {
			const run = await bench.script('slow', [{ keep: 1 }], { waitForResult: false, output: 'record' });
			const [record] = jsonOf(run.outputs)[0] ?? [];
			expect(record).toMatchObject({ outcome: 'success', result: { id: expect.any(Number) as unknown, status: 'pending', result: {} }, run: { traceId: expect.any(Number) as unknown } });
			expect(bench.sent()).toHaveLength(1);
			const look = { ...trace('get', byOutcome) as IDataObject, scriptId: locator('id', 6), traceId: locator('id', '={{ $json.run.traceId }}') };
			const early = await bench.run(look as never, [record as IDataObject]);
			expect(jsonOf(early.outputs)[2]).toMatchObject([{ error: { reason: 'pending', mayHaveRun: true }, run: { traceId: (record?.run as IDataObject).traceId } }]);
			await new Promise((resolve) => setTimeout(resolve, 200));
			const late = await bench.run(look as never, [record as IDataObject]);
			expect(jsonOf(late.outputs)[0]).toEqual([{ result: { stdout: 'late', stderr: '' } }]);
		});

		test('past Wait Limit, not finished, with the trace ID', async () => {
			const result = await bench.script('endless', [{}], { ...byOutcome, options: { waitLimit: 1 } });
			expect(jsonOf(result.outputs)[2]).toMatchObject([{ error: { reason: 'pending', mayHaveRun: true, message: expect.stringMatching(/within 1 s/) as unknown }, run: { traceId: expect.any(Number) as unknown } }]);
			expect(executed()).toBe(1);
		});

		test.each([
			['syncanoBlocked', 3, 'blocked'],
			['syncanoQueueTimeout', 3, 'queueTimeout'],
		])('%s', async (fault, output, reason) => {
			bench.emulator.faults.add({ fault, urlIncludes: '/run/' });
			const result = await bench.script('echo', [{ n: 1 }], byOutcome);
			expect(jsonOf(result.outputs)[output]).toMatchObject([{ n: 1, error: { reason, mayHaveRun: false } }]);
			expect(executed()).toBe(0);
		});

		test('a time-out of the script', async () => {
			const run = bench.script('limited', [{}], byOutcome);
			const passing = setInterval(() => clock.advance(100_000), 50);
			const result = await run;
			clearInterval(passing);
			expect(jsonOf(result.outputs)[1]).toMatchObject([{ error: { reason: 'timeout', mayHaveRun: true, message: expect.stringMatching(/after 300 s/) as unknown } }]);
		});

		test.each(['syncanoResultText', 'syncanoResultJsonText'])('an older form of the result: %s', async (fault) => {
			bench.emulator.faults.add({ fault });
			const result = await bench.script('print', [{ text: 'hello' }]);
			expect(jsonOf(result.outputs)[0]).toEqual([{ result: { stdout: 'hello', stderr: '' } }]);
		});

		test.each(['syncanoResultEmptyObject', 'syncanoResultEmptyText', 'syncanoTracePending', 'syncanoTraceProcessing', 'syncanoTraceUnknownStatus', 'syncanoTraceExpired', 'syncanoTraceIdReused', 'syncanoServerError', 'syncanoBadGateway', 'syncanoThrottled', 'resetBeforeRun', 'htmlPage', 'halfAnswer', 'truncatedJson'])(
			'%s at the first looks does not lose the run, nor start it again',
			async (fault) => {
				bench.emulator.faults.add({ fault, urlIncludes: '/traces/', times: 1 });
				const result = await bench.script('print', [{ text: 'mine' }]);
				expect(jsonOf(result.outputs)[0]).toEqual([{ result: { stdout: 'mine', stderr: '' } }]);
				expect(executed()).toBe(1);
			},
		);

		test('IDs that have begun again at 1', async () => {
			bench.emulator.syncano.instance('mine').traces.scripts.restartIds();
			const result = await bench.script('print', [{ text: 'one' }, { text: 'two' }], { output: 'record' });
			expect(jsonOf(result.outputs)[0]).toMatchObject([
				{ result: { stdout: 'one' }, run: { traceId: 1 } },
				{ result: { stdout: 'two' }, run: { traceId: 2 } },
			]);
		});

		test.each([
			['syncanoServerErrorAfter', 'serverError'],
			['emptyBody', 'badAnswer'],
			['notAnObject', 'badAnswer'],
			['resetAfterRun', 'noAnswer'],
			['halfAnswer', 'noAnswer'],
		])('%s at the start: it may have run, and is not started again', async (fault, reason) => {
			bench.emulator.faults.add({ fault, urlIncludes: '/run/' });
			const result = await bench.script('echo', [{}], byOutcome);
			expect(jsonOf(result.outputs)[2]).toMatchObject([{ error: { reason, mayHaveRun: true } }]);
			expect(executed()).toBe(1);
		});

		test('throttled at the start: tried again until it is taken on, once', async () => {
			bench.emulator.faults.add({ fault: 'syncanoThrottled', urlIncludes: '/run/', times: 1 });
			const result = await bench.script('echo', [{ a: 1 }], { output: 'record' });
			expect(jsonOf(result.outputs)[0]).toMatchObject([{ result: { stdout: { a: 1 } }, run: { attempts: 2 } }]);
			expect(executed()).toBe(1);
		});

		test('Automatic keeps to the order, and runs at most 8 at a time', async () => {
			const result = await bench.script('slow', numbers(24), { options: { concurrency: 'automatic' }, output: 'record' });
			expect(pairsOf(result.outputs)[0]).toEqual(numbers(24).map(({ n }) => n));
			const { executions } = bench.emulator.journal;
			const most = Math.max(...executions.map(({ startedAt }) => executions.filter((other) => other.startedAt <= startedAt && (other.endedAt ?? Infinity) > startedAt).length));
			expect(most).toBeGreaterThan(2);
			expect(most).toBeLessThanOrEqual(8);
		});

		test('Stop closes the look that is open, and says which items ran', async () => {
			const stopAtLook = bench.script('print', [{ text: 'a' }, { text: 'b' }, { text: 'c' }]);
			bench.emulator.faults.add({ fault: 'noAnswerBeforeRun', urlIncludes: '/traces/', skip: 1 });
			while (bench.sent('/traces/').length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
			stopAtLook.cancel();
			const result = await stopAtLook;
			expect(result.status).toBe('canceled');
			expect(result.error).toMatchObject({ message: expect.stringContaining('canceled') as unknown, context: { runs: { ran: '0', mayHaveRun: '1', notStarted: '2' } } });
			while (bench.sent('/traces/')[1]?.endedAt === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
			expect(bench.sent('/traces/')[1]).toMatchObject({ closedByClient: true });
			expect(executed()).toBe(2);
		});

		test('Stop while a script is waited for', async () => {
			const run = bench.script('endless', numbers(2));
			while (executed() === 0) await new Promise((resolve) => setTimeout(resolve, 10));
			run.cancel();
			const result = await run;
			expect(result.status).toBe('canceled');
			expect(result.error).toMatchObject({ context: { runs: { ran: '', mayHaveRun: '0', notStarted: '1' } } });
		});
	});

	describe('endpoints', () => {
		test('the default reply: HTTP 200 for a failed script too', async () => {
			const result = await bench.endpoint('choosy', numbers(2), byOutcome);
			expect(pairsOf(result.outputs)).toEqual([[0], [1], [], []]);
			expect(jsonOf(result.outputs)[1]).toMatchObject([{ error: { reason: 'exception', httpStatus: 200, message: expect.stringMatching(/odd: 1/) as unknown }, run: { script: 'choosy', traceId: expect.any(Number) as unknown } }]);
		});

		test.each<[number, string, string, unknown]>([
			[201, 'application/json', '{"a":1}', { a: 1 }],
			[404, 'text/plain', 'no such door', 'no such door'],
			[500, 'application/json', '{"broken":true}', { broken: true }],
			[429, 'application/json', '{"slow":"down"}', { slow: 'down' }],
		])('a custom reply with status %i is a success, sent once', async (status, type, content, expected) => {
			const result = await bench.endpoint('answer', [{ status, type, content, headers: { 'X-abc': '123' } }]);
			expect(jsonOf(result.outputs)[0]).toMatchObject([{ result: { status, contentType: type, headers: { 'x-abc': '123' }, content: expected } }]);
			expect(executed()).toBe(1);
		});

		// n8n's request helper sends again after any 401.
		test('a custom reply with status 401 does not run the script twice', async () => {
			const result = await bench.endpoint('answer', [{ status: 401, content: { who: 'you' } }]);
			expect(jsonOf(result.outputs)[0]).toMatchObject([{ result: { status: 401, content: { who: 'you' } } }]);
			expect(executed()).toBe(1);
			expect(bench.sent()).toHaveLength(1);
		});

		test('a custom redirect is the result, and is not followed', async () => {
			const result = await bench.endpoint('answer', [{ status: 302, headers: { Location: `${bench.emulator.address}/elsewhere` }, content: '' }]);
			expect(jsonOf(result.outputs)[0]).toMatchObject([{ result: { status: 302, headers: { location: expect.stringMatching(/elsewhere$/) as unknown } } }]);
			expect(bench.sent()).toHaveLength(1);
		});

		test('a file becomes binary data', async () => {
			const bytes = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0x00]);
			const server = await startStandIn((_request, response) => void response.writeHead(200, { 'content-type': 'image/png', 'content-disposition': 'attachment; filename="dot.png"' }).end(bytes));
			const result = await bench.run({ resource: 'scriptEndpoint', operation: 'runPublic', publicUrl: `${server.address}/v1.1/instances/mine/endpoints/scripts/p/link/dot/`, payloadFrom: 'none' });
			await server.stop();
			const [item] = result.outputs[0] ?? [];
			expect(item?.json).toMatchObject({ result: { status: 200, contentType: 'image/png' } });
			expect(item?.binary?.data).toMatchObject({ mimeType: 'image/png', fileName: 'dot.png' });
			expect(Buffer.from(item?.binary?.data?.data ?? '', 'base64')).toEqual(bytes);
		});

		test.each(['byOutcome', 'onError'])('a file that n8n cannot keep: the script ran, and is not run again (%s)', async (routing) => {
			const store = jest.spyOn(BinaryDataService.prototype, 'store').mockRejectedValue(new Error('no space left'));
			const parameters = { ...byOutcome, routing, payloadFrom: 'json', payloadJson: '={{ ({ type: "image/png", content: $json.text }) }}' };
			const result = await bench.endpoint('answer', [{ text: 'a' }, { text: 'b' }], parameters, { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 });
			store.mockRestore();
			expect(executed()).toBe(routing === 'byOutcome' ? 2 : 1);
			if (routing === 'byOutcome') expect(jsonOf(result.outputs)[2]).toMatchObject([{ text: 'a', error: { reason: 'badAnswer', message: expect.stringContaining('no space left') as unknown } }, { text: 'b' }]);
			else expect(result.error?.description).toContain('May have run: items 0. Never started: items 1.');
		});

		test.each([
			['syncanoTookTooMuchTimeAfter', 2, 'noAnswer'],
			['syncanoBadGatewayAfter', 2, 'serverError'],
			['syncanoServerErrorAfter', 2, 'serverError'],
			['resetAfterRun', 2, 'noAnswer'],
			['syncanoEmptyDetail', 3, 'rejected'],
			['syncanoNoSuchKey', 3, 'unauthorized'],
			['syncanoNoPermission', 3, 'forbidden'],
			['syncanoHtmlNotFound', 3, 'notFound'],
			['syncanoTooLarge', 3, 'tooLarge'],
		])('%s', async (fault, output, reason) => {
			bench.emulator.faults.add({ fault, urlIncludes: '/run/' });
			const result = await bench.endpoint('echo', [{}], byOutcome);
			expect(jsonOf(result.outputs)[output]).toMatchObject([{ error: { reason, mayHaveRun: output === 2 } }]);
			expect(executed()).toBe(output === 2 ? 1 : 0);
		});

		test('a public link that is not public', async () => {
			const endpoint = bench.emulator.syncano.instance('mine').endpoints.get('echo');
			if (endpoint === undefined) throw new Error('No endpoint');
			endpoint.public = false;
			const result = await bench.run({ resource: 'scriptEndpoint', operation: 'runPublic', publicUrl: bench.publicLink('echo'), ...byOutcome }, [{}], { credentials: {} });
			endpoint.public = true;
			expect(jsonOf(result.outputs)[3]).toMatchObject([{ error: { reason: 'notFound', hint: expect.stringMatching(/not public/) as unknown }, run: { script: 'echo' } }]);
		});

		test('the other outputs: items, record, raw, Result Field', async () => {
			const output = async (parameters: IDataObject) => jsonOf((await bench.endpoint('echo', [{ a: 1 }], parameters as never)).outputs)[0];
			expect(await output({ output: 'items' })).toEqual([{ stdout: { a: 1 }, stderr: '' }]);
			expect(await output({ output: 'record' })).toMatchObject([{ outcome: 'success', result: { stdout: { a: 1 } }, run: { service: 'syncano', script: 'echo', attempts: 1 } }]);
			expect(await output({ output: 'raw' })).toMatchObject([{ response: { statusCode: 200, body: { status: 'success', result: { stdout: '{"a":1}' } } } }]);
			expect(await output({ options: { resultField: 'answer' } })).toEqual([{ a: 1, answer: { stdout: { a: 1 }, stderr: '' } }]);
		});
	});

	describe('traces', () => {
		beforeEach(() => {
			bench.emulator.syncano.addInstance({ name: `fresh-${Date.now()}-${Math.random().toString(36).slice(2)}` });
		});
		/** A script with so many traces of its own, newest first. */
		const withTraces = (count: number): { name: string; parameters: IDataObject } => {
			const name = [...bench.emulator.syncano.instances.keys()].pop() ?? '';
			const instance = bench.emulator.syncano.instance(name);
			bench.emulator.syncano.addScript({ instance: name, id: 1, label: 'x', runtime_name: 'nodejs_v6', source: '' });
			for (let n = 0; n < count; n += 1) {
				instance.traces.scripts.add('scripts/1', { status: n % 2 === 0 ? 'success' : 'failure', executedAt: Date.UTC(2026, 0, 1 + n), duration: n, result: { stdout: `[${n}]`, stderr: '' } });
			}
			return { name, parameters: { resource: 'trace', operation: 'getAll', scriptId: locator('id', 1), instance: locator('name', name) } };
		};
		const ids = async (parameters: IDataObject) => jsonOf((await bench.run(parameters as never)).outputs)[0]?.map(({ id }) => id);
		const down = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, n) => from - n);

		test('Get Many: one item a trace, its result in one form', async () => {
			const { parameters } = withTraces(2);
			const result = await bench.run({ ...parameters, returnAll: true } as never, [{ a: 1 }, { a: 2 }]);
			expect(pairsOf(result.outputs)).toEqual([[0, 0, 1, 1]]);
			expect(jsonOf(result.outputs)[0]?.[0]).toMatchObject({ id: 2, status: 'failure', duration: 1, result: { stdout: [1], stderr: '' }, links: {} });
		});

		test('Get Many: limit, Return All, order and filters', async () => {
			const { parameters } = withTraces(60);
			expect(await ids(parameters)).toEqual(down(60, 11));
			expect(await ids({ ...parameters, limit: 3 })).toEqual([60, 59, 58]);
			expect(await ids({ ...parameters, returnAll: true })).toEqual(down(60, 1));
			expect(await ids({ ...parameters, limit: 2, filters: { ordering: 'asc' } })).toEqual([1, 2]);
			expect(await ids({ ...parameters, limit: 2, filters: { status: ['failure', 'timeout'] } })).toEqual([60, 58]);
			expect(await ids({ ...parameters, returnAll: true, filters: { executedAfter: '2026-01-03T00:00:00Z', executedBefore: '2026-01-05T00:00:00Z' } })).toEqual([5, 4, 3]);
			expect(await ids({ ...parameters, filters: { status: ['blocked'] } })).toEqual([]);
		});

		// With exactly 100 traces the server's first page leads to itself, for ever.
		test.each([undefined, 'syncanoEndlessPage', 'syncanoGrowingPages'])('Get Many ends where the list does not: %s', async (fault) => {
			const { parameters } = withTraces(100);
			if (fault !== undefined) bench.emulator.faults.add({ fault });
			expect(await ids({ ...parameters, returnAll: true })).toEqual(down(100, 1));
			expect(bench.sent().length).toBeLessThanOrEqual(3);
		});

		test('Get Many over pages, where the server gives small ones', async () => {
			const { parameters } = withTraces(5);
			expect(await ids({ ...parameters, limit: 2, filters: { status: ['success'] } })).toEqual([5, 3]);
			expect(bench.sent()).toHaveLength(2);
		});

		test.each([
			['syncanoScriptNotFound', 'notFound'],
			['syncanoListWithoutObjects', 'noConnection'],
		])('Get Many and %s', async (fault, reason) => {
			const { parameters } = withTraces(1);
			bench.emulator.faults.add({ fault });
			const result = await bench.run({ ...parameters, ...byOutcome, options: { maxRetries: 0 } } as never);
			expect(jsonOf(result.outputs)[3]).toMatchObject([{ error: { reason, mayHaveRun: false } }]);
		});

		test('Get Many of an endpoint, with what it was given', async () => {
			await bench.endpoint('echo', [{ a: 1 }]);
			const result = await bench.run({ resource: 'trace', operation: 'getAll', traceOf: 'scriptEndpoint', endpoint: locator('name', 'echo'), limit: 1 });
			expect(jsonOf(result.outputs)[0]).toMatchObject([{ status: 'success', result: { stdout: { a: 1 } }, args: { POST: { a: 1 }, GET: {} } }]);
		});

		test('Get: what became of a run, also by retries where a look fails', async () => {
			const { parameters } = withTraces(2);
			bench.emulator.faults.add({ fault: 'syncanoServerError', times: 1 });
			const get = { ...parameters, ...byOutcome, operation: 'get' };
			const result = await bench.run({ ...get, traceId: locator('id', '={{ $json.id }}') } as never, [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 'x' }]);
			expect(pairsOf(result.outputs)).toEqual([[0], [1], [], [2, 3]]);
			expect(jsonOf(result.outputs)[0]).toEqual([{ result: { stdout: [0], stderr: '' } }]);
			expect(jsonOf(result.outputs)[3]).toMatchObject([
				{ error: { reason: 'notFound', hint: expect.stringMatching(/24 hours/) as unknown } },
				{ error: { reason: 'invalidInput' } },
			]);
		});

		test('Get with Started At is not taken in by an ID that was used again', async () => {
			const { parameters } = withTraces(1);
			const get = (startedAt: string) => bench.run({ ...parameters, ...byOutcome, operation: 'get', traceId: locator('id', 1), options: { startedAt } } as never);
			expect(pairsOf((await get('2026-01-01T01:00:00Z')).outputs)).toEqual([[0], [], [], []]);
			expect(jsonOf((await get('2025-12-29T00:00:00Z')).outputs)[3]).toMatchObject([{ error: { reason: 'notFound', message: expect.stringMatching(/another run/) as unknown } }]);
		});

		test('Get of a trace that has expired', async () => {
			await bench.script('echo', [{}], { waitForResult: false });
			clock.advance(86_400_001);
			const result = await bench.run(trace('get', { ...byOutcome, traceId: locator('id', 1) }));
			expect(jsonOf(result.outputs)[3]).toMatchObject([{ error: { reason: 'notFound' } }]);
		});
	});

	describe('lists', () => {
		const search = (method: string, parameters: IDataObject = {}, more: { filter?: string; paginationToken?: string } = {}) =>
			bench.engine.listSearch(method, { type: 'syncanoScript', parameters: parameters as never, credentials: { syncanoApi: 'syncano' }, ...more });

		test('instances, scripts with their runtimes, endpoints, traces', async () => {
			expect((await search('searchInstances')).results).toContainEqual(expect.objectContaining({ name: 'mine', value: 'mine' }));
			expect((await search('searchScripts')).results[0]).toEqual({ name: 'echo (1, nodejs_v6)', value: 1 });
			expect((await search('searchEndpoints')).results[0]).toMatchObject({ name: 'echo', value: 'echo' });
			await bench.script('slow');
			const traces = (await search('searchTraces', { resource: 'trace', operation: 'get', traceOf: 'script', scriptId: locator('id', 6) })).results;
			expect(traces[0]).toEqual({ name: expect.stringMatching(/^\d+ · success · 20/) as unknown, value: expect.any(Number) as unknown });
			await bench.endpoint('slow');
			expect((await search('searchTraces', { resource: 'trace', operation: 'get', traceOf: 'scriptEndpoint', endpoint: locator('name', 'slow') })).results).not.toHaveLength(0);
		});

		test('page by page, and a search over all pages', async () => {
			bench.emulator.syncano.addInstance({ name: 'crowded' });
			for (let id = 1; id <= 250; id += 1) bench.emulator.syncano.addScript({ instance: 'crowded', id, label: `Script of ${id % 2 === 0 ? 'Ann' : 'Bob'}`, runtime_name: 'python3', source: '' });
			const instance = { instance: locator('name', 'crowded') };
			const seen: unknown[] = [];
			let paginationToken: string | undefined;
			let pages = 0;
			do {
				const page = await search('searchScripts', instance, { paginationToken });
				seen.push(...page.results.map(({ value }) => value));
				paginationToken = page.paginationToken;
				pages += 1;
			} while (paginationToken !== undefined);
			expect([pages, seen]).toEqual([3, Array.from({ length: 250 }, (_, n) => n + 1)]);
			const found = await search('searchScripts', instance, { filter: 'of ann' });
			expect(found.results).toHaveLength(125);
			expect(found.paginationToken).toBeUndefined();
		});

		test('a list that never ends, ends', async () => {
			bench.emulator.faults.add({ fault: 'syncanoEndlessPage' });
			expect((await search('searchScripts')).paginationToken).toBeUndefined();
			expect((await search('searchScripts', {}, { filter: 'echo' })).results).toHaveLength(1);
		});

		test('what is wrong is said in the list', async () => {
			await expect(search('searchTraces', { resource: 'trace', operation: 'get', traceOf: 'script', scriptId: locator('list', '') })).rejects.toThrow('Script is empty');
			await expect(search('searchScripts', { instance: locator('name', 'nowhere') })).rejects.toMatchObject({ description: expect.stringMatching(/^Instance was not found\./) as unknown });
			bench.emulator.faults.add({ fault: 'syncanoNoSuchKey' });
			await expect(search('searchInstances')).rejects.toMatchObject({ name: 'NodeApiError', message: 'The list cannot be shown', description: expect.stringMatching(/^No such API Key\. .*Account Key.*works without the list/) as unknown });
		});
	});

	test.each<[string, INodeParameters, string]>([
		['a script chosen from the list', { resource: 'script', operation: 'run', scriptId: { ...locator('list', '7'), cachedResultName: 'Order totals (7, nodejs)' } }, 'Run · Order totals (7, nodejs)'],
		['an endpoint by name', { resource: 'scriptEndpoint', operation: 'run', endpoint: locator('name', 'order-json') }, 'Run · order-json'],
		['a public link', { resource: 'scriptEndpoint', operation: 'runPublic', publicUrl: 'https://x.test/p/1/y/' }, 'Run public link'],
		['no parameters at all', {}, 'Run'],
	])('subtitle of %s', async (_what, parameters, expected) => {
		expect(await subtitleOf(new SyncanoScript(), parameters)).toBe(expected);
	});

	test.each(['agent', 'engine'] as const)('as a tool called by the %s: one answer, whatever the routing', async (caller) => {
		const node = {
			type: 'syncanoScript',
			credentials: { syncanoApi: 'syncano' },
			parameters: { ...byOutcome, resource: 'scriptEndpoint', operation: 'run', endpoint: locator('name', 'choosy'), payloadFrom: 'json', payloadJson: "={{ $fromAI('payload', 'What to run it with', 'json') }}" },
		};
		const { answers } = await bench.engine.runAsTool({ node, arguments: { payload: { n: 4 } }, caller });
		expect(answers).toMatchObject([{ failed: false }]);
		expect(JSON.parse(answers[0]?.answer ?? '')).toEqual([{ result: { stdout: 40, stderr: '' } }]);
		const asText = { ...node, parameters: { ...node.parameters, payloadJson: "={{ $fromAI('payload', 'What to run it with', 'string') }}" } };
		const failed = await bench.engine.runAsTool({ node: asText, arguments: { payload: '{"n":5}' }, caller });
		expect(failed.answers[0]?.answer).toMatch(/odd: 5/);
	});
});
