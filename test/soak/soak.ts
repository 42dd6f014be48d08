/**
 * `npm run soak [-- --runs N]`: so many runs in one process, on n8n's engine, with the services in another. Says after each tenth what is kept after a
 * collection and what is still open; ends with 1 if memory grows, or if a socket, a timer or a child process is left.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { SYNCANO_INSTANCE, SYNCANO_SCRIPT } from '../../bench/serviceProtocol';
import { ServiceProcess } from '../../bench/serviceProcess';
import { createEngine, type NodeUnderTest } from '../engine/harness';
import { endAll } from '../n8n/cleanUp';

const INTERVALS = 10;
/** Items of one execution. */
const ITEMS = 500;
/** One in so many executions of Apps Script signs in without a browser. */
const HEADLESS_EVERY = 10;
/** One in so many runs is Syncano's, whose scripts take a fifth of a second. */
const SYNCANO_EVERY = 200;
/** The nodes' own waits end within a quarter of a second. */
const SETTLING_MS = 1000;
/** Megabytes that the heap may be larger at the end than after the first two tenths, in which caches fill and code is compiled. */
const ALLOWANCE_MB = 4;

const locator = (mode: string, value: string): INodeParameters => ({ __rl: true, mode, value });

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** What keeps a process alive, by kind: sockets, timers, child processes. */
function openResources(): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
	return counts;
}

const textOf = (counts: Readonly<Record<string, number>>) =>
	Object.entries(counts)
		.map(([kind, count]) => `${kind} ${count}`)
		.join(', ') || 'nothing';

/** Megabytes in use after a collection. */
function heapAfterCollection(): number {
	if (global.gc === undefined) throw new Error('Start it with node --expose-gc (npm run soak does)');
	// What finalizers let go of is collected by the next.
	global.gc();
	global.gc();
	return process.memoryUsage().heapUsed / 2 ** 20;
}

interface Sample {
	readonly runs: number;
	readonly heap: number;
	readonly left: Readonly<Record<string, number>>;
}

