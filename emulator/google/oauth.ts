import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../clock';
import { bearerToken, formFields, page } from '../http/query';
import type { EmulatedAnswer, EmulatedRequest } from '../service';
import type { GoogleAccounts, GoogleUser, OAuthClient, ServiceAccount } from './accounts';
import { readAssertion } from './jwt';
import type { AccessToken, TokenStore } from './tokens';

/** What the OAuth2 endpoints do beyond the protocol; a test may change it at any time. */
export interface OAuthSettings {
	/** How long access tokens live that the token endpoint hands out. */
	accessTokenLifetimeSeconds: number;
	/** Who gives consent at the consent page. */
	signedInUser: GoogleUser;
	/** Consent is refused: the page leads back with `error=access_denied`. */
	denyConsent: boolean;
	/** Scopes that the person unticks on the consent page. */
	readonly untickedScopes: Set<string>;
}

/** How often the token endpoint did what. */
export interface OAuthCounts {
	/** Access tokens handed out for a refresh token. */
	refreshes: number;
	/** Access tokens handed out for a service account's assertion. */
	assertions: number;
	/** Requests to the token endpoint, refused ones too. */
	tokenRequests: number;
}

interface AuthorizationCode {
	readonly client: OAuthClient;
	readonly user: GoogleUser;
	readonly scopes: readonly string[];
	readonly redirectUri: string;
	readonly offline: boolean;
	readonly withRefreshToken: boolean;
	readonly challenge: { readonly method: string; readonly value: string } | undefined;
	readonly expiresAt: number;
}

/** Clocks may differ by this much before Google refuses an assertion (a guess of the size; the rule itself is Google's). */
const CLOCK_SKEW_SECONDS = 300;
/** The longest time between `iat` and `exp`. */
const LONGEST_ASSERTION_SECONDS = 3600;
const CODE_LIFETIME_MILLISECONDS = 10 * 60_000;
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/** Scopes of which userinfo wants one. */
const PROFILE_SCOPES = new Set(['openid', 'email', 'profile', 'https://www.googleapis.com/auth/userinfo.email', 'https://www.googleapis.com/auth/userinfo.profile']);
/** Google's own token addresses, which assertions name as their audience. */
const GOOGLE_TOKEN_ADDRESSES = ['https://oauth2.googleapis.com/token', 'https://www.googleapis.com/oauth2/v4/token', 'https://accounts.google.com/o/oauth2/token'];

const NO_STORE = { 'cache-control': 'no-cache, no-store, max-age=0, must-revalidate', pragma: 'no-cache' };

function refuse(status: number, error: string, description?: string): EmulatedAnswer {
	return {
		status,
		headers: NO_STORE,
		body: description === undefined ? { error } : { error, error_description: description },
	};
}

function splitScopes(text: string | null): string[] {
	return [...new Set((text ?? '').split(/\s+/).filter((scope) => scope !== ''))];
}

function isLoopback(address: string): boolean {
	try {
		return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(address).hostname);
	} catch {
		return false;
	}
}

/**
 * Google's OAuth2 endpoints: consent, token, tokeninfo, userinfo, revoke.
 * The bodies of refused assertions other than `unauthorized_client` are those that Google's libraries' issue threads show;
 * none was checked against the live service.
 */
export class OAuthEndpoints {
	readonly counts: OAuthCounts = { refreshes: 0, assertions: 0, tokenRequests: 0 };
	private readonly codes = new Map<string, AuthorizationCode>();
	/** Client and user of each consent so far: Google hands out a refresh token with the first one only. */
	private readonly consents = new Set<string>();

	constructor(
		private readonly accounts: GoogleAccounts,
		private readonly tokens: TokenStore,
		readonly settings: OAuthSettings,
		private readonly clock: Clock,
		private readonly address: string,
	) {}

	/** Whether one of the endpoints has this path. */
	owns(path: string): boolean {
		return this.endpoint(path) !== undefined;
	}

	handle(request: EmulatedRequest): EmulatedAnswer | undefined {
		return this.endpoint(request.url.pathname)?.(request);
	}

	private endpoint(path: string): ((request: EmulatedRequest) => EmulatedAnswer) | undefined {
		switch (path) {
			case '/o/oauth2/v2/auth':
			case '/o/oauth2/auth':
				return (request) => this.consent(request);
			case '/token':
			case '/oauth2/v4/token':
				return (request) => this.token(request);
			case '/tokeninfo':
			case '/oauth2/v3/tokeninfo':
				return (request) => this.tokenInfo(request);
			case '/oauth2/v2/userinfo':
			case '/oauth2/v3/userinfo':
				return (request) => this.userInfo(request);
			case '/revoke':
				return (request) => this.revoke(request);
			default:
				return undefined;
		}
	}

