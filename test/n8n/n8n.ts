/**
 * An n8n with a user folder of its own: its command line, its server, its workers.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import type { IRun, IWorkflowBase } from 'n8n-workflow';
import { freePort, type RunningProcess, runToEnd, startProcess, temporaryFolder } from './cleanUp';
import type { N8nInstallation } from './install';
import { type PackedPackage, placePackage } from './package';
import { N8nServer } from './server';

/** A credential as `n8n import:credentials` takes it; n8n encrypts `data` while it imports. */
export interface CredentialFile {
	readonly id: string;
	readonly name: string;
	readonly type: string;
	readonly data: Readonly<Record<string, unknown>>;
}

/** A workflow as the editor exports it; `id` is required for an import. */
export type WorkflowFile = Pick<IWorkflowBase, 'id' | 'name' | 'nodes' | 'connections' | 'settings'> & { readonly active?: boolean };

/** Environment variables that keep n8n from calling its makers' servers, and from listening to anything but this machine. */
const QUIET: Readonly<Record<string, string>> = {
	N8N_DIAGNOSTICS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
	N8N_TEMPLATES_ENABLED: 'false',
	N8N_PERSONALIZATION_ENABLED: 'false',
	N8N_HIRING_BANNER_ENABLED: 'false',
	N8N_DYNAMIC_BANNERS_ENABLED: 'false',
	N8N_VERIFIED_PACKAGES_ENABLED: 'false',
	N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
	N8N_DISABLED_MODULES: 'mcp-registry',
	N8N_LISTEN_ADDRESS: '127.0.0.1',
	N8N_HOST: '127.0.0.1',
	N8N_SECURE_COOKIE: 'false',
	// `n8n execute` prints its result on this level.
	N8N_LOG_LEVEL: 'info',
	N8N_GRACEFUL_SHUTDOWN_TIMEOUT: '5',
	// A published workflow's triggers start within this time; n8n's own default is 15 s.
	N8N_WORKFLOW_PUBLICATION_OUTBOX_POLL_INTERVAL_MS: '250',
	TZ: 'UTC',
};

/** What `createN8n` can be told. */
export interface N8nOptions {
	/** Packages to load; none gives an n8n as it comes. */
	readonly packages?: readonly PackedPackage[];
	/** Further environment variables for every process of this n8n. */
	readonly environment?: Readonly<Record<string, string>>;
}

/** A new n8n: an empty user folder (removed by `endAll`) with the packages in it. Nothing is started yet. */
export async function createN8n(installation: N8nInstallation, options: N8nOptions = {}): Promise<N8n> {
	const userFolder = await temporaryFolder('n8n');
	mkdirSync(join(userFolder, '.n8n', 'nodes'), { recursive: true });
	for (const packed of options.packages ?? []) await placePackage(packed, userFolder);
	return new N8n(installation, userFolder, options.environment ?? {});
}

/** One n8n, with its database, its settings and its encryption key. */
export class N8n {
	/** @param userFolder n8n keeps everything under `.n8n` in it */
	constructor(
		readonly installation: N8nInstallation,
		readonly userFolder: string,
		private readonly ownEnvironment: Readonly<Record<string, string>>,
	) {}

	/** The SQLite database; tests look into it for what must not be there. */
	get databaseFile(): string {
		return join(this.userFolder, '.n8n', 'database.sqlite');
	}

	/**
	 * The whole environment of a process of this n8n. Little of the caller's environment goes in, so that no N8N_… variable, npm setting
	 * or proxy of the machine changes what is tested.
	 */
	async environment(more: Readonly<Record<string, string>> = {}): Promise<NodeJS.ProcessEnv> {
		return {
			PATH: `${dirname(this.installation.node)}${delimiter}${process.env.PATH ?? ''}`,
			HOME: this.userFolder,
			...QUIET,
			N8N_USER_FOLDER: this.userFolder,
			N8N_ENCRYPTION_KEY: 'a key for tests only',
			N8N_PORT: String(await freePort()),
			N8N_RUNNERS_BROKER_PORT: String(await freePort()),
			...this.ownEnvironment,
			...more,
		};
	}

	/**
	 * Runs a command of n8n's command line to its end.
	 * @returns exit code and standard output, of which n8n's log is a part
	 */
	async command(args: readonly string[]): Promise<{ code: number | null; output: string; errors: string }> {
		return await runToEnd(this.installation.node, [this.installation.n8n, ...args], { env: await this.environment(), cwd: this.userFolder });
	}

	/** As `command`; throws when the exit code is not 0. */
	private async commandThatWorks(args: readonly string[]): Promise<string> {
		const { code, output, errors } = await this.command(args);
		if (code !== 0) throw new Error(`n8n ${args.join(' ')} ended with exit code ${code}:\n${output}\n${errors}`);
		return output;
	}

