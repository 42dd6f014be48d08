/** Syncano's own client for v1.1, `syncano@1.0.30`, against the emulator: an opinion on the API that is not ours. */
import { type Running, start } from './harness';

/** What of the untyped client is used here. Its requests begin when `then` is called. */
interface Client {
	readonly Script: {
		please(): {
			run(properties: object, payload: unknown): PromiseLike<Record<string, unknown>>;
			list(properties: object): PromiseLike<ResultSet>;
			get(properties: object): PromiseLike<{ run(payload: unknown): PromiseLike<Record<string, unknown>>; label: string }>;
			getRuntimes(properties: object): PromiseLike<Record<string, unknown>>;
			create(properties: object): PromiseLike<Record<string, unknown>>;
		};
	};
	readonly ScriptTrace: { please(): { get(properties: object): PromiseLike<Record<string, unknown>>; list(properties: object): PromiseLike<ResultSet> } };
	readonly ScriptEndpoint: {
		please(): {
			run(properties: object, payload: unknown): PromiseLike<Record<string, unknown>>;
			runPublic(properties: object, payload: unknown): PromiseLike<Record<string, unknown>>;
			list(properties: object): PromiseLike<ResultSet>;
			reset(properties: object): PromiseLike<Record<string, unknown>>;
		};
	};
	readonly ScriptEndpointTrace: { please(): { list(properties: object): PromiseLike<ResultSet> } };
	readonly Instance: { please(): { list(): PromiseLike<ResultSet> } };
	readonly Account: { getUserDetails(): PromiseLike<Record<string, unknown>> };
}
interface ResultSet extends Array<Record<string, unknown>> {
	hasNext(): boolean;
	next(): Promise<ResultSet>;
}
type Connect = (options: { baseUrl: string; accountKey?: string }) => Client;

// eslint-disable-next-line @typescript-eslint/no-require-imports -- the client has no types
const connect = require('syncano') as Connect;

let running: Running;
let client: Client;
const instanceName = 'tea-house';

beforeAll(async () => {
	running = await start();
	running.syncano.addInstance({ name: instanceName });
	const source = 'console.log(JSON.stringify(ARGS)); console.error("note")';
	running.syncano.addScript({ instance: instanceName, id: 1, label: 'echo', runtime_name: 'nodejs', source });
	running.syncano.addScript({
		instance: instanceName,
		id: 2,
		label: 'custom',
		runtime_name: 'nodejs',
		source: 'setResponse(new HttpResponse(201, JSON.stringify({ made: ARGS.what })))',
	});
	running.syncano.addEndpoint({ instance: instanceName, name: 'echo', script: 1, public: true });
	running.syncano.addEndpoint({ instance: instanceName, name: 'custom', script: 2 });
	client = connect({ baseUrl: running.url, accountKey: running.syncano.accountKey });
});

afterAll(() => running.stop());

/** The client's requests begin with each `then`; this begins one, once. */
const once = <Value>(request: PromiseLike<Value>): Promise<Value> =>
	new Promise((resolve, reject) => {
		// Its `then` takes no second function, but gives a whole promise.
		(request.then(resolve) as Promise<void>).catch(reject);
	});

it('runs a script and reads its trace', async () => {
	const started = await once(client.Script.please().run({ id: 1, instanceName }, { payload: { tea: 'oolong' } }));
	expect(started).toMatchObject({ status: 'pending', result: {} });
	await running.finished(`/v1.1/instances/${instanceName}/snippets/scripts/1/traces/${String(started.id)}/`);
	const trace = await once(client.ScriptTrace.please().get({ instanceName, scriptId: 1, id: started.id }));
	expect(trace).toMatchObject({ status: 'success', result: { stdout: '{"tea":"oolong"}', stderr: 'note' } });
	expect(trace.executed_at).toBeInstanceOf(Date);
});

