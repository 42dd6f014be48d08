import { deepEqual, ok } from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { REMOVED } from '../../../nodes/shared/secrets';
import { Canaries } from '../../secrets/canaries';
import { addEchoFaults, ECHO_FAULTS } from '../../secrets/echoFaults';
import type { CredentialFile, N8n, WorkflowFile } from '../n8n';
import { itemsThrough, throughWebhook } from '../workflows';
import type { Context, Suite } from './context';

const locator = (mode: string, value: string): INodeParameters => ({ __rl: true, mode, value });
const hookOf = (id: string): string => `${id.slice(0, -4)}hook`;
const markerOf = (fault: string): string => `${fault}-end`;

/** Every secret of the credentials, and every token that is made from now on. */
function canariesOf({ emulator, credentials }: Pick<Context, 'emulator' | 'credentials'>): Canaries {
	const canaries = new Canaries();
	canaries.addTokensOf(emulator);
	for (const { data } of Object.values(credentials)) {
		for (const name of ['clientSecret', 'refreshToken', 'accountKey']) if (typeof data[name] === 'string') canaries.add(name, data[name]);
		const tokens = (data.oauthTokenData ?? {}) as IDataObject;
		for (const name of ['access_token', 'refresh_token']) if (typeof tokens[name] === 'string') canaries.add(name, tokens[name]);
	}
	return canaries;
}

/** One item for every way in which a service repeats what it was sent; in the last workflow the first of them ends the node. */
function workflowsOf({ emulator, credentials, packed }: Context): WorkflowFile[] {
	const project = emulator.appsScript.addProject({ title: 'Secrets', native: { echo: (item: unknown) => item } });
	const [instance = ''] = emulator.syncano.instances.keys();
	const script = emulator.syncano.addScript({ instance, label: 'Secrets', runtime_name: 'nodejs_v6', source: '', native: { run: () => '{}', duration: 1 } });
	const items = Object.keys(ECHO_FAULTS).map((fault) => ({ marker: markerOf(fault) }));
	const throughNode = (id: string, type: string, credential: CredentialFile, parameters: INodeParameters, stops = false): WorkflowFile =>
		itemsThrough(id, items, { type: `${packed.name}.${type}`, credential, parameters: { output: 'raw', ...parameters, ...(stops ? {} : { routing: 'byOutcome' }) } });
	const echo = { deployment: locator('id', project.deploymentId), function: locator('name', 'echo'), parametersFrom: 'item' };
	const run = { resource: 'script', operation: 'run', scriptId: locator('id', String(script.id)), payloadFrom: 'item', waitForResult: false };
	const { googleAppsScriptOAuth2Api: oAuth2, googleAppsScriptHeadlessApi: headless, syncanoApi: syncano } = credentials;
	return [
		throughNode('secretsOAuth20000', 'appsScriptRun', oAuth2, echo),
		throughNode('secretsHeadless00', 'appsScriptRun', headless, { ...echo, authentication: 'headless' }),
		throughNode('secretsSyncano000', 'syncanoScript', syncano, run),
		throughNode('secretsStopped000', 'appsScriptRun', oAuth2, echo, true),
	];
}

/** What n8n has written to its database, with what has not been merged into it yet. */
function databaseText({ databaseFile }: N8n): string {
	return [databaseFile, `${databaseFile}-wal`]
		.filter((file) => existsSync(file))
		.map((file) => readFileSync(file, 'latin1'))
		.join('\n');
}

let workflows: WorkflowFile[] = [];
let canaries = new Canaries();

export const secrets: Suite = {
	title: 'Services that repeat what they were sent: no secret in items, errors, the log and the database of n8n',

	async prepare(context) {
		canaries = canariesOf(context);
		addEchoFaults(context.emulator);
		workflows = workflowsOf(context);
		await context.n8n.importWorkflows(workflows.flatMap((workflow) => [workflow, throughWebhook(workflow, hookOf(workflow.id), hookOf(workflow.id))]));
	},

	async run(check, { n8n, emulator, server }) {
		const running = await server();
		for (const fault of Object.keys(ECHO_FAULTS)) emulator.faults.add({ fault, bodyIncludes: markerOf(fault) });
		for (const { id } of workflows) {
			await check(`${id}: what n8n gives back of the execution`, async () => {
				await running.publishWorkflow(hookOf(id));
				const answer = await running.webhook(hookOf(id), {});
				deepEqual(canaries.in(answer), []);
				const [newest] = await running.executionsOf(hookOf(id));
				ok(newest, 'n8n keeps the execution');
				const end = await running.executionEnd(newest.id);
				deepEqual(canaries.in(end), []);
				ok(JSON.stringify(end).includes(REMOVED), 'something was there to be taken out');
			});
		}
		emulator.faults.clear();
		await check('the log of n8n', () => {
			deepEqual(canaries.inText(running.log.join('\n')), []);
		});
		await check('the database of n8n', () => {
			const text = databaseText(n8n);
			ok(text.includes(REMOVED), 'the executions are in it');
			deepEqual(canaries.inText(text), []);
		});
	},
};
