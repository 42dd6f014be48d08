import fc from 'fast-check';
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { startEmulator, type Emulator } from '../../emulator';
import { jsonOf, locator, pairsOf, SCOPES } from '../engine/appsScriptBench';
import { createEngine, type Engine, type EngineResult } from '../engine/harness';
import { addressesOf, tokensOf } from '../n8n/emulatorCredentials';

// What people type, paste and map into the nodes' fields: nothing crashes or hangs, no item is lost, and what is wrong is said before anything is sent.

const MEGABYTES = 'x'.repeat(10_000_000);
/** Evaluated by n8n for the item; as saved text, no workflow could hold it. */
const DEEP = "={{ JSON.parse('['.repeat(100000) + ']'.repeat(100000)) }}";
const CYCLE = '={{ (() => { const a = {}; a.self = a; return a })() }}';

describe('Whatever a person types', () => {
	let emulator: Emulator;
	let engine: Engine;
	let deploymentId: string;
	beforeAll(async () => {
		emulator = await startEmulator({ syncano: { rates: { instance: 1e6, administrator: 1e6 }, runTime: () => 0 } });
		({ deploymentId } = emulator.appsScript.addProject({ native: { give: (...given: unknown[]) => given } }));
		emulator.syncano.addInstance({ name: 'mine', plan: 'paid' });
		emulator.syncano.addScript({ instance: 'mine', id: 1, label: 'echo', runtime_name: 'nodejs_v6', source: '', native: { run: ({ ARGS }) => JSON.stringify(ARGS) } });
		emulator.syncano.addEndpoint({ instance: 'mine', name: 'echo', script: 1, public: true });
		engine = createEngine({
			credentials: {
				google: {
					name: 'Google',
					type: 'googleAppsScriptOAuth2Api',
					data: { ...addressesOf(emulator), clientId: emulator.google.defaultClient.id, clientSecret: emulator.google.defaultClient.secret, oauthTokenData: tokensOf(emulator, SCOPES) },
				},
				syncano: { name: 'Syncano', type: 'syncanoApi', data: { baseUrl: emulator.address, accountKey: emulator.syncano.accountKey, instanceName: 'mine' } },
			},
		});
	});
	beforeEach(() => emulator.journal.clear());
	afterAll(() => emulator.stop());

	const appsScript = (parameters: INodeParameters, items: IDataObject[] = [{ n: 1 }]) =>
		engine.run({
			items: items.map((json) => ({ json })),
			node: {
				type: 'appsScriptRun',
				credentials: { googleAppsScriptOAuth2Api: 'google' },
				parameters: { deployment: locator('id', deploymentId), function: locator('name', 'give'), parametersFrom: 'none', routing: 'byOutcome', ...parameters },
			},
		});
	const syncano = (parameters: INodeParameters, items: IDataObject[] = [{ n: 1 }]) =>
		engine.run({
			items: items.map((json) => ({ json })),
			node: {
				type: 'syncanoScript',
				credentials: { syncanoApi: 'syncano' },
				parameters: { resource: 'script', operation: 'run', scriptId: locator('id', '1'), payloadFrom: 'none', routing: 'byOutcome', ...parameters },
			},
		});

	/** Every item left once, and what failed says so in words. */
	function expectWhole(result: EngineResult, count: number): IDataObject[] {
		expect(result.error).toBeUndefined();
		expect(
			pairsOf(result.outputs)
				.flat()
				.sort((a, b) => a - b),
		).toEqual(Array.from({ length: count }, (_, index) => index));
		const failures = jsonOf(result.outputs)
			.slice(1)
			.flat()
			.map(({ error }) => error as IDataObject);
		for (const { message } of failures) {
			expect(message).toEqual(expect.stringMatching(/\S/));
			expect((message as string).length).toBeLessThan(1_000);
		}
		return failures;
	}

	// n8n evaluates what begins with `=`, and does not start a workflow in which a required field is empty.
	const typed = fc
		.oneof(
			fc.string({ unit: 'binary', maxLength: 60 }),
			fc.constantFrom('__proto__', 'constructor', 'toString', '../..', '%2e%2e', '{{ 1 }}', '\ud800', '\u0000', '<script>', "'; --", 'null', '[]', '{}', '1e400', '-1', 'http://[', 'https://script.google.com/d//edit'),
			fc.webUrl(),
		)
		.filter((text) => text !== '' && !text.startsWith('='));

	test('IDs, names and addresses', async () => {
		await fc.assert(
			fc.asyncProperty(typed, fc.constantFrom('deployment', 'script', 'function', 'scriptId', 'endpoint', 'instance', 'publicUrl', 'traceId'), async (text, field) => {
				emulator.journal.clear();
				switch (field) {
					case 'deployment':
						return void expectWhole(await appsScript({ deployment: locator('id', text) }), 1);
					case 'script':
						return void expectWhole(await appsScript({ deployment: locator('list', 'auto'), script: locator('id', text) }), 1);
					case 'function':
						return void expectWhole(await appsScript({ function: locator('name', text) }), 1);
					case 'scriptId':
						return void expectWhole(await syncano({ scriptId: locator('id', text) }), 1);
					case 'endpoint':
						return void expectWhole(await syncano({ resource: 'scriptEndpoint', endpoint: locator('name', text) }), 1);
					case 'instance':
						return void expectWhole(await syncano({ instance: locator('name', text) }), 1);
					case 'publicUrl':
						// No test asks another host than this one.
						return void expectWhole(await syncano({ resource: 'scriptEndpoint', operation: 'runPublic', publicUrl: `${emulator.address}/${text}` }), 1);
					case 'traceId':
						return void expectWhole(await syncano({ resource: 'trace', operation: 'get', traceId: locator('id', text) }), 1);
				}
			}),
			{ numRuns: 100 },
		);
	}, 120_000);

	test('options of all kinds of values', async () => {
		const value = fc.oneof(fc.constantFrom(null, '', 0, -1, NaN, Infinity, 'x', true, [], {}), fc.string(), fc.double());
		const options = fc.dictionary(
			fc.constantFrom('concurrency', 'maxConcurrency', 'maxRetries', 'resultField', 'safeToRepeat', 'fields', 'quotaUser', 'apiKey', 'sessionState', 'errorFormat', 'binaryField'),
			value,
			{ maxKeys: 4 },
		);
		await fc.assert(
			fc.asyncProperty(options, fc.boolean(), async (given, ofGoogle) => {
				const parameters = { options: given as INodeParameters };
				expectWhole(await (ofGoogle ? appsScript(parameters, [{}, {}]) : syncano(parameters, [{}, {}])), 2);
			}),
			{ numRuns: 40 },
		);
	}, 120_000);

	test('items with any keys and values', async () => {
		const json = fc
			.array(fc.tuple(fc.oneof(fc.constantFrom('__proto__', 'constructor', 'error', 'toJSON', 'json', ''), fc.string({ unit: 'binary' })), fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' })), { maxLength: 5 })
			.map((entries) => {
				const item: Record<string, unknown> = {};
				for (const [key, entry] of entries) Object.defineProperty(item, key, { value: entry, enumerable: true, configurable: true, writable: true });
				return item as IDataObject;
			});
		await fc.assert(
			fc.asyncProperty(fc.array(json, { minLength: 1, maxLength: 3 }), async (items) => {
				emulator.journal.clear();
				const result = await appsScript({ parametersFrom: 'item' }, items);
				expect(expectWhole(result, items.length)).toEqual([]);
				// UTF-8 has no lone surrogates; all else arrives, and comes back, as it was.
				const sent = items.map((item) => JSON.stringify([item]));
				expect(emulator.journal.executions.map(({ input }) => JSON.stringify(input))).toEqual(sent);
				expect((result.outputs[0] ?? []).map((item) => JSON.stringify(item.json.result))).toEqual(sent);
				expectWhole(await syncano({ payloadFrom: 'item' }, items), items.length);
			}),
			{ numRuns: 40 },
		);
	}, 120_000);

	test.each([
		['Parameters (JSON)', { parametersFrom: 'json', parametersJson: DEEP }],
		['Parameters (JSON) as a text', { parametersFrom: 'json', parametersJson: "={{ '['.repeat(100000) + ']'.repeat(100000) }}" }],
		['Parameters (JSON) that is not closed', { parametersFrom: 'json', parametersJson: "={{ '['.repeat(100000) }}" }],
		['a cycle', { parametersFrom: 'json', parametersJson: CYCLE }],
		['a mapped parameter', { parametersFrom: 'mapping', parameters: { mappingMode: 'defineBelow', value: { a: DEEP } } }],
		['the function', { function: { __rl: true, mode: 'name', value: DEEP } }],
	])('Apps Script Run: 100,000 levels in %s', async (_where, parameters) => {
		const [failure] = expectWhole(await appsScript(parameters as INodeParameters), 1);
		expect(failure).toMatchObject({ reason: 'invalidInput', mayHaveRun: false });
		// What Node.js says when it gives up is no clear error.
		expect(failure?.message).not.toMatch(/call stack|circular/i);
		expect(emulator.journal.requests).toEqual([]);
	});

	test.each([
		['Payload (JSON)', { payloadFrom: 'json', payloadJson: DEEP }],
		['a cycle', { payloadFrom: 'json', payloadJson: CYCLE }],
		['Payload Fields', { payloadFrom: 'fields', payloadFields: { field: [{ name: 'a', value: DEEP }] } }],
		['the ID', { scriptId: { __rl: true, mode: 'id', value: DEEP } }],
	])('Syncano Script: 100,000 levels in %s', async (_where, parameters) => {
		const [failure] = expectWhole(await syncano(parameters as INodeParameters), 1);
		expect(failure).toMatchObject({ reason: 'invalidInput', mayHaveRun: false });
		// What Node.js says when it gives up is no clear error.
		expect(failure?.message).not.toMatch(/call stack|circular/i);
		expect(emulator.journal.requests).toEqual([]);
	});

	test('10 MB: taken where the service takes them, else refused in a sentence', async () => {
		expect(expectWhole(await appsScript({ parametersFrom: 'item' }, [{ text: MEGABYTES }]), 1)).toEqual([]);
		expect(emulator.journal.executions).toHaveLength(1);
		for (const parameters of [{ deployment: locator('id', MEGABYTES) }, { function: locator('name', MEGABYTES) }, { options: { quotaUser: MEGABYTES } }]) {
			expect(expectWhole(await appsScript(parameters), 1)).toMatchObject([{ mayHaveRun: false }]);
		}
		expect(expectWhole(await syncano({ payloadFrom: 'item' }, [{ text: MEGABYTES }]), 1)).toMatchObject([{ reason: 'tooLarge' }]);
		for (const parameters of [{ scriptId: locator('id', MEGABYTES) }, { resource: 'scriptEndpoint', endpoint: locator('name', MEGABYTES) }]) {
			expect(expectWhole(await syncano(parameters), 1)).toMatchObject([{ mayHaveRun: false }]);
		}
	}, 60_000);
});
