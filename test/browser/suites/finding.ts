import { ok } from 'node:assert/strict';
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
		const id = await startingWithItems(server, 'Nothing yet', GOOD_ORDERS);
		for (const [words, node] of SEARCHES) {
			await check(`"${words}" finds ${node}`, async () => {
				await editor.openWorkflow(id);
				await editor.searchAfter(TRIGGER, words);
				await editor.creatorItem(node).waitFor();
				if (words === 'macro') {
					await editor.page.getByText('Run functions of Google Apps Script projects').waitFor();
					await pictures.take('node-creator', { x: 640, y: 0, width: 800, height: 520 });
				}
			});
		}
		await check('its actions stand under it, running first', async () => {
			await editor.searchAfter(TRIGGER, 'apps script');
			await editor.click(editor.creatorItem('Apps Script Run'));
			await editor.creatorItem('Run a function of a script').waitFor();
			const actions = await editor.find('node-creator-item-name').allInnerTexts();
			ok(actions[0]?.trim() === 'Run a function of a script', actions.join(', '));
		});
	},
};
