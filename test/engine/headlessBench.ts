import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { USERINFO_EMAIL, type GoogleEmulator } from '../../emulator/google';
import type { Emulator } from '../../emulator';
import { addressesOf } from '../n8n/emulatorCredentials';

/**
 * google-auth-library sends through gaxios, which imports node-fetch, an ES module that jest's CommonJS cannot import. Where there is a `window`, gaxios
 * takes its fetch. (headlessModules.test.ts signs in with node-fetch, outside of jest.)
 */
export function letGaxiosUseFetch(): void {
	(globalThis as { window?: unknown }).window = { fetch };
}

export const DEPLOYMENTS = 'https://www.googleapis.com/auth/script.deployments.readonly';
export const HEADLESS_SCOPES = [USERINFO_EMAIL, DEPLOYMENTS];

/** A credential that signs in with a refresh token of the default user. */
export const refreshTokenData = (emulator: Emulator, scopes: readonly string[] = HEADLESS_SCOPES): ICredentialDataDecryptedObject => ({
	...addressesOf(emulator),
	signInWith: 'refreshToken',
	clientId: emulator.google.defaultClient.id,
	clientSecret: emulator.google.defaultClient.secret,
	refreshToken: emulator.google.issueRefreshToken({ scopes }),
});

/** A credential of a service account that may sign in as the default user, unless `options` say otherwise. */
export function serviceAccountData(emulator: Emulator, options: Parameters<GoogleEmulator['addServiceAccount']>[0] = {}): ICredentialDataDecryptedObject {
	const account = emulator.google.addServiceAccount({ delegatedScopes: HEADLESS_SCOPES, ...options });
	return {
		...addressesOf(emulator),
		signInWith: 'serviceAccount',
		keyForm: 'file',
		serviceAccountKey: JSON.stringify(account.keyFile, undefined, 2),
		subject: emulator.google.defaultUser.email,
		scope: HEADLESS_SCOPES.join(' '),
	};
}
