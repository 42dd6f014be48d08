import { AdjustableClock } from '../../emulator/clock';
import { parseOutput, ScriptRunner } from '../../emulator/syncano/runner';
import { type Running, objects, record, start } from './harness';

const hour = 3_600_000;
const second = 1000;

let running: Running;
let clock: AdjustableClock;

/** Waits, in real time, until something has come about. */
async function until(condition: () => boolean): Promise<void> {
	while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

beforeAll(async () => {
	clock = new AdjustableClock({ frozen: true });
	running = await start({}, clock);
});

afterAll(() => running.stop());

/** An instance with one script that ends at once, and an endpoint for it. */
function addInstance(name: string, options: { concurrency?: number; duration?: number; run?: () => Promise<string> } = {}): string {
	running.syncano.addInstance({ name, concurrency: options.concurrency ?? 2 });
	const native = { duration: options.duration ?? 0, run: options.run ?? (() => 'done') };
	running.syncano.addScript({ instance: name, id: 1, label: 'quick', runtime_name: 'nodejs', source: '', native });
	running.syncano.addEndpoint({ instance: name, name: 'quick', script: 1, public: true });
	return `/v1.1/instances/${name}/`;
}

describe('traces', () => {
	it('live for 24 hours', async () => {
		const path = addInstance('daily');
		const trace = await running.run('daily', 1);
		const detail = `${path}snippets/scripts/1/traces/${String(trace.id)}/`;
		clock.advance(24 * hour - 1);
		expect((await running.call(detail)).status).toBe(200);
		clock.advance(1);
		const gone = await running.call(detail);
		expect([gone.status, gone.json]).toEqual([404, { detail: 'Not found.' }]);
		expect(objects(await running.call(`${path}snippets/scripts/1/traces/`))).toEqual([]);
	});

	it('are listed up to 100; those pushed out die after 300 seconds', async () => {
		const path = addInstance('many');
		const { scripts } = running.syncano.instance('many').traces;
		for (let count = 0; count < 101; count += 1) scripts.add('scripts/1', { status: 'success' });
		const list = await running.call(`${path}snippets/scripts/1/traces/?fields=id`);
		expect(objects(list).map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, index) => 101 - index));
		const status = async (id: number) => (await running.call(`${path}snippets/scripts/1/traces/${id}/`)).status;
		clock.advance(300 * second - 1);
		expect(await status(1)).toBe(200);
		clock.advance(1);
		expect([await status(1), await status(2)]).toEqual([404, 200]);
	});

	it('exactly 100 of them are a list without an end', async () => {
		const path = addInstance('hundred');
		const { scripts } = running.syncano.instance('hundred').traces;
		for (let count = 0; count < 100; count += 1) scripts.add('scripts/1');
		const first = await running.call(`${path}snippets/scripts/1/traces/?fields=id`);
		const next = String(record(first.json).next);
		const second = await running.call(next);
		expect(record(second.json).next).toBe(next);
		expect(objects(second)).toEqual(objects(first));
	});

	it('count their ids from 1 again after 48 hours without a run', async () => {
		addInstance('quiet');
		expect((await running.run('quiet', 1)).id).toBe(1);
		expect((await running.run('quiet', 1)).id).toBe(2);
		clock.advance(47 * hour);
		expect((await running.run('quiet', 1)).id).toBe(3);
		clock.advance(48 * hour);
		expect((await running.run('quiet', 1)).id).toBe(1);
	});

	it('belong to the instance, whatever script the path names', async () => {
		const path = addInstance('shared');
		running.syncano.addScript({ instance: 'shared', id: 2, label: 'other', runtime_name: 'nodejs', source: '' });
		const trace = await running.run('shared', 1);
		expect((await running.call(`${path}snippets/scripts/2/traces/${String(trace.id)}/`)).status).toBe(200);
		expect(objects(await running.call(`${path}snippets/scripts/2/traces/`))).toEqual([]);
		const missing = await running.call(`${path}snippets/scripts/3/traces/${String(trace.id)}/`);
		expect([missing.status, missing.json]).toEqual([404, { detail: 'Script was not found.' }]);
	});
});

