import type { Clock } from '../clock';
import type { GoogleUser } from '../google';
import type { ExecutionEntry, Journal } from '../journal';
import type { NativeCall, ScriptProject } from './projects';
import { RunnerPool } from './runner/pool';
import type { RunEnd, RunOrder, SourceVersion } from './runner/runner';
import type { AppsScriptSettings } from './settings';
import type { ScriptStores } from './stores';

/** One run as `processes.list` knows it. */
export interface ProcessRecord {
	readonly project: ScriptProject;
	readonly deploymentId: string | undefined;
	readonly functionName: string;
	readonly user: GoogleUser;
	readonly startTime: number;
	endTime: number | undefined;
	status: 'RUNNING' | 'COMPLETED' | 'CANCELED' | 'FAILED' | 'TIMED_OUT';
}

/** A line that a script logged. */
export interface LogLine {
	readonly requestId: number;
	readonly scriptId: string;
	readonly level: string;
	readonly message: string;
}

/** What is to be run. */
export interface ExecutionOrder {
	readonly requestId: number;
	readonly project: ScriptProject;
	readonly deploymentId: string | undefined;
	readonly version: SourceVersion;
	readonly libraries: RunOrder['libraries'];
	readonly timeZone: string;
	readonly function: string;
	readonly parameters: readonly unknown[];
	readonly user: GoogleUser;
}

const JOURNAL_ENDS: Readonly<Record<Exclude<RunEnd['kind'], 'functionNotFound'>, string>> = {
	returned: 'returned',
	unsupportedReturn: 'returned',
	threw: 'threw',
	timeout: 'timeout',
	cancelled: 'killed',
	crashed: 'killed',
};

const STATUSES: Readonly<Record<RunEnd['kind'], ProcessRecord['status']>> = {
	returned: 'COMPLETED',
	unsupportedReturn: 'FAILED',
	threw: 'FAILED',
	functionNotFound: 'FAILED',
	timeout: 'TIMED_OUT',
	cancelled: 'CANCELED',
	crashed: 'FAILED',
};

/** What holds one run together. */
interface RunControl {
	/** The function is called. */
	readonly enter: () => void;
	/** The code starts; what the emulator takes to get there does not count. */
	readonly startTimeLimit: () => void;
	/** Resolves when the run is ended from outside. */
	readonly stopped: Promise<RunEnd>;
	/** Aborts when the run has ended. */
	readonly over: AbortSignal;
}

interface Running {
	readonly requestId: number;
	readonly stop: (end: RunEnd) => void;
}

/** Runs functions, in child processes or natively; keeps the journal of executions, the processes and the log. */
export class Executions {
	readonly processes: ProcessRecord[] = [];
	readonly logs: LogLine[] = [];
	private readonly pool: RunnerPool;
	private readonly running = new Set<Running>();
	private counter = 0;
	private stopped = false;

	constructor(
		private readonly settings: AppsScriptSettings,
		private readonly stores: ScriptStores,
		private readonly journal: Journal,
		private readonly clock: Clock,
		maximumChildren: number,
	) {
		this.pool = new RunnerPool(maximumChildren);
	}

	/** How many run at this moment. */
	get active(): number {
		return this.running.size;
	}

	/** The processes that scripts run in. */
	get pids(): number[] {
		return this.pool.pids;
	}

	/** Ends a run (or all) as cancelled, as a person does on the executions page. */
	cancel(requestId?: number): void {
		for (const run of this.running) {
			if (requestId === undefined || run.requestId === requestId) run.stop({ kind: 'cancelled' });
		}
	}

	/** Ends all runs and all children. */
	stop(): void {
		this.stopped = true;
		this.cancel();
		this.pool.stop();
	}

