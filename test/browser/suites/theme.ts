import { equal, match } from 'node:assert/strict';
import type { Context, Suite } from '../context';

/** The themes as the personal settings name them, and as the page is marked. */
const THEMES = [
	['Dark theme', 'dark'],
	['Light theme', 'light'],
	['System default', undefined],
] as const;

export const theme: Suite = {
	title: 'Themes',

	async run(check, { editor }: Context) {
		const { page } = editor;
		for (const [label, mark] of THEMES) {
			await check(`${label}, chosen in the personal settings: the nodes have the icon that goes with it`, async () => {
				await page.goto(`${editor.url}/settings/personal`);
				await editor.click(editor.find('theme-select'));
				await editor.click(page.getByRole('option', { name: label }));
				const save = editor.find('save-settings-button');
				if (await save.isEnabled()) await editor.click(save);
				await page.locator(mark === undefined ? 'body:not([data-theme])' : `body[data-theme="${mark}"]`).waitFor();
				await editor.openWorkflow('bothservices0000');
				const icons = await page.locator('[data-test-id="canvas-node"] img').all();
				equal(icons.length > 0, true);
				for (const icon of icons) match((await icon.getAttribute('src')) ?? '', mark === 'dark' ? /\.dark\.svg$/ : /(?<!\.dark)\.svg$/);
			});
		}
	},
};