describe('runners', () => {
	it.each([
		['builder', 2],
		['paid', 8],
	] as const)('%s: %i scripts at once, 50 waiting for each, further ones blocked', async (plan, runners) => {
		const instance = running.syncano.addInstance({ name: `plan-${plan}`, plan });
		const native = { run: () => 'done', duration: 1000 };
		running.syncano.addScript({ instance: instance.name, id: 1, label: 'a second', runtime_name: 'nodejs', source: '', native });
		const count = runners * 51 + 1;
		for (let index = 0; index < count; index += 1) await running.call(`/v1.1/instances/${instance.name}/snippets/scripts/1/run/`, { body: {} });
		const statuses = (status: string) => {
			let found = 0;
			for (let id = 1; id <= count; id += 1) if (instance.traces.scripts.get(id)?.status === status) found += 1;
			return found;
		};
		expect([statuses('processing'), statuses('pending'), statuses('blocked')]).toEqual([runners, runners * 50, 1]);
		clock.advance(1000);
		await until(() => statuses('success') === runners);
		expect([statuses('processing'), statuses('pending')]).toEqual([runners, runners * 49]);
	});

	it('test_webhook_expire_at: an endpoint that waits for its turn over 30 seconds is not run; its caller gets the 408 after 300', async () => {
		const path = addInstance('slow', { concurrency: 1, duration: 29 * second });
		const { endpoints, scripts } = running.syncano.instance('slow').traces;
		await running.call(`${path}snippets/scripts/1/run/`, { body: {} });
		await running.call(`${path}snippets/scripts/1/run/`, { body: {} });
		const answer = running.call(`${path}endpoints/scripts/quick/run/`);
		await until(() => endpoints.get(1) !== undefined);
		clock.advance(29 * second);
		await until(() => scripts.get(2)?.status === 'processing');
		clock.advance(29 * second);
		await until(() => endpoints.get(1)?.status === 'queue_timeout');
		expect(endpoints.get(1)?.result).toEqual({ stdout: '', stderr: 'Internal queue timeout.' });
		expect(running.journal.executions.filter(({ script }) => script === 'endpoints/quick')).toEqual([]);
		clock.advance(242 * second);
		const { status, json } = await answer;
		expect([status, json]).toEqual([408, { detail: 'Script took too much time.' }]);
	});

	it('legacy scripts switched off: an empty detail; by public link blocked, and the 408 after 300 seconds', async () => {
		const path = addInstance('switched');
		const { endpoints } = running.syncano.instance('switched').traces;
		const begun = running.journal.executions.length;
		running.syncano.legacyCodeboxEnabled = false;
		try {
			for (const run of ['snippets/scripts/1/run/', 'endpoints/scripts/quick/run/']) {
				const answer = await running.call(path + run, { body: {} });
				expect([answer.status, answer.text]).toEqual([400, '{"detail":""}']);
			}
			const endpoint = running.syncano.instance('switched').endpoints.get('quick');
			if (endpoint === undefined) throw new Error('It is not there.');
			const answer = running.call(running.syncano.publicPath(endpoint), { key: null });
			await until(() => endpoints.get(1)?.status === 'blocked');
			clock.advance(300 * second);
			expect((await answer).status).toBe(408);
		} finally {
			running.syncano.legacyCodeboxEnabled = true;
		}
		expect(running.journal.executions).toHaveLength(begun);
	});

	it('an endpoint whose script takes longer than its caller waits: the 408, and the run goes on', async () => {
		let release: (text: string) => void = () => undefined;
		const released = new Promise<string>((resolve) => {
			release = resolve;
		});
		const path = addInstance('long', { run: () => released });
		const { endpoints } = running.syncano.instance('long').traces;
		const answer = running.call(`${path}endpoints/scripts/quick/run/`);
		await until(() => endpoints.get(1)?.status === 'processing');
		clock.advance(300 * second);
		expect((await answer).status).toBe(408);
		release('late');
		await until(() => endpoints.get(1)?.status === 'success');
		expect(endpoints.get(1)?.result).toEqual({ stdout: 'late', stderr: '' });
	});

	it('hundreds of native runs are journalled, each with its trace', async () => {
		const path = addInstance('bulk', { concurrency: 1000, duration: 200 });
		const begun = running.journal.executions.length;
		await Promise.all(Array.from({ length: 300 }, (_, n) => running.call(`${path}snippets/scripts/1/run/`, { body: { payload: { n } } })));
		clock.advance(200);
		const { scripts } = running.syncano.instance('bulk').traces;
		await until(() => scripts.list('scripts/1').every(({ status }) => status === 'success'));
		const entries = running.journal.executions.slice(begun);
		expect(new Set(entries.map(({ input }) => record(input).n)).size).toBe(300);
		expect(new Set(entries.map(({ traceId }) => traceId)).size).toBe(300);
		expect(new Set(entries.map(({ end, service, script }) => `${String(end)} ${service} ${script}`))).toEqual(new Set(['success syncano scripts/1']));
		expect(scripts.get(300)?.duration).toBe(200);
	});

	it('a native script that draws more than its limit is a timeout; one that throws a failure', async () => {
		running.syncano.addInstance({ name: 'native' });
		const common = { instance: 'native', runtime_name: 'nodejs', source: '' };
		running.syncano.addScript({ ...common, id: 1, label: 'too long', timeout: 2, native: { run: () => 'never', duration: 2001 } });
		const failing = () => {
			throw new TypeError('no such column');
		};
		running.syncano.addScript({ ...common, id: 2, label: 'throws', native: { run: failing, duration: () => 5 } });
		for (const id of [1, 2]) await running.call(`/v1.1/instances/native/snippets/scripts/${id}/run/`, { body: {} });
		clock.advance(2000);
		const path = '/v1.1/instances/native/snippets/scripts/1/traces/';
		expect(await running.finished(`${path}1/`)).toMatchObject({ status: 'timeout', duration: 2000 });
		expect(await running.finished(`${path}2/`)).toMatchObject({ status: 'failure', result: { stderr: 'TypeError: no such column' } });
	});
});

