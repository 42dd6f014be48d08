import { generateKeyPairSync } from 'node:crypto';
import type { ICredentialDataDecryptedObject, IDataObject, IExecuteFunctions, IHttpRequestOptions, INodeType } from 'n8n-workflow';

import { GoogleAppsScriptHeadlessApi } from '../../credentials/GoogleAppsScriptHeadlessApi.credentials';
import { startEmulator, type Emulator } from '../../emulator';
import { USERINFO_EMAIL } from '../../emulator/google';
import { readAssertion } from '../../emulator/google/jwt';
import { jsonOf, locator, pairsOf } from './appsScriptBench';
import { createEngine, type Engine, type EngineRun } from './harness';
import { addressesOf } from '../n8n/emulatorCredentials';
import { DEPLOYMENTS, HEADLESS_SCOPES, letGaxiosUseFetch, refreshTokenData, serviceAccountData } from './headlessBench';

letGaxiosUseFetch();

/** As n8n's HTTP Request node sends: through the older helper. */
const olderRequest: INodeType = {
	description: {
		displayName: 'Older Request',
		name: 'olderRequest',
		group: ['transform'],
		version: 1,
		description: '',
		defaults: { name: 'Older Request' },
		inputs: ['main'],
		outputs: ['main'],
		credentials: [{ name: 'googleAppsScriptHeadlessApi' }],
		properties: [
			{ displayName: 'URL', name: 'url', type: 'string', default: '' },
			{ displayName: 'Body', name: 'body', type: 'json', default: '{}' },
		],
	},
	async execute(this: IExecuteFunctions) {
		const options = { method: 'POST', uri: this.getNodeParameter('url', 0), body: JSON.parse(this.getNodeParameter('body', 0) as string) as IDataObject, json: true };
		const requestWithAuthentication = Reflect.get(this.helpers, 'requestWithAuthentication') as (this: IExecuteFunctions, type: string, options: object) => Promise<IDataObject>;
		return [[{ json: await requestWithAuthentication.call(this, 'googleAppsScriptHeadlessApi', options) }]];
	},
};

let emulator: Emulator;
let deploymentId: string;
beforeEach(async () => {
	emulator = await startEmulator();
	({ deploymentId } = emulator.appsScript.addProject({ native: { add: (a: number, b: number) => a + b } }));
});
afterEach(() => emulator.stop());

const engineWith = (data: ICredentialDataDecryptedObject): Engine =>
	createEngine({ credentials: { headless: { name: 'Headless', type: 'googleAppsScriptHeadlessApi', data } }, nodeTypes: { 'test.olderRequest': olderRequest } });

const runWith = (engine: Engine, count: number): EngineRun =>
	engine.run({
		items: Array.from({ length: count }, (_, n) => ({ n })),
		node: {
			type: 'appsScriptRun',
			credentials: { googleAppsScriptHeadlessApi: 'headless' },
			parameters: {
				authentication: 'headless',
				deployment: locator('id', deploymentId),
				function: locator('name', 'add'),
				parametersFrom: 'json',
				parametersJson: '={{ [$json.n, 1] }}',
				routing: 'byOutcome',
				options: { concurrency: 'fixed', maxConcurrency: 10 },
			},
		},
	});

const sent = (part: string) => emulator.journal.requests.filter(({ url }) => url.includes(part));
const sums = (count: number) => Array.from({ length: count }, (_, n) => ({ result: n + 1 }));

const { authenticate } = new GoogleAppsScriptHeadlessApi();
const sign = (data: ICredentialDataDecryptedObject, url: string, more: Partial<IHttpRequestOptions> = {}) => authenticate(data, { url, ...more });

interface KeyFile {
	readonly client_email: string;
	readonly private_key: string;
}