	/** Writes something to a file that lives as long as the call of `use`. */
	private async withFolder<T>(files: Readonly<Record<string, unknown>>, use: (folder: string) => Promise<T>): Promise<T> {
		const folder = await mkdtemp(join(this.userFolder, 'import-'));
		try {
			for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(content));
			return await use(folder);
		} finally {
			rmSync(folder, { recursive: true, force: true });
		}
	}

	/** Imports credentials; those with a known id are replaced. The server must not be running. */
	async importCredentials(credentials: readonly CredentialFile[]): Promise<void> {
		await this.withFolder({ 'credentials.json': credentials }, async (folder) => {
			await this.commandThatWorks(['import:credentials', `--input=${join(folder, 'credentials.json')}`]);
		});
	}

	/** Imports workflows, inactive; those with a known id are replaced. The server must not be running. n8n 2.0 takes none without a version's id. */
	async importWorkflows(workflows: readonly WorkflowFile[]): Promise<void> {
		const files = Object.fromEntries(workflows.map((workflow) => [`${workflow.id}.json`, { versionId: randomUUID(), ...workflow, active: false }]));
		await this.withFolder(files, async (folder) => {
			await this.commandThatWorks(['import:workflow', '--separate', `--input=${folder}`]);
		});
	}

	/**
	 * Runs a workflow by `n8n execute`, in a process of its own, from its first trigger.
	 * @returns the run, also where it ended with an error
	 * @throws when n8n printed no run (unknown workflow, crash)
	 */
	async executeWorkflow(id: string): Promise<IRun> {
		const { code, output, errors } = await this.command(['execute', `--id=${id}`, '--rawOutput']);
		const run = findJson(output);
		if (run === undefined) throw new Error(`n8n execute printed no run (exit code ${code}):\n${output}\n${errors}`);
		return run as IRun;
	}

	/** Starts the server, makes the owner's account where there is none yet, and signs in. */
	async startServer(more: Readonly<Record<string, string>> = {}): Promise<N8nServer> {
		const environment = await this.environment(more);
		return await N8nServer.start(this.installation, environment);
	}

	/**
	 * Starts a worker of queue mode; resolves when it is ready to take executions.
	 * The environment must hold the settings of queue mode (see `queueEnvironment`).
	 */
	async startWorker(concurrency: number, more: Readonly<Record<string, string>> = {}): Promise<RunningProcess> {
		const healthPort = await freePort();
		const environment = await this.environment({ QUEUE_HEALTH_CHECK_PORT: String(healthPort), ...more });
		const worker = await startProcess(this.installation.node, [this.installation.n8n, 'worker', `--concurrency=${concurrency}`], {
			env: environment,
			cwd: this.userFolder,
		});
		await untilReady(worker, `http://127.0.0.1:${healthPort}/healthz/readiness`);
		return worker;
	}
}

/** What main and workers need to find each other. */
export function queueEnvironment(redisPort: number): Record<string, string> {
	return {
		EXECUTIONS_MODE: 'queue',
		QUEUE_BULL_REDIS_HOST: '127.0.0.1',
		QUEUE_BULL_REDIS_PORT: String(redisPort),
		QUEUE_HEALTH_CHECK_ACTIVE: 'true',
		OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
	};
}

/** Starts a Redis that keeps nothing on disk (Debian package redis-server). */
export async function startRedis(): Promise<{ readonly port: number; readonly process: RunningProcess }> {
	const port = await freePort();
	const redis = await startProcess('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']);
	while (!redis.log.some((line) => line.includes('Ready to accept connections'))) {
		await pauseOrEnd(redis, 50);
	}
	return { port, process: redis };
}

/** Waits a little; throws with the end of the log when the process has ended meanwhile. */
async function pauseOrEnd(running: RunningProcess, milliseconds: number): Promise<void> {
	const pause = new Promise<undefined>((resolve) => setTimeout(resolve, milliseconds, undefined));
	const ended = await Promise.race([pause, running.exited]);
	if (ended !== undefined) {
		throw new Error(`The process ended (${ended.signal ?? `exit code ${ended.code}`}):\n${running.log.slice(-30).join('\n')}`);
	}
}

/** Waits until an address answers 200; throws when the process ends before, or after two minutes. */
export async function untilReady(running: RunningProcess, url: string): Promise<void> {
	for (const startedAt = Date.now(); Date.now() - startedAt < 120_000; ) {
		const answer = await fetch(url).catch(() => undefined);
		await answer?.body?.cancel();
		if (answer?.status === 200) return;
		await pauseOrEnd(running, 100);
	}
	throw new Error(`Not ready after two minutes: ${url}\n${running.log.slice(-30).join('\n')}`);
}

/**
 * The JSON object that is printed over several lines, from a line that is `{` to the next that is `}`, with log lines before and after.
 * n8n puts its log's prefix, where there is one, before the first line only.
 */
function findJson(output: string): unknown {
	const lines = output.split('\n');
	for (let start = 0; start < lines.length; start++) {
		if (!(lines[start] ?? '').endsWith('{')) continue;
		const length = lines.slice(start).findIndex((line) => line === '}') + 1;
		if (length === 0) return undefined;
		try {
			return JSON.parse(['{', ...lines.slice(start + 1, start + length)].join('\n'));
		} catch {
			// A line of the log that happens to end with a brace.
		}
	}
	return undefined;
}
