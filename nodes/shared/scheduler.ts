/**
 * Starts the runs: order, bounds, retries, Stop. It knows neither a service nor n8n, and sees time and chance only through
 * the clock it is given, so that tests and the simulation run the very same code in virtual time.
 */
import { createLimit, type ConcurrencyRule, type Limit, type StartedAttempt } from './concurrency';
import { Heap } from './heap';
import { retryDelay, type RetryPolicy } from './retry';

export type { ConcurrencyRule } from './concurrency';

/** What one attempt of a run came to. */
export type Verdict<R> =
	/** Keep it, whatever it is. `unsent`: no request was made, so it says nothing of the sign-in and of the service's load. */
	| { readonly kind: 'finished'; readonly value: R; readonly unsent?: boolean }
	/** The run surely did not start, or is safe to repeat. `value` is what stands if no try is left. */
	| {
			readonly kind: 'again';
			readonly value: R;
			/** The service refused it for its load: the scheduler slows down. */
			readonly throttled: boolean;
			/** Milliseconds that the service asks to wait (`Retry-After`). */
			readonly retryAfter?: number;
	  };

/** Time and chance as the scheduler sees them. */
export interface SchedulerClock {
	/** Milliseconds since any fixed time. */
	now(): number;
	/** Resolves that much later; may reject when the signal aborts first. */
	wait(milliseconds: number, signal?: AbortSignal): Promise<void>;
	/** A number in [0, 1). */
	random(): number;
}

export interface ScheduleOptions<R> {
	/** Runs are numbered 0 … count - 1 and start for the first time in this order. */
	readonly count: number;
	/** One attempt (0 = the first) of a run. It may reject only once `signal` is aborted. */
	attempt(index: number, attempt: number): Promise<Verdict<R>>;
	/** Called once for each run that came to something, in the order in which that became known. */
	settled(index: number, value: R): void;
	readonly concurrency: ConcurrencyRule;
	readonly retry: RetryPolicy;
	/** Stop: nothing new starts, waits end at once, attempts in flight (which get the signal from the caller) are awaited. */
	readonly signal?: AbortSignal;
	/** True for the value after which nothing new starts; what is in flight is awaited and settled, without retries. */
	stopWhen?(index: number, value: R): boolean;
	readonly clock: SchedulerClock;
}

export interface ScheduleReport {
	/** Why it ended before all runs were settled by themselves. */
	readonly stopped?: 'signal' | 'stopWhen';
	/** Runs that never started, for a stop; in item order. */
	readonly notStarted: readonly number[];
	/** In flight when Stop came, and rejected: they were not settled and may have run. */
	readonly inFlightAtAbort: readonly number[];
	/** Attempts that were started, retries included. */
	readonly attempts: number;
	/** Attempts that the service refused for its load. */
	readonly throttled: number;
	/** The most attempts in flight at a time. */
	readonly peak: number;
}

/** A run between two attempts. */
interface Waiting<R> {
	readonly index: number;
	/** What stands if no try is left. */
	value: R;
	/** Attempts that it has had. */
	attempts: number;
	/** Retries that count against the maximum. */
	counted: number;
	/** Milliseconds of the waits that it was given. */
	waitedMs: number;
	dueAt: number;
}

/**
 * While that many runs wait for a retry no further run starts for the first time, so that memory stays bounded even where
 * a service refuses everything at once.
 */
const MOST_WAITING = 1000;

/** With fewer rounds of runs to go no wider window is tried: the refused try would come back when all others are done. */
const ROUNDS_WORTH_A_TRY = 5;

/**
 * Runs `attempt` for each run until it is settled.
 *
 * The first run that sends something goes alone until it is settled, so that an expired token is refreshed once. A run that is to be tried again
 * waits without holding a slot, and is preferred to runs that have not started, except where a start may well be refused; those that are due
 * go by index. In order, nothing else starts meanwhile. A retry that is refused for the service's load counts against `retry.maximum` (unless
 * that is 0) only where no run has been let through for `retry.withinMs`; the sum of its waits ends it in any case. At a stop, a run that waits
 * for a retry is settled with what its last attempt came to.
 *
 * Rejects only when `attempt` (without Stop), `settled`, `stopWhen` or the clock throws, after all in flight have ended.
 */