describe('signing in without a browser', () => {
	it('with a refresh token: 20 items, one refresh', async () => {
		const result = await runWith(engineWith(refreshTokenData(emulator)), 20);
		expect(jsonOf(result.outputs)).toEqual([sums(20), [], [], []]);
		expect(emulator.google.counts).toEqual({ refreshes: 1, assertions: 0, tokenRequests: 1 });
	});

	it('with a service account on behalf of a person: signed, for Google, with subject, scopes and an hour at most', async () => {
		const data = serviceAccountData(emulator);
		const result = await runWith(engineWith(data), 20);
		expect(jsonOf(result.outputs)).toEqual([sums(20), [], [], []]);
		expect(emulator.google.counts).toEqual({ refreshes: 0, assertions: 1, tokenRequests: 1 });

		const account = emulator.google.accounts.serviceAccounts[0];
		const assertion = readAssertion(new URLSearchParams(sent('/token')[0]?.body).get('assertion') ?? '');
		expect(assertion?.claims).toMatchObject({ iss: account?.email, sub: 'owner@example.com', aud: 'https://oauth2.googleapis.com/token', scope: HEADLESS_SCOPES.join(' ') });
		expect(Number(assertion?.claims.exp) - Number(assertion?.claims.iat)).toBeLessThanOrEqual(3600);
		expect([...(account?.publicKeys.values() ?? [])].map((key) => assertion?.isSignedWith(key))).toEqual([true]);
	});

	it.each([
		['the two fields', (key: KeyFile) => ({ keyForm: 'fields', serviceAccountEmail: key.client_email, privateKey: key.private_key })],
		['the two fields, line breaks escaped', (key: KeyFile) => ({ keyForm: 'fields', serviceAccountEmail: key.client_email, privateKey: key.private_key.replaceAll('\n', '\\n') })],
		['the two fields, line breaks lost in a field of one line', (key: KeyFile) => ({ keyForm: 'fields', serviceAccountEmail: key.client_email, privateKey: key.private_key.replaceAll('\n', ' ') })],
		['the two fields, quotes and comma copied along', (key: KeyFile) => ({ keyForm: 'fields', serviceAccountEmail: key.client_email, privateKey: `${JSON.stringify(key.private_key)},` })],
		['JSON with real line breaks in the key', (key: KeyFile) => ({ serviceAccountKey: JSON.stringify(key).replaceAll('\\n', '\n') })],
		['JSON whose line breaks were escaped twice', (key: KeyFile) => ({ serviceAccountKey: JSON.stringify(key).replaceAll('\\n', '\\\\n') })],
	])('takes the key as %s', async (_how, made) => {
		const data = serviceAccountData(emulator);
		const key = JSON.parse(data.serviceAccountKey as string) as KeyFile;
		await sign({ ...data, ...made(key) }, `${emulator.address}/v1/projects/x`);
		expect(emulator.google.counts.assertions).toBe(1);
	});

	it.each([
		['refresh token', refreshTokenData],
		['service account', serviceAccountData],
	])('%s: those who ask at the same time share one sign-in, and a token address that is busy is asked again', async (_how, dataOf) => {
		emulator.faults.add({ fault: 'http503', urlIncludes: '/token', times: 2 });
		const data = dataOf(emulator);
		const options = await Promise.all(Array.from({ length: 25 }, () => sign(data, `${emulator.address}/v1/projects/x`)));
		expect(new Set(options.map(({ headers }) => headers?.Authorization)).size).toBe(1);
		expect(sent('/token').map(({ status }) => status)).toEqual([503, 503, 200]);
	});

	it.each([
		['refresh token', refreshTokenData],
		['service account', serviceAccountData],
	])('%s: a token that was revoked is replaced once, and no item is lost', async (_how, dataOf) => {
		const engine = engineWith(dataOf(emulator));
		await runWith(engine, 1);
		emulator.google.revokeAllAccessTokens();
		emulator.journal.clear();
		const result = await runWith(engine, 12);
		expect(jsonOf(result.outputs)).toEqual([sums(12), [], [], []]);
		expect(sent(':run').filter(({ status }) => status === 401)).toHaveLength(1);
		expect(sent('/token')).toHaveLength(1);
		expect(emulator.journal.executions).toHaveLength(12);
	});

	it('does not ask for token after token where fresh ones are refused, too', async () => {
		emulator.appsScript.settings.missingScopes = 'unauthorized';
		const engine = engineWith(refreshTokenData(emulator, [DEPLOYMENTS]));
		const first = await runWith(engine, 30);
		const second = await runWith(engine, 30);
		for (const { outputs } of [first, second]) expect(pairsOf(outputs).map((pairs) => pairs.length)).toEqual([0, 0, 0, 30]);
		expect(sent(':run')).toHaveLength(4);
		expect(sent('/token')).toHaveLength(2);
	});

	it('begins anew when the credential is edited', async () => {
		const data = refreshTokenData(emulator);
		const url = `${emulator.address}/v1/projects/x`;
		await sign(data, url);
		await sign({ ...data, refreshToken: emulator.google.issueRefreshToken() }, url);
		await sign(data, url);
		expect(emulator.google.counts.refreshes).toBe(2);
	});

	it('remembers 100 sign-ins, those that were used last', async () => {
		const url = `${emulator.address}/v1/projects/x`;
		const all = Array.from({ length: 101 }, () => refreshTokenData(emulator));
		const [first, second] = all as [ICredentialDataDecryptedObject, ICredentialDataDecryptedObject];
		for (const data of all.slice(0, 100)) await sign(data, url);
		await sign(first, url);
		await sign(all[100] as ICredentialDataDecryptedObject, url);
		await sign(first, url);
		expect(emulator.google.counts.refreshes).toBe(101);
		await sign(second, url);
		expect(emulator.google.counts.refreshes).toBe(102);
	});

	it('signs for its own servers only, and lets no answer lead elsewhere', async () => {
		const data = refreshTokenData(emulator);
		const path = '/v1/projects/x';
		expect(await sign(data, path, { baseURL: emulator.address })).toMatchObject({ disableFollowRedirect: true, headers: { Authorization: expect.stringMatching(/^Bearer ya29/) as string } });
		emulator.journal.clear();
		await expect(sign(data, `http://127.0.0.1:1${path}`)).rejects.toThrow(/is not sent to http:\/\/127\.0\.0\.1:1\. /);
		await expect(sign({ ...data, otherAddresses: false }, emulator.address)).rejects.toThrow(/signs requests to https:\/\/script\.googleapis\.com, https:\/\/www\.googleapis\.com, https:\/\/oauth2\.googleapis\.com only/);
		expect(emulator.journal.requests).toEqual([]);
	});

	it.each(['http500AfterRun', 'http503AfterRun', 'resetAfterRun', 'unauthenticated401'])("n8n's older helper, of the HTTP Request node: a POST that meets %s arrives once", async (fault) => {
		const engine = engineWith(refreshTokenData(emulator));
		emulator.faults.add({ fault, urlIncludes: ':run' });
		const result = await engine.run({
			node: {
				type: 'test.olderRequest',
				credentials: { googleAppsScriptHeadlessApi: 'headless' },
				parameters: { url: `${emulator.address}/v1/scripts/${deploymentId}:run`, body: JSON.stringify({ function: 'add', parameters: [1, 2] }) },
			},
		});
		expect(result.status).toBe('error');
		expect(sent(':run')).toHaveLength(1);
	});

	it("n8n's older helper gets the answer", async () => {
		const result = await engineWith(serviceAccountData(emulator)).run({
			node: {
				type: 'test.olderRequest',
				credentials: { googleAppsScriptHeadlessApi: 'headless' },
				parameters: { url: `${emulator.address}/v1/scripts/${deploymentId}:run`, body: JSON.stringify({ function: 'add', parameters: [1, 2] }) },
			},
		});
		expect(jsonOf(result.outputs)[0]).toEqual([expect.objectContaining({ done: true, response: expect.objectContaining({ result: 3 }) as unknown })]);
	});
});

