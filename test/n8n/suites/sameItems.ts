import { deepEqual, equal, ok } from 'node:assert/strict';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { createEngine, type Engine } from '../../engine/harness';
import { comparable } from '../comparison';
import type { WorkflowFile } from '../n8n';
import { outputsOf } from '../server';
import { itemsThrough, NODE, throughWebhook } from '../workflows';
import type { Context, Suite } from './context';

const CODE = `
function add(a, b) { return a + b; }
function describe(order) { return { customer: order.customer, total: order.price * order.amount, lines: [order.amount, order.price] }; }
function nothing() {}
function refuse(what) { throw new TypeError('No ' + what + ' today'); }
function unsupported() { return ContentService; }
`;

/** One item for every way out of the node, twice where the order matters. */
const ITEMS: IDataObject[] = [
	{ call: 'add', parameters: [1, 2], note: 'a number' },
	{ call: 'refuse', parameters: ['tea'], note: 'an exception' },
	{ call: 'describe', parameters: [{ customer: 'Ada', price: 2.5, amount: 4 }], note: 'an object' },
	{ call: 'add', parameters: ['vanishing ', 'answer'], note: 'the connection dies after the script ran' },
	{ call: 'nothing', parameters: [], note: 'no result' },
	{ call: 'noSuchFunction', parameters: [], note: 'nothing runs' },
	{ call: 'add', parameters: ['ä', '€ 𝄞'], note: 'a text' },
	{ call: 'add', parameters: '{ broken', note: 'parameters that are no JSON' },
];

/** Each variant of the workflow: its name, what differs in its node, and how many items leave on each output. */
const VARIANTS = [
	{ name: 'an error output', id: 'errorOutput00001', parameters: {}, onError: 'continueErrorOutput', counts: [4, 4] },
	{ name: 'one output per outcome', id: 'byOutcome0000001', parameters: { routing: 'byOutcome' }, counts: [4, 1, 1, 2] },
	{ name: 'errors among the results', id: 'regularOutput001', parameters: {}, onError: 'continueRegularOutput', counts: [8] },
	{
		name: 'full records, one output per outcome',
		id: 'records000000001',
		parameters: { routing: 'byOutcome', output: 'record' },
		counts: [4, 1, 1, 2],
	},
	{ name: 'the first failure stopping the workflow', id: 'stopAtFailure001', parameters: {}, counts: undefined },
] as const;

const webhookPath = (id: string) => `${id}-hook`;
const webhookId = (id: string) => `${id.slice(0, -4)}hook`;

const workflows = new Map<string, WorkflowFile>();

function engineFor({ credentials }: Context): Engine {
	return createEngine({
		package: 'dist',
		credentials: Object.fromEntries(
			Object.values(credentials).map(({ id, name, type, data }) => [id, { name, type, data: structuredClone(data) as IDataObject }]),
		) as NonNullable<Parameters<typeof createEngine>[0]>['credentials'],
	});
}

export const sameItems: Suite = {
	title: 'The same items in process, by n8n execute, and through a webhook of the running server',

	async prepare({ n8n, emulator, credentials, packed }) {
		const project = emulator.appsScript.addProject({ title: 'Same items', files: [{ name: 'Code', type: 'SERVER_JS', source: CODE }] });
		emulator.faults.add({ fault: 'resetAfterRun', bodyIncludes: 'vanishing' });
		for (const { id, parameters, ...variant } of VARIANTS) {
			workflows.set(
				id,
				itemsThrough(id, ITEMS, {
					type: `${packed.name}.appsScriptRun`,
					credential: credentials.googleAppsScriptOAuth2Api,
					...('onError' in variant ? { onError: variant.onError } : {}),
					parameters: {
						deployment: { __rl: true, mode: 'id', value: project.deploymentId },
						function: { __rl: true, mode: 'name', value: '={{ $json.call }}' },
						parametersFrom: 'json',
						parametersJson: '={{ $json.parameters }}',
						...parameters,
					},
				}),
			);
		}
		const all = [...workflows.values()];
		await n8n.importWorkflows([...all, ...all.map((workflow) => throughWebhook(workflow, webhookId(workflow.id), webhookPath(workflow.id)))]);
	},

	async run(check, context) {
		const { n8n, emulator, server } = context;
		const engine = engineFor(context);
		const running = await server();

		for (const { name, id, counts } of VARIANTS) {
			const workflow = workflows.get(id);
			ok(workflow);
			const inProcess = await engine.run({ workflow });
			const expected: INodeExecutionData[][] = inProcess.nodes[NODE]?.outputs ?? [];

			await check(`${name}: the in-process engine`, () => {
				if (counts === undefined) {
					equal(inProcess.status, 'error');
					return;
				}
				equal(inProcess.status, 'success');
				deepEqual(expected.map((items) => items.length), counts);
			});
			await check(`${name}: n8n execute`, async () => {
				emulator.journal.clear();
				const run = await n8n.executeWorkflow(id);
				equal(run.status, inProcess.status);
				equal(run.data.resultData.error?.message, inProcess.error?.message);
				deepEqual(comparable(outputsOf(run.data, NODE)), comparable(expected));
			});
			await check(`${name}: the running server`, async () => {
				await running.publishWorkflow(webhookId(id));
				const answer = await running.webhook(webhookPath(id), {});
				const [newest] = await running.executionsOf(webhookId(id));
				ok(newest, 'n8n keeps the execution');
				const execution = await running.executionEnd(newest.id);
				equal(execution.status, inProcess.status);
				equal(execution.data?.resultData.error?.message, inProcess.error?.message);
				deepEqual(comparable(outputsOf(execution.data, NODE)), comparable(expected));
				equal(answer.status, inProcess.status === 'success' ? 200 : 500);
				if (counts !== undefined) equal((answer.body as unknown[]).length, counts[0]);
			});
		}
	},
};
