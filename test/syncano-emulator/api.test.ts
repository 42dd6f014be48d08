import { type Running, objects, record, start } from './harness';

let running: Running;
const scripts = '/v1.1/instances/mine/snippets/scripts/';
const endpoints = '/v1.1/instances/mine/endpoints/scripts/';
const noPermission = { detail: 'You do not have permission to perform this action.' };
const quick = { run: ({ ARGS }: { ARGS: unknown }) => JSON.stringify(ARGS), duration: 0 };

beforeAll(async () => {
	running = await start();
	running.syncano.addInstance({ name: 'mine', description: 'first' });
	running.syncano.addInstance({ name: 'other' });
	running.syncano.addScript({ instance: 'mine', id: 7, label: 'quick', runtime_name: 'nodejs', source: 'x'.repeat(65_537), native: quick });
	running.syncano.addScript({ instance: 'mine', id: 8, label: 'another', runtime_name: 'python3', source: '' });
	running.syncano.addEndpoint({ instance: 'mine', name: 'quick', script: 7 });
	running.syncano.addEndpoint({ instance: 'mine', name: 'open', script: 7, public: true });
});

afterAll(() => running.stop());

/** Sets a custom reply of a fixed kind, and calls it. */
async function reply(source: string, headers: Record<string, string> = {}) {
	const { id } = running.syncano.addScript({ instance: 'mine', label: 'reply', runtime_name: 'nodejs', source });
	running.syncano.addEndpoint({ instance: 'mine', name: `reply-${id}`, script: id });
	return await running.call(`${endpoints}reply-${id}/run/`, { headers });
}

describe('keys', () => {
	it('say by their last digit what they are', () => {
		const even = [running.syncano.accountKey, running.syncano.addAdministrator({ email: 'even@example.com' }).accountKey];
		const odd = [...running.syncano.instances.values()].map(({ instanceKey }) => instanceKey);
		expect(even.every((key) => /^[0-9a-f]{39}[02468ace]$/.test(key))).toBe(true);
		expect(odd.every((key) => /^[0-9a-f]{39}[13579bdf]$/.test(key))).toBe(true);
	});

	it.each([
		['X-API-KEY', (key: string) => ({ headers: { 'x-api-key': key } })],
		['Authorization: token', (key: string) => ({ headers: { authorization: `token ${key}` } })],
		['Authorization: Bearer', (key: string) => ({ headers: { authorization: `Bearer ${key}` } })],
		['Authorization: ApiKey', (key: string) => ({ headers: { authorization: `ApiKey ${key}` } })],
		['_api_key in JSON', (key: string) => ({ body: { _api_key: key, payload: {} } })],
		['_api_key in a form', (key: string) => ({ body: `_api_key=${key}`, contentType: 'application/x-www-form-urlencoded' })],
	])('are taken from %s', async (_name, request) => {
		const call = { method: 'POST', key: null, ...request(running.syncano.accountKey) };
		expect((await running.call(`${scripts}7/run/`, call)).status).toBe(200);
		const wrong = await running.call(`${scripts}7/run/`, { ...call, ...request('f'.repeat(40)) });
		expect([wrong.status, wrong.json]).toEqual([403, { detail: 'No such API Key.' }]);
	});

	it.each(['api_key', 'apikey'])('are taken from ?%s=, and do not reach the script', async (name) => {
		const answer = await running.call(`${endpoints}quick/run/?${name}=${running.syncano.accountKey}&a=1`, { key: null });
		expect(record(record(answer.json).result).stdout).toBe('{"a":"1"}');
	});

	it('are taken from the header before all else', async () => {
		const path = `${scripts}?api_key=${running.syncano.accountKey}`;
		expect((await running.call(path, { key: 'f'.repeat(40) })).status).toBe(403);
		expect((await running.call(path, { key: null })).status).toBe(200);
	});

	it('of a wrong kind or none are no permission, and never a 401', async () => {
		for (const key of [null, running.syncano.instance('mine').instanceKey]) {
			for (const path of [scripts, `${scripts}7/run/`, `${endpoints}quick/run/`, '/v1.1/account/', '/v1.1/instances/']) {
				const answer = await running.call(path, { key, method: path.endsWith('run/') ? 'POST' : 'GET' });
				expect([path, answer.status, answer.json]).toEqual([path, 403, noPermission]);
			}
		}
		expect((await running.call(scripts, { key: 'not-forty-digits' })).json).toEqual({ detail: 'No such API Key.' });
	});

	it('of a reader allow GETs, also the run of an endpoint by GET, and nothing else', async () => {
		const { accountKey: key } = running.syncano.addAdministrator({ email: 'reader@example.com', roles: { mine: 'read' } });
		const statuses = await Promise.all([
			running.call(scripts, { key }),
			running.call(`${scripts}7/traces/`, { key }),
			running.call(`${endpoints}quick/run/?a=1`, { key }),
			running.call(`${endpoints}quick/run/`, { key, body: {} }),
			running.call(`${scripts}7/run/`, { key, body: {} }),
			running.call('/v1.1/instances/other/snippets/scripts/', { key }),
		]);
		expect(statuses.map(({ status }) => status)).toEqual([200, 200, 200, 403, 403, 403]);
		expect(objects(await running.call('/v1.1/instances/', { key })).map(({ name, role }) => [name, role])).toEqual([['mine', 'read']]);
		const { accountKey: writer } = running.syncano.addAdministrator({ email: 'writer@example.com', roles: { mine: 'write' } });
		expect((await running.call(`${scripts}7/run/`, { key: writer, body: {} })).status).toBe(200);
	});
});

