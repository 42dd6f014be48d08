/**
 * `npm run test:versions [-- <version> …]`: the package as its users get it on older versions of n8n, against 2.40.7: the same workflows by
 * `n8n execute`, the same items. Installs each n8n once (2 GB each). Ends with a line `N passed, N failed`.
 */
import { deepEqual, equal, ok } from 'node:assert/strict';
import type { INodeExecutionData } from 'n8n-workflow';
import { startEmulator, type Emulator } from '../../../emulator';
import { addSamples, ORDER_SHEET_SCRIPT_ID } from '../../../emulator/samples';
import { addSyncanoSamples } from '../../../emulator/samples/syncano';
import { checksInto, runProgram, type Check, type Tally } from '../checks';
import { atEnd } from '../cleanUp';
import { comparable } from '../comparison';
import { emulatorCredentials, signedIn, type EmulatorCredentials } from '../emulatorCredentials';
import { exampleWorkflows } from '../examples';
import { installN8n, type N8nInstallation } from '../install';
import { createN8n, type N8n, type WorkflowFile } from '../n8n';
import { packPackage, type PackedPackage } from '../package';
import { outputsOf } from '../server';
import { outcomeCases } from '../suites/sameItems';
import { itemsThrough, NODE, withCredentials } from '../workflows';
import { OLDER_VERSIONS } from './versions';

/** Those of `examples/` that are run, by the start of their names' ids: both services, a batch, every routing. */
const EXAMPLES = ['ordersbyoutcome', 'nightlybatch', 'errorbranchtoshe', 'syncanoscript', 'syncanoendpoint', 'bothservices'];

/**
 * The module that newest n8n is told to leave out is not known to older ones, which then refuse to start; this one they know. The expression engine that
 * 1.123 would take by itself needs a newer Node.
 */
const OLDER_ENVIRONMENT = { N8N_DISABLED_MODULES: 'insights', N8N_EXPRESSION_ENGINE: 'legacy' };

/** What a workflow came to. */
interface Came {
	readonly status: string;
	readonly error: string | undefined;
	/** By the name of each of the package's nodes, its outputs. */
	readonly outputs: Readonly<Record<string, INodeExecutionData[][]>>;
}

/** One workflow, on any version. */
interface Case {
	readonly title: string;
	readonly workflow: WorkflowFile;
	/** Puts back what scripts changed. */
	readonly before?: () => void;
	/** Called with what the version gave, besides the comparison. */
	readonly expect?: (came: Came) => void;
}

const locator = (mode: string, value: string) => ({ __rl: true, mode, value });

class Bench {
	readonly cases: readonly Case[];

	private constructor(
		private readonly emulator: Emulator,
		private readonly credentials: EmulatorCredentials,
		private readonly packed: PackedPackage,
	) {
		this.cases = [...this.examples(), ...this.outcomes(), this.expiredToken(), this.revokedInMidRun(), this.retryOnFail(), this.headless()];
	}

	static async start(): Promise<Bench> {
		const packed = await packPackage();
		const emulator = await startEmulator();
		atEnd(() => emulator.stop());
		addSamples(emulator);
		addSyncanoSamples(emulator.syncano);
		const credentials = emulatorCredentials(emulator);
		return new Bench(emulator, credentials, packed);
	}

	/** An n8n of this version with the package, credentials and workflows. */
	async host(installation: N8nInstallation, environment: Readonly<Record<string, string>> = {}): Promise<N8n> {
		const n8n = await createN8n(installation, { packages: [this.packed], environment });
		const { googleAppsScriptOAuth2Api: oAuth2, ...others } = this.credentials;
		await n8n.importCredentials([signedIn(oAuth2, this.emulator), ...Object.values(others)]);
		await n8n.importWorkflows(this.cases.map(({ workflow }) => workflow));
		return n8n;
	}

	async run(n8n: N8n, { workflow, before }: Case): Promise<Came> {
		before?.();
		this.emulator.journal.clear();
		const { status: said, data } = await n8n.executeWorkflow(workflow.id);
		// What n8n 2.0 prints of a run that has ended is still "running".
		const status = said !== 'running' ? said : data.resultData.error === undefined ? 'success' : 'error';
		const ours = workflow.nodes.filter(({ type }) => type.startsWith(`${this.packed.name}.`));
		return { status, error: data.resultData.error?.message, outputs: Object.fromEntries(ours.map(({ name }) => [name, outputsOf(data, name)])) };
	}

	private examples(): Case[] {
		const found = exampleWorkflows().filter(({ id }) => EXAMPLES.some((start) => id.startsWith(start)));
		equal(found.length, EXAMPLES.length);
		return found.map((workflow) => ({
			title: workflow.name,
			workflow: withCredentials(workflow, Object.values(this.credentials)),
			before: () => {
				this.emulator.appsScript.stores.scriptProperties(ORDER_SHEET_SCRIPT_ID).clear();
			},
			expect: ({ status, outputs }) => {
				equal(status, 'success');
				ok(Object.values(outputs).flat(2).length > 0);
			},
		}));
	}

	private outcomes(): Case[] {
		const { emulator, credentials, packed } = this;
		return outcomeCases({ emulator, credentials, packed }).map(({ title, workflow, counts }) => ({
			title,
			workflow,
			expect: ({ status, outputs }) => {
				equal(status, counts === undefined ? 'error' : 'success');
				if (counts !== undefined) deepEqual(outputs[NODE]?.map((items) => items.length), counts);
			},
		}));
	}

