/** How many runs may be under way at a time: the modes of the option *Concurrency*. */

/** The option *Concurrency*. `maximum` and `ceiling` count attempts in flight, at least 1. */
export type ConcurrencyRule =
	/** One after the other. */
	| { readonly mode: 'inOrder' }
	/** At most `maximum` at a time, and fewer while the service refuses some of them for its load. */
	| { readonly mode: 'fixed'; readonly maximum: number }
	/** As many as the service takes. `ceiling` is what it allows at most, for example Apps Script's 30 per user. */
	| { readonly mode: 'automatic'; readonly ceiling: number };

/** What an attempt's end says about the service's load: it let the run through, refused it, or nothing. */
export type Ending = 'passed' | 'throttled' | 'unknown';

/** An attempt in flight. */
export interface StartedAttempt {
	/** Counts the starts. */
	readonly order: number;
	readonly at: number;
}

/** Decides when one more attempt may start. All times are milliseconds of the scheduler's clock. */
export interface Limit {
	/** The time from which one more may start; Infinity: not before one of those in flight ends (never so with none in flight). */
	mayStartAt(now: number): number;
	/** Whether the next start tries out if there is room, and so may well be refused. */
	readonly tryingOut: boolean;
	/** Takes note of a start. */
	started(now: number): StartedAttempt;
	/** Takes note of its end. `retryAfter` are the milliseconds that a throttling answer asked for. */
	ended(attempt: StartedAttempt, ending: Ending, now: number, retryAfter?: number): void;
}

/** @param random numbers in [0, 1); spreads those who share a service */
export function createLimit(concurrency: ConcurrencyRule, random: () => number): Limit {
	switch (concurrency.mode) {
		case 'inOrder':
			return new OneAtATime();
		case 'fixed':
			return new AdaptiveLimit({ ...ADAPTIVE, ceiling: concurrency.maximum, afterFirst: concurrency.maximum }, random);
		case 'automatic':
			return new AdaptiveLimit({ ...ADAPTIVE, ceiling: concurrency.ceiling }, random);
	}
}

class OneAtATime implements Limit {
	readonly tryingOut = false;

	private inFlight = 0;

	mayStartAt(now: number): number {
		return this.inFlight === 0 ? now : Infinity;
	}

	started(now: number): StartedAttempt {
		this.inFlight++;
		return { order: 0, at: now };
	}

	ended(): void {
		this.inFlight--;
	}
}

/** The figures of `AdaptiveLimit`. Windows count attempts in flight. */
export interface AdaptiveSettings {
	/** The window never goes over it. */
	readonly ceiling: number;
	/** The window once the first run has passed. */
	readonly afterFirst: number;
	/** By how much each pass widens the window until the first throttling. */
	readonly rampStep: number;
	/** What is left of the proven window when an attempt within it is throttled. */
	readonly keepWhenCrowded: number;
	/** What is left of the window until it has recovered to the proven one. */
	readonly keepToYield: number;
	/** Rounds (one pass of each in the window) at the proven window before a wider one is tried. */
	readonly roundsBetweenTries: number;
	/** The narrowest window: one run at a time, with pauses of (1/window - 1) mean run times. */
	readonly narrowest: number;
	/** The longest such pause, in milliseconds, unless the service asks for a longer one. */
	readonly longestPauseMs: number;
	/** The run time that is assumed until one is known, in milliseconds. */
	readonly assumedRunMs: number;
	/** After so many refusals with nothing between them that passed, a `Retry-After` holds for all starts. */
	readonly refusalsInARow: number;
}

export const ADAPTIVE: Omit<AdaptiveSettings, 'ceiling'> = {
	afterFirst: 8,
	rampStep: 2,
	keepWhenCrowded: 0.85,
	keepToYield: 0.5,
	roundsBetweenTries: 8,
	narrowest: 1 / 8,
	longestPauseMs: 3_000,
	assumedRunMs: 500,
	refusalsInARow: 3,
};

/**
 * A window of attempts in flight that follows what the service takes, also where others use a part of it.
 *
 * It opens at 8 once the first run has passed and grows by two with each pass until the first throttling (from 1, doubling, the ramp alone would
 * cost a fifth of the time of 300 runs). From then on it remembers the width that was all right: a throttling halves the window, so that
 * others get a chance, and each pass gives one back up to that width. Only after some rounds there one more is tried; as long as tries succeed
 * they double. So a limit costs a refused attempt now and then, not half of the throughput as with plain additive increase and halving, and a
 * fall of the load is taken up in a few rounds. One halving is for all that were in flight when it happened.
 *
 * Below one slot there is one run at a time and a pause before it, twice as long with each refusal; the first that passes has the slot for some
 * rounds, then must try for two or yield. By that, workers that are more than the slots take turns.
 *
 * A throttling that names a time (`Retry-After`) is taken as a limit of starts a second: all starts are held but one at a time, with growing pauses, until
 * one passes; then the window comes back at once.
 *
 * `bench/simulation` compares the figures.
 */
