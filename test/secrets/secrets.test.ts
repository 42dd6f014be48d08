import type { ICredentialDataDecryptedObject, IDataObject, INodeParameters } from 'n8n-workflow';

import { startEmulator, type Emulator } from '../../emulator';
import { REMOVED } from '../../nodes/shared/secrets';
import { leaks } from '../chaos/detectors';
import { locator, SCOPES, startBench as startAppsScript, type AppsScriptBench } from '../engine/appsScriptBench';
import type { EngineResult, NodeUnderTest } from '../engine/harness';
import { letGaxiosUseFetch, refreshTokenData, serviceAccountData } from '../engine/headlessBench';
import { startBench as startSyncano, type SyncanoBench } from '../engine/syncanoBench';
import { Canaries } from './canaries';
import { addEchoFaults, ECHO_FAULTS } from './echoFaults';

letGaxiosUseFetch();

const API_KEY = 'AIzaSyCanaryOfTheApiKey0123456789';
const FORMS = ['result', 'items', 'record', 'raw'] as const;

/** The secrets in a credential's data, each by its field. */
function addCredential(canaries: Canaries, data: ICredentialDataDecryptedObject): void {
	for (const name of ['clientSecret', 'refreshToken', 'accountKey'] as const) if (typeof data[name] === 'string') canaries.add(name, data[name]);
	const tokens = (data.oauthTokenData ?? {}) as IDataObject;
	for (const name of ['access_token', 'refresh_token']) if (typeof tokens[name] === 'string') canaries.add(name, tokens[name]);
	if (typeof data.serviceAccountKey === 'string') {
		const { private_key: key } = JSON.parse(data.serviceAccountKey) as { private_key: string };
		for (const line of key.split('\n').filter((text) => text.length > 40)) canaries.add('private key', line);
	}
}

