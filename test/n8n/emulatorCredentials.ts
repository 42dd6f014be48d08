import type { Emulator } from '../../emulator';
import type { CredentialFile } from './n8n';

const SCOPES = [
	'https://www.googleapis.com/auth/userinfo.email',
	'https://www.googleapis.com/auth/script.deployments.readonly',
	'https://www.googleapis.com/auth/script.projects.readonly',
	'https://www.googleapis.com/auth/drive.metadata.readonly',
	'https://www.googleapis.com/auth/spreadsheets',
	'https://www.googleapis.com/auth/script.send_mail',
];

/**
 * The credentials with which an n8n uses the emulator, by type.
 * The OAuth2 one is not signed in yet (see `signedIn`); its consent page is the emulator's.
 */
export function emulatorCredentials(emulator: Emulator): Record<'googleAppsScriptOAuth2Api' | 'googleAppsScriptHeadlessApi', CredentialFile> {
	const { google, address } = emulator;
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