	/** Leads straight back with a code: the signed-in person always agrees, unless the settings say otherwise. */
	private consent(request: EmulatedRequest): EmulatedAnswer {
		const query = request.url.searchParams;
		const client = this.accounts.clients.find((candidate) => candidate.id === query.get('client_id'));
		if (client === undefined) return page(401, 'Error 401: invalid_client', 'The OAuth client was not found.');
		const redirectUri = query.get('redirect_uri') ?? '';
		const allowed = client.redirectUris?.includes(redirectUri) ?? isLoopback(redirectUri);
		if (!allowed) {
			return page(400, 'Error 400: redirect_uri_mismatch', `The redirect URI in the request, ${redirectUri}, does not match the ones authorized for the OAuth client.`);
		}
		if (query.get('response_type') !== 'code') return page(400, 'Error 400: invalid_request', 'Required parameter is missing: response_type');
		const scopes = splitScopes(query.get('scope'));
		if (scopes.length === 0) return page(400, 'Error 400: invalid_request', 'Missing required parameter: scope');
		if (scopes.some((scope) => client.cloudProject.blockedScopes.has(scope))) {
			return page(400, 'Error 400: admin_policy_enforced', 'Access to your account data is restricted by policies within your organization.');
		}

		const target = new URL(redirectUri);
		const state = query.get('state');
		if (state !== null) target.searchParams.set('state', state);
		if (this.settings.denyConsent) {
			target.searchParams.set('error', 'access_denied');
			return { status: 302, headers: { ...NO_STORE, location: target.href } };
		}

		const user = this.settings.signedInUser;
		const granted = scopes.filter((scope) => !this.settings.untickedScopes.has(scope));
		const offline = query.get('access_type') === 'offline';
		const consent = `${client.id} ${user.email}`;
		const asked = (query.get('prompt') ?? '').split(' ').includes('consent') || query.get('approval_prompt') === 'force';
		const challenge = query.get('code_challenge');
		const code = `4/0A${randomBytes(32).toString('base64url')}`;
		this.codes.set(code, {
			client,
			user,
			scopes: granted,
			redirectUri,
			offline,
			withRefreshToken: offline && (asked || !this.consents.has(consent)),
			challenge: challenge === null ? undefined : { method: query.get('code_challenge_method') ?? 'plain', value: challenge },
			expiresAt: this.clock.now() + CODE_LIFETIME_MILLISECONDS,
		});
		this.consents.add(consent);
		target.searchParams.set('code', code);
		target.searchParams.set('scope', granted.join(' '));
		return { status: 302, headers: { ...NO_STORE, location: target.href } };
	}

	private token(request: EmulatedRequest): EmulatedAnswer {
		this.counts.tokenRequests += 1;
		if (request.method !== 'POST') return refuse(405, 'invalid_request', `${request.method} is not allowed`);
		const form = formFields(request);
		switch (form.get('grant_type')) {
			case 'authorization_code':
				return this.exchangeCode(request, form);
			case 'refresh_token':
				return this.exchangeRefreshToken(request, form);
			case JWT_BEARER:
				return this.exchangeAssertion(form);
			case null:
				return refuse(400, 'invalid_request', 'Missing required parameter: grant_type');
			default:
				return refuse(400, 'unsupported_grant_type', `Invalid grant_type: ${form.get('grant_type') ?? ''}`);
		}
	}

	/** The client by the form's fields or by HTTP Basic, its secret checked; or the refusal. */
	private client(request: EmulatedRequest, form: URLSearchParams): { readonly client: OAuthClient } | { readonly refusal: EmulatedAnswer } {
		let id = form.get('client_id');
		let secret = form.get('client_secret');
		const basic = /^Basic\s+(.+)$/i.exec(request.headers.authorization ?? '')?.[1];
		if (basic !== undefined) {
			const [basicId = '', basicSecret = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':');
			id = decodeURIComponent(basicId);
			secret = decodeURIComponent(basicSecret);
		}
		if (id === null || id === '') return { refusal: refuse(400, 'invalid_request', 'Could not determine client ID from request.') };
		const client = this.accounts.clients.find((candidate) => candidate.id === id);
		if (client === undefined) return { refusal: refuse(401, 'invalid_client', 'The OAuth client was not found.') };
		if (secret === null || secret === '') return { refusal: refuse(400, 'invalid_request', 'client_secret is missing.') };
		if (client.secret !== secret) return { refusal: refuse(401, 'invalid_client', 'Unauthorized') };
		return { client };
	}

