import { deepEqual, equal, match, ok } from 'node:assert/strict';
import type { Context, Suite } from '../context';
import type { Editor, Effort } from '../editor';
import { ORDER_SHEET_DEPLOYMENT_ID } from '../../../emulator/samples';
import { GOOD_ORDERS, ORDER_WITHOUT_CUSTOMER, startingWithItems, TRIGGER } from '../orders';

const FIELDS = ['customer', 'product', 'quantity', 'price'] as const;

interface Measured {
	readonly effort: Effort;
	readonly seconds: number;
}

async function measured(editor: Editor, work: () => Promise<void>): Promise<Measured> {
	editor.effort = { clicks: 0, keys: 0, pastes: 0 };
	const startedAt = Date.now();
	await work();
	return { effort: editor.effort, seconds: (Date.now() - startedAt) / 1000 };
}

const inWords = ({ effort: { clicks, keys, pastes }, seconds }: Measured) =>
	`${clicks} clicks and drags, ${keys} keys, ${pastes} pasted texts, ${seconds.toFixed(0)} s on this machine`;

/** From a trigger with items to the first result, with this package's node: all from lists, parameters by drag and drop. */
async function withOurNode(editor: Editor): Promise<void> {
	await editor.searchAfter(TRIGGER, 'apps script');
	await editor.click(editor.creatorItem('Apps Script Run'));
	await editor.click(editor.creatorItem('Run a function of a script'));
	await editor.find('ndv').waitFor();
	await editor.chooseFromList('script', 'Order sheet');
	await editor.chooseFromList('function', 'addOrder');
	for (const field of FIELDS) await editor.drag(field, field);
	await editor.execute();
}

/**
 * The same with n8n's HTTP Request node and the same credential, as somebody does it who has the API's reference open: the address with the
 * deployment's ID is pasted, the body typed.
 */
async function withHttpRequest(editor: Editor, apiAddress: string): Promise<void> {
	await editor.searchAfter(TRIGGER, 'http request');
	await editor.click(editor.creatorItem('HTTP Request'));
	await editor.find('ndv').waitFor();
	await editor.chooseOption('method', 'POST');
	await editor.click(editor.parameter('url'));
	await editor.paste(`${apiAddress}/v1/scripts/${ORDER_SHEET_DEPLOYMENT_ID}:run`);
	await editor.chooseOption('authentication', 'Predefined Credential Type');
	await editor.click(editor.find('credential-select'));
	await editor.type('apps script');
	await editor.click(editor.page.getByRole('option', { name: 'Google Apps Script OAuth2 API' }));
	await editor.click(editor.parameter('sendBody').locator('.el-switch'));
	await editor.chooseOption('specifyBody', 'Using JSON');
	await editor.chooseExpression('jsonBody');
	// The editor closes brackets by itself.
	await editor.type('{{ { function: "addOrder", parameters: [$json.customer, $json.product, $json.quantity, $json.price] }');
	// What is typed reaches the node a little later, as does the value shown below the field.
	await editor.find('node-parameters').getByText('[Object: ').waitFor();
	await editor.execute();
}

export const firstRun: Suite = {
	title: 'From a trigger with items to the first result',

	async run(check, { server, editor, emulator, pictures }: Context) {
		const runs = () => emulator.journal.executions.filter((execution) => execution.function === 'addOrder').map(({ input }) => input);
		const expectedRuns = GOOD_ORDERS.map((order) => FIELDS.map((field) => order[field]));

		await check('everything is chosen from lists', async () => {
			await editor.openWorkflow(await startingWithItems(server, 'Orders', GOOD_ORDERS));
			await editor.searchAfter(TRIGGER, 'gas');
			await editor.click(editor.creatorItem('Apps Script Run'));
			await editor.click(editor.creatorItem('Run a function of a script'));
			await editor.find('ndv').waitFor();

			await editor.click(editor.find('node-credentials-select'));
			const credentials = editor.page.getByRole('option').filter({ visible: true });
			await credentials.filter({ hasText: 'Apps Script without a browser (emulator)' }).waitFor();
			await editor.click(credentials.filter({ hasText: 'Apps Script (emulator)' }));

			await editor.chooseFromList('script', 'Order sheet');
			const versions = await editor.openList('deployment');
			await versions.filter({ hasText: 'For workflows' }).waitFor();
			equal((await versions.first().innerText()).trim(), 'Latest API executable (automatic)');
			await editor.click(versions.filter({ hasText: 'For workflows' }));
			const functions = await editor.openList('function');
			await functions.first().waitFor();
			await pictures.take('functions', editor.find('ndv'));
			ok(!(await functions.allInnerTexts()).some((name) => name.includes('_(')), 'private functions are left out');
			await editor.click(functions.filter({ hasText: 'addOrder' }));
			for (const field of FIELDS) await editor.parameter(field).waitFor();
		});
		await check('the parameters are all readable', async () => {
			// A long signature does not fit into the closed list; the fields below it are the same parameters.
			deepEqual(await editor.cutOffTexts(editor.find('node-parameters')), ['addOrder(customer, product, quantity, price)']);
			await pictures.take('parameters', editor.find('ndv'));
			await editor.page.emulateMedia({ colorScheme: 'dark' });
			await pictures.take('parameters-dark', editor.find('ndv'));
			await editor.page.emulateMedia({ colorScheme: 'light' });
		});
		await check('input fields are dragged to parameters', async () => {
			for (const field of FIELDS) {
				await editor.drag(field, field);
				equal(await editor.expressionIn(field), `{{ $json.${field} }}`);
			}
			await pictures.take('mapped', editor.find('ndv'));
		});
		await check('it runs, once for each item, and the output pane shows what came back', async () => {
			const before = runs().length;
			match(await editor.execute(), /executed successfully/);
			deepEqual(runs().slice(before), expectedRuns);
			await editor.outputShows(/3 items/, /total:15\b/, /total:9\.2\b/, /total:25\.6\b/);
			await pictures.take('result', editor.find('ndv'));
		});
		await check('the canvas says what the node does', async () => {
			await editor.closeNode();
			match(await editor.node('Apps Script Run').innerText(), /addOrder · Order sheet/);
		});

		let ours: Measured | undefined;
		let http: Measured | undefined;
		await check('the same without a detour', async () => {
			await editor.openWorkflow(await startingWithItems(server, 'Orders', GOOD_ORDERS));
			const before = runs().length;
			ours = await measured(editor, () => withOurNode(editor));
			deepEqual(runs().slice(before), expectedRuns);
		});
		await check('the same with the HTTP Request node', async () => {
			await editor.openWorkflow(await startingWithItems(server, 'Orders by HTTP Request', GOOD_ORDERS));
			const before = runs().length;
			http = await measured(editor, () => withHttpRequest(editor, emulator.address));
			deepEqual(runs().slice(before), expectedRuns);
		});
		if (ours !== undefined && http !== undefined) {
			console.log(`    Apps Script Run: ${inWords(ours)}`);
			console.log(`    HTTP Request:    ${inWords(http)}`);
		}
		await check('an order that the script refuses: HTTP Request calls it a success', async () => {
			await editor.openWorkflow(await startingWithItems(server, 'A refused order by HTTP Request', [ORDER_WITHOUT_CUSTOMER]));
			await withHttpRequest(editor, emulator.address);
			await editor.outputShows(/The order has no customer/);
			match(await editor.find('output-panel').locator('[data-test-id^="node-run-status"]').first().getAttribute('data-test-id') ?? '', /success/);
		});
	},
};