describe('throttling', () => {
	let throttled: Running;
	let time: AdjustableClock;

	beforeAll(async () => {
		time = new AdjustableClock({ frozen: true });
		throttled = await start({ rates: { instance: 3, administrator: 2 } }, time);
		throttled.syncano.addInstance({ name: 'one' });
		throttled.syncano.addInstance({ name: 'two', requestsPerSecond: 1 });
	});
	afterAll(() => throttled.stop());

	it('test_throttle: so many requests a second for each instance, and for each administrator outside them', async () => {
		const statuses = async (path: string, count: number) => {
			const found: number[] = [];
			for (let index = 0; index < count; index += 1) found.push((await throttled.call(path)).status);
			return found;
		};
		expect(await statuses('/v1.1/instances/one/', 4)).toEqual([200, 200, 200, 429]);
		expect(await statuses('/v1.1/instances/two/', 2)).toEqual([200, 429]);
		expect(await statuses('/v1.1/account/', 3)).toEqual([200, 200, 429]);
		time.advance(999);
		const answer = await throttled.call('/v1.1/instances/two/');
		expect([answer.status, answer.json, answer.headers.get('retry-after')]).toEqual([
			429,
			{ detail: 'Request was throttled. Expected available in 1 second.' },
			'1',
		]);
		time.advance(1);
		expect(await statuses('/v1.1/instances/two/', 1)).toEqual([200]);
	});
});

describe('size limits', () => {
	it('a body of 524288 bytes passes, one more is refused', async () => {
		const path = addInstance('sizes');
		const body = (size: number) => `{"payload":"${' '.repeat(size - 14)}"}`;
		// Blanks alone are no JSON: the request was read.
		expect((await running.call(`${path}snippets/scripts/1/run/`, { body: body(524_288) })).status).toBe(400);
		expect((await running.call(`${path}snippets/scripts/1/run/`, { body: body(524_289) })).status).toBe(413);
		expect((await running.call(`${path}endpoints/scripts/quick/run/`, { body: `{"a":"${'x'.repeat(524_288)}"}` })).status).toBe(413);
	});

	it('request line and headers of an endpoint over 8 KiB', async () => {
		const path = addInstance('heads', {});
		const answer = await running.call(`${path}endpoints/scripts/quick/run/?a=${'x'.repeat(8192)}`);
		expect([answer.status, answer.json]).toEqual([400, { detail: 'Too big request passed.' }]);
		expect((await running.call(`${path}endpoints/scripts/quick/run/?a=${'x'.repeat(7000)}`)).status).toBe(200);
	});

	it('endpoint traces in a list do not show what is too long', async () => {
		const path = addInstance('lengths', {});
		const reply = await running.call(`${path}endpoints/scripts/quick/run/`, { body: { text: 'x'.repeat(70_000) } });
		const [listed] = objects(await running.call(`${path}endpoints/scripts/quick/traces/`));
		expect(listed?.args).toEqual({ __error__: 'Payload is too big to show in trace.' });
		const detail = await running.call(`${path}endpoints/scripts/quick/traces/${String(record(reply.json).id)}/`);
		expect(record(detail.json).args).toEqual({ POST: { text: 'x'.repeat(70_000) }, GET: {} });
	});
});

