import { deepEqual, equal, ok } from 'node:assert/strict';
import type { INodeExecutionData } from 'n8n-workflow';
import type { Check } from '../checks';
import { comparable } from '../comparison';
import type { WorkflowFile } from '../n8n';
import { outputsOf } from '../server';
import { throughWebhook } from '../workflows';
import type { Context } from './context';

const webhookPath = (id: string) => `${id}-hook`;
const webhookId = (id: string) => `${id.slice(0, -4)}hook`;

/** Imports workflows, each also as one that is started through a webhook. Before the server starts. */
export async function importBothWays({ n8n }: Context, workflows: readonly WorkflowFile[]): Promise<void> {
	await n8n.importWorkflows(workflows.flatMap((workflow) => [workflow, throughWebhook(workflow, webhookId(workflow.id), webhookPath(workflow.id))]));
}

/**
 * Runs a workflow in process, by `n8n execute`, and through a webhook of the running server, and compares status, error, and every item of
 * the package's nodes on every output.
 * @param title what the checks are called by
 * @param before called before each of the three runs, to put back what scripts changed
 * @param expect checks the run of the in-process engine: outputs by the name of the node
 */
export async function runThreeWays(
	check: Check,
	{ n8n, engine, packed, server }: Context,
	title: string,
	workflow: WorkflowFile,
	expect: (status: string, outputs: Readonly<Record<string, INodeExecutionData[][]>>) => void,
	before: () => void = () => {},
): Promise<void> {
	const ours = workflow.nodes.filter(({ type }) => type.startsWith(`${packed.name}.`)).map(({ name }) => name);
	before();
	const inProcess = await engine.run({ workflow });
	const expected = Object.fromEntries(ours.map((name) => [name, inProcess.nodes[name]?.outputs ?? []]));
	const same = (find: (node: string) => INodeExecutionData[][]) => {
		for (const name of ours) deepEqual(comparable(find(name), expected[name]?.length), comparable(expected[name] ?? []), name);
	};

	await check(`${title}: in process`, () => {
		ok(ours.length > 0, 'a node of the package is in it');
		expect(inProcess.status, expected);
	});
	await check(`${title}: n8n execute`, async () => {
		before();
		const { status, data } = await n8n.executeWorkflow(workflow.id);
		equal(status, inProcess.status, `the status, ${status} for ${data.resultData.error?.message ?? 'no reason'} (${data.resultData.error?.description ?? ''})`);
		equal(data.resultData.error?.message, inProcess.error?.message);
		same((node) => outputsOf(data, node));
	});
	await check(`${title}: a webhook of the running server`, async () => {
		before();
		const running = await server();
		const id = webhookId(workflow.id);
		await running.publishWorkflow(id);
		const answer = await running.webhook(webhookPath(workflow.id), {});
		const [newest] = await running.executionsOf(id);
		ok(newest, 'n8n keeps the execution');
		const { status, data } = await running.executionEnd(newest.id);
		equal(status, inProcess.status);
		equal(data?.resultData.error?.message, inProcess.error?.message);
		same((node) => outputsOf(data, node));
		equal(answer.status, inProcess.status === 'success' ? 200 : 500);
	});
}