	private answerWith(access: AccessToken, refreshToken?: string): EmulatedAnswer {
		return {
			status: 200,
			headers: NO_STORE,
			body: {
				access_token: access.token,
				expires_in: Math.round((access.expiresAt - this.clock.now()) / 1000),
				...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
				scope: access.scopes.join(' '),
				token_type: 'Bearer',
			},
		};
	}

	private exchangeCode(request: EmulatedRequest, form: URLSearchParams): EmulatedAnswer {
		const identified = this.client(request, form);
		if ('refusal' in identified) return identified.refusal;
		const text = form.get('code') ?? '';
		const code = this.codes.get(text);
		this.codes.delete(text);
		if (code === undefined || code.client !== identified.client || code.expiresAt <= this.clock.now()) {
			return refuse(400, 'invalid_grant', 'Malformed auth code.');
		}
		if (code.redirectUri !== form.get('redirect_uri')) return refuse(400, 'redirect_uri_mismatch', 'Bad Request');
		if (code.challenge !== undefined) {
			const verifier = form.get('code_verifier') ?? '';
			const given = code.challenge.method === 'S256' ? createHash('sha256').update(verifier).digest('base64url') : verifier;
			if (given !== code.challenge.value) return refuse(400, 'invalid_grant', 'Invalid code verifier.');
		}
		const refresh = code.withRefreshToken ? this.tokens.issueRefresh(code.user, code.client, code.scopes) : undefined;
		const access = this.tokens.issueAccess({
			owner: { kind: 'user', user: code.user },
			scopes: code.scopes,
			clientId: code.client.id,
			cloudProject: code.client.cloudProject,
			lifetimeSeconds: this.settings.accessTokenLifetimeSeconds,
			offline: code.offline,
			refreshToken: refresh?.token,
		});
		return this.answerWith(access, refresh?.token);
	}

	private exchangeRefreshToken(request: EmulatedRequest, form: URLSearchParams): EmulatedAnswer {
		const identified = this.client(request, form);
		if ('refusal' in identified) return identified.refusal;
		const refresh = this.tokens.findRefresh(form.get('refresh_token') ?? '');
		if (refresh === undefined) return refuse(400, 'invalid_grant', 'Token has been expired or revoked.');
		if (refresh.client !== identified.client) return refuse(401, 'unauthorized_client', 'Unauthorized');
		const asked = splitScopes(form.get('scope'));
		if (asked.some((scope) => !refresh.scopes.includes(scope))) return refuse(400, 'invalid_scope', 'Some requested scopes were invalid.');
		const scopes = asked.length > 0 ? asked : refresh.scopes;
		if (scopes.some((scope) => refresh.client.cloudProject.blockedScopes.has(scope))) {
			return refuse(400, 'admin_policy_enforced', 'Access to your account data is restricted by policies within your organization.');
		}
		this.counts.refreshes += 1;
		const access = this.tokens.issueAccess({
			owner: { kind: 'user', user: refresh.user },
			scopes,
			clientId: refresh.client.id,
			cloudProject: refresh.client.cloudProject,
			lifetimeSeconds: this.settings.accessTokenLifetimeSeconds,
			offline: true,
			refreshToken: refresh.token,
		});
		return this.answerWith(access);
	}

