import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { logNormalDurations, seededRandom } from '../../../bench/simulation/random';
import type { Emulator } from '../../../emulator';
import type { FaultRule } from '../../../emulator/faults';
import { perform, ACTS, type Order } from '../../chaos/acts';
import { startFaults, type Target } from '../../chaos/faults';
import type { Check } from '../checks';
import { comparable } from '../comparison';
import type { EmulatorCredentials } from '../emulatorCredentials';
import type { WorkflowFile } from '../n8n';
import { outputsOf, until } from '../server';
import { NODE } from '../workflows';
import type { Suite } from './context';
import { bodyThrough, inProcess, startQueueHost, startThrough, workersOf, type Body, type QueueHost } from './queueHost';

const SEED = 20_261_121;
/** Executions of each service. */
const EXECUTIONS = 6;
const ITEMS = 25;
/** Of the throughput's measurement: for each of two workflows. */
const MANY_ITEMS = 300;
const LIMIT = 30;
const MEDIAN_MS = 200;

const locator = (mode: string, value: string) => ({ __rl: true, mode, value });

interface Prepared {
	readonly appsScript: WorkflowFile;
	readonly syncano: WorkflowFile;
	readonly slow: WorkflowFile;
	readonly fast: WorkflowFile;
	/** Milliseconds of each run of `fast`, by the item's index. */
	readonly runTimes: readonly number[];
}

function prepare(packageName: string, emulator: Emulator, credentials: EmulatorCredentials): Prepared {
	const { appsScript, syncano } = emulator;
	const appsScriptNode = (deployment: string, parameters: object, options: object) => ({
		type: `${packageName}.appsScriptRun`,
		credential: credentials.googleAppsScriptOAuth2Api,
		parameters: {
			deployment: locator('id', deployment),
			function: locator('name', 'perform'),
			parametersFrom: 'item',
			options: { ...options },
			...parameters,
		},
	});

	const chaos = appsScript.addProject({ title: 'Chaos', native: { perform } });
	const slow = appsScript.addProject({ title: 'Slow', native: { perform }, runTime: () => 3000 });
	const runTimes = logNormalDurations(MANY_ITEMS, MEDIAN_MS, 0.5, seededRandom(SEED));
	const fast = appsScript.addProject({
		title: 'Throughput',
		native: { perform: ({ index }: { index: number }) => index },
		runTime: ({ parameters: [item] }) => runTimes[(item as { index: number }).index] ?? 0,
	});
	const instance = 'queue-mode';
	syncano.addInstance({ name: instance, plan: 'paid', concurrency: 60, requestsPerSecond: Infinity });
	const script = syncano.addScript({
		instance,
		label: 'perform',
		runtime_name: 'nodejs_v6',
		source: '',
		native: { run: ({ ARGS }) => JSON.stringify(perform(ARGS as Order)), duration: 20 },
	});
	const quick = { concurrency: 'fixed', maxConcurrency: 5, timeout: 2, maxRetries: 1 };
	return {
		appsScript: bodyThrough('queueAppsScript0', appsScriptNode(chaos.deploymentId, { routing: 'byOutcome' }, quick)),
		syncano: bodyThrough('queueSyncano0000', {
			type: `${packageName}.syncanoScript`,
			credential: credentials.syncanoApi,
			onError: 'continueErrorOutput',
			parameters: {
				resource: 'script',
				operation: 'run',
				instance: locator('name', instance),
				scriptId: locator('id', String(script.id)),
				payloadFrom: 'item',
				options: { ...quick, waitLimit: 3 },
			},
		}),
		slow: bodyThrough('queueSlow0000000', appsScriptNode(slow.deploymentId, { routing: 'byOutcome' }, { concurrency: 'fixed', maxConcurrency: 4 })),
		fast: bodyThrough('queueFast0000000', appsScriptNode(fast.deploymentId, { routing: 'byOutcome' }, { concurrency: 'automatic' })),
		runTimes,
	};
}

interface Job {
	readonly workflow: WorkflowFile;
	readonly body: Body;
	readonly faults: readonly FaultRule[];
}

/** Executions of a workflow. Half of their items meet a fault, of every kind in turn. */
function chaosOf(address: string, target: Target, workflow: WorkflowFile): Job[] {
	const random = seededRandom(SEED + target.length);
	// A 401 ends the whole execution's requests: which items had been sent by then is chance. A trace that never ends only takes time.
	const kinds = startFaults(target).filter(({ fault }) => !/401|echo|NoSuchKey|NeverFinishes/.test(fault));
	let next = 0;
	return Array.from({ length: EXECUTIONS }, (_, execution) => {
		const faults: FaultRule[] = [];
		const items = Array.from({ length: ITEMS }, (__, index) => {
			const marker = `${target}-${execution}-${index}-end`;
			const kind = kinds[next % kinds.length];
			if (kind !== undefined && random() < 0.5) {
				next += 1;
				const { fault, parameters } = kind;
				// Twice: a service that throttles one item for ever, and lets the others pass, is asked again for two minutes.
				faults.push({ fault, times: 2, bodyIncludes: marker, parameters: { location: `${address}/elsewhere`, ...parameters } });
			}
			return { marker, act: ACTS[Math.floor(random() * ACTS.length)] ?? 'echo' };
		});
		return { workflow, body: { items }, faults };
	});
}

