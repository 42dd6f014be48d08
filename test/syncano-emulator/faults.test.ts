import { syncanoFaults } from '../../emulator/syncano';
import { type Running, objects, record, start } from './harness';

let running: Running;
const scripts = '/v1.1/instances/mine/snippets/scripts/';
const endpoints = '/v1.1/instances/mine/endpoints/scripts/';

beforeAll(async () => {
	running = await start();
	running.syncano.addInstance({ name: 'mine' });
	running.syncano.addScript({ instance: 'mine', id: 1, label: 'quick', runtime_name: 'nodejs', source: '', native: { run: () => 'real output', duration: 0 } });
	running.syncano.addEndpoint({ instance: 'mine', name: 'quick', script: 1 });
});
afterAll(() => running.stop());
afterEach(() => running.faults.clear());

const begun = () => running.journal.executions.length;

it('every name says whose it is, and every description something', () => {
	for (const [name, { description }] of Object.entries(syncanoFaults)) {
		expect(name).toMatch(/^syncano[A-Z]/);
		expect(description).toMatch(/\w.*[.]$/);
	}
});

it.each([
	['syncanoMalformedJson', 400],
	['syncanoMalformedJson2016', 400],
	['syncanoMalformedEndpointJson2016', 400],
	['syncanoInvalidPayload', 400],
	['syncanoInvalidData', 400],
	['syncanoEmptyDetail', 400],
	['syncanoBadPage', 400],
	['syncanoTooBigRequest', 400],
	['syncanoWrongLocation', 400],
	['syncanoVersionMismatch', 400],
	['syncanoNoSuchKey', 403],
	['syncanoNoPermission', 403],
	['syncanoNoCredentials2016', 403],
	['syncanoNoSubscription', 403],
	['syncanoHardLimit', 403],
	['syncanoFreeLimits', 403],
	['syncanoOverdueInvoices', 403],
	['syncanoInstanceNotFound', 404],
	['syncanoScriptNotFound', 404],
	['syncanoEndpointNotFound', 404],
	['syncanoNotFound', 404],
	['syncanoNotFound2016', 404],
	['syncanoHtmlNotFound', 404],
	['syncanoWrongMethod', 405],
	['syncanoBatching', 405],
	['syncanoTemplateNotFound', 406],
	['syncanoTookTooMuchTime', 408],
	['syncanoTooLarge', 413],
	['syncanoUnsupportedMediaType', 415],
	['syncanoThrottled', 429],
	['syncanoThrottledSilent', 429],
	['syncanoServerError', 500],
	['syncanoServerErrorHtml', 500],
	['syncanoBadGateway', 502],
	['syncanoUnavailable', 503],
	['syncanoEmptyBody', 200],
])('%s: %i, and nothing is run', async (fault, status) => {
	running.faults.add({ fault, times: 1 });
	const before = begun();
	expect((await running.call(`${endpoints}quick/run/`, { body: {} })).status).toBe(status);
	expect(begun()).toBe(before);
});

it.each([
	['syncanoTookTooMuchTimeAfter', 408],
	['syncanoServerErrorAfter', 500],
	['syncanoBadGatewayAfter', 502],
	['syncanoGatewayTimeoutAfter', 504],
])('%s: %i, after the script has run once', async (fault, status) => {
	running.faults.add({ fault, times: 1 });
	const before = begun();
	expect((await running.call(`${endpoints}quick/run/`, { body: {} })).status).toBe(status);
	expect(begun()).toBe(before + 1);
});

it.each([
	['syncanoBlocked', 'blocked', {}],
	['syncanoQueueTimeout', 'queue_timeout', { stdout: '', stderr: 'Internal queue timeout.' }],
	['syncanoNeverFinishes', 'processing', {}],
])('%s: a pending trace whose status is then %s for ever, and nothing is run', async (fault, status, result) => {
	running.faults.add({ fault, times: 2, urlIncludes: '/run/' });
	const before = begun();
	const started = await running.call(`${scripts}1/run/`, { body: {} });
	expect(record(started.json)).toMatchObject({ status: 'pending', result: {} });
	const path = String(record(record(started.json).links).self);
	for (const _time of [1, 2]) expect(record((await running.call(path)).json)).toMatchObject({ status, duration: null, result });
	const endpoint = await running.call(`${endpoints}quick/run/`, { body: {} });
	expect([endpoint.status, endpoint.json]).toEqual([408, { detail: 'Script took too much time.' }]);
	expect(begun()).toBe(before);
	expect(objects(await running.call(`${scripts}1/traces/`)).some(({ id }) => path.endsWith(`/${String(id)}/`))).toBe(false);
});

it.each([
	['syncanoResultEmptyObject', { status: 'pending', result: {} }],
	['syncanoResultEmptyText', { status: 'pending', result: '' }],
	['syncanoResultText', { status: 'success', result: 'real output' }],
	['syncanoResultJsonText', { status: 'success', result: '{"stderror":"","stdout":"real output"}' }],
	['syncanoTracePending', { status: 'pending' }],
	['syncanoTraceProcessing', { status: 'processing' }],
	['syncanoTraceUnknownStatus', { status: 'paused' }],
	['syncanoTraceIdReused', { status: 'success', duration: 12, result: { stderr: '', stdout: 'the output of another run' } }],
	['syncanoTraceExpired', { detail: 'Not found.' }],
])('%s on a finished trace', async (fault, expected) => {
	const trace = await running.run('mine', 1);
	running.faults.add({ fault, times: 1 });
	const path = `${scripts}1/traces/${String(trace.id)}/`;
	expect((await running.call(path)).json).toMatchObject(expected);
	expect((await running.call(path)).json).toEqual(trace);
});

it.each([
	['syncanoEndlessPage', `${scripts}1/traces/?page_size=2`],
	['syncanoGrowingPages', `${scripts}1/traces/?page_size=2&page=2`],
	['syncanoHostileNextLink', `http://hostile.invalid${scripts}1/traces/?page_size=1&direction=1&last_pk=1`],
	['syncanoHostileNextLinkWithoutScheme', `//hostile.invalid${scripts}1/traces/?page_size=1&direction=1&last_pk=1`],
	['syncanoListWithoutObjects', null],
])('%s: the next page is %s', async (fault, next) => {
	running.faults.add({ fault, times: 1 });
	expect(record((await running.call(`${scripts}1/traces/?page_size=2`)).json).next).toBe(next);
});

it('hosts of hostile links and seconds of throttling are parameters of the rule', async () => {
	running.faults.add({ fault: 'syncanoHostileNextLink', times: 1, parameters: { host: '127.0.0.1:9' } });
	expect(record((await running.call(`${scripts}?page_size=1`)).json).next).toMatch(/^http:\/\/127\.0\.0\.1:9\//);
	running.faults.add({ fault: 'syncanoThrottled', times: 1, parameters: { seconds: 3 } });
	const answer = await running.call(scripts);
	expect([answer.headers.get('retry-after'), answer.json]).toEqual(['3', { detail: 'Request was throttled. Expected available in 3 seconds.' }]);
});
