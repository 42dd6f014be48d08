import { createSign, generateKeyPairSync } from 'node:crypto';
import { startEmulator } from '../../emulator';
import { AdjustableClock } from '../../emulator/clock';
import { USERINFO_EMAIL, type ServiceAccount } from '../../emulator/google';
import { emulatorOfThisFile, get, postForm, type Answer } from './support';

const emulator = emulatorOfThisFile();
const REDIRECT = 'http://localhost:5678/rest/oauth2-credential/callback';
const SHEETS = 'https://www.googleapis.com/auth/spreadsheets';

interface TokenBody {
	readonly access_token: string;
	readonly refresh_token?: string;
	readonly expires_in: number;
	readonly scope: string;
	readonly token_type: string;
}

function consentPath(changes: Record<string, string> = {}): string {
	const query = new URLSearchParams({
		client_id: emulator().google.defaultClient.id,
		redirect_uri: REDIRECT,
		response_type: 'code',
		scope: `${USERINFO_EMAIL} ${SHEETS}`,
		access_type: 'offline',
		prompt: 'consent',
		state: 'the state',
		...changes,
	});
	return `/o/oauth2/v2/auth?${query.toString()}`;
}

function client(): Record<string, string> {
	return { client_id: emulator().google.defaultClient.id, client_secret: emulator().google.defaultClient.secret };
}

function locationOf(answer: Answer): URL {
	return new URL(answer.headers.get('location') ?? '');
}