const markersOf = ({ items }: Body) => items.map(({ marker }) => marker as string);

/** How often each of these items' scripts was started. */
function startsOf(emulator: Emulator, markers: readonly string[]): Map<string, number> {
	const inputs = emulator.journal.executions.map(({ input }) => JSON.stringify(input));
	return new Map(markers.map((marker) => [marker, inputs.filter((input) => input.includes(`"${marker}"`)).length]));
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function spread(check: Check, host: QueueHost, { appsScript, syncano }: Prepared): Promise<void> {
	const { emulator, server, engine } = host;
	// Its own limit would make chance of who is throttled.
	emulator.appsScript.settings.simultaneousPerUser = Infinity;
	const jobs = [...chaosOf(emulator.address, 'appsScript', appsScript), ...chaosOf(emulator.address, 'script', syncano)];
	const executions: { readonly id: string; readonly job: Job }[] = [];
	const switchOn = (faults: readonly FaultRule[]) => {
		for (const rule of faults) emulator.faults.add(rule);
	};
	await check(`${jobs.length} executions with ${jobs.flatMap(({ faults }) => faults).length} faults, spread over both workers, the tokens revoked in mid-run`, async () => {
		for (const { faults } of jobs) switchOn(faults);
		// Both workers have to refresh the same credential.
		const revoked = until('some scripts have run', 60_000, () => Promise.resolve(emulator.journal.executions.length > ITEMS ? true : undefined)).then(() => {
			emulator.google.revokeAllAccessTokens();
		});
		await Promise.all([revoked, ...jobs.map(({ workflow, body }) => server.webhook(workflow.id, body))]);
		for (const workflow of [appsScript, syncano]) {
			for (const { id } of await server.executionsOf(workflow.id)) {
				const { data, status } = await server.executionEnd(id);
				equal(status, 'success');
				const [first] = outputsOf(data, 'Each Item').flat();
				const job = jobs.find(({ body }) => body.items[0]?.marker === first?.json.marker);
				ok(job, `the items of execution ${id}`);
				executions.push({ id, job });
			}
		}
		equal(executions.length, jobs.length);
		const taken = executions.map(({ id }) => workersOf(host, id));
		ok(
			taken.every((workers) => workers.length === 1),
			`one worker each: ${JSON.stringify(taken)}`,
		);
		equal(new Set(taken.flat()).size, 2, `both workers took part: ${JSON.stringify(taken)}`);
	});
	await check('no script was started twice', () => {
		const starts = [...startsOf(emulator, jobs.flatMap(({ body }) => markersOf(body)))];
		deepEqual(
			starts.filter(([, times]) => times > 1),
			[],
		);
		ok(starts.filter(([, times]) => times === 1).length > starts.length / 2);
	});
	await check('the same items as in process', async () => {
		equal(executions.length, jobs.length);
		for (const { id, job } of executions) {
			const { data } = await server.execution(id);
			emulator.faults.clear();
			switchOn(job.faults);
			const expected = await inProcess(engine, job.workflow, NODE, job.body);
			equal(expected.flat().length, ITEMS);
			deepEqual(comparable(outputsOf(data, NODE), expected.length), comparable(expected), id);
		}
	});
	emulator.faults.clear();
	emulator.appsScript.settings.simultaneousPerUser = LIMIT;
}

/** Twelve items, four at a time, 3 s each; resolves when the first four are under way. */
async function startSlow({ emulator, server }: QueueHost, { slow }: Prepared, name: string): Promise<{ id: string; markers: string[]; answer: Promise<{ status: number; body: unknown }> }> {
	const body: Body = { items: Array.from({ length: 12 }, (_, index) => ({ marker: `${name}-${index}-end`, act: 'echo' })) };
	const markers = markersOf(body);
	const { id, answer } = await startThrough(server, slow, body);
	// The first run goes alone.
	await until('five runs have begun', 60_000, () => Promise.resolve([...startsOf(emulator, markers).values()].filter((times) => times > 0).length >= 5 ? true : undefined));
	return { id, markers, answer };
}

const startedOf = (starts: ReadonlyMap<string, number>) => [...starts.values()].filter((times) => times > 0).length;

async function stopping(check: Check, host: QueueHost, prepared: Prepared): Promise<void> {
	const { emulator, server } = host;
	await check('Stop on the main process reaches the worker: open requests are closed, nothing starts after it', async () => {
		const { id, markers, answer } = await startSlow(host, prepared, 'stopped');
		const open = emulator.journal.requests.filter(({ endedAt, body }) => endedAt === undefined && body.includes('stopped-'));
		equal(open.length, 4);
		await server.stopExecution(id);
		await until('the open requests are closed', 10_000, () => Promise.resolve(open.every(({ closedByClient }) => closedByClient === true) ? true : undefined));
		const atStop = startsOf(emulator, markers);
		await pause(4000);
		deepEqual(startsOf(emulator, markers), atStop);
		equal(startedOf(atStop), 5);
		equal((await server.executionEnd(id)).status, 'canceled');
		const { status } = await answer;
		console.log(`    the caller of the webhook gets ${status}`);
	});
	await check('the worker goes on with the next execution', async () => {
		const { status } = await server.webhook(prepared.fast.id, { items: [{ index: 0 }] });
		equal(status, 200);
	});
}

async function killing(check: Check, host: QueueHost, prepared: Prepared): Promise<void> {
	const { emulator, server, workers } = host;
	let executionId = '';
	await check('a worker that is killed: what it had not started never starts, and no script is started twice', async () => {
		const { id, markers, answer } = await startSlow(host, prepared, 'killed');
		executionId = id;
		const [place] = workersOf(host, id);
		ok(place !== undefined);
		const killedAt = Date.now();
		await workers[place]?.stop('SIGKILL');
		const atKill = startsOf(emulator, markers);
		const execution = await server.executionEnd(id);
		console.log(`    n8n shows "${execution.status}" after ${((Date.now() - killedAt) / 1000).toFixed(1)} s`);
		const { status, body } = await answer;
		console.log(`    the caller of the webhook gets ${status} ${JSON.stringify(body)}`);
		console.log(`    error: ${String(execution.data?.resultData.error?.message)}; nodes kept: ${Object.keys(execution.data?.resultData.runData ?? {}).join(', ')}`);
		// Longer than n8n takes to look after lost jobs.
		await pause(10_000);
		deepEqual(startsOf(emulator, markers), atKill);
		equal(Math.max(...atKill.values()), 1);
		equal(startedOf(atKill), 5);
		deepEqual(workersOf(host, id), [place], 'the other worker does not take it up');
		match(execution.status, /^(crashed|error)$/);
	});
	await check('the other worker goes on, and a new one takes part', async () => {
		await host.startWorker();
		const answers = await Promise.all(Array.from({ length: 8 }, () => server.webhook(prepared.fast.id, { items: [{ index: 0 }] })));
		deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
		equal((await server.execution(executionId)).status === 'success', false);
	});
}

async function throughput(check: Check, host: QueueHost, { fast, runTimes }: Prepared): Promise<void> {
	const { emulator, server } = host;
	const total = runTimes.reduce((sum, each) => sum + each, 0);
	const body: Body = { items: runTimes.map((_, index) => ({ index })) };
	for (const workflows of [1, 2]) {
		await check(`${workflows} × ${MANY_ITEMS} items share the limit of ${LIMIT} runs: all come home`, async () => {
			emulator.journal.clear();
			await Promise.all(Array.from({ length: workflows }, () => server.webhook(fast.id, body)));
			const newest = (await server.executionsOf(fast.id)).slice(0, workflows);
			for (const { id } of newest) {
				const { data } = await server.executionEnd(id);
				deepEqual(outputsOf(data, NODE).map((items) => items.length), [MANY_ITEMS, 0, 0, 0]);
			}
			const { executions, requests } = emulator.journal;
			equal(executions.length, workflows * MANY_ITEMS);
			const runs = requests.filter(({ url }) => url.includes(':run'));
			const seconds = (Math.max(...runs.map(({ endedAt }) => endedAt ?? 0)) - Math.min(...runs.map(({ at }) => at))) / 1000;
			const ideal = (workflows * total) / LIMIT / 1000;
			const throttled = runs.length - executions.length;
			const places = newest.flatMap(({ id }) => workersOf(host, id));
			console.log(
				`    ${seconds.toFixed(2)} s; the service alone would need ${ideal.toFixed(2)} s: ${Math.round((ideal / seconds) * 100)} % of its throughput; ` +
					`${throttled} throttled attempts (${Math.round((throttled / executions.length) * 100)} %); workers ${places.map((place) => place + 1).join(' and ')}`,
			);
		});
	}
}

export const queue: Suite = {
	title: 'Queue mode: main, two workers, Redis',
	async run(check, context) {
		let prepared: Prepared | undefined;
		const host = await startQueueHost(context, (emulator, credentials) => {
			prepared = prepare(context.packed.name, emulator, credentials);
			return [prepared.appsScript, prepared.syncano, prepared.slow, prepared.fast];
		});
		if (prepared === undefined) return;
		await spread(check, host, prepared);
		await throughput(check, host, prepared);
		await stopping(check, host, prepared);
		await killing(check, host, prepared);
		await Promise.all([host.server.stop(), ...host.workers.map((worker) => worker.stop())]);
	},
};