it('loses the arguments where it does not wrap them, as it does on the live service', async () => {
	const script = await once(client.Script.please().get({ instanceName, id: 1 }));
	expect(script.label).toBe('echo');
	const started = await once(script.run({ tea: 'oolong' }));
	const trace = await running.finished(`/v1.1/instances/${instanceName}/snippets/scripts/1/traces/${String(started.id)}/`);
	expect(trace.result).toMatchObject({ stdout: '{}' });
});

it('runs an endpoint, with the default and with a custom reply', async () => {
	const trace = await once(client.ScriptEndpoint.please().run({ name: 'echo', instanceName }, { tea: 'sencha' }));
	expect(trace).toMatchObject({ status: 'success', result: { stdout: '{"tea":"sencha"}' } });
	const custom = await once(client.ScriptEndpoint.please().run({ name: 'custom', instanceName }, { what: 'tea' }));
	expect(custom).toMatchObject({ made: 'tea' });
	expect(running.journal.requests.at(-1)?.status).toBe(201);
});

it('runs a public link without a key, also after a reset', async () => {
	const anonymous = connect({ baseUrl: running.url });
	const endpoint = running.syncano.instance(instanceName).endpoints.get('echo');
	const link = endpoint?.publicLink;
	const trace = await once(anonymous.ScriptEndpoint.please().runPublic({ public_link: link, name: 'echo', instanceName }, { tea: 'pu-erh' }));
	expect(trace).toMatchObject({ status: 'success', result: { stdout: '{"tea":"pu-erh"}' } });
	expect(running.journal.requests.at(-1)?.headers).not.toHaveProperty('x-api-key');
	const reset = await once(client.ScriptEndpoint.please().reset({ name: 'echo', instanceName }));
	expect(reset.public_link).not.toBe(link);
	await expect(once(anonymous.ScriptEndpoint.please().runPublic({ public_link: link, name: 'echo', instanceName }, {}))).rejects.toMatchObject({ status: 404 });
});

it('lists', async () => {
	expect((await once(client.Instance.please().list())).map(({ name }) => name)).toEqual([instanceName]);
	expect((await once(client.Script.please().list({ instanceName }))).map(({ label }) => label)).toEqual(['echo', 'custom']);
	expect((await once(client.ScriptEndpoint.please().list({ instanceName }))).map(({ name }) => name)).toEqual(['echo', 'custom']);
	const traces = await once(client.ScriptTrace.please().list({ instanceName, scriptId: 1 }));
	expect(traces.map(({ id }) => id)).toEqual([2, 1]);
	expect(traces.hasNext()).toBe(false);
	const runs = await once(client.ScriptEndpointTrace.please().list({ instanceName, scriptEndpointName: 'custom' }));
	expect(runs.map(({ args }) => args)).toEqual([{ POST: { what: 'tea' }, GET: {} }]);
	expect(await once(client.Script.please().getRuntimes({ instanceName }))).toHaveProperty('python3');
	expect(await once(client.Account.getUserDetails())).toMatchObject({ email: 'owner@example.com' });
});

it('creates a script that then runs', async () => {
	const created = await once(client.Script.please().create({ instanceName, label: 'new', runtime_name: 'python3', source: "print('brewed')" }));
	expect(await running.run(instanceName, Number(created.id))).toMatchObject({ status: 'success', result: { stdout: 'brewed' } });
});

it('reads the errors', async () => {
	const wrong = connect({ baseUrl: running.url, accountKey: 'f'.repeat(40) });
	await expect(once(wrong.Script.please().list({ instanceName }))).rejects.toMatchObject({ status: 403, message: 'No such API Key.' });
	await expect(once(client.Script.please().run({ id: 1, instanceName }, { payload: 42 }))).rejects.toMatchObject({
		status: 400,
		message: '"payload" Payload passed in invalid format.',
	});
});

it('waits for what Retry-After says, and then succeeds', async () => {
	running.faults.add({ fault: 'syncanoThrottled', times: 1, urlIncludes: '/account/' });
	const before = running.journal.requests.length;
	expect(await once(client.Account.getUserDetails())).toHaveProperty('email');
	expect(running.journal.requests.slice(before).map(({ status }) => status)).toEqual([429, 200]);
});
