/**
 * What is started here ends with this process: at the end of a run, after a failure, on Ctrl-C.
 */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

type Task = () => Promise<void> | void;

/** In order of registration; the last is ended first. */
const tasks = new Set<Task>();
/** Process groups that are still alive; the last resort when this process exits without having ended them. */
const livingGroups = new Set<number>();
const temporaryFolders = new Set<string>();
let handlersAreSet = false;
/** When this process was asked to end; milliseconds since 1970. */
let signalledAt: number | undefined;

function killGroup(pid: number, signal: NodeJS.Signals): void {
	try {
		process.kill(-pid, signal);
	} catch {
		// The whole group is gone already.
	}
}

function setHandlers(): void {
	if (handlersAreSet) return;
	handlersAreSet = true;
	process.on('exit', () => {
		for (const pid of livingGroups) killGroup(pid, 'SIGKILL');
		for (const folder of temporaryFolders) rmSync(folder, { recursive: true, force: true });
	});
	for (const [signal, number] of [['SIGINT', 2], ['SIGTERM', 15], ['SIGHUP', 1]] as const) {
		process.on(signal, () => {
			// Ctrl-C reaches a program under npm and tsx more than once; somebody who asks again later does not want to wait.
			if (signalledAt !== undefined) {
				if (Date.now() - signalledAt > 1000) process.exit(128 + number);
				return;
			}
			signalledAt = Date.now();
			void endAll().finally(() => process.exit(128 + number));
		});
	}
}

/**
 * Registers something to be done by `endAll`, in reverse order of registration.
 * @returns a function that takes the registration back (for what was ended early)
 */
export function atEnd(task: Task): () => void {
	setHandlers();
	tasks.add(task);
	return () => void tasks.delete(task);
}

/** Whether somebody has asked this process to end, so that what fails now fails because of that. */
export function isEnding(): boolean {
	return signalledAt !== undefined;
}

/** Ends all that was started: servers, child processes, temporary folders. A task that fails does not keep the others from being done. */
export async function endAll(): Promise<void> {
	for (const task of [...tasks].reverse()) {
		tasks.delete(task);
		try {
			await task();
		} catch (error) {
			console.error('While cleaning up:', error);
		}
	}
}

/** A new folder under the system's temporary folder; removed by `endAll`. */
export async function temporaryFolder(purpose: string): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), `cloud-scripts-${purpose}-`));
	temporaryFolders.add(folder);
	atEnd(async () => {
		await rm(folder, { recursive: true, force: true, maxRetries: 5 });
		temporaryFolders.delete(folder);
	});
	return folder;
}

/** A TCP port of 127.0.0.1 that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
	return await new Promise((resolve, reject) => {
		const server = createServer();
		server.on('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			server.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('No free port'))));
		});
	});
}

/** A child process in a process group of its own. */
export interface RunningProcess {
	readonly pid: number;
	/** Lines of standard output and standard error, in order of arrival, since the start. */
	readonly log: readonly string[];
	/** Resolves when the process itself has ended; never rejects. */
	readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
	/** Ends it and its children: SIGTERM, and SIGKILL when it is still there after 15 seconds. Resolves when it is gone. */
	stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/**
 * Starts a process that ends with this one.
 * @throws when the command cannot be started
 */
export async function startProcess(command: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Promise<RunningProcess> {
	const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
	await new Promise<void>((resolve, reject) => {
		child.once('spawn', resolve);
		child.once('error', reject);
	});
	const pid = child.pid as number;
	livingGroups.add(pid);
	const log: string[] = [];
	for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', (line) => log.push(line));
	const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
		child.once('exit', (code, signal) => {
			// Children that it left behind, such as n8n's task runner after a SIGKILL.
			killGroup(pid, 'SIGKILL');
			livingGroups.delete(pid);
			resolve({ code, signal });
		});
	});
	const stop = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM') => {
		if (livingGroups.has(pid)) {
			killGroup(pid, signal);
			const force = setTimeout(() => killGroup(pid, 'SIGKILL'), 15_000);
			await exited;
			clearTimeout(force);
		}
		unregister();
	};
	const unregister = atEnd(stop);
	void exited.then(unregister);
	return { pid, log, exited, stop };
}

/** Runs a command to its end and gives back what it printed, whatever its exit code. */
export async function runToEnd(
	command: string,
	args: readonly string[],
	options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<{ code: number | null; signal: NodeJS.Signals | null; output: string; errors: string }> {
	const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
	const output: Buffer[] = [];
	const errors: Buffer[] = [];
	child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
	child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
	return await new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('spawn', () => {
			const pid = child.pid as number;
			livingGroups.add(pid);
			const unregister = atEnd(() => killGroup(pid, 'SIGKILL'));
			child.once('close', (code, signal) => {
				livingGroups.delete(pid);
				unregister();
				resolve({ code, signal, output: Buffer.concat(output).toString('utf8'), errors: Buffer.concat(errors).toString('utf8') });
			});
		});
	});
}
