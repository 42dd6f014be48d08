import type { Emulator } from '../../emulator';
import { LIST_SCOPES, ORDER_SHEET_SCOPES } from '../../emulator/samples';
import type { SavedCredential } from '../engine/harness';
import type { CredentialFile } from './n8n';

const SCOPES = [...ORDER_SHEET_SCOPES, ...LIST_SCOPES];

/** The fields of Google's credentials that lead to the emulator. */
export const addressesOf = ({ address, google }: Emulator) => ({
	otherAddresses: true,
	apiBaseUrl: address,
	driveBaseUrl: address,
	tokenInfoUrl: google.urls.tokenInfo,
	tokenUrl: google.urls.token,
});

/** The tokens of an OAuth2 credential, as n8n keeps them after consent. */
export const tokensOf = ({ google }: Emulator, scopes: readonly string[]) => ({
	access_token: google.issueToken({ scopes }),
	refresh_token: google.issueRefreshToken({ scopes }),
	token_type: 'Bearer',
	expires_in: 3599,
	scope: scopes.join(' '),
});

/** A credential of each type that the package has. */
export type EmulatorCredentials = Record<'googleAppsScriptOAuth2Api' | 'googleAppsScriptHeadlessApi' | 'syncanoApi', CredentialFile>;

/**
 * The credentials with which an n8n uses the emulator, by type.
 * The instance of the Syncano one is the emulator's first. The OAuth2 one is not signed in yet (see `signedIn`); its consent page is the emulator's.
 */
export function emulatorCredentials(emulator: Emulator): EmulatorCredentials {
	const { google, syncano, address } = emulator;
	const [instanceName = ''] = syncano.instances.keys();
	const client = { clientId: google.defaultClient.id, clientSecret: google.defaultClient.secret };
	const addresses = addressesOf(emulator);
	return {
		googleAppsScriptOAuth2Api: {
			id: 'emulatorOAuth200',
			name: 'Apps Script (emulator)',
			type: 'googleAppsScriptOAuth2Api',
			data: { ...client, ...addresses, consentUrl: google.urls.auth, scopes: SCOPES },
		},
		googleAppsScriptHeadlessApi: {
			id: 'emulatorHeadless',
			name: 'Apps Script without a browser (emulator)',
			type: 'googleAppsScriptHeadlessApi',
			data: { ...client, ...addresses, signInWith: 'refreshToken', refreshToken: google.issueRefreshToken({ scopes: SCOPES }) },
		},
		syncanoApi: {
			id: 'emulatorSyncano0',
			name: 'Syncano (emulator)',
			type: 'syncanoApi',
			data: { baseUrl: address, accountKey: syncano.accountKey, instanceName },
		},
	};
}

/** An OAuth2 credential as n8n keeps it after consent, for what runs before there is a server to give consent in. */
export function signedIn(credential: CredentialFile, emulator: Emulator): CredentialFile {
	return { ...credential, data: { ...credential.data, oauthTokenData: tokensOf(emulator, SCOPES) } };
}

/** Credentials for the engine in process, by the ids that workflows name. Copies, as the engine keeps new tokens in them. */
export function savedCredentials(credentials: EmulatorCredentials): Record<string, SavedCredential> {
	return Object.fromEntries(
		Object.values(credentials).map(({ id, name, type, data }) => [id, { name, type, data: structuredClone(data) as SavedCredential['data'] }]),
	);
}

/** The same of an emulator, signed in. */
export function signedInCredentials(emulator: Emulator): Record<string, SavedCredential> {
	const credentials = emulatorCredentials(emulator);
	return savedCredentials({ ...credentials, googleAppsScriptOAuth2Api: signedIn(credentials.googleAppsScriptOAuth2Api, emulator) });
}