async function soak(runs: number): Promise<boolean> {
	const service = await ServiceProcess.start();
	const { address, clientId, clientSecret, tokenInfoUrl, tokenUrl, lanes, instantDeployment, syncanoKey } = await service.address();
	const token = lanes[0]?.token;
	if (token === undefined) throw new Error('The service gave no token');
	const addresses = { otherAddresses: true, apiBaseUrl: address, driveBaseUrl: address, tokenInfoUrl, tokenUrl };
	const engine = createEngine({
		credentials: {
			oAuth2: { name: 'OAuth2', type: 'googleAppsScriptOAuth2Api', data: { ...addresses, clientId, clientSecret, oauthTokenData: token } },
			headless: {
				name: 'Headless',
				type: 'googleAppsScriptHeadlessApi',
				data: { ...addresses, clientId, clientSecret, signInWith: 'refreshToken', refreshToken: token.refresh_token ?? '' },
			},
			syncano: { name: 'Syncano', type: 'syncanoApi', data: { baseUrl: address, accountKey: syncanoKey, instanceName: SYNCANO_INSTANCE } },
		},
	});
	const appsScript = (headless: boolean): NodeUnderTest => ({
		type: 'appsScriptRun',
		credentials: headless ? { googleAppsScriptHeadlessApi: 'headless' } : { googleAppsScriptOAuth2Api: 'oAuth2' },
		parameters: {
			authentication: headless ? 'headless' : 'oAuth2',
			deployment: locator('id', instantDeployment),
			function: locator('name', 'echo'),
			parametersFrom: 'json',
			// The function throws for what has no index.
			parametersJson: '={{ [$json.index % 10 === 9 ? null : $json] }}',
			routing: 'byOutcome',
			options: { concurrency: 'automatic' },
		},
	});
	const syncano: NodeUnderTest = {
		type: 'syncanoScript',
		credentials: { syncanoApi: 'syncano' },
		parameters: {
			resource: 'script',
			operation: 'run',
			scriptId: locator('id', String(SYNCANO_SCRIPT)),
			payloadFrom: 'item',
			routing: 'byOutcome',
			options: { concurrency: 'fixed', maxConcurrency: 8 },
		},
	};

	/** Runs a node once; every item has to come back, and no script may have run twice. */
	const execute = async (node: NodeUnderTest, count: number): Promise<void> => {
		await service.prepare({ lane: 0, runTimes: [] });
		const items = Array.from({ length: count }, (_, index): IDataObject => ({ index }));
		const { outputs, status } = await engine.run({ mode: 'trigger', items, node });
		const back = outputs.map((each) => each.length);
		const { executions } = await service.counts();
		const failing = node === syncano ? 0 : Math.floor(count / 10);
		if (status !== 'success' || back[0] !== count - failing || back[1] !== failing || executions !== count) {
			throw new Error(`${count} items: status ${status}, outputs ${back.join(', ')}, scripts started ${executions}`);
		}
	};

	await execute(appsScript(false), ITEMS);
	await pause(SETTLING_MS);
	const before = openResources();
	say(`open before: ${textOf(before)}`);
	const samples: Sample[] = [];
	const startedAt = Date.now();
	let done = 0;
	let executions = 0;
	while (samples.length < INTERVALS) {
		const goal = Math.round((runs * (samples.length + 1)) / INTERVALS);
		const syncanoRuns = Math.max(1, Math.round(runs / INTERVALS / SYNCANO_EVERY));
		await execute(syncano, syncanoRuns);
		done += syncanoRuns;
		while (done < goal) {
			const count = Math.min(ITEMS, goal - done);
			await execute(appsScript(executions++ % HEADLESS_EVERY === 0), count);
			done += count;
		}
		await pause(SETTLING_MS);
		const heap = heapAfterCollection();
		const open = openResources();
		const left = Object.fromEntries(Object.entries(open).filter(([kind, count]) => count > (before[kind] ?? 0)));
		samples.push({ runs: done, heap, left });
		const { rss } = process.memoryUsage();
		say(
			`${String(done).padStart(8)} runs  ${((Date.now() - startedAt) / 1000).toFixed(0).padStart(5)} s  heap ${heap.toFixed(1)} MB  resident ${(rss / 2 ** 20).toFixed(0)} MB  left open: ${textOf(left)}`,
		);
	}
	const { user, system } = process.cpuUsage();
	say(`${((user + system) / 1000 / done).toFixed(2)} ms of CPU a run`);

	const settled = samples[1]?.heap ?? 0;
	const last = samples.at(-1);
	const growth = (last?.heap ?? 0) - settled;
	const leaks = samples.filter(({ left }) => Object.keys(left).length > 0);
	say(`heap after the first fifth ${settled.toFixed(1)} MB, at the end ${(last?.heap ?? 0).toFixed(1)} MB: ${growth > ALLOWANCE_MB ? 'it grows' : 'flat'}`);
	say(`left open ${leaks.length === 0 ? 'nothing: no socket, no timer, no child process' : textOf(leaks.at(-1)?.left ?? {})}`);
	return growth <= ALLOWANCE_MB && leaks.length === 0;
}

async function main(): Promise<void> {
	const { values } = parseArgs({ options: { runs: { type: 'string', default: '100000' } } });
	const runs = Number(values.runs);
	if (!Number.isSafeInteger(runs) || runs < INTERVALS * 10) throw new Error(`--runs has to be a whole number of at least ${INTERVALS * 10}`);
	say(`${runs} runs in one process …`);
	const good = await soak(runs);
	await endAll();
	process.exitCode = good ? 0 : 1;
}

main().catch(async (error: unknown) => {
	say(error instanceof Error ? (error.stack ?? error.message) : String(error));
	await endAll();
	process.exitCode = 1;
});
