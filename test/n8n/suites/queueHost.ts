/**
 * n8n in queue mode: Redis, a main process and two workers, with an emulator of their own.
 */
import type { ICredentialDataDecryptedObject, IDataObject, INodeExecutionData } from 'n8n-workflow';
import { startEmulator, type Emulator } from '../../../emulator';
import { createEngine, type Engine } from '../../engine/harness';
import { atEnd, type RunningProcess } from '../cleanUp';
import { emulatorCredentials, signedIn, type EmulatorCredentials } from '../emulatorCredentials';
import { createN8n, queueEnvironment, startRedis, type N8n, type WorkflowFile } from '../n8n';
import { type N8nServer, until } from '../server';
import { itemsThrough, throughWebhook, type NodeUnderTest } from '../workflows';
import type { Context } from './context';

/** Executions that a worker takes at once. */
const WORKER_CONCURRENCY = 5;

/**
 * How soon n8n notices a worker that is gone: after a minute to a minute and a half by default (a lock of 60 s that is renewed every 10 s, looked
 * after every 30 s). Here sooner, so that the tests need not wait.
 */
const QUICK_LOCKS = { QUEUE_WORKER_LOCK_DURATION: '6000', QUEUE_WORKER_LOCK_RENEW_TIME: '1500', QUEUE_WORKER_STALLED_INTERVAL: '3000' };

/** Items that go through a webhook. */
export type Body = { readonly items: readonly IDataObject[] };

/** n8n in queue mode. */
export interface QueueHost {
	readonly emulator: Emulator;
	readonly credentials: EmulatorCredentials;
	/** With the same credentials, for comparison. */
	readonly engine: Engine;
	readonly n8n: N8n;
	readonly server: N8nServer;
	readonly workers: RunningProcess[];
	startWorker(): Promise<RunningProcess>;
}

/** @param prepare gives the workflows; called before n8n starts, when the emulator is there */
export async function startQueueHost(
	{ packed, n8n: { installation } }: Pick<Context, 'packed' | 'n8n'>,
	prepare: (emulator: Emulator, credentials: EmulatorCredentials) => readonly WorkflowFile[],
): Promise<QueueHost> {
	const emulator = await startEmulator();
	atEnd(() => emulator.stop());
	const credentials = emulatorCredentials(emulator);
	credentials.googleAppsScriptOAuth2Api = signedIn(credentials.googleAppsScriptOAuth2Api, emulator);
	const redis = await startRedis();
	const n8n = await createN8n(installation, { packages: [packed], environment: { ...queueEnvironment(redis.port), ...QUICK_LOCKS } });
	const workflows = prepare(emulator, credentials);
	await n8n.importCredentials(Object.values(credentials));
	await n8n.importWorkflows(workflows);
	const server = await n8n.startServer();
	const workers: RunningProcess[] = [];
	const startWorker = async () => {
		const worker = await n8n.startWorker(WORKER_CONCURRENCY);
		workers.push(worker);
		return worker;
	};
	await startWorker();
	await startWorker();
	for (const { id } of workflows) await server.publishWorkflow(id);
	const engine = createEngine({
		package: 'dist',
		credentials: Object.fromEntries(
			Object.values(credentials).map(({ id, name, type, data }) => [id, { name, type, data: structuredClone(data) as ICredentialDataDecryptedObject }]),
		),
	});
	return { emulator, credentials, engine, n8n, server, workers, startWorker };
}

/** A workflow that sends the items of a webhook's body through one node. Its path is its id. */
export function bodyThrough(id: string, node: NodeUnderTest): WorkflowFile {
	const workflow = itemsThrough(id, [], node);
	const nodes = workflow.nodes.map((each) =>
		each.type === 'n8n-nodes-base.set' ? { ...each, parameters: { ...each.parameters, jsonOutput: '={{ $json.body }}' } } : each,
	);
	return throughWebhook({ ...workflow, nodes }, id, id);
}

/** What the same workflow gives in process. */
export async function inProcess(engine: Engine, workflow: WorkflowFile, node: string, body: Body): Promise<INodeExecutionData[][]> {
	const { nodes } = await engine.run({ workflow, mode: 'webhook', items: [{ body: structuredClone(body) as unknown as IDataObject }] });
	return nodes[node]?.outputs ?? [];
}

/** The workers, by their place, that an execution was handed to, in order. */
export function workersOf({ workers }: Pick<QueueHost, 'workers'>, executionId: string): number[] {
	const started = new RegExp(`Worker started execution ${executionId}\\b`);
	return workers.flatMap(({ log }, index) => log.filter((line) => started.test(line)).map(() => index));
}

/** Starts a webhook's workflow, does not wait for its end. @returns the execution's id, and what the caller of the webhook gets */
export async function startThrough(
	server: N8nServer,
	workflow: WorkflowFile,
	body: Body,
): Promise<{ readonly id: string; readonly answer: Promise<{ status: number; body: unknown }> }> {
	const before = new Set((await server.executionsOf(workflow.id)).map(({ id }) => id));
	const answer = server.webhook(workflow.id, body);
	// Whoever awaits it hears of it.
	answer.catch(() => undefined);
	const id = await until(`an execution of ${workflow.id} is there`, 30_000, async () => (await server.executionsOf(workflow.id)).find((each) => !before.has(each.id))?.id);
	return { id, answer };
}
