import { equal, ok } from 'node:assert/strict';
import { ORDER_SHEET_SCRIPT_ID } from '../../../emulator/samples';
import { exampleWorkflows } from '../examples';
import type { WorkflowFile } from '../n8n';
import { withCredentials } from '../workflows';
import type { Context, Suite } from './context';
import { importBothWays, runThreeWays } from './threeWays';

/** Whether a language model takes part, which there is none of here. */
const needsModel = (workflow: WorkflowFile) => workflow.nodes.some(({ type }) => type.startsWith('@n8n/n8n-nodes-langchain.'));

const workflowsFor = ({ credentials }: Context) => exampleWorkflows().map((workflow) => withCredentials(workflow, Object.values(credentials)));

export const examples: Suite = {
	title: 'The example workflows give the same items in process, by n8n execute, and through a webhook',

	prepare: async (context) => {
		const workflows = workflowsFor(context);
		await importBothWays(
			context,
			workflows.filter((workflow) => !needsModel(workflow)),
		);
		await context.n8n.importWorkflows(workflows.filter(needsModel));
	},

	async run(check, context) {
		const n8n = await context.server();
		const types = new Set((await n8n.rest<{ name: string }[]>('GET', '/types/nodes.json')).map(({ name }) => name));
		await check('n8n has every node that is in them', () => {
			for (const { name, nodes } of workflowsFor(context)) {
				for (const { type } of nodes) ok(types.has(type), `${type} in "${name}"`);
			}
		});
		for (const workflow of workflowsFor(context)) {
			if (needsModel(workflow)) continue;
			await runThreeWays(
				check,
				context,
				workflow.name,
				workflow,
				(status, outputs) => {
					equal(status, 'success');
					// Not every branch is taken when nothing goes wrong.
					ok(Object.values(outputs).flat(2).length > 0, 'items come out');
				},
				// The order sheet keeps its spreadsheet's id in a property; without it, it begins a new one.
				() => context.emulator.appsScript.stores.scriptProperties(ORDER_SHEET_SCRIPT_ID).clear(),
			);
		}
	},
};
