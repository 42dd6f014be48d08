import { deepEqual, equal } from 'node:assert/strict';
import type { CredentialFile } from '../n8n';
import type { Context, Suite } from './context';

/** The same credentials, spoiled. */
function spoiled({ credentials }: Context): CredentialFile[] {
	const { googleAppsScriptHeadlessApi: headless } = credentials;
	return [{ ...headless, id: 'headlessRevoked1', name: 'Revoked', data: { ...headless.data, refreshToken: '1//revoked' } }];
}

export const credentialTests: Suite = {
	title: "The credentials' Test buttons and the sign-in",

	async prepare(context) {
		const { googleAppsScriptOAuth2Api: oAuth2 } = context.credentials;
		const { oauthTokenData: _token, ...notSignedIn } = oAuth2.data;
		await context.n8n.importCredentials([...spoiled(context), { ...oAuth2, id: 'oAuth2NotSigned1', name: 'Not signed in', data: notSignedIn }]);
	},

	async run(check, { server, emulator, credentials }) {
		const n8n = await server();
		await check('OAuth2: good', async () => deepEqual(await n8n.testCredential(credentials.googleAppsScriptOAuth2Api.id), { status: 'OK', message: 'Connection successful!' }));
		await check('OAuth2: not signed in, then signed in through the consent page', async () => {
			equal((await n8n.testCredential('oAuth2NotSigned1')).status, 'Error');
			await n8n.connectOAuth2('oAuth2NotSigned1');
			equal((await n8n.testCredential('oAuth2NotSigned1')).status, 'OK');
		});
		await check('OAuth2: an expired token is refreshed by the test', async () => {
			const before = emulator.google.counts.refreshes;
			emulator.google.revokeAllAccessTokens();
			equal((await n8n.testCredential('oAuth2NotSigned1')).status, 'OK');
			equal(emulator.google.counts.refreshes, before + 1);
		});
		await check('headless: good', async () => deepEqual(await n8n.testCredential(credentials.googleAppsScriptHeadlessApi.id), { status: 'OK', message: 'Connection successful!' }));
		await check('headless: revoked', async () => equal((await n8n.testCredential('headlessRevoked1')).status, 'Error'));
		await check('OAuth2: consent withdrawn', async () => {
			emulator.google.revokeAllAccessTokens();
			emulator.google.revokeAllRefreshTokens();
			equal((await n8n.testCredential('oAuth2NotSigned1')).status, 'Error');
		});
	},
};
