import fc from 'fast-check';
import { parse, stringify } from 'flatted';

import { jsonOf, pairsOf, startBench as startAppsScript } from '../engine/appsScriptBench';
import { createEngine, type EngineResult } from '../engine/harness';
import { locator, startStandIn, type StandIn } from '../engine/syncanoBench';

// What services answer, byte by byte, through the whole node on the real engine: nothing crashes or hangs, no item is lost, what is wrong is said.

interface Raw {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Buffer;
}

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const MEGABYTES = 'x'.repeat(10_000_000);

/** n8n keeps every execution in this form, and reads it again. */
function expectKeepable({ run }: EngineResult): void {
	expect(() => parse(stringify(run.data)) as unknown).not.toThrow();
	expect(() => JSON.stringify(run.data.resultData.runData)).not.toThrow();
}

describe('Whatever a service answers', () => {
	let answer: Raw;
	let service: StandIn;
	const engine = createEngine();
	beforeAll(async () => {
		service = await startStandIn((_request, response) => {
			try {
				response.writeHead(answer.status, answer.headers);
			} catch {
				response.writeHead(200);
			}
			response.end(answer.body);
		});
		const own = { otherAddresses: true, apiBaseUrl: service.address, driveBaseUrl: service.address, tokenInfoUrl: `${service.address}/tokeninfo`, tokenUrl: `${service.address}/token` };
		engine.saveCredential('google', {
			name: 'google',
			type: 'googleAppsScriptOAuth2Api',
			data: { ...own, clientId: 'c', clientSecret: 'GOCSPX-secret', oauthTokenData: { access_token: 'ya29.access', refresh_token: '1//refresh', token_type: 'Bearer' } },
		});
		engine.saveCredential('syncano', { name: 'syncano', type: 'syncanoApi', data: { baseUrl: service.address, accountKey: 'a'.repeat(40), instanceName: 'mine' } });
	});
	afterAll(() => service.stop());

	const nodes = {
		appsScript: (output: string) =>
			engine.run({
				items: [{ n: 1 }, { n: 2 }],
				node: {
					type: 'appsScriptRun',
					credentials: { googleAppsScriptOAuth2Api: 'google' },
					onError: 'continueErrorOutput',
					parameters: { deployment: locator('id', 'AKfycbx'), function: locator('name', 'work'), parametersFrom: 'none', output, options: { maxRetries: 0, timeout: 3 } },
				},
			}),
		script: (output: string) =>
			engine.run({
				items: [{ n: 1 }, { n: 2 }],
				node: {
					type: 'syncanoScript',
					credentials: { syncanoApi: 'syncano' },
					onError: 'continueErrorOutput',
					parameters: { resource: 'script', operation: 'run', scriptId: locator('id', '1'), payloadFrom: 'none', waitForResult: false, output, options: { maxRetries: 0, timeout: 3 } },
				},
			}),
		endpoint: (output: string) =>
			engine.run({
				items: [{ n: 1 }, { n: 2 }],
				node: {
					type: 'syncanoScript',
					credentials: { syncanoApi: 'syncano' },
					onError: 'continueErrorOutput',
					parameters: { resource: 'scriptEndpoint', operation: 'run', endpoint: locator('name', 'e'), payloadFrom: 'none', output, options: { maxRetries: 0, timeout: 3 } },
				},
			}),
	};
	const names = Object.keys(nodes) as Array<keyof typeof nodes>;

	/** Both items left, each once where the form gives one item a result, and n8n can keep what left. */
	function expectWhole(result: EngineResult, output: string): void {
		expect(result.error).toBeUndefined();
		const pairs = pairsOf(result.outputs).flat();
		if (output === 'items') expect(pairs.every((pair) => pair === 0 || pair === 1)).toBe(true);
		else expect([...pairs].sort()).toEqual([0, 1]);
		expectKeepable(result);
	}

	const raw: fc.Arbitrary<Raw> = fc.record({
		status: fc.oneof(fc.constantFrom(200, 200, 200, 201, 204, 400, 401, 404, 429, 500, 503), fc.integer({ min: 200, max: 599 })),
		headers: fc.dictionary(
			fc.constantFrom('content-type', 'retry-after', 'location', 'www-authenticate', 'set-cookie', 'x-any', 'content-encoding', 'content-disposition'),
			fc.constantFrom('application/json', 'text/html', 'text/plain; charset=utf-16', 'image/png', 'gzip', '0', 'http://127.0.0.1:9/', 'attachment; filename="../../x"', 'a=b', ''),
			{ maxKeys: 3 },
		),
		body: fc.oneof(
			fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
			fc.json({ maxDepth: 4 }).map((text) => Buffer.from(text)),
			fc.json({ maxDepth: 3 }).map((text) => Buffer.from(`{"done":true,"response":{"result":${text}}}`)),
			fc.json({ maxDepth: 3 }).map((text) => Buffer.from(`{"done":true,"error":{"code":3,"message":"ScriptError","details":[${text}]}}`)),
			fc.json({ maxDepth: 3 }).map((text) => Buffer.from(`{"id":1,"status":"success","executed_at":"2026-01-01T00:00:00Z","duration":1,"result":${text}}`)),
		),
	});

	test('bytes and shapes by chance', async () => {
		await fc.assert(
			fc.asyncProperty(raw, fc.constantFrom(...names), fc.constantFrom('result', 'items', 'record', 'raw'), async (given, node, output) => {
				answer = given;
				expectWhole(await nodes[node](output), output);
			}),
			{ numRuns: 60 },
		);
	}, 120_000);

	const huge: Array<readonly [string, string]> = [
		['a result of 10 MB', `{"done":true,"response":{"result":"${MEGABYTES}"}}`],
		['an error of 10 MB', `{"done":true,"error":{"code":3,"details":[{"errorMessage":"${MEGABYTES}","errorType":"${MEGABYTES}"}]}}`],
		['a trace of 10 MB', `{"id":1,"status":"failure","executed_at":null,"duration":1,"result":{"stdout":"","stderr":"${MEGABYTES}"}}`],
		['a result 100,000 deep', `{"done":true,"response":{"result":${nested(100_000)}}}`],
		['nothing but 1,000,000 brackets', '['.repeat(1_000_000)],
		['stdout 100,000 deep', `{"id":1,"status":"success","executed_at":null,"duration":1,"result":{"stdout":"${nested(100_000)}","stderr":""}}`],
		['an error 100,000 deep', `{"error":${nested(100_000)}}`],
		['100,000 frames', `{"done":true,"error":{"code":3,"details":[{"errorMessage":"deep","scriptStackTraceElements":[${'{"function":"f","lineNumber":1},'.repeat(100_000)}{}]}]}}`],
		['keys of objects', '{"done":true,"response":{"result":{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"toString":1,"hasOwnProperty":2}}}'],
		['lone surrogates', '{"done":true,"response":{"result":"\\ud800 \\udfff"}}'],
	];

	test.each(huge.flatMap(([what, body]) => names.map((node) => [what, node, body] as const)))('%s, %s', async (_what, node, body) => {
		answer = { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) };
		for (const output of ['result', 'record']) {
			const result = await nodes[node](output);
			expectWhole(result, output);
			for (const { error } of jsonOf(result.outputs).flat()) {
				if (error !== undefined) expect(JSON.stringify({ ...(error as object), result: undefined }).length).toBeLessThan(8_000);
			}
		}
		expect(({} as Record<string, unknown>).polluted).toBeUndefined();
	}, 60_000);

	test('a result too deep for n8n is said to have run, and why it is not there', async () => {
		answer = { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(`{"done":true,"response":{"result":${nested(2_000)}}}`) };
		const [, failed] = jsonOf((await nodes.appsScript('result')).outputs);
		expect(failed?.[0]?.error).toMatchObject({ outcome: 'notFinished', reason: 'badAnswer', mayHaveRun: true, message: expect.stringMatching(/nested more deeply than n8n can keep/) as string });
	});
});

test('keys called __proto__ and lone surrogates come back as they were sent', async () => {
	const bench = await startAppsScript();
	const result = await bench.run('give', [{}], { parametersFrom: 'json', parametersJson: '[{"__proto__":{"a":1},"b":"\\ud800"}]' });
	await bench.stop();
	const [left] = jsonOf(result.outputs)[0] ?? [];
	expect(JSON.stringify(left)).toBe('{"result":{"__proto__":{"a":1},"b":"\\ud800"}}');
});
