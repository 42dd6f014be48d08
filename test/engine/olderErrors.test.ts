import { createServer, type AddressInfo, type Server } from 'node:net';

import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { startEmulator, type Emulator } from '../../emulator';
import { AppsScriptRun } from '../../nodes/AppsScript/AppsScriptRun.node';
import { locator, SCOPES } from './appsScriptBench';
import { createEngine, type Engine } from './harness';
import { letGaxiosUseFetch, refreshTokenData } from './headlessBench';
import { addressesOf, tokensOf } from '../n8n/emulatorCredentials';

letGaxiosUseFetch();

/** n8n-workflow before 2.34: a NodeApiError has everything as today but for its cause. */
class WithoutCauses extends AppsScriptRun {
	constructor() {
		super();
		this.description = { ...this.description, name: 'withoutCauses' };
	}

	override async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const { helpers: own } = this;
		const helpers = {
			...own,
			async httpRequestWithAuthentication(this: IExecuteFunctions, ...given: Parameters<(typeof own)['httpRequestWithAuthentication']>) {
				try {
					return (await own.httpRequestWithAuthentication.apply(this, given)) as unknown;
				} catch (error) {
					if (error instanceof Error && error.name === 'NodeApiError') Object.assign(error, { cause: undefined });
					throw error;
				}
			},
		};
		return await AppsScriptRun.prototype.execute.call(Object.create(this, { helpers: { value: helpers } }) as IExecuteFunctions);
	}
}

