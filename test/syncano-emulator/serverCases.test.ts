/** The cases of the original server's own tests, each at the emulator; `test_throttle` and `test_webhook_expire_at` are in limits.test.ts. */
import { type Running, objects, record, start } from './harness';

let running: Running;
const scripts = '/v1.1/instances/mine/snippets/scripts/';
const endpoints = '/v1.1/instances/mine/endpoints/scripts/';

/** Adds a script, and an endpoint of the same name. */
function add(name: string, runtime_name: string, source: string, config: Record<string, unknown> = {}, instance = 'mine'): number {
	const { id } = running.syncano.addScript({ instance, label: name, runtime_name, source, config });
	running.syncano.addEndpoint({ instance, name, script: id, public: name === 'public' });
	return id;
}

const echo = 'console.log(JSON.stringify(ARGS))';
const stdoutOf = (trace: unknown): string => String(record(record(trace).result).stdout);

beforeAll(async () => {
	running = await start({ apiHost: 'api.syncano.test', spaceHost: 'syncano.space.test' });
	running.syncano.addInstance({ name: 'mine', concurrency: 4 });
	running.syncano.addInstance({ name: 'older', createdYear: 2000 });
	add('echo', 'nodejs', echo);
	add('public', 'nodejs', echo);
	add('echo', 'nodejs', echo, {}, 'older');
});

afterAll(() => running.stop());