describe('errors', () => {
	it('malformed JSON comes before a wrong key, an unknown instance before both keys and permissions', async () => {
		const malformed = await running.call(`${scripts}7/run/`, { key: 'f'.repeat(40), body: '{bad' });
		expect([malformed.status, malformed.json]).toEqual([400, { detail: 'JSON parse error - Parse error at offset 1: Missing a name for object member.' }]);
		const unknown = await running.call('/v1.1/instances/nowhere/snippets/scripts/7/run/', { key: null, body: {} });
		expect([unknown.status, unknown.json]).toEqual([404, { detail: 'Instance was not found.' }]);
	});

	it.each([
		['GET', `${scripts}99/`, 404, 'Not found.'],
		['POST', `${scripts}99/run/`, 404, 'Not found.'],
		['POST', `${scripts}seven/run/`, 404, 'Not found.'],
		['POST', `${scripts}%E0%A4%A/run/`, 404, 'Not found.'],
		['GET', `${scripts}99/traces/`, 404, 'Script was not found.'],
		['GET', `${endpoints}none/run/`, 404, 'Not found.'],
		['GET', `${endpoints}none/traces/`, 404, 'Script Endpoint was not found.'],
		['GET', `${scripts}7/run/`, 405, 'Method "GET" not allowed.'],
		['PUT', `${endpoints}quick/run/`, 405, 'Method "PUT" not allowed.'],
		['DELETE', `${endpoints}quick/run/`, 405, 'Method "DELETE" not allowed.'],
		['GET', `${scripts}7/traces/?page_size=-1`, 400, 'Incorrect page parameter provided.'],
		['GET', `${scripts}7/traces/?page_size=NaN`, 400, 'Incorrect page parameter provided.'],
		['GET', `${scripts}7/traces/?last_pk=x`, 400, 'Incorrect page parameter provided.'],
	])('%s %s: %i %s', async (method, path, status, detail) => {
		const answer = await running.call(path, { method });
		expect([answer.status, answer.json]).toEqual([status, { detail }]);
	});

	it.each([`${scripts}7/run`, scripts.slice(0, -1), `${endpoints}p/0123/`, '/v1.1/', '/v1.1/nothing/'])('HTML for a path without a route: %s', async (path) => {
		const answer = await running.call(path, { method: 'POST', body: {} });
		expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'text/html']);
	});

	it.each([
		['noSubscription', 'No active subscription.'],
		['hardLimit', 'Hard limit reached.'],
		['freeLimits', 'Free limits exceeded.'],
		['overdueInvoices', 'Account blocked due to overdue invoices.'],
	] as const)('billing: %s', async (billing, detail) => {
		const instance = running.syncano.instance('other');
		instance.billing = billing;
		const answer = await running.call('/v1.1/instances/other/snippets/scripts/');
		instance.billing = undefined;
		expect([answer.status, answer.json]).toEqual([403, { detail }]);
	});

	it('a run in a batch is refused, the rest of the batch answered', async () => {
		const requests = [
			{ method: 'GET', path: `${scripts}7/?fields=id` },
			{ method: 'POST', path: `${endpoints}quick/run/`, body: { a: 1 } },
			{ method: 'POST', path: `${scripts}7/run/`, body: {} },
		];
		const begun = running.journal.executions.length;
		const answer = await running.call('/v1.1/instances/mine/batch/', { body: { requests } });
		const refused = { code: 405, content: { detail: 'Batching not allowed.' } };
		expect(answer.json).toEqual([{ code: 200, content: { id: 7 } }, refused, refused]);
		expect(running.journal.executions).toHaveLength(begun);
	});

	it('paths of other services are not answered', async () => {
		const request = { id: 1, method: 'GET', headers: {}, body: Buffer.alloc(0), closed: new AbortController().signal };
		for (const path of ['/v1/scripts/abc:run', '/v1/instances/mine/', '/token', '/']) {
			const given = { ...request, url: new URL(path, 'http://localhost') };
			expect([running.syncano.owns?.(given), await running.syncano.handle(given)]).toEqual([false, undefined]);
		}
	});
});

