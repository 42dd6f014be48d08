import { equal, ok } from 'node:assert/strict';
import { ORDER_SHEET_SCRIPT_ID } from '../../../emulator/samples';
import { exampleWorkflows } from '../examples';
import { withCredentials } from '../workflows';
import type { Context, Suite } from './context';
import { importBothWays, runThreeWays } from './threeWays';

const workflowsFor = ({ credentials }: Context) => exampleWorkflows().map((workflow) => withCredentials(workflow, Object.values(credentials)));

export const examples: Suite = {
	title: 'The example workflows give the same items in process, by n8n execute, and through a webhook',

	prepare: async (context) => {
		await importBothWays(context, workflowsFor(context));
	},

	async run(check, context) {
		for (const workflow of workflowsFor(context)) {
			await runThreeWays(
				check,
				context,
				workflow.name,
				workflow,
				(status, outputs) => {
					equal(status, 'success');
					for (const [name, items] of Object.entries(outputs)) ok(items.flat().length > 0, `${name} puts out items`);
				},
				// The order sheet keeps its spreadsheet's id in a property; without it, it begins a new one.
				() => context.emulator.appsScript.stores.scriptProperties(ORDER_SHEET_SCRIPT_ID).clear(),
			);
		}
	},
};