describe('Apps Script Run keeps its secrets', () => {
	let bench: AppsScriptBench;
	let elsewhere: Emulator;
	let canaries: Canaries;
	beforeAll(async () => {
		elsewhere = await startEmulator();
		bench = await startAppsScript();
		canaries = new Canaries();
		canaries.add('API key', API_KEY);
		canaries.addTokensOf(bench.emulator);
		addEchoFaults(bench.emulator);
		const credentials = { refreshToken: refreshTokenData(bench.emulator, SCOPES), serviceAccount: serviceAccountData(bench.emulator, { delegatedScopes: SCOPES }) };
		for (const [id, data] of Object.entries(credentials)) {
			bench.engine.saveCredential(id, { name: id, type: 'googleAppsScriptHeadlessApi', data: { ...data, ...(id === 'serviceAccount' ? { scope: SCOPES.join(' ') } : {}) } });
			addCredential(canaries, data);
		}
		addCredential(canaries, bench.credential);
	});
	beforeEach(() => {
		bench.emulator.faults.clear();
		bench.emulator.journal.clear();
		elsewhere.journal.clear();
	});
	afterAll(() => Promise.all([bench.stop(), elsewhere.stop()]));

	const signIns: Record<string, { readonly parameters: INodeParameters; readonly node: Partial<NodeUnderTest> }> = {
		oAuth2: { parameters: {}, node: {} },
		refreshToken: { parameters: { authentication: 'headless' }, node: { credentials: { googleAppsScriptHeadlessApi: 'refreshToken' } } },
		serviceAccount: { parameters: { authentication: 'headless' }, node: { credentials: { googleAppsScriptHeadlessApi: 'serviceAccount' } } },
	};
	const run = async (signIn: string, parameters: INodeParameters = {}, node: Partial<NodeUnderTest> = {}): Promise<EngineResult> => {
		const given = signIns[signIn];
		return await bench.run(
			'echo',
			[{ n: 1 }, { n: 2 }],
			{ script: locator('id', bench.scriptId), parametersFrom: 'item', ...given?.parameters, options: { apiKey: API_KEY, maxRetries: 0 }, ...parameters },
			{ ...given?.node, ...node },
		);
	};
	const leaksOf = (result: EngineResult) => leaks({ result, journal: bench.emulator.journal, elsewhere: elsewhere.journal, canaries });

	test.each(Object.keys(signIns).flatMap((signIn) => Object.keys(ECHO_FAULTS).map((fault) => [signIn, fault] as const)))('%s, where the service answers with %s', async (signIn, fault) => {
		bench.emulator.faults.add({ fault, urlIncludes: ':run' });
		for (const output of FORMS) {
			const result = await run(signIn, { output, routing: 'byOutcome' });
			expect(leaksOf(result)).toEqual([]);
			// The test would prove nothing where the answer does not get as far as the item.
			if (fault !== 'echoAsHeaders' || output === 'raw') expect(JSON.stringify(result.outputs)).toContain(REMOVED);
		}
		for (const onError of ['stopWorkflow', 'continueErrorOutput', 'continueRegularOutput'] as const) expect(leaksOf(await run(signIn, {}, { onError }))).toEqual([]);
	});

	test('tokens that were renewed while the node ran', async () => {
		for (const signIn of Object.keys(signIns)) {
			for (const fault of ['echoAsResult', 'echoAsOperationError']) {
				bench.emulator.faults.clear();
				// After the first item, so that what the node knows of the credential is the token before.
				bench.emulator.faults.add({ fault: 'unauthenticated401', times: 1, bodyIncludes: '"n":2' });
				bench.emulator.faults.add({ fault, bodyIncludes: '"n":2' });
				const result = await run(signIn, { output: 'raw', routing: 'byOutcome', options: { maxRetries: 0 } });
				expect(leaksOf(result)).toEqual([]);
				expect(JSON.stringify(result.outputs)).toContain(REMOVED);
			}
		}
	});

	test.each(Object.keys(signIns))('%s, where the token address repeats what it was sent', async (signIn) => {
		bench.emulator.google.revokeAllAccessTokens();
		bench.emulator.faults.add({ fault: 'echoAsError', urlIncludes: '/token' });
		const result = await run(signIn, { routing: 'byOutcome' });
		expect(result.outputs[3]).toHaveLength(2);
		expect(leaksOf(result)).toEqual([]);
		expect(leaksOf(await run(signIn))).toEqual([]);
	});

	test.each([301, 302, 303, 307, 308])('no redirect (%i) is followed, of a run or of a list', async (status) => {
		bench.emulator.faults.add({ fault: 'redirect', parameters: { status, location: `${elsewhere.address}/v1/scripts/x:run` } });
		for (const signIn of Object.keys(signIns)) expect(leaksOf(await run(signIn, { routing: 'byOutcome' }))).toEqual([]);
		const list = { type: 'appsScriptRun', credentials: { googleAppsScriptOAuth2Api: 'google' }, parameters: { script: locator('id', bench.scriptId) } };
		for (const method of ['searchScripts', 'searchDeployments', 'searchFunctions']) await expect(bench.engine.listSearch(method, list)).rejects.toThrow();
		expect(elsewhere.journal.requests).toEqual([]);
	});

	test('lists whose errors repeat the headers', async () => {
		const list = { type: 'appsScriptRun', credentials: { googleAppsScriptOAuth2Api: 'google' }, parameters: { script: locator('id', bench.scriptId) } };
		bench.emulator.faults.add({ fault: 'echoAsError' });
		for (const method of ['searchScripts', 'searchDeployments', 'searchFunctions']) {
			const error: unknown = await bench.engine.listSearch(method, list).catch((thrown: unknown) => thrown);
			expect(error).toBeInstanceOf(Error);
			expect(canaries.in(error)).toEqual([]);
		}
	});

	test.each(['../../v1/projects/x', 'a/b', 'a\\b', '..', '.', 'a%2F..%2Fb', 'a?alt=media', 'a#b', 'a:run?key=1', 'a:run', 'ünï', 'a b', 'a\u0000b', 'http://127.0.0.1:1/x', '\ud800', 'x'.repeat(5_000)])(
		'the ID %p stays within its part of the address',
		async (id) => {
			const result = await run('oAuth2', { deployment: locator('id', id), routing: 'byOutcome' });
			expect(result.outputs[3]).toHaveLength(2);
			const own = { POST: /^\/(?:token|tokeninfo|v1\/scripts\/[^/?#]+:run)$/, GET: /^\/v1\/projects\/[^/?#]+\/(?:deployments|content)(?:\?[^#]*)?$/ };
			for (const { method, url } of bench.emulator.journal.requests) expect(url).toMatch(own[method as keyof typeof own]);
		},
	);
});

describe('Syncano Script keeps its key', () => {
	let bench: SyncanoBench;
	let elsewhere: Emulator;
	let canaries: Canaries;
	beforeAll(async () => {
		elsewhere = await startEmulator();
		bench = await startSyncano();
		addEchoFaults(bench.emulator);
		canaries = new Canaries();
		canaries.add('account key', bench.emulator.syncano.accountKey);
	});
	beforeEach(() => {
		bench.emulator.faults.clear();
		bench.emulator.journal.clear();
		elsewhere.journal.clear();
	});
	afterAll(() => Promise.all([bench.stop(), elsewhere.stop()]));
	const leaksOf = (result: EngineResult) => leaks({ result, journal: bench.emulator.journal, elsewhere: elsewhere.journal, canaries });

	test.each(['echoAsError', 'echoAsHeaders', 'echoAsPage'].flatMap((fault) => (['/run/', '/traces/'] as const).map((where) => [fault, where] as const)))('%s at %s', async (fault, where) => {
		bench.emulator.faults.add({ fault, urlIncludes: where, ...(where === '/traces/' ? { times: 2 } : {}) });
		for (const output of FORMS) {
			expect(leaksOf(await bench.script('echo', [{ a: 1 }], { output, routing: 'byOutcome' }))).toEqual([]);
			const endpoint = await bench.endpoint('echo', [{ a: 1 }], { output, routing: 'byOutcome' });
			expect(leaksOf(endpoint)).toEqual([]);
			if (where === '/run/' && (fault !== 'echoAsHeaders' || output === 'raw')) expect(JSON.stringify(endpoint.outputs)).toContain(REMOVED);
		}
		expect(leaksOf(await bench.script('echo', [{ a: 1 }]))).toEqual([]);
	});

	test('a public link that wants the key', async () => {
		bench.emulator.faults.add({ fault: 'echoAsPage' });
		const result = await bench.run({ resource: 'scriptEndpoint', operation: 'runPublic', publicUrl: bench.publicLink('echo'), sendKey: true, payloadFrom: 'item', routing: 'byOutcome' }, [{ a: 1 }]);
		expect(leaksOf(result)).toEqual([]);
		expect(JSON.stringify(result.outputs)).toContain(REMOVED);
	});

	test.each(['syncanoHostileNextLink', 'syncanoHostileNextLinkWithoutScheme', 'redirect'])('%s leads the key nowhere, in traces and in lists', async (fault) => {
		await bench.script('echo', [{ a: 1 }, { a: 2 }]);
		const { host } = new URL(elsewhere.address);
		bench.emulator.faults.add({ fault, parameters: { host, location: `${elsewhere.address}/v1.1/instances/` } });
		const result = await bench.run({ resource: 'trace', operation: 'getAll', scriptId: locator('id', '1'), returnAll: true, routing: 'byOutcome' }, [{}]);
		expect(leaksOf(result)).toEqual([]);
		const list = { type: 'syncanoScript', credentials: { syncanoApi: 'syncano' }, parameters: { resource: 'script', operation: 'run' } };
		for (const method of ['searchInstances', 'searchScripts', 'searchEndpoints']) await bench.engine.listSearch(method, list).catch(() => undefined);
		for (const link of [bench.publicLink('echo')]) {
			expect(leaksOf(await bench.run({ resource: 'scriptEndpoint', operation: 'runPublic', publicUrl: link, sendKey: true, payloadFrom: 'none', routing: 'byOutcome' }, [{}]))).toEqual([]);
		}
		expect(elsewhere.journal.requests).toEqual([]);
	});

	test('the key goes to no public link of another server', async () => {
		const publicUrl = bench.publicLink('echo').replace(bench.emulator.address, elsewhere.address);
		const result = await bench.run({ resource: 'scriptEndpoint', operation: 'runPublic', publicUrl, sendKey: true, payloadFrom: 'none', routing: 'byOutcome' }, [{}]);
		expect(result.outputs[3]).toHaveLength(1);
		expect(elsewhere.journal.requests).toEqual([]);
	});

	test.each(['../x', 'a/b', 'a\\b', '..', '.', 'a%2Fb', 'a?x=1', 'a#b', 'a b', 'a\nb', '\ud800', 'x'.repeat(5_000), 'ünï'])('the name %p stays within its part of the address', async (name) => {
		const payload = { payloadFrom: 'none', routing: 'byOutcome' };
		await bench.run({ resource: 'scriptEndpoint', operation: 'run', endpoint: locator('name', name), ...payload }, [{}]);
		await bench.run({ resource: 'script', operation: 'run', scriptId: locator('id', name), ...payload }, [{}]);
		await bench.run({ resource: 'script', operation: 'run', scriptId: locator('id', '1'), instance: locator('name', name), ...payload }, [{}]);
		await bench.run({ resource: 'trace', operation: 'get', scriptId: locator('id', '1'), traceId: locator('id', name), routing: 'byOutcome' }, [{}]);
		for (const { url } of bench.emulator.journal.requests) expect(url).toMatch(/^\/v1\.1\/instances\/[\w%-]+\/(?:endpoints\/scripts\/[\w%-]+\/run|snippets\/scripts\/1\/(?:run|traces\/\d+))\/$/);
	});
});
