import type { IDataObject } from 'n8n-workflow';

import { startEmulator, type Emulator } from '../../emulator';
import type { EmulatedRequest } from '../../emulator/service';
import { jsonOf, locator, SCOPES, startBench, type AppsScriptBench } from './appsScriptBench';
import { createEngine, type EngineRun } from './harness';
import { letGaxiosUseFetch, refreshTokenData, serviceAccountData } from './headlessBench';
import { tokensOf } from '../n8n/emulatorCredentials';

letGaxiosUseFetch();

const numbers = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));
const results = (count: number) => numbers(count).map(({ n }) => ({ result: n }));
const errorsOf = (items: IDataObject[] | undefined) => (items ?? []).map(({ error }) => error as IDataObject);

describe('signed in by the browser', () => {
	let bench: AppsScriptBench;
	beforeEach(async () => {
		bench = await startBench();
	});
	afterEach(() => bench.stop());
	const sent = (part: string) => bench.emulator.journal.requests.filter(({ url }) => url.includes(part));
	const give = (count: number, options: IDataObject = {}) =>
		bench.run('give', numbers(count), { parametersFrom: 'json', parametersJson: '={{ [$json.n] }}', routing: 'byOutcome', options: options as never });

	it.each(['http503', 'http429', 'resetInstead'])('a token address that fails once with %s, and then is well: all items succeed', async (fault) => {
		bench.emulator.google.revokeAllAccessTokens();
		addTokenFaults(bench.emulator);
		bench.emulator.faults.add({ fault, urlIncludes: '/token', times: 1 });
		expect(jsonOf((await give(5)).outputs)).toEqual([results(5), [], [], []]);
		expect(bench.emulator.journal.executions).toHaveLength(5);
	});

	it.each([
		['http503', 'answered with HTTP status 503'],
		['http429', 'answered with HTTP status 429'],
		['googleError429', 'answered with HTTP status 429'],
		['rateLimited', 'rate_limit_exceeded'],
		['resetInstead', 'could not be reached (ECONNRESET)'],
	])('a token address that stays so (%s): none ran, and no item is held back for another', async (fault, said) => {
		bench.emulator.google.revokeAllAccessTokens();
		addTokenFaults(bench.emulator);
		bench.emulator.faults.add({ fault, urlIncludes: '/token' });
		const { outputs } = await give(3, { maxRetries: 1 });
		const errors = errorsOf(jsonOf(outputs)[3]);
		expect(errors.map(({ reason, mayHaveRun }) => [reason, mayHaveRun])).toEqual(Array.from({ length: 3 }, () => ['noConnection', false]));
		for (const { message, hint } of errors) {
			expect(message).toContain(`Could not sign in: `);
			expect(message).toContain(said);
			expect(message).not.toMatch(/refused/);
			expect(hint).toMatch(/Nothing was sent to the script\. Try again later/);
		}
		// Two for the first item, and one for each of the others.
		expect(sent('/token')).toHaveLength(4);
		expect(bench.emulator.journal.executions).toEqual([]);
	});

	it('waits as long as the token address asks', async () => {
		bench.emulator.google.revokeAllAccessTokens();
		bench.emulator.faults.add({ fault: 'http503', urlIncludes: '/token', parameters: { retryAfter: '100000' } });
		expect(errorsOf(jsonOf((await give(1)).outputs)[3])).toEqual([expect.objectContaining({ reason: 'noConnection' })]);
		expect(sent('/token')).toHaveLength(1);
	});

	it('a refusal by word still holds the others back', async () => {
		bench.emulator.google.revokeAllAccessTokens();
		bench.emulator.faults.add({ fault: 'invalidClient', urlIncludes: '/token' });
		expect(errorsOf(jsonOf((await give(3)).outputs)[3]).map(({ reason }) => reason)).toEqual(['unauthorized', 'notStarted', 'notStarted']);
	});
});

describe('a token that goes into the address, because its type is not Bearer', () => {
	let bench: AppsScriptBench;
	let token: string;
	beforeEach(async () => {
		bench = await startBench();
		const tokens = { ...tokensOf(bench.emulator, SCOPES), token_type: 'mac' };
		token = tokens.access_token;
		bench.engine.saveCredential('google', { name: 'Google', type: 'googleAppsScriptOAuth2Api', data: { ...bench.credential, oauthTokenData: tokens } });
	});
	afterEach(() => bench.stop());
	const give = (parameters: IDataObject = {}) => bench.run('give', [{}], { parametersFrom: 'json', parametersJson: '[1]', routing: 'byOutcome', options: { quotaUser: 'me' }, ...(parameters as object) });

	it('runs', async () => {
		expect(jsonOf((await give()).outputs)[0]).toEqual([{ result: 1 }]);
		expect(bench.emulator.journal.requests[0]?.url).toContain(`quotaUser=me&access_token=${token}`);
	});

	it.each([
		['resetAfterRun', 'noAnswer'],
		['http500AfterRun', 'serverError'],
		['http503AfterRun', 'serverError'],
	])('%s is no fault of the token address: the script may have run', async (fault, reason) => {
		bench.emulator.faults.add({ fault, urlIncludes: ':run' });
		const { outputs } = await give();
		expect(jsonOf(outputs)).toEqual([[], [], [expect.objectContaining({ outcome: 'notFinished', error: expect.objectContaining({ reason, mayHaveRun: true }) as unknown })], []]);
		expect(bench.emulator.journal.executions).toHaveLength(1);
	});

	it('is shown nowhere, also by a service that repeats the address', async () => {
		const address = ({ url }: EmulatedRequest) => `${url.search} ${encodeURIComponent(url.search)}`;
		Object.assign(bench.emulator.faults.catalogue, {
			echoAddress: {
				stage: 'after',
				description: 'A page that repeats the address.',
				answer: (request: EmulatedRequest) => ({ status: 502, headers: { 'content-type': 'text/html', 'x-address': request.url.href }, body: `<html><title>502 ${address(request)}</title></html>` }),
			},
		});
		bench.emulator.faults.add({ fault: 'echoAddress', urlIncludes: ':run' });
		for (const output of ['record', 'raw']) {
			const result = await give({ output });
			const all = JSON.stringify([result.outputs, result.hints, result.error, result.logs, result.messagesToUI, result.runData]);
			expect(all).toContain('access_token=[secret removed]');
			expect(all).not.toContain(token);
		}
		const stopped = await give({ routing: 'onError' });
		expect(stopped.status).toBe('error');
		expect(`${JSON.stringify([stopped.run, stopped.logs])} ${String((stopped.error as Error).stack)}`).not.toContain(token);
	});
});

