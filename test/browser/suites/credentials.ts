import { ok } from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import type { Context, Suite } from '../context';

/** Tall enough to show a credential whole. */
const TALL = { width: 1440, height: 1500 };

export const credentials: Suite = {
	title: 'Credentials',

	async prepare({ n8n, emulator, credentials: { googleAppsScriptOAuth2Api: oAuth2, syncanoApi: syncano } }) {
		await n8n.importCredentials([
			// As a new user has it before the sign-in, but with the emulator's addresses.
			{ ...oAuth2, id: 'browserNotSigned', name: 'My orders', data: { ...oAuth2.data } },
			{ ...syncano, id: 'browserWrongKey1', name: 'Wrong key', data: { ...syncano.data, accountKey: '0'.repeat(emulator.syncano.accountKey.length) } },
		]);
	},

	async run(check, { editor, credentials: { googleAppsScriptHeadlessApi: headless, syncanoApi: syncano }, pictures }: Context) {
		const { page } = editor;
		const usual = page.viewportSize() ?? { width: 1440, height: 900 };
		const tested = async (window: Locator) => {
			await editor.click(window.getByRole('button', { name: 'Retry' }));
			await window.getByText('Connection tested successfully').waitFor();
		};

		await check('OAuth2: "Sign in with Google" connects it', async () => {
			await page.setViewportSize(TALL);
			const window = await editor.openCredential('browserNotSigned');
			await window.getByText('Connect your account to use this credential').waitFor();
			await pictures.take('credential-oauth2', window);
			await page.setViewportSize(usual);
			const consent = page.waitForEvent('popup');
			await editor.click(editor.find('quick-connect-button', window));
			await consent;
			await window.getByText('Account connected').waitFor();
		});
		await check('headless: the Test button says that it works', async () => {
			await page.setViewportSize(TALL);
			const window = await editor.openCredential(headless.id);
			await tested(window);
			await pictures.take('credential-headless', window);
			await page.setViewportSize(usual);
		});
		await check('Syncano: the Test button says that it works', async () => {
			const window = await editor.openCredential(syncano.id);
			await tested(window);
			await pictures.take('credential-syncano', window);
		});
		await check('Syncano: with a wrong key it says what is wrong', async () => {
			const window = await editor.openCredential('browserWrongKey1');
			const banner = window.getByText("Couldn’t connect with these settings");
			await banner.waitFor();
			const details = window.getByText('More details');
			if (await details.isVisible()) await editor.click(details);
			ok(/key/i.test(await window.innerText()), await window.innerText());
		});
	},
};