export class AdaptiveLimit implements Limit {
	/** Attempts that may be in flight: a whole number, or less than 1: one at a time with pauses. */
	private window = 1;

	/** The window that is known to be all right; the window to come back to. */
	private proven = 1;

	private state: 'ramp' | 'recovering' | 'held' | 'steady' | 'trying' = 'ramp';

	/** Passes in this state. */
	private passes = 0;

	/** By how much the next try widens the window. */
	private tryStep = 1;

	private inFlight = 0;

	private starts = 0;

	/** Throttlings of attempts that started before this one belong to what the window was already narrowed for. */
	private narrowedAt = 0;

	private refusalsInARow = 0;

	private meanRunMs: number | undefined;

	private pauseUntil = 0;

	constructor(
		private readonly settings: AdaptiveSettings,
		private readonly random: () => number,
	) {}

	get tryingOut(): boolean {
		return this.window < 1 || (this.state === 'trying' && this.inFlight >= this.proven);
	}

	mayStartAt(now: number): number {
		if (this.inFlight >= Math.max(1, this.window)) return Infinity;
		return this.window < 1 ? Math.max(now, this.pauseUntil) : now;
	}

	started(now: number): StartedAttempt {
		this.inFlight++;
		return { order: this.starts++, at: now };
	}

	ended(attempt: StartedAttempt, ending: Ending, now: number, retryAfter = 0): void {
		const wasFull = this.inFlight >= this.window;
		this.inFlight--;
		const isNews = attempt.order >= this.narrowedAt;
		if (ending === 'passed') {
			const runMs = now - attempt.at;
			this.meanRunMs = this.meanRunMs === undefined ? runMs : 0.9 * this.meanRunMs + 0.1 * runMs;
			if (isNews) this.refusalsInARow = 0;
			if (wasFull && (this.window >= 1 || isNews)) this.widen();
		} else if (ending === 'throttled') {
			if (isNews) {
				this.narrowedAt = this.starts;
				this.refusalsInARow++;
				if (retryAfter > 0) this.hold();
				else this.narrow();
			}
			if (this.window < 1) this.pauseUntil = now + Math.max(this.pauseMs(), this.refusalsInARow >= this.settings.refusalsInARow ? retryAfter : 0);
		}
	}

	private widen(): void {
		const { ceiling, afterFirst, rampStep, roundsBetweenTries } = this.settings;
		if (this.window < 1) {
			const window = this.state === 'held' ? this.proven : 1;
			this.enter('steady', window, window);
			return;
		}
		this.passes++;
		switch (this.state) {
			case 'ramp':
				this.window = this.proven = Math.min(ceiling, this.passes === 1 ? afterFirst : this.window + rampStep);
				break;
			case 'recovering':
				if (this.window < this.proven) this.window++;
				if (this.window === this.proven) this.enter('steady', this.proven, this.proven);
				break;
			case 'steady':
				if (this.window === ceiling || this.passes < roundsBetweenTries * this.window) break;
				this.tryStep = 1;
				this.enter('trying', this.proven, this.window + 1);
				break;
			case 'trying':
				if (this.passes < this.window) break;
				this.tryStep *= 2;
				if (this.window < ceiling) this.enter('trying', this.window, Math.min(ceiling, this.window + this.tryStep));
				else this.enter('steady', this.window, this.window);
		}
	}

	/** The service has no room for that many. */
	private narrow(): void {
		const { narrowest, keepToYield } = this.settings;
		let proven = this.window <= 1 ? Math.max(narrowest, this.window / 2) : this.provenAfterThrottling();
		// Of two that were tried one was too many: that is the sign to let others have the slot.
		if (proven === 1) proven = 0.5;
		this.enter('recovering', proven, proven < 1 ? proven : Math.max(1, Math.floor(proven * keepToYield)));
	}

	/** The service has no room for that many within some time. */
	private hold(): void {
		const proven = this.state === 'held' || this.window < 1 ? this.proven : this.state === 'ramp' ? this.window / 2 : this.provenAfterThrottling();
		this.enter('held', Math.max(1, Math.floor(proven)), Math.max(this.settings.narrowest, Math.min(1, this.window) / 2));
	}

	private provenAfterThrottling(): number {
		switch (this.state) {
			case 'trying':
				return this.proven;
			case 'recovering':
				return Math.max(1, this.window - 1);
			case 'ramp':
				// Those still in flight have a slot.
				return Math.max(1, this.inFlight, Math.floor(this.window / 2));
			default:
				return Math.max(1, Math.floor(this.window * this.settings.keepWhenCrowded));
		}
	}

	private enter(state: AdaptiveLimit['state'], proven: number, window: number): void {
		this.state = state;
		this.proven = proven;
		this.window = window;
		this.passes = 0;
	}

	private pauseMs(): number {
		const { assumedRunMs, longestPauseMs } = this.settings;
		const mean = (this.meanRunMs ?? assumedRunMs) * (1 / this.window - 1);
		return Math.min(longestPauseMs, mean * (0.5 + this.random()));
	}
}
