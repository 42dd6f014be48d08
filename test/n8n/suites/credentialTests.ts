import { deepEqual, equal, match } from 'node:assert/strict';
import type { CredentialFile } from '../n8n';
import type { Context, Suite } from './context';

const GOOD = { status: 'OK', message: 'Connection successful!' };

const SCOPE = 'https://www.googleapis.com/auth/userinfo.email';

/** Service accounts on behalf of a person: one to whom the administrator granted the scope, and one to whom nothing was granted. */
function serviceAccounts({ credentials, emulator }: Context): CredentialFile[] {
	const { googleAppsScriptHeadlessApi: headless } = credentials;
	return [[SCOPE], []].map((delegatedScopes, index) => ({
		...headless,
		id: `serviceAccount0${index}`,
		name: `Service account ${index}`,
		data: {
			...headless.data,
			signInWith: 'serviceAccount',
			serviceAccountKey: JSON.stringify(emulator.google.addServiceAccount({ delegatedScopes }).keyFile),
			subject: emulator.google.defaultUser.email,
			scope: SCOPE,
		},
	}));
}

/** The same credentials, spoiled. */
function spoiled({ credentials }: Context): CredentialFile[] {
	const { googleAppsScriptHeadlessApi: headless, syncanoApi: syncano } = credentials;
	return [
		{ ...headless, id: 'headlessRevoked1', name: 'Revoked', data: { ...headless.data, refreshToken: '1//revoked' } },
		{ ...syncano, id: 'syncanoWrongKey1', name: 'Wrong key', data: { ...syncano.data, accountKey: '0'.repeat(40) } },
		{ ...syncano, id: 'syncanoNoSuch001', name: 'No such instance', data: { ...syncano.data, instanceName: 'nowhere' } },
	];
}

export const credentialTests: Suite = {
	title: "The credentials' Test buttons and the sign-in",

	async prepare(context) {
		const { googleAppsScriptOAuth2Api: oAuth2 } = context.credentials;
		const { oauthTokenData: _token, ...notSignedIn } = oAuth2.data;
		await context.n8n.importCredentials([...spoiled(context), ...serviceAccounts(context), { ...oAuth2, id: 'oAuth2NotSigned1', name: 'Not signed in', data: notSignedIn }]);
	},

	async run(check, { server, emulator, credentials }) {
		const n8n = await server();
		await check('OAuth2: good', async () => deepEqual(await n8n.testCredential(credentials.googleAppsScriptOAuth2Api.id), GOOD));
		await check('headless: good', async () => deepEqual(await n8n.testCredential(credentials.googleAppsScriptHeadlessApi.id), GOOD));
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
		await check('headless: a refresh token that was revoked', async () => {
			const { status, message } = await n8n.testCredential('headlessRevoked1');
			equal(status, 'Error');
			// Of the two causes that Google does not tell apart, both are named.
			match(message, /7 days|seven days/i);
			match(message, /revoked|withdr/i);
		});
		await check('headless: a service account that may', async () => deepEqual(await n8n.testCredential('serviceAccount00'), GOOD));
		await check('headless: a service account without the grant', async () => {
			const { status, message } = await n8n.testCredential('serviceAccount01');
			equal(status, 'Error');
			match(message, /userinfo\.email/);
		});
		await check('Syncano: good', async () => deepEqual(await n8n.testCredential(credentials.syncanoApi.id), GOOD));
		await check('Syncano: a key that is none', async () => equal((await n8n.testCredential('syncanoWrongKey1')).status, 'Error'));
		await check('Syncano: an instance that is not there', async () => {
			const { status, message } = await n8n.testCredential('syncanoNoSuch001');
			equal(status, 'Error');
			match(message, /instance/);
		});
		// Last, as the tokens of all are gone then.
		await check('OAuth2: consent withdrawn', async () => {
			emulator.google.revokeAllAccessTokens();
			emulator.google.revokeAllRefreshTokens();
			equal((await n8n.testCredential('oAuth2NotSigned1')).status, 'Error');
		});
	},
};