describe('consent and code', () => {
	test('leads back with code and state; the code gives tokens once', async () => {
		const consent = await get(emulator(), consentPath(), undefined);
		expect(consent.status).toBe(302);
		const back = locationOf(consent);
		expect(`${back.origin}${back.pathname}`).toBe(REDIRECT);
		expect(back.searchParams.get('state')).toBe('the state');
		const exchange = { grant_type: 'authorization_code', code: back.searchParams.get('code') ?? '', redirect_uri: REDIRECT, ...client() };
		const { status, body } = await postForm(emulator(), '/token', exchange);
		expect(status).toBe(200);
		expect(body).toEqual({
			access_token: expect.stringMatching(/^ya29\./) as unknown,
			refresh_token: expect.stringMatching(/^1\/\//) as unknown,
			expires_in: 3599,
			scope: `${USERINFO_EMAIL} ${SHEETS}`,
			token_type: 'Bearer',
		});
		expect(await postForm(emulator(), '/token', exchange)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
	});

	test('unknown client and foreign address get a page, not a redirect; refused consent leads back with the error', async () => {
		expect((await get(emulator(), consentPath({ client_id: 'other' }), undefined)).status).toBe(401);
		expect((await get(emulator(), consentPath({ redirect_uri: 'https://elsewhere.example/callback' }), undefined)).text).toContain('redirect_uri_mismatch');
		emulator().google.settings.denyConsent = true;
		const back = locationOf(await get(emulator(), consentPath(), undefined));
		emulator().google.settings.denyConsent = false;
		expect([back.searchParams.get('error'), back.searchParams.get('code')]).toEqual(['access_denied', null]);
	});

	test('a refresh token comes with offline access only, and unasked with the first consent only', async () => {
		const user = emulator().google.addUser();
		emulator().google.settings.signedInUser = user;
		const tokens = async (changes: Record<string, string>) => {
			const code = locationOf(await get(emulator(), consentPath(changes), undefined)).searchParams.get('code') ?? '';
			return (await postForm(emulator(), '/token', { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, ...client() })).body as TokenBody;
		};
		const given: boolean[] = [];
		const asked: Array<Record<string, string>> = [{ prompt: '' }, { prompt: '' }, { prompt: 'consent' }, { access_type: 'online' }];
		for (const changes of asked) given.push((await tokens(changes)).refresh_token !== undefined);
		expect(given).toEqual([true, false, true, false]);
		emulator().google.settings.signedInUser = emulator().google.defaultUser;
	});
});

describe('refresh', () => {
	const refresh = (refreshToken: string, changes: Record<string, string> = {}) =>
		postForm(emulator(), '/token', { grant_type: 'refresh_token', refresh_token: refreshToken, ...client(), ...changes });

	test('gives a new access token, counted; with the client in the form or by HTTP Basic', async () => {
		const token = emulator().google.issueRefreshToken({ scopes: [SHEETS] });
		const before = emulator().google.counts.refreshes;
		const first = (await refresh(token)).body as TokenBody;
		const basic = Buffer.from(`${emulator().google.defaultClient.id}:${emulator().google.defaultClient.secret}`).toString('base64');
		const second = (await postForm(emulator(), '/token', { grant_type: 'refresh_token', refresh_token: token }, { authorization: `Basic ${basic}` })).body as TokenBody;
		expect(first.scope).toBe(SHEETS);
		expect(first.access_token).not.toBe(second.access_token);
		expect(emulator().google.findToken(second.access_token)?.scopes).toEqual([SHEETS]);
		expect(emulator().google.counts.refreshes - before).toBe(2);
	});

	test('what is refused', async () => {
		const token = emulator().google.issueRefreshToken();
		expect(await refresh('1//unknown')).toMatchObject({
			status: 400,
			body: { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' },
		});
		expect(await refresh(token, { client_id: 'other' })).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
		expect(await refresh(token, { client_secret: 'wrong' })).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
		expect(await refresh(token, { grant_type: 'password' })).toMatchObject({ status: 400, body: { error: 'unsupported_grant_type' } });
		const other = emulator().google.addClient();
		expect(await refresh(token, { client_id: other.id, client_secret: other.secret })).toMatchObject({ status: 401, body: { error: 'unauthorized_client' } });
		emulator().google.defaultCloudProject.blockedScopes.add(USERINFO_EMAIL);
		expect(await refresh(token)).toMatchObject({ status: 400, body: { error: 'admin_policy_enforced' } });
		emulator().google.defaultCloudProject.blockedScopes.clear();
		await postForm(emulator(), '/revoke', { token });
		expect(await refresh(token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
	});

	test('time: access tokens expire, and with a consent screen in testing refresh tokens do after 7 days', async () => {
		const clock = new AdjustableClock({ frozen: true });
		const own = await startEmulator({ clock });
		try {
			own.google.settings.accessTokenLifetimeSeconds = 600;
			const ask = (token: string, oauthClient = own.google.defaultClient) =>
				postForm(own, '/token', { grant_type: 'refresh_token', refresh_token: token, client_id: oauthClient.id, client_secret: oauthClient.secret });
			const testing = own.google.addClient({ cloudProject: own.google.addCloudProject({ consentScreen: 'testing' }) });
			const weekly = own.google.issueRefreshToken({ client: testing });
			const lasting = own.google.issueRefreshToken();
			const { access_token: access, expires_in: seconds } = (await ask(lasting)).body as TokenBody;
			expect(seconds).toBe(600);
			clock.advance(599_000);
			expect(await get(own, `/tokeninfo?access_token=${access}`, undefined)).toMatchObject({ status: 200, body: { expires_in: '1' } });
			clock.advance(1000);
			expect(await get(own, `/tokeninfo?access_token=${access}`, undefined)).toMatchObject({ status: 400, body: { error: 'invalid_token' } });
			expect((await ask(weekly, testing)).status).toBe(200);
			clock.advance(7 * 24 * 3600_000);
			expect(await ask(weekly, testing)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
			expect((await ask(lasting)).status).toBe(200);
		} finally {
			await own.stop();
		}
	});
});

describe('tokeninfo', () => {
	test('by query, by form and by header; the address only for tokens that may know it', async () => {
		const token = emulator().google.issueToken({ scopes: [USERINFO_EMAIL, SHEETS] });
		const clientId = emulator().google.defaultClient.id;
		const expected = { azp: clientId, aud: clientId, scope: `${USERINFO_EMAIL} ${SHEETS}`, email: 'owner@example.com', expires_in: expect.stringMatching(/^\d+$/) as unknown };
		expect((await get(emulator(), `/tokeninfo?access_token=${token}`, undefined)).body).toMatchObject(expected);
		expect((await postForm(emulator(), '/tokeninfo', { access_token: token })).body).toMatchObject(expected);
		expect((await postForm(emulator(), '/tokeninfo', {}, { authorization: `Bearer ${token}` })).body).toMatchObject(expected);
		expect((await get(emulator(), `/tokeninfo?access_token=${emulator().google.issueToken({ scopes: [SHEETS] })}`, undefined)).body).not.toHaveProperty('email');
	});
});

describe('service accounts', () => {
	function sign(account: ServiceAccount, changes: Record<string, unknown> = {}, privateKey = account.keyFile?.private_key ?? ''): string {
		const now = Math.floor(Date.now() / 1000);
		const claims = { iss: account.email, scope: SHEETS, aud: 'https://oauth2.googleapis.com/token', iat: now, exp: now + 3600, ...changes };
		const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
		const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`;
		return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey).toString('base64url')}`;
	}
	const exchange = (assertion: string) => postForm(emulator(), '/token', { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });

	test('with a subject and delegated scopes the token is the person\'s; without a subject it is the service account\'s', async () => {
		const account = emulator().google.addServiceAccount({ delegatedScopes: [SHEETS] });
		const delegated = (await exchange(sign(account, { sub: 'owner@example.com' }))).body as TokenBody;
		expect(emulator().google.findToken(delegated.access_token)?.owner).toMatchObject({ kind: 'user', user: { email: 'owner@example.com' } });
		const bare = (await exchange(sign(account))).body as TokenBody;
		expect(emulator().google.findToken(bare.access_token)?.owner.kind).toBe('serviceAccount');
	});

	test('what is refused', async () => {
		const account = emulator().google.addServiceAccount({ delegatedScopes: [SHEETS] });
		const now = Math.floor(Date.now() / 1000);
		const foreign = generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
		const short = 'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.';
		const cases: ReadonlyArray<readonly [string, number, Record<string, string>]> = [
			[sign(account, {}, foreign.privateKey), 400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' }],
			[sign(account, { iss: 'nobody@example.com' }), 400, { error: 'invalid_grant', error_description: 'Invalid grant: account not found' }],
			[sign(account, { aud: 'https://elsewhere.example/token' }), 400, { error: 'invalid_grant', error_description: 'Invalid JWT: Failed audience check.' }],
			[sign(account, { iat: now - 8000, exp: now - 4400 }), 400, { error: 'invalid_grant', error_description: short }],
			[sign(account, { iat: now + 4000, exp: now + 7600 }), 400, { error: 'invalid_grant', error_description: short }],
			[sign(account, { exp: now + 7200 }), 400, { error: 'invalid_grant', error_description: short }],
			[sign(account, { sub: 'nobody@example.com' }), 400, { error: 'invalid_grant', error_description: 'Invalid email or User ID' }],
			[sign(account, { scope: '' }), 400, { error: 'invalid_scope' }],
			['not.a.token', 400, { error: 'invalid_grant' }],
			[
				sign(account, { sub: 'owner@example.com', scope: `${SHEETS} ${USERINFO_EMAIL}` }),
				401,
				{
					error: 'unauthorized_client',
					error_description: 'Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.',
				},
			],
		];
		for (const [assertion, status, body] of cases) expect(await exchange(assertion)).toMatchObject({ status, body });
	});
});
