import { setMaxListeners } from 'node:events';
import type { Clock } from '../clock';
import type { ExecutionEntry, Journal } from '../journal';
import { limits } from './limits';
import type { Instance, NativeOutput, Script } from './model';
import { type ScriptOutcome, type ScriptResult, ScriptRunner } from './runner';
import type { Trace } from './traces';

/** A run that is to begin as soon as its instance has a runner free. */
export interface Run {
	readonly requestId: number;
	readonly instance: Instance;
	readonly script: Script;
	readonly trace: Trace;
	readonly ARGS: unknown;
	readonly META: unknown;
	/** Milliseconds after which it is no more worth beginning. */
	readonly queueWait?: number;
	/** Called once, when it has ended by itself; not for a run that is blocked or waited too long. */
	readonly onResult?: (trace: Trace) => void;
}

/** What decides about runs besides their instance. */
export interface RunSettings {
	readonly clock: Clock;
	readonly journal: Journal;
	/** Without it every run is blocked. */
	readonly legacyCodeboxEnabled: () => boolean;
	/** Milliseconds that a native script takes where it does not say so itself. */
	readonly runTime: () => number;
}

const settingsOfService = ['timeout', 'async', 'mcpu', 'allow_full_access'];

/** CONFIG of a script: the instance's, its socket's, its own, later ones first; without what is meant for the service. */
function configurationOf(instance: Instance, script: Script): Record<string, unknown> {
	const merged = { ...instance.config, ...script.socket?.config, ...script.config };
	return Object.fromEntries(Object.entries(merged).filter(([name]) => !settingsOfService.includes(name)));
}

/** A script's own time limit in seconds. */
function timeoutOf(script: Script): number {
	const { timeout } = script.config;
	if (typeof timeout !== 'number' || !(timeout > 0)) return limits.defaultTimeoutSeconds;
	return Math.min(timeout, limits.maximumTimeoutSeconds);
}

/** Starts runs, and brings what became of them into their traces and the journal. */
export class Runs {
	private readonly runner = new ScriptRunner();
	private readonly stopped = new AbortController();

	constructor(private readonly settings: RunSettings) {
		setMaxListeners(0, this.stopped.signal);
	}

	/** Puts a run in its instance's queue; blocks it where the queue is full. */
	offer(run: Run): void {
		const queuedAt = this.settings.clock.now();
		const accepted = run.instance.queue.offer({ start: () => this.start(run, queuedAt) });
		if (!accepted) this.block(run.trace);
	}

	/** Ends every run. */
	async stop(): Promise<void> {
		this.stopped.abort(new Error('The emulator has been stopped.'));
		await this.runner.stop();
	}

	private isStopped(): boolean {
		return this.stopped.signal.aborted;
	}

	private block(trace: Trace): void {
		trace.status = 'blocked';
		trace.executedAt = this.settings.clock.now();
	}

	private async start(run: Run, queuedAt: number): Promise<void> {
		const { clock, journal } = this.settings;
		const { instance, script, trace } = run;
		if (this.isStopped()) return;
		const startedAt = clock.now();
		if (!this.settings.legacyCodeboxEnabled() || instance.billing !== undefined) {
			this.block(trace);
			return;
		}
		if (run.queueWait !== undefined && startedAt - queuedAt > run.queueWait) {
			trace.status = 'queue_timeout';
			trace.executedAt = startedAt;
			trace.result = { stdout: '', stderr: 'Internal queue timeout.' };
			return;
		}
		trace.status = 'processing';
		const begins = script.native !== undefined || (await this.runner.has(script.runtime_name));
		const entry: ExecutionEntry = { requestId: run.requestId, service: 'syncano', script: trace.owner, input: run.ARGS, startedAt, traceId: trace.id };
		if (begins) journal.executions.push(entry);
		const began = performance.now();
		try {
			const outcome = await this.execute(run);
			trace.status = outcome.status;
			trace.result = outcome.result;
			trace.duration = outcome.duration ?? Math.round(performance.now() - began);
		} catch (error) {
			if (this.isStopped()) {
				entry.end = 'killed';
				return;
			}
			trace.status = 'failure';
			trace.result = { stderr: `The emulator could not run the script: ${String(error)}`, stdout: '' };
		} finally {
			entry.endedAt = clock.now();
		}
		trace.executedAt = startedAt;
		entry.end = this.isStopped() ? 'killed' : trace.status;
		run.onResult?.(trace);
	}

	private async execute(run: Run): Promise<Pick<ScriptOutcome, 'status' | 'result'> & { duration?: number }> {
		const { script, ARGS, META } = run;
		const CONFIG = configurationOf(run.instance, script);
		const timeoutSeconds = timeoutOf(script);
		if (script.native === undefined) {
			return await this.runner.run({ runtime: script.runtime_name, source: script.source, ARGS, CONFIG, META, timeoutSeconds });
		}
		const drawn = typeof script.native.duration === 'function' ? script.native.duration() : (script.native.duration ?? this.settings.runTime());
		const duration = Math.min(drawn, timeoutSeconds * 1000);
		await this.settings.clock.sleep(duration, this.stopped.signal);
		if (drawn > duration) return { status: 'timeout', duration, result: { stderr: 'Error: Script execution timed out.', stdout: '' } };
		try {
			return { status: 'success', duration, result: resultOf(await script.native.run({ ARGS, CONFIG, META })) };
		} catch (error) {
			return { status: 'failure', duration, result: { stderr: error instanceof Error ? `${error.name}: ${error.message}` : String(error), stdout: '' } };
		}
	}
}

function resultOf(output: NativeOutput): ScriptResult {
	return typeof output === 'string' ? { stderr: '', stdout: output } : { stderr: '', stdout: '', ...output };
}
