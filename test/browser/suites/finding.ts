import { deepEqual } from 'node:assert/strict';
import type { Context, Suite } from '../context';
import { GOOD_ORDERS, startingWithItems, TRIGGER } from '../orders';

/** Words that people search for, and the node that they mean. */
const SEARCHES = [
	['apps script', 'Apps Script Run'],
	['gas', 'Apps Script Run'],
	['macro', 'Apps Script Run'],
	['google script', 'Apps Script Run'],
	['syncano', 'Syncano Script'],
	['codebox', 'Syncano Script'],
] as const;

export const finding: Suite = {
	title: 'The nodes are found',

	async run(check, { server, editor, pictures }: Context) {
		await editor.openWorkflow(await startingWithItems(server, 'Orders', GOOD_ORDERS));
		await editor.searchAfter(TRIGGER, '');
		for (const [words, node] of SEARCHES) {
			await check(`"${words}" finds ${node}`, async () => {
				await editor.searchAgain(words);
				await editor.creatorItem(node).waitFor();
				if (words === 'macro') {
					await editor.page.getByText('Run functions of Google Apps Script projects').waitFor();
					await pictures.take('node-creator', { x: 440, y: 60, width: 1000, height: 480 });
				}
			});
		}
		await check('its actions stand under it, running first', async () => {
			await editor.searchAgain('apps script');
			await editor.click(editor.creatorItem('Apps Script Run'));
			await editor.creatorItem('Run a function of a script').waitFor();
			deepEqual(await editor.find('node-creator-item-name').allInnerTexts(), ['Apps Script Run', 'Run a function of a script', 'Check the setup of a script']);
		});
	},
};