describe('signed in without a browser', () => {
	let emulator: Emulator;
	let deploymentId: string;
	beforeEach(async () => {
		emulator = await startEmulator();
		({ deploymentId } = emulator.appsScript.addProject({ native: { give: (value: unknown) => value } }));
	});
	afterEach(() => emulator.stop());
	const asked = () => emulator.journal.requests.filter(({ url }) => url.includes('/token'));

	function give(dataOf: typeof refreshTokenData, count: number, options: IDataObject): EngineRun {
		const engine = createEngine({ credentials: { headless: { name: 'Headless', type: 'googleAppsScriptHeadlessApi', data: dataOf(emulator) } } });
		const parameters = { authentication: 'headless', deployment: locator('id', deploymentId), function: locator('name', 'give'), parametersFrom: 'json', parametersJson: '={{ [$json.n] }}', routing: 'byOutcome', options: options as never };
		return engine.run({ items: numbers(count), node: { type: 'appsScriptRun', credentials: { googleAppsScriptHeadlessApi: 'headless' }, parameters } });
	}

	const ways: Array<[string, typeof refreshTokenData]> = [
		['refresh token', refreshTokenData],
		['service account', (of) => serviceAccountData(of)],
	];

	it.each(ways)('%s: a token address that is busy for longer than the library tries: all items succeed', async (_way, dataOf) => {
		emulator.faults.add({ fault: 'http503', urlIncludes: '/token', times: 5 });
		expect(jsonOf((await give(dataOf, 3, {})).outputs)).toEqual([results(3), [], [], []]);
		expect(emulator.journal.executions).toHaveLength(3);
	});

	it.each(ways)('%s: a token address that stays busy: none ran, none is held back, and the tries are not multiplied by those of the library', async (_way, dataOf) => {
		emulator.faults.add({ fault: 'http503', urlIncludes: '/token' });
		const { outputs } = await give(dataOf, 3, { maxRetries: 1 });
		const errors = errorsOf(jsonOf(outputs)[3]);
		expect(errors.map(({ reason, message }) => [reason, message])).toEqual(Array.from({ length: 3 }, () => ['noConnection', 'Could not sign in: the token address answered with HTTP status 503']));
		// The library's four of the first time, then one for each try of the node.
		expect(asked()).toHaveLength(4 + 3);
	});

	it.each([
		['nobody listens', (data: ReturnType<typeof refreshTokenData>) => ({ ...data, tokenUrl: 'http://127.0.0.1:1/token' }), /^Could not sign in: the token address could not be reached/],
		[
			'an error with a word comes with HTTP status 500',
			(data: ReturnType<typeof refreshTokenData>) => {
				Object.assign(emulator.faults.catalogue, { internalFailure: { stage: 'instead', description: 'HTTP 500 with a word.', answer: () => ({ status: 500, body: { error: 'internal_failure' } }) } });
				emulator.faults.add({ fault: 'internalFailure', urlIncludes: '/token' });
				return data;
			},
			/^Could not sign in: the token address answered with HTTP status 500: internal_failure$/,
		],
	])('%s: none ran, none is held back', async (_what, change, message) => {
		const { outputs } = await give((of) => change(refreshTokenData(of)), 2, { maxRetries: 0 });
		expect(errorsOf(jsonOf(outputs)[3])).toEqual(Array.from({ length: 2 }, () => expect.objectContaining({ reason: 'noConnection', mayHaveRun: false, message: expect.stringMatching(message) as unknown }) as unknown));
	});

	it("signing in that takes longer than the node's time-out has sent nothing to the script", async () => {
		emulator.faults.add({ fault: 'http503', urlIncludes: '/token' });
		const { outputs } = await give(refreshTokenData, 1, { timeout: 1, maxRetries: 0 });
		expect(errorsOf(jsonOf(outputs)[3])).toEqual([expect.objectContaining({ reason: 'noConnection', mayHaveRun: false })]);
	});
});

/** Faults of the token address that the emulator does not know of. */
function addTokenFaults(emulator: Emulator): void {
	Object.assign(emulator.faults.catalogue, {
		resetInstead: { stage: 'instead', description: 'The connection is reset.', socket: 'reset' },
		googleError429: { stage: 'instead', description: "HTTP 429 in the form of Google's other services.", answer: () => ({ status: 429, body: { error: { code: 429, message: 'Too many requests', status: 'RESOURCE_EXHAUSTED' } } }) },
		rateLimited: { stage: 'instead', description: 'HTTP 429 with a word.', answer: () => ({ status: 429, body: { error: 'rate_limit_exceeded', error_description: 'Rate limit exceeded' } }) },
	});
}
