import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { limits } from './limits';

/** A custom reply that a script has set, as its trace carries it. */
export interface CustomResponse {
	readonly status: number;
	readonly content_type: string;
	readonly content: string;
	/** Only there where the script gave headers. */
	readonly headers?: Readonly<Record<string, unknown>>;
}

/** The `result` of a finished trace. */
export interface ScriptResult {
	readonly stderr: string;
	readonly stdout: string;
	readonly response?: CustomResponse;
}

/** What a runner is told. */
export interface ScriptTask {
	readonly runtime: string;
	readonly source: string;
	readonly ARGS: unknown;
	readonly CONFIG: unknown;
	readonly META: unknown;
	readonly timeoutSeconds: number;
}

/** How a run ended. */
export interface ScriptOutcome {
	/** Null where the process was ended from outside. */
	readonly exitCode: number | null;
	readonly status: 'success' | 'failure' | 'timeout';
	readonly result: ScriptResult;
}

const run = promisify(execFile);

/** The first `count` characters as Python counts them (code points, not UTF-16 units). */
function firstCharacters(text: string, count: number): { text: string; length: number } {
	if (text.length <= count) {
		let pairs = 0;
		for (const character of text) if (character.length > 1) pairs += 1;
		return { text, length: text.length - pairs };
	}
	const characters = Array.from(text);
	return { text: characters.slice(0, count).join(''), length: Math.min(count, characters.length) };
}

const withoutTrailingNewlines = (text: string): string => text.replace(/\n+$/, '');

/** A custom response out of the JSON behind the separator; undefined where it is not a valid one. */
function readResponse(parsed: unknown): CustomResponse | undefined {
	if (!Array.isArray(parsed)) return undefined;
	const [status, contentType, content, headers] = parsed as unknown[];
	if (typeof status !== 'number' || !Number.isInteger(status)) return undefined;
	const empty = !headers || (typeof headers === 'object' && Object.keys(headers).length === 0);
	if (!empty && (typeof headers !== 'object' || Array.isArray(headers))) return undefined;
	return {
		status,
		content_type: String(contentType),
		content: String(content),
		...(empty ? {} : { headers: headers as Record<string, unknown> }),
	};
}

/**
 * The `result` of a trace from what a script printed: cut at the limit, stdout first; split at the last separator; trailing newlines dropped.
 * @param separator the text that the runner puts between the script's own output and its custom response
 */
export function parseOutput(stdout: string, stderr: string, separator: string): ScriptResult {
	const keptOutput = firstCharacters(stdout, limits.outputCharacters);
	const keptErrors = withoutTrailingNewlines(firstCharacters(stderr, limits.outputCharacters - keptOutput.length).text);
	const at = keptOutput.text.lastIndexOf(separator);
	if (at < 0) return { stderr: keptErrors, stdout: withoutTrailingNewlines(keptOutput.text) };

	const own = withoutTrailingNewlines(keptOutput.text.slice(0, at));
	let parsed: unknown;
	try {
		parsed = JSON.parse(keptOutput.text.slice(at + separator.length));
	} catch {
		return { stderr: 'stdout and/or stderr max size exceeded.', stdout: own };
	}
	const response = readResponse(parsed);
	if (response === undefined) return { stderr: 'Incorrect custom response received.', stdout: own };
	return { stderr: keptErrors, response, stdout: own };
}

/** Keeps as much of a stream as can ever matter, and reads the rest to nowhere. */
function collect(stream: NodeJS.ReadableStream): () => string {
	const most = limits.outputCharacters * 4;
	const chunks: Buffer[] = [];
	let size = 0;
	stream.on('data', (chunk: Buffer) => {
		if (size >= most) return;
		chunks.push(chunk);
		size += chunk.length;
	});
	return () => Buffer.concat(chunks).toString('utf8');
}

/** The current Node says its version at the end of stderr when it dies of an error; the service's Node did not. */
const withoutNodeVersion = (text: string): string => text.replace(/\n*\nNode\.js v\d+\.\d+\.\d+\n*$/, '\n');