describe('test_codebox_api', () => {
	it('passing_arguments_in_json', async () => {
		const id = add('difference', 'python_library_v5.0', "print(ARGS['first']-ARGS['second'])");
		const trace = await running.run('mine', id, '{"first":42,"second":1337}');
		expect(stdoutOf(trace)).toBe('-1295');
	});

	it.each(['a{}', '"do I look like json? {really?)"'])('malformed_json %s', async (payload) => {
		const answer = await running.call(`${scripts}1/run/`, { body: { payload } });
		expect(answer.status).toBe(400);
	});

	it('starting_codebox_returns_trace', async () => {
		const answer = await running.call(`${scripts}1/run/`, { body: { payload: '{}' } });
		expect(answer.status).toBe(200);
		const { id, links, ...rest } = record(answer.json);
		expect(rest).toEqual({ status: 'pending', executed_at: null, duration: null, result: {} });
		expect(record(links).self).toBe(`${scripts}1/traces/${String(id)}/`);
	});

	it('TestPassingPayload::different_payloads', async () => {
		expect(JSON.parse(stdoutOf(await running.run('mine', 1, { random: 42 })))).toEqual({ random: 42 });
		expect(JSON.parse(stdoutOf(await running.run('mine', 1, [{ key: 'value' }])))).toEqual([{ key: 'value' }]);
		for (const payload of [42, 'invalid']) expect((await running.call(`${scripts}1/run/`, { body: { payload } })).status).toBe(400);
	});

	it('too_big_payload', async () => {
		const part = 'a'.repeat(524_288 / 10);
		const payload = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`key${index}`, part]));
		const answer = await running.call(`${scripts}1/run/`, { body: { payload } });
		expect(answer.status).toBe(413);
		expect(answer.json).toEqual({ detail: 'Request size limit exceeded (524288).' });
		const anonymous = await running.call(`${scripts}1/run/`, { body: { payload }, key: null });
		expect(anonymous.status).toBe(413);
	});

	it('result_with_cutoff', async () => {
		const id = add('long', 'nodejs', "console.log('x'.repeat(70000))");
		const trace = await running.run('mine', id);
		expect(stdoutOf(trace)).toHaveLength(70_000);
		const [listed] = objects(await running.call(`${scripts}${id}/traces/`));
		expect(listed?.result).toEqual({ __error__: 'Result is too big to show in trace.' });
	});

	it('TestTracesView', async () => {
		const trace = await running.run('mine', 1);
		const other = running.syncano.addAdministrator({ email: 'other@example.com' });
		for (const path of [`${scripts}1/traces/`, `${scripts}1/traces/${String(trace.id)}/`]) {
			expect((await running.call(path)).status).toBe(200);
			expect((await running.call(path, { key: other.accountKey })).status).toBe(403);
		}
		const missing = await running.call(`${scripts}1/traces/abcdef/`);
		expect([missing.status, missing.json]).toEqual([404, { detail: 'Not found.' }]);
	});

	it('TestScriptFromSocketDetail', async () => {
		const { id } = running.syncano.addScript({ instance: 'mine', label: 'of a socket', runtime_name: 'nodejs', source: echo, socket: { name: 'mail' } });
		const started = running.journal.executions.length;
		expect((await running.call(`${scripts}${id}/`)).status).toBe(200);
		expect((await running.call(`${scripts}${id}/run/`, { body: {} })).status).toBe(403);
		for (const method of ['PATCH', 'PUT', 'DELETE']) {
			expect((await running.call(`${scripts}${id}/`, { method, body: { label: 'x' } })).status).toBe(403);
		}
		expect(running.journal.executions).toHaveLength(started);
	});

	it.each([
		['a bad runtime', { runtime_name: 'cobol' }, 'runtime_name'],
		['no runtime', { runtime_name: undefined }, 'runtime_name'],
		['a bad config', { config: '{"not really json"}' }, 'config'],
		['a source over the limit', { source: 'x'.repeat(3 * 1024 * 1024 + 1) }, 'source'],
	])('creating: %s', async (_name, fields, refused) => {
		const answer = await running.call(scripts, { body: { label: 'new', runtime_name: 'nodejs', source: '', ...fields } });
		expect(answer.status).toBe(400);
		expect(Object.keys(record(answer.json))).toEqual([refused]);
	});

	it('test_pagination', async () => {
		const { traces } = running.syncano.addInstance({ name: 'paged' });
		const { id } = running.syncano.addScript({ instance: 'paged', label: 'paged', runtime_name: 'nodejs', source: '' });
		for (let count = 0; count < 5; count += 1) traces.scripts.add(`scripts/${id}`);
		const list = `/v1.1/instances/paged/snippets/scripts/${id}/traces/`;
		const steps: unknown[] = [];
		let path = `${list}?page_size=2&ordering=asc`;
		for (const way of ['next', 'next', 'prev', undefined]) {
			const answer = await running.call(path);
			const { next, prev } = record(answer.json);
			steps.push([objects(answer)[0]?.id, prev === null, next === null]);
			if (way !== undefined) path = String(record(answer.json)[way]);
		}
		expect(steps).toEqual([
			[1, true, false],
			[3, false, false],
			[5, false, true],
			[3, false, false],
		]);
		for (const direction of ['abc', '2']) {
			const answer = await running.call(`${list}?direction=${direction}`);
			expect([answer.status, answer.json]).toEqual([400, { detail: 'Incorrect page parameter provided.' }]);
		}
	});

	it('test_blocking', async () => {
		const instance = running.syncano.addInstance({ name: 'crowded', concurrency: 2, queuePerRunner: 1 });
		let release: () => void = () => undefined;
		const released = new Promise<string>((resolve) => {
			release = () => {
				resolve('done');
			};
		});
		const native = { duration: 0, run: () => released };
		const { id } = running.syncano.addScript({ instance: 'crowded', label: 'held', runtime_name: 'nodejs', source: '', native });
		const started = running.journal.executions.length;
		const paths: string[] = [];
		for (let count = 0; count < 7; count += 1) {
			const answer = await running.call(`/v1.1/instances/crowded/snippets/scripts/${id}/run/`, { body: {} });
			expect(record(answer.json).status).toBe('pending');
			paths.push(String(record(record(answer.json).links).self));
		}
		const traces = () => paths.map((path) => instance.traces.scripts.get(Number(path.split('/').at(-2)))?.status);
		expect(traces()).toEqual(['processing', 'processing', 'pending', 'pending', 'blocked', 'blocked', 'blocked']);
		const blocked = await running.call(paths[6] ?? '');
		expect(record(blocked.json)).toMatchObject({ duration: null, result: {}, executed_at: expect.any(String) as string });

		// A hard limit that is reached while runs wait blocks them as well, and refuses further calls.
		instance.billing = 'hardLimit';
		const refused = await running.call(`/v1.1/instances/crowded/snippets/scripts/${id}/run/`, { body: {} });
		expect([refused.status, refused.json]).toEqual([403, { detail: 'Hard limit reached.' }]);
		release();
		while (traces().includes('processing') || traces().includes('pending')) await new Promise((resolve) => setTimeout(resolve, 5));
		expect(traces()).toEqual(['success', 'success', 'blocked', 'blocked', 'blocked', 'blocked', 'blocked']);
		expect(running.journal.executions).toHaveLength(started + 2);
	});
});

