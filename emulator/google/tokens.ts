import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock';
import type { CloudProject, GoogleUser, OAuthClient, ServiceAccount } from './accounts';

/** On whose behalf a token speaks. A delegated token is a user's token. */
export type TokenOwner =
	| { readonly kind: 'user'; readonly user: GoogleUser; readonly delegate?: ServiceAccount }
	| { readonly kind: 'serviceAccount'; readonly serviceAccount: ServiceAccount };

/** An access token that was handed out. */
export interface AccessToken {
	readonly token: string;
	readonly owner: TokenOwner;
	/** Full scopes, as granted. */
	readonly scopes: readonly string[];
	/** The OAuth client's id, or the service account's. */
	readonly clientId: string;
	readonly cloudProject: CloudProject;
	/** By the emulator's clock. */
	readonly expiresAt: number;
	readonly offline: boolean;
	/** The refresh token that it came from. */
	readonly refreshToken: string | undefined;
}

/** A refresh token that was handed out. */
export interface RefreshToken {
	readonly token: string;
	readonly user: GoogleUser;
	readonly client: OAuthClient;
	readonly scopes: readonly string[];
	readonly issuedAt: number;
	revoked: boolean;
}

/** A consent screen in testing lets refresh tokens live this long. */
const TESTING_LIFETIME_MILLISECONDS = 7 * 24 * 3600 * 1000;

/** All tokens that were handed out. They expire by the emulator's clock. */
export class TokenStore {
	private readonly access = new Map<string, AccessToken>();
	private readonly refresh = new Map<string, RefreshToken>();

	constructor(private readonly clock: Clock) {}

	issueAccess(options: {
		readonly owner: TokenOwner;
		readonly scopes: readonly string[];
		readonly clientId: string;
		readonly cloudProject: CloudProject;
		readonly lifetimeSeconds: number;
		readonly offline?: boolean;
		readonly refreshToken?: string;
	}): AccessToken {
		const token: AccessToken = {
			token: `ya29.${randomBytes(60).toString('base64url')}`,
			owner: options.owner,
			scopes: [...options.scopes],
			clientId: options.clientId,
			cloudProject: options.cloudProject,
			expiresAt: this.clock.now() + options.lifetimeSeconds * 1000,
			offline: options.offline ?? false,
			refreshToken: options.refreshToken,
		};
		this.access.set(token.token, token);
		return token;
	}

	issueRefresh(user: GoogleUser, client: OAuthClient, scopes: readonly string[]): RefreshToken {
		const token: RefreshToken = {
			token: `1//0${randomBytes(45).toString('base64url')}`,
			user,
			client,
			scopes: [...scopes],
			issuedAt: this.clock.now(),
			revoked: false,
		};
		this.refresh.set(token.token, token);
		return token;
	}

	/** The access token, if it is known, not revoked and not expired. */
	findAccess(token: string | undefined): AccessToken | undefined {
		const found = token === undefined ? undefined : this.access.get(token);
		if (found === undefined || found.expiresAt <= this.clock.now()) return undefined;
		return found;
	}

	/** The refresh token, if it may still be used. */
	findRefresh(token: string): RefreshToken | undefined {
		const found = this.refresh.get(token);
		if (found === undefined || found.revoked) return undefined;
		const inTesting = found.client.cloudProject.consentScreen === 'testing';
		if (inTesting && this.clock.now() - found.issuedAt >= TESTING_LIFETIME_MILLISECONDS) return undefined;
		return found;
	}

	/** Revokes an access or a refresh token; a refresh token takes its access tokens with it. Tells whether there was one. */
	revoke(token: string): boolean {
		const refresh = this.refresh.get(token);
		if (refresh !== undefined) {
			refresh.revoked = true;
			for (const access of this.access.values()) {
				if (access.refreshToken === token) this.access.delete(access.token);
			}
			return true;
		}
		return this.access.delete(token);
	}

	/** Makes every access token handed out so far invalid, as if they had all expired. */
	revokeAllAccessTokens(): void {
		this.access.clear();
	}

	/** Makes every refresh token handed out so far invalid. */
	revokeAllRefreshTokens(): void {
		for (const token of this.refresh.values()) token.revoked = true;
	}
}