describe('request bodies of a script', () => {
	it.each([
		['{"payload":"{\\"KEY\\":\\"VALUE\\"}"}', 'application/json', { KEY: 'VALUE' }],
		['{"payload":"[1]"}', 'application/json', [1]],
		['{"payload":""}', 'application/json', {}],
		['', 'application/json', {}],
		['', null, {}],
		['{"KEY":"VALUE"}', 'application/json', {}],
		['payload=%7B%22a%22%3A1%7D', 'application/x-www-form-urlencoded', { a: 1 }],
	])('%s as %s', async (body, contentType, expected) => {
		const answer = await running.call(`${scripts}7/run/`, { method: 'POST', body, contentType });
		const trace = await running.finished(String(record(record(answer.json).links).self));
		expect(JSON.parse(String(record(trace.result).stdout))).toEqual(expected);
	});

	it.each([
		['"x"', { non_field_errors: ['Invalid data. Expected a dictionary, but got str.'] }],
		['null', { non_field_errors: ['No data provided'] }],
		['{"payload":42}', { payload: ['Payload passed in invalid format.'] }],
		['{"payload":"null"}', { payload: ['Payload passed in invalid format.'] }],
		['{"payload":"invalid"}', { payload: ['Not a valid JSON string.'] }],
	])('%s is refused', async (body, expected) => {
		const answer = await running.call(`${scripts}7/run/`, { body });
		expect([answer.status, answer.json]).toEqual([400, expected]);
	});

	it('text/plain may override the verb', async () => {
		const answer = await running.call(`${scripts}7/run/`, { body: '{"_method":"GET"}', contentType: 'text/plain' });
		expect([answer.status, answer.json]).toEqual([405, { detail: 'Method "GET" not allowed.' }]);
	});

	it.each([['application/xml'], ['application/vnd.api+json']])('%s is refused', async (contentType) => {
		const answer = await running.call(`${scripts}7/run/`, { body: '{}', contentType });
		expect([answer.status, answer.json]).toEqual([415, { detail: `Unsupported media type "${contentType}" in request.` }]);
	});
});

describe('arguments of an endpoint', () => {
	it('the query wins over the body, the last of repeats wins, user_key and template stay', async () => {
		running.syncano.addTemplate({ instance: 'mine', name: 'plain', contentType: 'text/plain', render: ({ result }) => String(result.stdout) });
		const answer = await running.call(`${endpoints}quick/run/?a=1&a=2&user_key=u&template=plain`, { body: { a: 0, b: 0, _user_key: 'x' } });
		expect(JSON.parse(answer.text)).toEqual({ a: '2', b: 0, user_key: 'u', template: 'plain' });
	});

	it('a form gives texts', async () => {
		const answer = await running.call(`${endpoints}quick/run/`, { body: 'a=1&b=x+y', contentType: 'application/x-www-form-urlencoded' });
		expect(record(record(answer.json).result).stdout).toBe('{"a":"1","b":"x y"}');
	});
});