describe('webhooks test_api', () => {
	it('TestWebhookRun', async () => {
		const run = `${endpoints}echo/run/`;
		expect(JSON.parse(stdoutOf((await running.call(`${run}?test=42`)).json))).toEqual({ test: '42' });
		expect(JSON.parse(stdoutOf((await running.call(run, { body: { a: 1 } })).json))).toEqual({ a: 1 });
		expect((await running.call(run, { body: [1] })).status).toBe(200);
		expect((await running.call(run, { body: '42' })).json).toEqual({ non_field_errors: ['Payload passed in invalid format.'] });
		expect((await running.call(run, { body: '"invalid"' })).status).toBe(400);
		expect((await running.call(`${endpoints}unknown/run/`)).status).toBe(404);
	});

	it('test_arbitrary_post', async () => {
		add('meta', 'nodejs', 'console.log(JSON.stringify([ARGS, META]))');
		const body = { action: 'opened', repository: { full_name: 'octo/cat' } };
		const answer = await running.call(`${endpoints}meta/run/`, { body, headers: { 'x-github-event': 'issues', 'x-github-delivery': '7', 'x-forwarded-for': '10.0.0.1, 10.0.0.2' } });
		const [args, meta] = JSON.parse(stdoutOf(answer.json)) as [unknown, Record<string, unknown>];
		expect(args).toEqual(body);
		expect(meta).toMatchObject({ executed_by: 'webhook', executor: 'meta', instance: 'mine', metadata: {}, async: 0, admin: { id: 1, email: 'owner@example.com' } });
		expect(meta.request).toEqual({
			HTTP_HOST: expect.any(String) as string,
			HTTP_X_GITHUB_EVENT: 'issues',
			HTTP_X_GITHUB_DELIVERY: '7',
			PATH_INFO: `${endpoints}meta/run/`,
			REQUEST_METHOD: 'POST',
			REMOTE_ADDR: '10.0.0.1',
		});
	});

	it('test_handling_files', async () => {
		const boundary = '----a-boundary';
		const body = [
			`--${boundary}`,
			'Content-Disposition: form-data; name="file"; filename="notes.txt"',
			'Content-Type: text/plain',
			'',
			'the notes',
			`--${boundary}`,
			'Content-Disposition: form-data; name="name"',
			'',
			'Ada',
			`--${boundary}--`,
			'',
		].join('\r\n');
		const answer = await running.call(`${endpoints}echo/run/`, { body, contentType: `multipart/form-data; boundary=${boundary}` });
		expect(JSON.parse(stdoutOf(answer.json))).toEqual({ file: 'the notes', name: 'Ada' });
	});

	it('test_combining_payload_args_on_older_instance', async () => {
		const path = '/v1.1/instances/older/endpoints/scripts/echo/';
		const answer = await running.call(`${path}run/?def=456`, { body: { abc: '123' } });
		expect(JSON.parse(stdoutOf(answer.json))).toEqual({ POST: { abc: '123' }, GET: { def: '456' }, abc: '123', def: '456' });
		const trace = await running.call(`${path}traces/${String(record(answer.json).id)}/`);
		expect(record(trace.json).args).toEqual({ GET: { def: '456' }, POST: { abc: '123' } });
	});

	it('TestWebhooksPublicRun', async () => {
		const mine = running.syncano.instance('mine');
		const open = mine.endpoints.get('public');
		const closed = mine.endpoints.get('echo');
		if (open === undefined || closed === undefined) throw new Error('They are not there.');
		const answer = await running.call(`${running.syncano.publicPath(open)}?a=1`, { key: null });
		expect([answer.status, JSON.parse(stdoutOf(answer.json))]).toEqual([200, { a: '1' }]);
		const refused = await running.call(running.syncano.publicPath(closed), { key: null });
		expect([refused.status, refused.json]).toEqual([404, { detail: 'Not found.' }]);
		// The name in the path does not matter, and the older version of the API has a path without it.
		expect((await running.call(`${endpoints}p/${open.publicLink}/anything/`, { key: null, body: {} })).status).toBe(200);
		expect((await running.call(`/v1/instances/mine/webhooks/p/${open.publicLink}/`, { key: null })).status).toBe(200);
	});
});

