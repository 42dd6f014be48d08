import { startEmulator } from '../../emulator';
import { jsonOf, locator, SCOPES } from './appsScriptBench';
import { createEngine } from './harness';
import { addressesOf } from '../n8n/emulatorCredentials';
import { letGaxiosUseFetch, refreshTokenData, serviceAccountData } from './headlessBench';

letGaxiosUseFetch();

const ITEMS = 1_000;
const RUN_MS = 3_600;
const LIFETIME_SECONDS = 600;
/** What the credential leaves of a token's life for the run that it is for. */
const LEFT_FOR_A_RUN_MS = 380_000;

/** Runs that begin in the first 220 s of a token's life use it: at 0, 3.6, … 216 s and at 219.6 s are 62, and the next one asks for a new token. */
const RUNS_PER_TOKEN = Math.ceil((LIFETIME_SECONDS * 1_000 - LEFT_FOR_A_RUN_MS) / RUN_MS);
const SIGN_INS = Math.ceil(ITEMS / RUNS_PER_TOKEN);

/** n8n refreshes when a token was refused, which is when it has ended: after 600 s, i.e. with every 167th run. The first one comes with the credential. */
const REFRESHES_OF_N8N = Math.ceil(ITEMS / Math.ceil((LIFETIME_SECONDS * 1_000) / RUN_MS)) - 1;

describe('1,000 items over an hour, with tokens that live 10 minutes', () => {
	// One clock for n8n, google-auth-library and the emulator: the only thing that is not real. Sockets and timers are.
	beforeEach(() => jest.useFakeTimers({ now: Date.now(), advanceTimers: false, doNotFake: ['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate', 'setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] }));
	afterEach(() => jest.useRealTimers());

	it.each([
		['a refresh token', 'headless', SIGN_INS],
		['a service account', 'headless', SIGN_INS],
		['consent in the browser', 'oAuth2', REFRESHES_OF_N8N],
	])('%s: no item is lost, and the number of refreshes is the one stated', async (how, authentication, refreshes) => {
		expect([RUNS_PER_TOKEN, SIGN_INS, REFRESHES_OF_N8N]).toEqual([62, 17, 5]);
		const emulator = await startEmulator();
		try {
			const { google } = emulator;
			google.settings.accessTokenLifetimeSeconds = LIFETIME_SECONDS;
			const begun = Date.now();
			const { deploymentId } = emulator.appsScript.addProject({
				native: {
					take: (n: number) => {
						jest.setSystemTime(Date.now() + RUN_MS);
						return n;
					},
				},
			});
			const consent = {
				...addressesOf(emulator),
				clientId: google.defaultClient.id,
				clientSecret: google.defaultClient.secret,
				oauthTokenData: { access_token: google.issueToken({ scopes: SCOPES }), refresh_token: google.issueRefreshToken({ scopes: SCOPES }), token_type: 'Bearer' },
			};
			const type = authentication === 'oAuth2' ? 'googleAppsScriptOAuth2Api' : 'googleAppsScriptHeadlessApi';
			const data = authentication === 'oAuth2' ? consent : how === 'a refresh token' ? refreshTokenData(emulator) : serviceAccountData(emulator);
			const engine = createEngine({ credentials: { google: { name: 'Google', type, data } } });
			const result = await engine.run({
				items: Array.from({ length: ITEMS }, (_, n) => ({ n })),
				node: {
					type: 'appsScriptRun',
					credentials: { [type]: 'google' },
					parameters: { authentication, deployment: locator('id', deploymentId), function: locator('name', 'take'), parametersFrom: 'json', parametersJson: '={{ [$json.n] }}' },
				},
			});
			expect(jsonOf(result.outputs)[0]).toEqual(Array.from({ length: ITEMS }, (_, n) => ({ result: n })));
			expect(Date.now() - begun).toBe(ITEMS * RUN_MS);
			expect(emulator.journal.executions).toHaveLength(ITEMS);
			expect(google.counts.refreshes + google.counts.assertions).toBe(refreshes);
			const refused = emulator.journal.requests.filter(({ status }) => status === 401);
			expect(refused).toHaveLength(authentication === 'oAuth2' ? REFRESHES_OF_N8N : 0);
		} finally {
			await emulator.stop();
		}
	}, 120_000);
});