/** Runs scripts in child processes of their own, on this machine's Node and Python 3. */
export class ScriptRunner {
	private readonly children = new Set<ChildProcess>();
	private readonly wrappers = {
		nodejs: readFileSync(join(__dirname, 'runners', 'nodejs.cjs'), 'utf8'),
		python: readFileSync(join(__dirname, 'runners', 'python.py'), 'utf8'),
	};
	private python: Promise<string | undefined> | undefined;
	private folder: Promise<string> | undefined;

	/**
	 * Runs one script to its end.
	 * A runtime that this machine does not have gives a failure that says so; the script is then not run.
	 */
	async run(task: ScriptTask): Promise<ScriptOutcome> {
		const command = await this.command(task.runtime);
		if (command === undefined) {
			return {
				exitCode: 127,
				status: 'failure',
				result: { stderr: `${task.runtime}: this emulator does not have the runtime, the script was not run.`, stdout: '' },
			};
		}
		this.folder ??= mkdtemp(join(tmpdir(), 'syncano-emulator-'));
		const folder = await this.folder;
		const separator = `--${randomUUID()}--`;
		const child = spawn(command.file, command.arguments, {
			cwd: folder,
			// Nothing of the emulator's own environment: it may hold secrets, and options of Node that would change the run.
			env: { PATH: process.env.PATH, HOME: folder, LANG: 'C.UTF-8', TZ: 'UTC' },
			stdio: ['pipe', 'pipe', 'pipe'],
			// A process group of its own, so that what the script has started ends with it.
			detached: true,
		});
		this.children.add(child);
		const stdout = collect(child.stdout);
		const stderr = collect(child.stderr);
		const outlived = new AbortController();
		const deadline = setTimeout(() => {
			outlived.abort();
			this.end(child);
		}, task.timeoutSeconds * 1000 + limits.graceAfterTimeout);
		// A script that ends before it has read its task closes the pipe.
		child.stdin.on('error', () => undefined);
		child.stdin.end(
			JSON.stringify({
				source: task.source,
				ARGS: task.ARGS,
				CONFIG: task.CONFIG,
				META: task.META,
				_OUTPUT_SEPARATOR: separator,
				_TIMEOUT: task.timeoutSeconds,
			}),
		);
		try {
			const code = await new Promise<number | null>((resolve, reject) => {
				child.on('error', reject);
				child.on('exit', (value) => {
					// What the script left behind would keep the pipes open.
					this.end(child);
					child.once('close', () => resolve(value));
				});
			});
			const { aborted: ended } = outlived.signal;
			const status = ended || code === 124 ? 'timeout' : code === 0 ? 'success' : 'failure';
			const errors = command.node && code !== 0 ? withoutNodeVersion(stderr()) : stderr();
			return { exitCode: ended ? null : code, status, result: parseOutput(stdout(), errors, separator) };
		} finally {
			clearTimeout(deadline);
			this.children.delete(child);
		}
	}

	/** Whether scripts of a runtime can run here. */
	async has(runtime: string): Promise<boolean> {
		return (await this.command(runtime)) !== undefined;
	}

	/** Ends every script that still runs. */
	async stop(): Promise<void> {
		for (const child of this.children) this.end(child);
		const folder = this.folder;
		this.folder = undefined;
		if (folder !== undefined) await rm(await folder, { recursive: true, force: true, maxRetries: 3 });
	}

	private end(child: ChildProcess): void {
		if (child.pid === undefined) return;
		try {
			process.kill(-child.pid, 'SIGKILL');
		} catch {
			// Nothing of its group is left.
		}
	}

	private async command(runtime: string): Promise<{ file: string; arguments: string[]; node: boolean } | undefined> {
		if (runtime.startsWith('nodejs')) {
			return { file: process.execPath, arguments: ['--unhandled-rejections=warn', '-e', this.wrappers.nodejs], node: true };
		}
		if (runtime.startsWith('python')) {
			// Asked once: what is found on the PATH may be a slow shell script of a version manager.
			this.python ??= run('python3', ['-c', 'import sys; print(sys.executable)']).then(
				({ stdout }) => stdout.trim(),
				() => undefined,
			);
			const file = await this.python;
			if (file !== undefined) return { file, arguments: ['-I', '-u', '-X', 'utf8', '-c', this.wrappers.python], node: false };
		}
		return undefined;
	}
}