	/** Runs a function to its end, the time limit included. The client may be gone by then: a run goes on without it. */
	async run(order: ExecutionOrder): Promise<RunEnd> {
		const record: ProcessRecord = {
			project: order.project,
			deploymentId: order.deploymentId,
			functionName: order.function,
			user: order.user,
			startTime: this.clock.now(),
			endTime: undefined,
			status: 'RUNNING',
		};
		this.processes.push(record);
		let entry: ExecutionEntry | undefined;
		const enter = () => {
			entry ??= this.enter(order, record.startTime);
		};

		const over = new AbortController();
		let running: Running | undefined;
		const stopped = new Promise<RunEnd>((resolve) => {
			running = { requestId: order.requestId, stop: resolve };
			this.running.add(running);
		});
		const startTimeLimit = () => {
			this.clock.sleep(this.settings.timeLimitMilliseconds, over.signal).then(
				() => running?.stop({ kind: 'timeout' }),
				() => undefined,
			);
		};
		const control: RunControl = { enter, startTimeLimit, stopped, over: over.signal };
		const end = order.project.native === undefined ? await this.runInChild(order, control) : await this.runNatively(order, control);
		over.abort();
		if (running !== undefined) this.running.delete(running);
		if (end.kind !== 'functionNotFound') {
			enter();
			if (entry !== undefined) {
				entry.endedAt = this.clock.now();
				entry.end = JOURNAL_ENDS[end.kind];
			}
		}
		record.endTime = this.clock.now();
		record.status = STATUSES[end.kind];
		return end;
	}

	private enter(order: ExecutionOrder, startedAt: number): ExecutionEntry {
		const entry: ExecutionEntry = {
			requestId: order.requestId,
			service: 'appsScript',
			script: order.project.scriptId,
			function: order.function,
			input: order.parameters,
			startedAt,
		};
		this.journal.executions.push(entry);
		return entry;
	}

	private async runInChild(order: ExecutionOrder, control: RunControl): Promise<RunEnd> {
		const { stopped, over } = control;
		const taken = this.pool.take().then(async (runner) => {
			await runner.ready;
			return runner;
		});
		const runner = await Promise.race([taken, stopped]);
		if ('kind' in runner) {
			// Stopped while it waited for a process: whoever comes next gets it.
			void taken.then((late) => {
				this.pool.giveBack(late);
			});
			return runner;
		}
		control.startTimeLimit();
		this.counter += 1;
		const caller = { scriptId: order.project.scriptId, userEmail: order.user.email, run: String(this.counter), signal: over };
		const ended = runner.run(
			{
				version: order.version,
				libraries: order.libraries,
				function: order.function,
				parameters: order.parameters,
				info: { scriptId: order.project.scriptId, userEmail: order.user.email, timeZone: order.timeZone, locale: 'en', bound: order.project.parentId !== undefined },
			},
			{
				entered: control.enter,
				log: (level, message) => {
					this.logs.push({ requestId: order.requestId, scriptId: order.project.scriptId, level, message });
				},
				call: (method, parameters) => this.stores.call(caller, method, parameters),
			},
		);
		let end = await Promise.race([ended, stopped]);
		if (end.kind === 'timeout' || end.kind === 'cancelled') runner.kill(end);
		else if (order.project.runTime !== undefined) end = await this.linger(order, order.project.runTime, end, control);
		this.stores.endOfRun(caller.run);
		if (!this.stopped) this.pool.giveBack(runner);
		return end;
	}

	private async runNatively(order: ExecutionOrder, control: RunControl): Promise<RunEnd> {
		const native = order.project.native ?? {};
		const callable = Object.prototype.hasOwnProperty.call(native, order.function) ? (native[order.function] as (...parameters: unknown[]) => unknown) : undefined;
		if (callable === undefined || order.function.endsWith('_')) return { kind: 'functionNotFound' };
		control.startTimeLimit();
		control.enter();
		const call = async (): Promise<RunEnd> => {
			try {
				const result = JSON.stringify(await callable(...order.parameters)) as string | undefined;
				return result === undefined ? { kind: 'returned' } : { kind: 'returned', result };
			} catch (error) {
				return { kind: 'threw', message: String(error), type: error instanceof Error ? error.name : '', stack: [{ function: order.function, lineNumber: 1 }] };
			}
		};
		const end = await Promise.race([call(), control.stopped]);
		return order.project.runTime === undefined ? end : this.linger(order, order.project.runTime, end, control);
	}

	private async linger(order: ExecutionOrder, runTime: (call: NativeCall) => number, end: RunEnd, control: RunControl): Promise<RunEnd> {
		const rest = this.clock.sleep(runTime({ function: order.function, parameters: order.parameters }), control.over).then(
			() => end,
			() => end,
		);
		return Promise.race([rest, control.stopped]);
	}
}
