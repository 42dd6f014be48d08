import type { EmulatedAnswer, EmulatedRequest, EmulatedService, EmulatorContext } from '../service';
import { GoogleAccounts, type CloudProject, type GoogleUser, type OAuthClient, type ServiceAccount } from './accounts';
import { OAuthEndpoints, type OAuthCounts, type OAuthSettings } from './oauth';
import { TokenStore, type AccessToken } from './tokens';

export type { CloudProject, GoogleUser, OAuthClient, ServiceAccount, ServiceAccountKeyFile } from './accounts';
export type { AccessToken } from './tokens';

/** The scope that a project of the emulator has when nobody names others. */
export const USERINFO_EMAIL = 'https://www.googleapis.com/auth/userinfo.email';

/** Google accounts, consent and tokens. There is always one person, one Cloud project and one OAuth client to begin with. */
export class GoogleEmulator implements EmulatedService {
	readonly name = 'google';
	readonly accounts = new GoogleAccounts();
	readonly tokens: TokenStore;
	/** Owns the scripts that are added without an owner, and gives consent. */
	readonly defaultUser: GoogleUser;
	readonly defaultCloudProject: CloudProject;
	readonly defaultClient: OAuthClient;
	/** What the endpoints do; may be changed at any time. */
	readonly settings: OAuthSettings;
	readonly counts: OAuthCounts;
	readonly urls: { readonly auth: string; readonly token: string; readonly tokenInfo: string; readonly revoke: string };
	private readonly oauth: OAuthEndpoints;

	constructor(context: EmulatorContext) {
		this.tokens = new TokenStore(context.clock);
		this.defaultUser = this.accounts.addUser({ email: 'owner@example.com', name: 'Olivia Owner' });
		this.defaultCloudProject = this.accounts.addCloudProject({ number: '123456789012' });
		this.defaultClient = this.accounts.addClient({
			id: '123456789012-emulator.apps.googleusercontent.com',
			secret: 'GOCSPX-emulator',
			cloudProject: this.defaultCloudProject,
		});
		this.settings = {
			accessTokenLifetimeSeconds: 3599,
			signedInUser: this.defaultUser,
			denyConsent: false,
			untickedScopes: new Set(),
		};
		this.oauth = new OAuthEndpoints(this.accounts, this.tokens, this.settings, context.clock, context.address);
		this.counts = this.oauth.counts;
		this.urls = {
			auth: `${context.address}/o/oauth2/v2/auth`,
			token: `${context.address}/token`,
			tokenInfo: `${context.address}/tokeninfo`,
			revoke: `${context.address}/revoke`,
		};
	}

	addUser(options?: Parameters<GoogleAccounts['addUser']>[0]): GoogleUser {
		return this.accounts.addUser(options);
	}

	addCloudProject(options?: Parameters<GoogleAccounts['addCloudProject']>[0]): CloudProject {
		return this.accounts.addCloudProject(options);
	}

	/** An OAuth client, of the default Cloud project unless another is named. */
	addClient(options: Partial<Parameters<GoogleAccounts['addClient']>[0]> = {}): OAuthClient {
		return this.accounts.addClient({ cloudProject: this.defaultCloudProject, ...options });
	}

	/** A service account, of the default Cloud project unless another is named; with its key file unless a public key is given. */
	addServiceAccount(options: Partial<Parameters<GoogleAccounts['addServiceAccount']>[0]> = {}): ServiceAccount {
		return this.accounts.addServiceAccount({ cloudProject: this.defaultCloudProject, ...options }, this.urls.token);
	}

	/** Hands out an access token without any exchange. Scopes: userinfo.email unless others are named; life: an hour. */
	issueToken(options: {
		readonly user?: GoogleUser;
		readonly serviceAccount?: ServiceAccount;
		readonly scopes?: readonly string[];
		readonly lifetimeSeconds?: number;
		readonly client?: OAuthClient;
	} = {}): string {
		const client = options.client ?? this.defaultClient;
		const { serviceAccount } = options;
		return this.tokens.issueAccess({
			owner: serviceAccount === undefined ? { kind: 'user', user: options.user ?? this.defaultUser } : { kind: 'serviceAccount', serviceAccount },
			scopes: options.scopes ?? [USERINFO_EMAIL],
			clientId: serviceAccount?.clientId ?? client.id,
			cloudProject: serviceAccount?.cloudProject ?? client.cloudProject,
			lifetimeSeconds: options.lifetimeSeconds ?? this.settings.accessTokenLifetimeSeconds,
		}).token;
	}

	/** Hands out a refresh token without consent. Scopes: userinfo.email unless others are named. */
	issueRefreshToken(options: { readonly user?: GoogleUser; readonly scopes?: readonly string[]; readonly client?: OAuthClient } = {}): string {
		return this.tokens.issueRefresh(options.user ?? this.defaultUser, options.client ?? this.defaultClient, options.scopes ?? [USERINFO_EMAIL]).token;
	}

	/** The token's facts while it is valid. */
	findToken(token: string | undefined): AccessToken | undefined {
		return this.tokens.findAccess(token);
	}

	revoke(token: string): boolean {
		return this.tokens.revoke(token);
	}

	revokeAllAccessTokens(): void {
		this.tokens.revokeAllAccessTokens();
	}

	/** As after the 7 days of a consent screen in testing, or after the person withdrew consent. */
	revokeAllRefreshTokens(): void {
		this.tokens.revokeAllRefreshTokens();
	}

	owns(request: EmulatedRequest): boolean {
		return this.oauth.owns(request.url.pathname);
	}

	handle(request: EmulatedRequest): Promise<EmulatedAnswer | undefined> {
		return Promise.resolve(this.oauth.handle(request));
	}

	stop(): Promise<void> {
		return Promise.resolve();
	}
}