describe('replies of an endpoint', () => {
	it('a failed script is HTTP 200 with its status; its own reply is not sent', async () => {
		const answer = await reply("setResponse(new HttpResponse(201, 'never', 'text/plain')); setTimeout(() => { throw new Error('late') }, 1)");
		expect(answer.status).toBe(200);
		expect(record(answer.json)).toMatchObject({ status: 'failure', result: { stdout: '' } });
	});

	it('a script that throws at once has its own reply sent', async () => {
		const answer = await reply("setResponse(new HttpResponse(202, 'sent', 'text/plain')); throw new Error('boom')");
		expect([answer.status, answer.text]).toEqual([202, 'sent']);
	});

	it.each([
		["setResponse(new HttpResponse(302, '', 'text/plain', {Location: 'http://elsewhere.invalid/'}))", 302],
		["setResponse(new HttpResponse(404, '{\"detail\":\"Not found.\"}'))", 404],
		["setResponse(new HttpResponse(503, 'down', 'text/plain'))", 503],
	])('%s', async (source, status) => {
		const answer = await reply(source);
		expect(answer.status).toBe(status);
		if (status === 302) expect(answer.headers.get('location')).toBe('http://elsewhere.invalid/');
	});

	it.each([
		["setResponse(new HttpResponse(600, 'x'))"],
		["setResponse(new HttpResponse(99, 'x'))"],
		["setResponse(new HttpResponse(200, 'x', 'text/plain', {'X-A': 'a\\nb'}))"],
	])('what HTTP does not allow is an empty 500: %s', async (source) => {
		const answer = await reply(source);
		expect([answer.status, answer.text, answer.headers.get('content-type')]).toEqual([500, '', 'application/json']);
	});

	it('text keeps its characters', async () => {
		const answer = await reply("setResponse(new HttpResponse(200, 'żółć 😀', 'text/plain; charset=utf-8'))");
		expect(answer.text).toBe('żółć 😀');
	});

	it('a request with an Origin may be read by its page', async () => {
		const answer = await running.call(`${endpoints}quick/run/`, { headers: { origin: 'http://page.example' } });
		expect(answer.headers.get('access-control-allow-origin')).toBe('*');
	});

	it('META of a public link names no administrator', async () => {
		const { id } = running.syncano.addScript({ instance: 'mine', label: 'meta', runtime_name: 'nodejs', source: '', native: { run: ({ META }) => JSON.stringify(META), duration: 0 } });
		const endpoint = running.syncano.addEndpoint({ instance: 'mine', name: 'meta', script: id, public: true });
		const answer = await running.call(running.syncano.publicPath(endpoint), { key: null });
		expect(JSON.parse(String(record(record(answer.json).result).stdout))).not.toHaveProperty('admin');
		const trace = await running.call(`${endpoints}meta/traces/${String(record(answer.json).id)}/`);
		expect(Object.keys(record(trace.json))).toEqual(['id', 'status', 'executed_at', 'duration', 'result', 'meta', 'args', 'links']);
	});
});

describe('CONFIG', () => {
	it("is the instance's, the socket's and the script's, without what is meant for the service", async () => {
		const { config } = running.syncano.addInstance({ name: 'configured', config: { a: 'instance', b: 'instance', timeout: 3 } });
		expect(config).toHaveProperty('timeout');
		const { id } = running.syncano.addScript({
			instance: 'configured',
			label: 'CONFIG',
			runtime_name: 'nodejs',
			source: '',
			config: { b: 'script', mcpu: 2 },
			native: { run: ({ CONFIG }) => JSON.stringify(CONFIG), duration: 0 },
		});
		const trace = await running.run('configured', id);
		expect(record(trace.result).stdout).toBe('{"a":"instance","b":"script"}');
	});
});