describe('test_handler, test_codebox', () => {
	it('test_handler: the trace as default reply', async () => {
		const answer = await running.call(`${endpoints}echo/run/`);
		expect(answer.headers.get('content-type')).toBe('application/json');
		expect(answer.headers.get('cache-control')).toBe('no-cache');
		expect(Object.keys(record(answer.json)).sort()).toEqual(['duration', 'executed_at', 'id', 'result', 'status']);
		expect(answer.text).toMatch(/^\{"status": "success", "executed_at": "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", "result": \{/);
	});

	it('test_handler: a custom reply', async () => {
		add('custom', 'nodejs', "console.log('kept'); setResponse(new HttpResponse(201, 'bogus', 'text/plain', {'X-abc': '123'}))");
		const answer = await running.call(`${endpoints}custom/run/`);
		expect([answer.status, answer.text, answer.headers.get('content-type'), answer.headers.get('x-abc')]).toEqual([201, 'bogus', 'text/plain', '123']);
	});

	it.each([
		['nodejs', "setResponse(new HttpResponse(201,'content','text/plain'))", undefined],
		['nodejs', "setResponse(new HttpResponse(201,'content','text/plain',{'x-abc':'123'}))", { 'x-abc': '123' }],
		['python3', "set_response(HttpResponse(201,'content','text/plain'))", undefined],
		['python3', "set_response(HttpResponse(201,'content','text/plain',{'x-abc':'123'}))", { 'x-abc': '123' }],
	])('test_httpresponse(_with_headers) in %s: %s', async (runtime, source, headers) => {
		const say = runtime === 'nodejs' ? 'console.log' : 'print';
		const { id } = running.syncano.addScript({ instance: 'mine', label: 'custom', runtime_name: runtime, source: `${say}('said')\n${source}` });
		const { status, result } = await running.run('mine', id);
		const response = { status: 201, content: 'content', content_type: 'text/plain', ...(headers === undefined ? {} : { headers }) };
		expect({ status, result }).toEqual({ status: 'success', result: { stdout: 'said', stderr: '', response } });
	});

	it.each(['nodejs', 'nodejs_library_v0.4', 'nodejs_library_v1.0', 'nodejs_v6'])('test_all_runtimes: %s', async (runtime) => {
		const { id } = running.syncano.addScript({ instance: 'mine', label: runtime, runtime_name: runtime, source: "console.log('said')" });
		expect(await running.run('mine', id)).toMatchObject({ status: 'success', result: { stdout: 'said', stderr: '' } });
	});

	it.each(['python', 'python_library_v4.2', 'python_library_v5.0', 'python3'])('test_all_runtimes: %s', async (runtime) => {
		const { id } = running.syncano.addScript({ instance: 'mine', label: runtime, runtime_name: runtime, source: "print('said')" });
		const { status, result } = await running.run('mine', id);
		expect({ status, result }).toEqual({ status: 'success', result: { stdout: 'said', stderr: '' } });
	});

	it.each(['ruby', 'golang', 'swift', 'php'])('test_all_runtimes: %s, which the emulator does not have, fails and is not run', async (runtime) => {
		const { id } = running.syncano.addScript({ instance: 'mine', label: runtime, runtime_name: runtime, source: "puts 'said'" });
		const begun = running.journal.executions.length;
		const { status, result } = await running.run('mine', id);
		expect({ status, result }).toEqual({
			status: 'failure',
			result: { stdout: '', stderr: `${runtime}: this emulator does not have the runtime, the script was not run.` },
		});
		expect(running.journal.executions).toHaveLength(begun);
	});

	it('test_nodejs_context_separation', async () => {
		const { id } = running.syncano.addScript({ instance: 'mine', label: 'fs', runtime_name: 'nodejs', source: "console.log(typeof fs === 'undefined')" });
		expect(stdoutOf(await running.run('mine', id))).toBe('true');
	});

	it('test_host_in_meta', async () => {
		const { id } = running.syncano.addScript({ instance: 'mine', label: 'hosts', runtime_name: 'nodejs', source: 'console.log(JSON.stringify(META))' });
		expect(JSON.parse(stdoutOf(await running.run('mine', id)))).toEqual({
			executed_by: 'codebox',
			executor: id,
			instance: 'mine',
			api_host: 'api.syncano.test',
			space_host: 'syncano.space.test',
			async: 0,
		});
	});

	it('test_full_access_token_creation', async () => {
		const { id } = running.syncano.addScript({
			instance: 'mine',
			label: 'token',
			runtime_name: 'nodejs',
			source: 'console.log(META.token, JSON.stringify(CONFIG))',
			config: { allow_full_access: true, timeout: 20, async: 1, mcpu: 1, shown: 'yes' },
		});
		const [token = '', config] = stdoutOf(await running.run('mine', id)).split(' ');
		expect(config).toBe('{"shown":"yes"}');
		expect((await running.call(scripts, { key: token })).status).toBe(200);
		expect((await running.call('/v1.1/instances/older/snippets/scripts/', { key: token })).status).toBe(403);
		const [instance, , hmac] = token.split(':');
		expect((await running.call(scripts, { key: `${String(instance)}:1:${String(hmac)}` })).status).toBe(403);
	});
});

describe('response templates', () => {
	it('test_response_template(_with_custom_response)', async () => {
		running.syncano.addTemplate({
			instance: 'mine',
			name: 'greeting',
			contentType: 'text/html',
			render: ({ result }) => `<div>${(result.response?.content ?? result.stdout) as string}</div>`,
		});
		add('greet', 'nodejs', "console.log('Hello World!!!')");
		add('greet-custom', 'nodejs', "setResponse(new HttpResponse(201, 'Hello World!!!', 'text/plain'))");
		const plain = await running.call(`${endpoints}greet/run/?template=greeting`);
		expect([plain.status, plain.headers.get('content-type'), plain.text]).toEqual([200, 'text/html', '<div>Hello World!!!</div>']);
		const custom = await running.call(`${endpoints}greet-custom/run/`, { headers: { 'x-template-response': 'greeting' } });
		expect([custom.status, custom.headers.get('content-type'), custom.text]).toEqual([201, 'text/html', '<div>Hello World!!!</div>']);
		const begun = running.journal.executions.length;
		const unknown = await running.call(`${endpoints}greet/run/?template=unknown`);
		expect([unknown.status, unknown.json]).toEqual([406, { detail: 'Could not satisfy the request Accept header.' }]);
		expect(running.journal.executions).toHaveLength(begun);
	});
});
