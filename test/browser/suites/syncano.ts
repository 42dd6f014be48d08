import { deepEqual, match } from 'node:assert/strict';
import type { Context, Suite } from '../context';
import { startingWithItems, TRIGGER } from '../orders';

/** What the sample script *Slug* takes. */
const TEXTS = [{ text: 'Tea of the Month' }, { text: 'Zwölf Tassen' }];

export const syncano: Suite = {
	title: 'Syncano Script',

	async run(check, { server, editor, pictures }: Context) {
		await check('a script is chosen from its list', async () => {
			await editor.openWorkflow(await startingWithItems(server, 'Titles', TEXTS));
			await editor.searchAfter(TRIGGER, 'codebox');
			await editor.click(editor.creatorItem('Syncano Script'));
			await editor.click(editor.find('node-creator-item-name').filter({ hasText: 'Run a script' }).first());
			await editor.find('ndv').waitFor();
			await editor.chooseFromList('scriptId', 'Slug');
			await editor.chooseOption('payloadFrom', 'Whole Item');
			deepEqual(await editor.cutOffTexts(editor.find('node-parameters')), []);
		});
		await check('it runs, and the output pane shows what it printed', async () => {
			match(await editor.execute(), /executed successfully/);
			await editor.outputShows(/slug:tea-of-the-month/, /slug:zwolf-tassen/);
			await pictures.take('syncano', editor.find('ndv'));
			await editor.page.emulateMedia({ colorScheme: 'dark' });
			await pictures.take('syncano-dark', editor.find('ndv'));
			await editor.page.emulateMedia({ colorScheme: 'light' });
		});
	},
};