describe('output', () => {
	const separator = '--a-separator--';

	it.each([
		['a status that is no number', '[null,"text/plain","x",{}]', { stderr: 'Incorrect custom response received.', stdout: 'out' }],
		['headers that are no object', '[200,"text/plain","x","headers"]', { stderr: 'Incorrect custom response received.', stdout: 'out' }],
		['a response that is cut off', '[200,"text/pl', { stderr: 'stdout and/or stderr max size exceeded.', stdout: 'out' }],
		['empty headers', '[200,"text/plain","x",{}]', { stderr: 'err', stdout: 'out', response: { status: 200, content_type: 'text/plain', content: 'x' } }],
	])('%s', (_name, tail, expected) => {
		expect(parseOutput(`out\n\n${separator}${tail}`, 'err\n', separator)).toEqual(expected);
	});

	it('splits at the last separator', () => {
		const printed = `${separator}a${separator}[200,"text/plain","x",{}]`;
		expect(parseOutput(printed, '', separator).stdout).toBe(`${separator}a`);
	});

	it('is cut at 524288 characters, stdout first, and characters are not UTF-16 units', () => {
		const cut = parseOutput('😀'.repeat(524_000), 'e'.repeat(1000), separator);
		expect([Array.from(cut.stdout).length, cut.stderr.length]).toEqual([524_000, 288]);
	});

	const runner = new ScriptRunner();
	afterAll(() => runner.stop());
	const given = { ARGS: {}, CONFIG: {}, META: {}, timeoutSeconds: 20 };

	it.each([
		['a rejection that nobody handles', 'Promise.reject(new Error("lost"))', 'success', 0, /UnhandledPromiseRejectionWarning: Error: lost/],
		['a syntax error', 'var = 1', 'failure', 1, /SyntaxError/],
		['return at the top', 'return 1', 'failure', 1, /SyntaxError/],
		['an exit code of 124', 'process.exit(124)', 'timeout', 124, /^$/],
		['a synchronous error after setResponse', "setResponse(new HttpResponse(202, 'sent')); throw new Error('boom')", 'success', 0, /^Error: boom\n {4}at main\.js:1:/],
		['a status that is no number', "setResponse(new HttpResponse('abc'))", 'success', 0, /^Incorrect custom response received\.$/],
		['an error that is no Error', "throw 'a text'", 'success', 0, /^a text$/],
	])('nodejs: %s', async (_name, source, status, exitCode, stderr) => {
		const outcome = await runner.run({ ...given, runtime: 'nodejs', source });
		expect(outcome).toMatchObject({ status, exitCode, result: { stderr: expect.stringMatching(stderr) as string } });
		expect(outcome.result.stderr).not.toMatch(/Node\.js v\d/);
	});

	it('nodejs: only what the service gives is there', async () => {
		const source = 'console.log(typeof fetch, typeof require, typeof Buffer, typeof setTimeout, typeof global.ARGS, typeof __dirname, Object.keys(process.env).sort().join())';
		const outcome = await runner.run({ ...given, runtime: 'nodejs', source });
		expect(outcome.result).toEqual({ stdout: 'undefined function function function object undefined HOME,LANG,PATH,TZ', stderr: '' });
	});

	it('a busy loop ends at the limit, pending timers five seconds after it, and what they have started ends too', async () => {
		const [busy, pending, python] = await Promise.all([
			runner.run({ ...given, runtime: 'nodejs', source: "console.log('a'); for (;;);", timeoutSeconds: 0.5 }),
			runner.run({ ...given, runtime: 'nodejs', source: "console.log('b'); require('child_process').spawn('sleep', ['60'], { stdio: 'inherit' }); setInterval(() => {}, 10)", timeoutSeconds: 0.5 }),
			runner.run({ ...given, runtime: 'python3', source: 'try:\n  while True: pass\nexcept: pass', timeoutSeconds: 0.5 }),
		]);
		expect(busy).toEqual({ status: 'timeout', exitCode: 124, result: { stdout: 'a', stderr: 'Error: Script execution timed out.' } });
		expect(pending).toEqual({ status: 'timeout', exitCode: null, result: { stdout: 'b', stderr: '' } });
		expect(python).toMatchObject({ status: 'timeout', exitCode: 124 });
	});
});
