import { equal, ok } from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { LIST_SCOPES, ORDER_SHEET_SCOPES } from '../../../emulator/samples';
import type { CredentialFile } from '../../n8n/n8n';
import type { Context, Suite } from '../context';

/** Those of the list that a person sees. */
const SCOPES = [...ORDER_SHEET_SCOPES, ...LIST_SCOPES.filter((scope) => !scope.endsWith('script.processes'))];

export const credentials: Suite = {
	title: 'Credentials',

	async run(check, { server, emulator, editor, credentials: { googleAppsScriptOAuth2Api: oAuth2, googleAppsScriptHeadlessApi: headless, syncanoApi: syncano }, pictures }: Context) {
		const { page } = editor;
		const tested = async (window: Locator) => {
			const answer = page.waitForResponse((response) => response.url().endsWith('/rest/credentials/test'));
			await editor.click(window.getByRole('button', { name: 'Retry' }));
			equal((await answer).status(), 200);
			await window.getByText('Connection tested successfully').waitFor();
			// While it tests, the button says nothing; its text then fades in.
			await window.getByText('Retry').waitFor();
			await page.mouse.move(0, 0);
			await page.waitForTimeout(1000);
		};

		const create = async (credential: CredentialFile, name: string, data: object = {}): Promise<string> => {
			const { id } = await server.rest<{ id: string }>('POST', '/rest/credentials', { name, type: credential.type, data: { ...credential.data, ...data } });
			return id;
		};

		await check('OAuth2: "Sign in with Google" connects it', async () => {
			const window = await editor.openCredential(await create(oAuth2, 'My orders', { scopes: SCOPES }));
			await window.getByText('Connect your account to use this credential').waitFor();
			await pictures.take('credential-oauth2', window);
			await editor.find('scopes', window).evaluate((element: { scrollIntoView(): void }) => element.scrollIntoView());
			await pictures.take('credential-scopes', window);
			const consent = page.waitForEvent('popup');
			await editor.click(editor.find('quick-connect-button', window));
			await consent;
			await window.getByText('Account connected').waitFor();
		});
		await check('headless: the Test button says that it works', async () => {
			const window = await editor.openCredential(headless.id);
			await tested(window);
			await pictures.take('credential-headless', window);
		});
		await check('Syncano: the Test button says that it works', async () => {
			const window = await editor.openCredential(syncano.id);
			await tested(window);
			await pictures.take('credential-syncano', window);
		});
		await check('Syncano: with a wrong key it says what is wrong', async () => {
			const window = await editor.openCredential(await create(syncano, 'Wrong key', { accountKey: '0'.repeat(emulator.syncano.accountKey.length) }));
			const banner = window.getByText("Couldn’t connect with these settings");
			await banner.waitFor();
			const details = window.getByText('More details');
			if (await details.isVisible()) await editor.click(details);
			ok(/key/i.test(await window.innerText()), await window.innerText());
		});
	},
};
