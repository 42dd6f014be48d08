import type { Emulator } from '../../emulator';
import { LIST_SCOPES, ORDER_SHEET_SCOPES } from '../../emulator/samples';
import type { CredentialFile } from './n8n';

const SCOPES = [...ORDER_SHEET_SCOPES, ...LIST_SCOPES];

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
	const addresses = {
		otherAddresses: true,
		apiBaseUrl: address,
		driveBaseUrl: address,
		tokenInfoUrl: google.urls.tokenInfo,
		tokenUrl: google.urls.token,
	};
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
	const oauthTokenData = {
		access_token: emulator.google.issueToken({ scopes: SCOPES }),
		refresh_token: emulator.google.issueRefreshToken({ scopes: SCOPES }),
		token_type: 'Bearer',
		expires_in: 3599,
		scope: SCOPES.join(' '),
	};
	return { ...credential, data: { ...credential.data, oauthTokenData } };
}