	/** Items through functions that take a moment, several at a time. */
	private several(id: string, options: object, node: Partial<Parameters<typeof itemsThrough>[2]> = {}): { workflow: WorkflowFile; count: number } {
		const count = 12;
		const project = this.emulator.appsScript.addProject({ title: id, native: { double: (n: number) => n * 2 }, runTime: () => 100 });
		const items = Array.from({ length: count }, (_, n) => ({ n }));
		const workflow = itemsThrough(id, items, {
			type: `${this.packed.name}.appsScriptRun`,
			credential: this.credentials.googleAppsScriptOAuth2Api,
			...node,
			parameters: {
				deployment: locator('id', project.deploymentId),
				function: locator('name', 'double'),
				parametersFrom: 'json',
				parametersJson: '={{ [$json.n] }}',
				routing: 'byOutcome',
				options: { ...options },
				...node.parameters,
			},
		});
		return { workflow, count };
	}

	private allOnce(count: number): NonNullable<Case['expect']> {
		return ({ status, outputs }) => {
			equal(status, 'success');
			deepEqual(outputs[NODE]?.[0]?.map(({ json }) => json.result), Array.from({ length: count }, (_, n) => n * 2));
			equal(this.emulator.journal.executions.length, count);
		};
	}

	private refreshes(): number {
		return this.emulator.journal.requests.filter(({ url, body }) => url.startsWith(new URL(this.emulator.google.urls.token).pathname) && body.includes('grant_type=refresh_token')).length;
	}

	private expiredToken(): Case {
		const { workflow, count } = this.several('expiredToken0000', { concurrency: 'fixed', maxConcurrency: 6 });
		return {
			title: 'a token that has expired is refreshed once, though six runs go at a time',
			workflow,
			before: () => {
				this.emulator.google.revokeAllAccessTokens();
			},
			expect: (came) => {
				this.allOnce(count)(came);
				equal(this.refreshes(), 1);
			},
		};
	}

	private revokedInMidRun(): Case {
		const { workflow, count } = this.several('revokedInMidRun0', { concurrency: 'fixed', maxConcurrency: 4 });
		return {
			title: 'a token that is revoked while runs go on: none is lost, none started twice',
			workflow,
			before: () => {
				const { journal, google } = this.emulator;
				// Versions before 2.30 refresh once for each of the parallel requests.
				const watch = setInterval(() => {
					if (journal.executions.length < 5) return;
					clearInterval(watch);
					google.revokeAllAccessTokens();
				}, 5);
				atEnd(() => {
					clearInterval(watch);
				});
			},
			expect: (came) => {
				this.allOnce(count)(came);
				ok(this.refreshes() >= 1);
			},
		};
	}

	private retryOnFail(): Case {
		const { workflow } = this.several('retryOnFail00000', {}, { onError: 'continueErrorOutput', parameters: { routing: 'onError' } });
		const nodes = workflow.nodes.map((node) => (node.name === NODE ? { ...node, retryOnFail: true, maxTries: 3, waitBetweenTries: 10 } : node));
		return {
			title: "n8n's Retry On Fail: the first item's connection dies after its run, and no script is started again",
			workflow: { ...workflow, nodes },
			before: () => {
				this.emulator.faults.add({ fault: 'resetAfterRun', bodyIncludes: '"parameters":[0]', urlIncludes: String(this.deploymentOf(workflow)) });
			},
			expect: ({ outputs }) => {
				deepEqual(outputs[NODE]?.map((items) => items.length), [11, 1]);
				equal(this.emulator.journal.executions.length, 12);
			},
		};
	}

	private deploymentOf({ nodes }: WorkflowFile): unknown {
		return (nodes.find(({ name }) => name === NODE)?.parameters.deployment as { value?: unknown } | undefined)?.value;
	}

	private headless(): Case {
		const { workflow, count } = this.several('headless00000000', { concurrency: 'automatic' }, { credential: this.credentials.googleAppsScriptHeadlessApi, parameters: { authentication: 'headless' } });
		return { title: 'without a browser: the headless credential', workflow, expect: this.allOnce(count) };
	}
}

/** Runs every case on one version. @param reference what 2.40.7 gave, by title; without it, this is 2.40.7 */
async function runOn(bench: Bench, installation: N8nInstallation, check: Check, reference?: ReadonlyMap<string, Came>): Promise<Map<string, Came>> {
	const n8n = await bench.host(installation, reference === undefined ? {} : OLDER_ENVIRONMENT);
	const came = new Map<string, Came>();
	for (const each of bench.cases) {
		await check(each.title, async () => {
			const result = await bench.run(n8n, each);
			came.set(each.title, result);
			each.expect?.(result);
			if (reference === undefined) return;
			const expected = reference.get(each.title);
			ok(expected);
			equal(result.status, expected.status);
			equal(result.error, expected.error);
			for (const [name, outputs] of Object.entries(expected.outputs)) {
				deepEqual(comparable(result.outputs[name] ?? [], outputs.length), comparable(outputs), name);
			}
		});
	}
	return came;
}

async function main(): Promise<Tally> {
	const wanted = process.argv.slice(2);
	const older = OLDER_VERSIONS.filter(({ n8n }) => wanted.length === 0 || wanted.includes(n8n));
	if (older.length < wanted.length) throw new Error(`There are ${OLDER_VERSIONS.map(({ n8n }) => n8n).join(', ')}`);
	const newest = await installN8n();
	const bench = await Bench.start();
	const tally: Tally = { passed: 0, failed: 0 };
	console.log(`\nn8n ${newest.version}`);
	const reference = await runOn(bench, newest, checksInto(tally));
	for (const version of older) {
		console.log(`\nn8n ${version.n8n} on Node ${version.node}`);
		const check = checksInto(tally);
		try {
			await runOn(bench, await installN8n(console.log, version), check, reference);
		} catch (error) {
			await check('can be installed, and takes the package, credentials and workflows', () => {
				throw error;
			});
		}
	}
	return tally;
}

runProgram(main);