describe('where n8n does not keep what its errors are wrapped around, as before 2.34', () => {
	let emulator: Emulator;
	let engine: Engine;
	let deployment: string;
	let garbling: Server;
	/** What that server answers, byte by byte. */
	let garbled = '';
	beforeAll(async () => {
		emulator = await startEmulator();
		garbling = createServer((socket) => {
			socket.on('error', () => undefined);
			socket.once('data', () => socket.end(garbled));
		});
		await new Promise<void>((resolve) => garbling.listen(0, '127.0.0.1', resolve));
		deployment = emulator.appsScript.addProject({ native: { echo: (n: number) => n } }).deploymentId;
		const data = { ...addressesOf(emulator), clientId: emulator.google.defaultClient.id, clientSecret: emulator.google.defaultClient.secret, oauthTokenData: tokensOf(emulator, SCOPES) };
		engine = createEngine({
			nodeTypes: { 'test.withoutCauses': new WithoutCauses() },
			credentials: {
				google: { name: 'Google', type: 'googleAppsScriptOAuth2Api', data },
				nowhere: { name: 'Nowhere', type: 'googleAppsScriptOAuth2Api', data: { ...data, apiBaseUrl: 'http://127.0.0.1:1' } },
				garbling: { name: 'Garbling', type: 'googleAppsScriptOAuth2Api', data: { ...data, apiBaseUrl: `http://127.0.0.1:${(garbling.address() as AddressInfo).port}` } },
				headless: { name: 'Headless', type: 'googleAppsScriptHeadlessApi', data: refreshTokenData(emulator, SCOPES) },
			},
		});
	});
	beforeEach(() => {
		emulator.faults.clear();
		emulator.journal.clear();
	});
	afterAll(async () => {
		await new Promise((resolve) => garbling.close(resolve));
		await emulator.stop();
	});

	const run = async (credential: string, options: IDataObject = {}) => {
		const { outputs } = await engine.run({
			node: {
				type: 'test.withoutCauses',
				credentials: { [credential === 'headless' ? 'googleAppsScriptHeadlessApi' : 'googleAppsScriptOAuth2Api']: credential },
				parameters: {
					authentication: credential === 'headless' ? 'headless' : 'oAuth2',
					deployment: locator('id', deployment),
					function: locator('name', 'echo'),
					parametersFrom: 'json',
					parametersJson: '={{ [$json.n] }}',
					routing: 'byOutcome',
					options: { maxRetries: 0, timeout: 1, ...options },
				},
			},
			items: [{ json: { n: 0 } }, { json: { n: 1 } }],
		});
		return outputs;
	};

	test.each<[fault: string, reason: string, mayHaveRun: boolean, message: RegExp]>([
		['resetAfterRun', 'noAnswer', true, /connection .* broke/],
		['resetHalfway', 'noAnswer', true, /connection .* broke/],
		['noAnswerAfterRun', 'noAnswer', true, /within the time-out/],
		['http500AfterRun', 'serverError', true, /Internal error/],
		['http503', 'serverError', true, /unavailable/],
		['permissionDenied403', 'forbidden', false, /^The caller does not have permission$/],
		['unauthenticated401', 'unauthorized', false, /invalid authentication credentials/],
		['invalidArgument400', 'rejected', false, /invalid argument/],
		['http429', 'throttled', false, /exhausted/],
	])('%s: %s', async (fault, reason, mayHaveRun, message) => {
		emulator.faults.add({ fault, urlIncludes: ':run' });
		const outputs = await run('google');
		const errors = outputs.flatMap((items) => items.map(({ json }) => json.error as IDataObject | undefined));
		expect(outputs[mayHaveRun ? 2 : 3]?.[0]?.json.error).toMatchObject({ reason, mayHaveRun, message: expect.stringMatching(message) as unknown });
		expect(errors).toHaveLength(2);
	});

	test.each([
		['a chunk that is none', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n'],
		['no HTTP at all', 'garbage\r\n\r\n'],
		['more headers than Node.js reads', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`],
		['what cannot be unpacked', 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnone'],
	])('an answer with %s: the script may have run', async (_what, answer) => {
		garbled = answer;
		const outputs = await run('garbling', { timeout: 5 });
		expect(outputs.map((items) => items.length)).toEqual([0, 0, 2, 0]);
	});

	it('a token address that is busy has refused nobody', async () => {
		emulator.faults.add({ fault: 'http503', urlIncludes: '/token' });
		const outputs = await run('headless', { timeout: 30 });
		expect(outputs[3]?.map(({ json }) => json.error)).toEqual(Array.from({ length: 2 }, () => expect.objectContaining({ reason: 'noConnection', mayHaveRun: false }) as unknown));
	}, 60_000);

	it('a refused connection has sent nothing', async () => {
		const outputs = await run('nowhere');
		expect(outputs[3]?.map(({ json }) => json.error)).toEqual(Array.from({ length: 2 }, () => expect.objectContaining({ reason: 'noConnection', mayHaveRun: false }) as unknown));
	});

	it('what surely did not start is tried again', async () => {
		emulator.faults.add({ fault: 'http429', urlIncludes: ':run', times: 2 });
		expect((await run('google', { maxRetries: 5, timeout: 10 }))[0]?.map(({ json }) => json)).toEqual([{ result: 0 }, { result: 1 }]);
	});

	it('an expired token is refreshed', async () => {
		emulator.google.revokeAllAccessTokens();
		expect((await run('google', { timeout: 10 }))[0]?.map(({ json }) => json)).toEqual([{ result: 0 }, { result: 1 }]);
	});

	it('a token address that answers something else than OAuth2 has: no script ran', async () => {
		emulator.google.revokeAllAccessTokens();
		emulator.faults.add({ fault: 'http405', urlIncludes: '/token' });
		const outputs = await run('google', { timeout: 10 });
		expect(outputs.map((items) => items.length)).toEqual([0, 0, 0, 2]);
		expect(outputs[3]?.[0]?.json.error).toMatchObject({ mayHaveRun: false, message: expect.stringMatching(/^Could not sign in: /) as unknown });
		expect(emulator.journal.executions).toEqual([]);
	});

	it('a sign-in that is refused says so, and no script runs', async () => {
		emulator.google.revokeAllAccessTokens();
		emulator.google.revokeAllRefreshTokens();
		const outputs = await run('google', { timeout: 10 });
		expect(outputs[3]?.[0]?.json.error).toMatchObject({ reason: 'unauthorized', mayHaveRun: false });
		expect(outputs[3]).toHaveLength(2);
		expect(emulator.journal.executions).toEqual([]);
	});
});
