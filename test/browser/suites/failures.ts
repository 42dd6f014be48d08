import { deepEqual, match } from 'node:assert/strict';
import type { INode } from 'n8n-workflow';
import { ORDER_SHEET_SCRIPT_ID } from '../../../emulator/samples';
import type { Context, Suite } from '../context';
import { GOOD_ORDERS, ORDER_WITHOUT_CUSTOMER, startingWithItems } from '../orders';

const ORDERS = [...GOOD_ORDERS, ORDER_WITHOUT_CUSTOMER];

export const failures: Suite = {
	title: 'What failed, and why',

	async run(check, { server, editor, credentials, pictures }: Context) {
		const { id, name, type } = credentials.googleAppsScriptOAuth2Api;
		const addRow: INode = {
			id: 'add-row',
			name: 'Add Row',
			type: 'n8n-nodes-cloud-scripts.appsScriptRun',
			typeVersion: 1,
			position: [260, 0],
			parameters: {
				script: { __rl: true, mode: 'list', value: ORDER_SHEET_SCRIPT_ID, cachedResultName: 'Order sheet' },
				deployment: { __rl: true, mode: 'list', value: 'auto', cachedResultName: 'Latest API executable (automatic)' },
				function: { __rl: true, mode: 'list', value: 'addRow', cachedResultName: 'addRow(order)' },
				parametersFrom: 'item',
			},
			credentials: { [type]: { id, name } },
		};

		await check('On Error is Stop Workflow: the panel says what, which item, what to do, and what has run', async () => {
			await editor.openWorkflow(await startingWithItems(server, 'A refused order', ORDERS, [addRow]));
			await editor.openNode('Add Row');
			match(await editor.execute(), /Problem in node/);
			await editor.outputShows(/The order has no customer/, /item 3/, /Ran: items 0–3/);
			await pictures.take('stopped', editor.find('ndv'));
		});
		await check('On Error is Continue (using error output), chosen in the Settings tab: the failed item is on its branch, with its hint', async () => {
			await editor.click(editor.find('tab-settings'));
			await editor.chooseOption('onError', 'Continue (using error output)');
			await editor.click(editor.find('tab-params'));
			match(await editor.execute(), /executed successfully/);
			const output = editor.find('output-panel');
			const branch = output.getByText('Error Branch (1 item)');
			await branch.waitFor();
			await editor.click(branch);
			await editor.outputShows(/The order has no customer/, /outcome:scriptError/, /mayHaveRun:true/, /hint:\S/);
			await editor.click(editor.find('radio-button-json', output));
			await pictures.take('error-branch', editor.find('ndv'));
			await editor.page.emulateMedia({ colorScheme: 'dark' });
			await pictures.take('error-branch-dark', editor.find('ndv'));
			await editor.page.emulateMedia({ colorScheme: 'light' });
		});
		await check('the canvas has an error output', async () => {
			await editor.closeNode();
			deepEqual(await editor.outputsOf('Add Row'), ['Success', 'Error']);
		});
	},
};