const pem = (type: 'ec' | 'rsa', format: 'pkcs8' | 'public' | 'encrypted'): string => {
	const { privateKey, publicKey } = type === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('rsa', { modulusLength: 2048 });
	if (format === 'public') return publicKey.export({ type: 'spki', format: 'pem' }).toString();
	return privateKey.export({ type: 'pkcs8', format: 'pem', ...(format === 'encrypted' ? { cipher: 'aes-256-cbc', passphrase: 'x' } : {}) }).toString();
};

type Change = (data: ICredentialDataDecryptedObject) => ICredentialDataDecryptedObject | Promise<ICredentialDataDecryptedObject>;

/** The credential with its key file changed. */
const withKey =
	(change: (key: Record<string, unknown>) => unknown): Change =>
	(data) => {
		const made = change(JSON.parse(data.serviceAccountKey as string) as Record<string, unknown>);
		return { ...data, serviceAccountKey: typeof made === 'string' ? made : JSON.stringify(made) };
	};
const withFault =
	(fault: string): Change =>
	(data) => {
		emulator.faults.add({ fault, urlIncludes: '/token' });
		return data;
	};

describe('what is wrong with a sign-in is said, in the item and by the Test button', () => {
	const text = (key: Record<string, unknown>) => JSON.stringify(key, undefined, 2);
	it.each<[string, 'refreshToken' | 'serviceAccount', Change, RegExp, RegExp]>([
		['a refresh token that ended', 'refreshToken', (data) => ({ ...data, refreshToken: '1//gone' }), /^Google refused the refresh token: invalid_grant \(Token has been expired or revoked\)$/, /consent was revoked.*Testing, where refresh tokens die after 7 days/],
		['a refresh token of another client', 'refreshToken', (data) => ({ ...data, refreshToken: emulator.google.issueRefreshToken({ client: emulator.google.addClient() }) }), /refused the refresh token: unauthorized_client/, /issued to another OAuth client/],
		['a wrong client secret', 'refreshToken', (data) => ({ ...data, clientSecret: 'wrong' }), /refused: invalid_client/, /do not belong together/],
		['policy of the administrator', 'refreshToken', withFault('adminPolicyEnforced'), /refused: admin_policy_enforced/, /App access control/],
		['nothing filled in', 'refreshToken', (data) => ({ ...data, clientSecret: '', refreshToken: ' ' }), /^The credential lacks: Client Secret, Refresh Token$/, /same OAuth client/],
		['a token address that is none', 'refreshToken', (data) => ({ ...data, tokenUrl: 'token' }), /^"token" is not an address$/, /begins with https/],
		['scopes that the administrator has not granted', 'serviceAccount', (data) => ({ ...data, scope: `${USERINFO_EMAIL}, https://www.googleapis.com/auth/spreadsheets` }), /^The service account may not sign in as owner@example\.com: unauthorized_client/, /client ID 1\d{20} for exactly these scopes: https:\S+userinfo\.email,https:\S+spreadsheets$/],
		['no subject', 'serviceAccount', (data) => ({ ...data, subject: '' }), /^The credential lacks a subject$/, /A service account by itself cannot run Apps Script functions/],
		['a subject that nobody is', 'serviceAccount', (data) => ({ ...data, subject: 'nobody@example.com' }), /^There is no nobody@example\.com: invalid_grant/, /in your Google Workspace/],
		['a service account that is gone', 'serviceAccount', withKey((key) => ({ ...key, client_email: 'gone@x.iam.gserviceaccount.com' })), /^There is no service account gone@x/, /deleted/],
		['a key of another account', 'serviceAccount', withKey((key) => ({ ...key, private_key: pem('rsa', 'pkcs8') })), /^Google does not know the private key: invalid_grant \(Invalid JWT Signature\)$/, /deleted or disabled/],
		['no scopes', 'serviceAccount', (data) => ({ ...data, scope: ' , ' }), /lacks scopes/, /Project OAuth Scopes/],
		['no key', 'serviceAccount', withKey(() => ''), /lacks the service account's key/, /Paste the whole JSON file/],
		['the end of the file missing', 'serviceAccount', withKey((key) => text(key).slice(0, 900)), /no JSON file: its end is missing/, /from \{ to \}/],
		['the beginning of the file missing', 'serviceAccount', withKey((key) => text(key).slice(200)), /no JSON file: its beginning is missing/, /from \{ to \}/],
		['a file damaged in its middle', 'serviceAccount', withKey((key) => text(key).replace('",', '')), /no JSON file: it is damaged/, /from \{ to \}/],
		['the file of an OAuth client', 'serviceAccount', withKey(() => ({ installed: { client_id: 'x' } })), /file of an OAuth client/, /Refresh Token under Sign In With/],
		['the file of a signed-in person', 'serviceAccount', withKey(() => ({ type: 'authorized_user', refresh_token: 'x' })), /refresh token of a person/, /copy client_id, client_secret and refresh_token/],
		['the file of workload identity', 'serviceAccount', withKey(() => ({ type: 'external_account' })), /type "external_account"/, /needs a key/],
		['a file without key', 'serviceAccount', withKey(({ private_key: _key, ...rest }) => rest), /lacks private_key/, /as Google handed it out/],
		['the private key in place of the file', 'serviceAccount', withKey((key) => key.private_key), /^This is the private key alone$/, /Two Fields/],
		['half a private key', 'serviceAccount', withKey((key) => ({ ...key, private_key: (key.private_key as string).slice(0, 600) })), /not whole: its end is missing/, /END PRIVATE KEY/],
		['the other half', 'serviceAccount', withKey((key) => ({ ...key, private_key: (key.private_key as string).slice(600) })), /not whole: its beginning is missing/, /BEGIN PRIVATE KEY/],
		['a private key that lost a line', 'serviceAccount', withKey((key) => ({ ...key, private_key: (key.private_key as string).split('\n').filter((_line, index) => index !== 7).join('\n') })), /is damaged/, /Copy it again/],
		['a public key', 'serviceAccount', withKey((key) => ({ ...key, private_key: pem('rsa', 'public') })), /of the wrong kind: public key/, /private key of a service account is wanted/],
		['an encrypted key', 'serviceAccount', withKey((key) => ({ ...key, private_key: pem('rsa', 'encrypted') })), /of the wrong kind: encrypted private key/, /private key of a service account is wanted/],
		['a key of elliptic curves', 'serviceAccount', withKey((key) => ({ ...key, private_key: pem('ec', 'pkcs8') })), /of the wrong kind: ec$/, /RSA keys/],
	])('%s', async (_what, signInWith, change, message, hint) => {
		const data = await change(signInWith === 'refreshToken' ? refreshTokenData(emulator) : serviceAccountData(emulator));
		const engine = engineWith(data);
		const result = await runWith(engine, 3);
		const [failed, ...others] = jsonOf(result.outputs)[3] ?? [];
		expect(failed).toMatchObject({ n: 0, outcome: 'requestError', error: { reason: 'unauthorized', mayHaveRun: false } });
		const error = failed?.error as { message: string; hint: string; documentationUrl: string };
		expect(error.message).toMatch(message);
		expect(error.hint).toMatch(hint);
		expect(error.documentationUrl).toMatch(/^https:/);
		// The others are not even tried: each would fail alike.
		expect(others.map(({ error: other }) => (other as IDataObject).reason)).toEqual(['notStarted', 'notStarted']);
		expect(sent(':run')).toEqual([]);

		const tested = await engine.testCredential('headless');
		expect(tested.status).toBe('Error');
		expect(tested.message).toMatch(hint);
	});

	// What the items come to then is in tokenAddress.test.ts: nothing was refused, so they are tried again, each by itself.
	it.each<[string, Change]>([
		['a token address that nobody listens at', (data) => ({ ...data, tokenUrl: 'http://127.0.0.1:1/token' })],
		['a token address that stays busy', withFault('http503')],
	])('%s', async (_what, change) => {
		const tested = await engineWith(await change(refreshTokenData(emulator))).testCredential('headless');
		expect(tested).toMatchObject({ status: 'Error', message: expect.stringMatching(/^Could not sign in: the token address .* Nothing was sent to the script\. Try again later/) as unknown });
	});

	it('names the account where the client ID of the service account is not known', async () => {
		const { serviceAccountKey, ...data } = serviceAccountData(emulator, { delegatedScopes: [] });
		const key = JSON.parse(serviceAccountKey as string) as KeyFile;
		const fields = { ...data, keyForm: 'fields', serviceAccountEmail: key.client_email, privateKey: key.private_key };
		await expect(sign(fields, emulator.address)).rejects.toThrow(`the Unique ID of ${key.client_email}`);
	});
});

describe('the Test button', () => {
	it.each([
		['refresh token', () => refreshTokenData(emulator)],
		['refresh token without the scope userinfo.email', () => refreshTokenData(emulator, [DEPLOYMENTS])],
		['service account', () => serviceAccountData(emulator)],
	])('%s: good', async (_how, dataOf) => {
		expect(await engineWith(dataOf()).testCredential('headless')).toEqual({ status: 'OK', message: 'Connection successful!' });
	});

	it('says where nothing answers', async () => {
		const data = { ...refreshTokenData(emulator), ...addressesOf(emulator), tokenInfoUrl: 'http://127.0.0.1:1/tokeninfo' };
		expect((await engineWith(data).testCredential('headless')).status).toBe('Error');
	});
});