describe('lists', () => {
	it('instances, with paging and chosen fields', async () => {
		const first = await running.call('/v1.1/instances/?page_size=1&fields=name');
		expect(objects(first)).toEqual([{ name: 'mine' }]);
		const second = await running.call(String(record(first.json).next));
		expect(objects(second)).toEqual([{ name: 'other' }]);
		const back = await running.call(String(record(second.json).prev));
		expect(objects(back)).toEqual([{ name: 'mine' }]);
	});

	it('scripts, in the order of their ids, by the beginning of their label; a long source is cut in the list only', async () => {
		const found = await running.call(`${scripts}?label__startswith=quick&fields=id,label,runtime_name,source`);
		const [script, ...others] = objects(found);
		expect(others).toEqual([]);
		expect(script).toMatchObject({ id: 7, label: 'quick', runtime_name: 'nodejs' });
		expect(script?.source).toBe(`${'x'.repeat(65_536)}\n(...truncated...)`);
		expect(String(record((await running.call(`${scripts}7/`)).json).source)).toHaveLength(65_537);
		expect(objects(await running.call(`${scripts}?excluded_fields=source,links&page_size=2`)).map((one) => [one.id, 'source' in one])).toEqual([
			[7, false],
			[8, false],
		]);
		expect(record(script).links).toBeUndefined();
	});

	it('endpoints, with their links; reset_link gives a new public link', async () => {
		const open = objects(await running.call(endpoints)).find(({ name }) => name === 'open');
		const before = String(open?.public_link);
		expect(before).toMatch(/^[0-9a-f]{40}$/);
		expect(open).toMatchObject({ script: 7, public: true, links: { run: `${endpoints}open/run/`, 'public-link': `${endpoints}p/${before}/open/` } });
		const after = String(record((await running.call(`${endpoints}open/reset_link/`, { method: 'POST' })).json).public_link);
		expect(after).not.toBe(before);
		expect((await running.call(`${endpoints}p/${before}/open/`, { key: null })).status).toBe(404);
		expect((await running.call(`${endpoints}p/${after}/open/`, { key: null })).status).toBe(200);
	});

	it('runtimes and the account', async () => {
		const runtimes = record((await running.call(`${scripts}runtimes/`)).json);
		expect(Object.keys(runtimes)).toEqual([
			'nodejs_library_v0.4',
			'nodejs_library_v1.0',
			'nodejs_v6',
			'python_library_v4.2',
			'python_library_v5.0',
			'python3',
			'ruby',
			'golang',
			'swift',
			'php',
		]);
		expect(Object.keys(record((await running.call('/v1.1/account/')).json))).toEqual([
			'id',
			'email',
			'first_name',
			'last_name',
			'is_active',
			'has_password',
			'metadata',
		]);
	});
});

it('scripts and endpoints can be created, changed and deleted over HTTP', async () => {
	const base = '/v1.1/instances/other/';
	const created = await running.call(`${base}snippets/scripts/`, { body: { label: 'new', runtime_name: 'python3', source: 'print(1)', config: '{"timeout": 5}' } });
	expect(created.status).toBe(201);
	const id = Number(record(created.json).id);
	expect(record((await running.call(`${base}snippets/scripts/${id}/`, { method: 'PATCH', body: { label: 'renamed' } })).json)).toMatchObject({ label: 'renamed', config: { timeout: 5 } });
	const endpoint = await running.call(`${base}endpoints/scripts/`, { body: { name: 'New-One', script: id } });
	expect([endpoint.status, record(endpoint.json).name, record(endpoint.json).public]).toEqual([201, 'new-one', false]);
	expect((await running.call(`${base}endpoints/scripts/`, { body: { name: 'new-one', script: id } })).status).toBe(400);
	expect((await running.call(`${base}endpoints/scripts/`, { body: { name: 'x', script: 99 } })).json).toEqual({ script: ['Invalid pk "99" - object does not exist.'] });
	expect((await running.call(`${base}endpoints/scripts/new-one/`, { method: 'PATCH', body: { public: true } })).json).toMatchObject({ public: true });
	for (const path of ['endpoints/scripts/new-one/', `snippets/scripts/${id}/`]) {
		expect((await running.call(base + path, { method: 'DELETE' })).status).toBe(204);
		expect((await running.call(base + path)).status).toBe(404);
	}
});
