import type { Emulator } from '../emulator';
import { LIST_SCOPES, ORDER_SHEET_SCOPES } from '../emulator/samples';
import type { SavedCredential } from './engine/harness';

const SCOPES = [...ORDER_SHEET_SCOPES, ...LIST_SCOPES];

/** An OAuth2 credential that points at the emulator, as n8n keeps it after consent. */
export function signedInCredential(emulator: Emulator): SavedCredential {
	return {
		name: 'Apps Script (emulator)',
		type: 'googleAppsScriptOAuth2Api',
		data: {
			otherAddresses: true,
			apiBaseUrl: emulator.address,
			driveBaseUrl: emulator.address,
			tokenInfoUrl: emulator.google.urls.tokenInfo,
			tokenUrl: emulator.google.urls.token,
			clientId: emulator.google.defaultClient.id,
			clientSecret: emulator.google.defaultClient.secret,
			oauthTokenData: {
				access_token: emulator.google.issueToken({ scopes: SCOPES }),
				refresh_token: emulator.google.issueRefreshToken({ scopes: SCOPES }),
				token_type: 'Bearer',
			},
		},
	};
}

/** A Syncano credential for the emulator's sample instance. */
export function syncanoCredential(emulator: Emulator): SavedCredential {
	return {
		name: 'Syncano (emulator)',
		type: 'syncanoApi',
		data: { baseUrl: emulator.address, accountKey: emulator.syncano.accountKey, instanceName: 'tea-house' },
	};
}