	private exchangeAssertion(form: URLSearchParams): EmulatedAnswer {
		const assertion = readAssertion(form.get('assertion') ?? '');
		if (assertion === undefined) return refuse(400, 'invalid_grant', 'Invalid JWT: Failed to parse the JWT.');
		const { claims } = assertion;
		const account = this.accounts.serviceAccounts.find((candidate) => candidate.email === claims['iss']);
		if (account === undefined) return refuse(400, 'invalid_grant', 'Invalid grant: account not found');
		if (![...account.publicKeys.values()].some((key) => assertion.isSignedWith(key))) {
			return refuse(400, 'invalid_grant', 'Invalid JWT Signature.');
		}
		if (typeof claims['aud'] !== 'string' || ![...GOOGLE_TOKEN_ADDRESSES, `${this.address}/token`].includes(claims['aud'])) {
			return refuse(400, 'invalid_grant', 'Invalid JWT: Failed audience check.');
		}
		const issuedAt = Number(claims['iat']);
		const expiresAt = Number(claims['exp']);
		const now = this.clock.now() / 1000;
		if (
			!Number.isFinite(issuedAt) ||
			!Number.isFinite(expiresAt) ||
			issuedAt > now + CLOCK_SKEW_SECONDS ||
			expiresAt < now - CLOCK_SKEW_SECONDS ||
			expiresAt - issuedAt > LONGEST_ASSERTION_SECONDS
		) {
			return refuse(
				400,
				'invalid_grant',
				'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.',
			);
		}
		const scopes = splitScopes(typeof claims['scope'] === 'string' ? claims['scope'] : null);
		if (scopes.length === 0) return refuse(400, 'invalid_scope', 'Invalid OAuth scope or ID token audience provided.');
		const subject = claims['sub'];
		if (typeof subject !== 'string' || subject === '' || subject === account.email) return this.answerAssertion(account, scopes, undefined);

		const user = this.accounts.users.find((candidate) => candidate.email === subject);
		if (user === undefined) return refuse(400, 'invalid_grant', 'Invalid email or User ID');
		if (scopes.some((scope) => !account.delegatedScopes.has(scope))) {
			return refuse(
				401,
				'unauthorized_client',
				'Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.',
			);
		}
		if (scopes.some((scope) => account.cloudProject.blockedScopes.has(scope))) {
			return refuse(400, 'admin_policy_enforced', 'Access to your account data is restricted by policies within your organization.');
		}
		return this.answerAssertion(account, scopes, user);
	}

	private answerAssertion(account: ServiceAccount, scopes: readonly string[], user: GoogleUser | undefined): EmulatedAnswer {
		this.counts.assertions += 1;
		const access = this.tokens.issueAccess({
			owner: user === undefined ? { kind: 'serviceAccount', serviceAccount: account } : { kind: 'user', user, delegate: account },
			scopes,
			clientId: account.clientId,
			cloudProject: account.cloudProject,
			lifetimeSeconds: this.settings.accessTokenLifetimeSeconds,
		});
		return this.answerWith(access);
	}

	private tokenInfo(request: EmulatedRequest): EmulatedAnswer {
		const form = request.method === 'POST' ? formFields(request).get('access_token') : null;
		const access = this.tokens.findAccess(form ?? bearerToken(request));
		if (access === undefined) return refuse(400, 'invalid_token', 'Invalid Value');
		const secondsLeft = Math.floor((access.expiresAt - this.clock.now()) / 1000);
		return {
			status: 200,
			headers: NO_STORE,
			body: {
				azp: access.clientId,
				aud: access.clientId,
				sub: access.owner.kind === 'user' ? access.owner.user.id : access.owner.serviceAccount.clientId,
				scope: access.scopes.join(' '),
				exp: String(Math.floor(access.expiresAt / 1000)),
				expires_in: String(secondsLeft),
				...this.emailOf(access),
				access_type: access.offline ? 'offline' : 'online',
			},
		};
	}

	/** Google tells the address to tokens that may know it. */
	private emailOf(access: AccessToken): { email: string; email_verified: string } | Record<string, never> {
		const mayKnow = access.scopes.some((scope) => scope === 'email' || scope === 'https://www.googleapis.com/auth/userinfo.email');
		if (!mayKnow) return {};
		return { email: access.owner.kind === 'user' ? access.owner.user.email : access.owner.serviceAccount.email, email_verified: 'true' };
	}

	private userInfo(request: EmulatedRequest): EmulatedAnswer {
		const access = this.tokens.findAccess(bearerToken(request));
		const mayAsk = access?.scopes.some((scope) => PROFILE_SCOPES.has(scope)) ?? false;
		// With what body a token without one of these scopes is refused is a guess.
		if (access === undefined || !mayAsk) return refuse(401, 'invalid_request', 'Invalid Credentials');
		const id = access.owner.kind === 'user' ? access.owner.user.id : access.owner.serviceAccount.clientId;
		const known = this.emailOf(access);
		// Version 2 has its own names (discovery document of oauth2:v2).
		const version2 = { id, ...('email' in known ? { email: known.email, verified_email: true } : {}) };
		const body = request.url.pathname.includes('/v2/') ? version2 : { sub: id, ...known };
		return { status: 200, headers: NO_STORE, body };
	}

	private revoke(request: EmulatedRequest): EmulatedAnswer {
		const token = formFields(request).get('token') ?? request.url.searchParams.get('token') ?? '';
		return this.tokens.revoke(token) ? { status: 200, body: {} } : refuse(400, 'invalid_token', 'Token expired or revoked');
	}
}