export async function schedule<R>(options: ScheduleOptions<R>): Promise<ScheduleReport> {
	return await scheduleWithin(options, createLimit(options.concurrency, () => options.clock.random()));
}

/** `schedule` with a limit of the caller's, for comparing limits in the simulation. */
export async function scheduleWithin<R>(options: ScheduleOptions<R>, limit: Limit): Promise<ScheduleReport> {
	return await new Promise((resolve, reject) => new Schedule(options, limit, resolve, reject).begin());
}

class Schedule<R> {
	private next = 0;

	private inFlight = 0;

	/** Until an answer shows that signing in works, or the run is given up, only one run goes at a time, retries included. */
	private alone = true;

	/** When a run was last let through by the service. */
	private lastPassAt = -Infinity;

	private stopped: ScheduleReport['stopped'];

	private failure: { readonly error: unknown } | undefined;

	private done = false;

	/** Guards against a caller's function that leads back here, for example by aborting. */
	private starting = false;

	private readonly waiting = new Heap<Waiting<R>>((a, b) => a.dueAt < b.dueAt);

	private readonly due = new Heap<Waiting<R>>((a, b) => a.index < b.index);

	private timer: { readonly at: number; readonly controller: AbortController } | undefined;

	private readonly inFlightAtAbort: number[] = [];

	private attempts = 0;

	private throttled = 0;

	private peak = 0;

	private readonly onAbort = () => this.stop('signal');

	constructor(
		private readonly options: ScheduleOptions<R>,
		private readonly limit: Limit,
		private readonly resolve: (report: ScheduleReport) => void,
		private readonly reject: (error: unknown) => void,
	) {}

	begin(): void {
		const { signal } = this.options;
		signal?.addEventListener('abort', this.onAbort, { once: true });
		if (signal?.aborted) this.stop('signal');
		else this.startWhatMay();
	}

	/** Starts all that may start now, sees to it that it is called again when more may, and ends when nothing is left. */
	private startWhatMay(): void {
		if (this.starting || this.done) return;
		this.starting = true;
		const { count } = this.options;
		let wakeAt = Infinity;
		while (this.stopped === undefined) {
			const now = this.options.clock.now();
			for (let first = this.waiting.first; first !== undefined && first.dueAt <= now; first = this.waiting.first) {
				this.waiting.take();
				this.due.add(first);
			}
			wakeAt = this.waiting.first?.dueAt ?? Infinity;
			const retry = this.due.first;
			if (retry === undefined && !this.mayStartFresh()) break;
			const at = this.limit.mayStartAt(now);
			if (at > now) {
				wakeAt = Math.min(wakeAt, at);
				break;
			}
			if (this.inFlight > 0 && this.limit.tryingOut && count - this.next < ROUNDS_WORTH_A_TRY * this.inFlight) break;
			// A run that was refused once must not be the one to try out the limit again and again.
			if (retry === undefined || (this.limit.tryingOut && this.mayStartFresh())) this.start(this.next++, undefined);
			else this.start(retry.index, this.due.take());
		}
		this.starting = false;
		if (this.inFlight === 0 && (this.stopped !== undefined || (this.next >= count && this.due.size + this.waiting.size === 0))) this.end();
		else if (this.stopped === undefined) this.wakeAt(wakeAt);
	}

	private mayStartFresh(): boolean {
		const { count, concurrency } = this.options;
		if (this.next >= count) return false;
		const between = this.due.size + this.waiting.size;
		if (this.alone) return between + this.inFlight === 0;
		return concurrency.mode === 'inOrder' ? between === 0 : between < MOST_WAITING;
	}

	private start(index: number, waiting: Waiting<R> | undefined): void {
		const started = this.limit.started(this.options.clock.now());
		this.attempts++;
		this.inFlight++;
		if (this.inFlight > this.peak) this.peak = this.inFlight;
		this.attempt(index, waiting?.attempts ?? 0).then(
			(answer) => this.answered(index, started, answer, waiting),
			(error: unknown) => this.rejected(index, error),
		);
	}

	/** Makes a rejection also of what is thrown at once. */
	private async attempt(index: number, attempts: number): Promise<Verdict<R>> {
		return await this.options.attempt(index, attempts);
	}

