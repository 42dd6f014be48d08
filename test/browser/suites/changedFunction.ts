import { equal, match } from 'node:assert/strict';
import type { Context, Suite } from '../context';
import { startingWithItems, TRIGGER } from '../orders';

const NAME = 'Price list';
const BEFORE = 'function setPrice(product, price) { return product + " " + price; }';
const AFTER = 'function setPrice(product, price, currency) { return product + " " + price + " " + currency; }';

const code = (source: string) => [{ name: 'Code', type: 'SERVER_JS' as const, source }];

export const changedFunction: Suite = {
	title: 'A function that got one more parameter since its parameters were mapped',

	async run(check, { server, emulator, editor }: Context) {
		const project = emulator.appsScript.addProject({ title: NAME, files: code(BEFORE) });
		const warning = editor.find('node-parameters').locator('[data-icon="triangle-alert"]');

		await check('before, nothing is said of a change', async () => {
			await editor.openWorkflow(await startingWithItems(server, NAME, [{ product: 'Sencha', price: 9.2 }]));
			await editor.searchAfter(TRIGGER, 'apps script');
			await editor.click(editor.creatorItem('Apps Script Run'));
			await editor.click(editor.creatorItem('Run a function of a script'));
			await editor.find('ndv').waitFor();
			await editor.chooseFromList('script', NAME);
			await editor.chooseFromList('function', 'setPrice');
			for (const field of ['product', 'price']) await editor.drag(field, field);
			match(await editor.execute(), /executed successfully/);
			await editor.outputShows(/Sencha 9\.2/);
			await editor.closeNode();
			await editor.openNode('Apps Script Run');
			await editor.parameter('price').waitFor();
			equal(await warning.count(), 0);
			await editor.closeNode();
		});
		await check('when the node is opened again, it says so; refreshed, there is a field more and the others are as they were', async () => {
			project.save(code(AFTER));
			project.addDeployment({ versionNumber: project.addVersion('With a currency') });
			await editor.openNode('Apps Script Run');
			await warning.hover();
			await editor.page.getByText(/parameters are outdated/i).first().waitFor();
			await editor.click(editor.find('node-parameters').getByTitle('Refresh', { exact: true }));
			await editor.parameter('currency').waitFor();
			equal(await editor.expressionIn('price'), '{{ $json.price }}');
			await warning.waitFor({ state: 'detached' });
		});
	},
};