	private answered(index: number, started: StartedAttempt, verdict: Verdict<R>, waiting: Waiting<R> | undefined): void {
		const now = this.options.clock.now();
		this.inFlight--;
		if (verdict.kind === 'finished') {
			this.limit.ended(started, verdict.unsent ? 'unknown' : 'passed', now);
			if (!verdict.unsent) {
				this.alone = false;
				this.lastPassAt = now;
			}
			this.settle(index, verdict.value);
		} else {
			this.limit.ended(started, verdict.throttled ? 'throttled' : 'unknown', now, verdict.retryAfter);
			if (verdict.throttled) {
				this.alone = false;
				this.throttled++;
			}
			this.again(waiting ?? { index, value: verdict.value, attempts: 0, counted: 0, waitedMs: 0, dueAt: now }, verdict, now);
		}
		this.startWhatMay();
	}

	/** Lets a run wait for its next attempt, or settles it when it has none left. */
	private again(run: Waiting<R>, verdict: Verdict<R> & { kind: 'again' }, now: number): void {
		const { clock, retry } = this.options;
		run.value = verdict.value;
		const wasRetry = run.attempts++ > 0;
		// A busy service is no fault of the run that it happens to refuse: five refusals would lose some where 50 workers share 30 slots.
		const busy = verdict.throttled && now - this.lastPassAt < retry.withinMs;
		if (wasRetry && !busy) run.counted++;
		const history = { counted: run.counted, made: run.attempts - 1, waitedMs: run.waitedMs };
		const delay = this.stopped === undefined ? retryDelay(retry, history, verdict.retryAfter, clock.random()) : undefined;
		if (delay === undefined) {
			this.alone = false;
			this.settle(run.index, run.value);
		} else {
			// A wait of no time counts as well, so that retries end whatever chance brings.
			run.waitedMs += Math.max(1, delay);
			run.dueAt = now + delay;
			this.waiting.add(run);
		}
	}

	private rejected(index: number, error: unknown): void {
		this.inFlight--;
		if (this.options.signal?.aborted) this.inFlightAtAbort.push(index);
		else this.fail(error);
		this.startWhatMay();
	}

	private settle(index: number, value: R): void {
		try {
			this.options.settled(index, value);
			if (this.stopped === undefined && this.options.stopWhen?.(index, value)) this.stop('stopWhen');
		} catch (error) {
			this.fail(error);
		}
	}

	private stop(why: 'signal' | 'stopWhen'): void {
		if (this.stopped !== undefined || this.done) return;
		this.stopped = why;
		this.cancelTimer();
		for (const heap of [this.due, this.waiting]) {
			for (let run = heap.take(); run !== undefined; run = heap.take()) this.settle(run.index, run.value);
		}
		this.startWhatMay();
	}

	/** A function of the caller's threw: what is in flight is awaited, then the error goes to the caller. */
	private fail(error: unknown): void {
		this.failure ??= { error };
		this.stopped ??= 'stopWhen';
		this.cancelTimer();
	}

	private wakeAt(at: number): void {
		if (this.timer !== undefined && this.timer.at <= at) return;
		this.cancelTimer();
		if (at === Infinity) return;
		const timer = { at, controller: new AbortController() };
		this.timer = timer;
		const { clock } = this.options;
		clock.wait(Math.max(0, at - clock.now()), timer.controller.signal).then(
			() => {
				if (this.timer !== timer) return;
				this.timer = undefined;
				this.startWhatMay();
			},
			(error: unknown) => {
				if (this.timer !== timer) return;
				this.fail(error);
				this.startWhatMay();
			},
		);
	}

	private cancelTimer(): void {
		const { timer } = this;
		this.timer = undefined;
		timer?.controller.abort();
	}

	private end(): void {
		this.done = true;
		this.cancelTimer();
		this.options.signal?.removeEventListener('abort', this.onAbort);
		if (this.failure !== undefined) {
			this.reject(this.failure.error);
			return;
		}
		this.resolve({
			stopped: this.stopped,
			notStarted: Array.from({ length: this.options.count - this.next }, (_, position) => this.next + position),
			inFlightAtAbort: this.inFlightAtAbort,
			attempts: this.attempts,
			throttled: this.throttled,
			peak: this.peak,
		});
	}
}
