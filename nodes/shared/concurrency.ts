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

/** The figures of `AdaptiveLimit`; see there. Windows count attempts in flight. */
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
	/** Rounds (one pass of each in the window) at the proven window before one more is tried … */
	readonly roundsBetweenTries: number;
	/** … which doubles with each try that fails, up to this. */
	readonly mostRoundsBetweenTries: number;
	/** The narrowest window: one run, then a pause of (1/window - 1) mean run times. */
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
	roundsBetweenTries: 5,
	mostRoundsBetweenTries: 20,
	narrowest: 1 / 8,
	longestPauseMs: 10_000,
	assumedRunMs: 500,
	refusalsInARow: 3,
};

/** A window of attempts in flight that follows what the service takes. */
export class AdaptiveLimit implements Limit {
	/** Attempts that may be in flight: a whole number, or less than 1: one at a time with pauses. */
	private window = 1;

	/** The window that is known to be all right. */
	private proven = 1;

	private state: 'ramp' | 'recovering' | 'steady' | 'trying' = 'ramp';

	/** Passes in this state. */
	private passes = 0;

	private roundsBetweenTries: number;

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
	) {
		this.roundsBetweenTries = settings.roundsBetweenTries;
	}

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
		if (ending === 'passed') {
			const runMs = now - attempt.at;
			this.meanRunMs = this.meanRunMs === undefined ? runMs : 0.9 * this.meanRunMs + 0.1 * runMs;
			const isNews = attempt.order >= this.narrowedAt;
			if (isNews) this.refusalsInARow = 0;
			if (wasFull && (this.window >= 1 || isNews)) this.widen();
		} else if (ending === 'throttled') {
			if (attempt.order >= this.narrowedAt) this.narrow();
			if (this.window < 1) this.pauseUntil = now + Math.max(this.pauseMs(), this.refusalsInARow >= this.settings.refusalsInARow ? retryAfter : 0);
		}
	}

	private widen(): void {
		const { settings } = this;
		this.passes++;
		if (this.window < 1) {
			this.enter('steady', 1, 1);
			this.roundsBetweenTries = settings.roundsBetweenTries;
			return;
		}
		switch (this.state) {
			case 'ramp': {
				const window = this.passes === 1 ? settings.afterFirst : this.window + settings.rampStep;
				this.window = this.proven = Math.min(settings.ceiling, window);
				break;
			}
			case 'recovering':
				if (this.window < this.proven) this.window++;
				if (this.window === this.proven) this.enter('steady', this.proven, this.proven);
				break;
			case 'steady':
				if (this.window < settings.ceiling && this.passes >= this.roundsBetweenTries * this.window) {
					this.tryStep = 1;
					this.enter('trying', this.proven, this.window + 1);
				}
				break;
			case 'trying':
				if (this.passes < this.window) break;
				this.roundsBetweenTries = settings.roundsBetweenTries;
				this.tryStep *= 2;
				if (this.window < settings.ceiling) this.enter('trying', this.window, Math.min(settings.ceiling, this.window + this.tryStep));
				else this.enter('steady', this.window, this.window);
		}
	}

	private narrow(): void {
		const { settings } = this;
		this.narrowedAt = this.starts;
		this.refusalsInARow++;
		let proven = this.proven;
		if (this.window <= 1) proven = Math.max(settings.narrowest, this.window / 2);
		else if (this.state === 'ramp') proven = Math.max(1, this.inFlight, Math.floor(this.window / 2));
		else if (this.state === 'trying') this.roundsBetweenTries = Math.min(settings.mostRoundsBetweenTries, 2 * this.roundsBetweenTries);
		else {
			this.roundsBetweenTries = settings.roundsBetweenTries;
			proven = this.state === 'recovering' ? this.window - 1 : Math.max(1, Math.floor(this.window * settings.keepWhenCrowded));
		}
		if (proven === 1) proven = 0.5;
		this.enter('recovering', proven, proven < 1 ? proven : Math.max(1, Math.floor(proven * settings.keepToYield)));
	}

	private enter(state: AdaptiveLimit['state'], proven: number, window: number): void {
		this.state = state;
		this.proven = proven;
		this.window = window;
		this.passes = 0;
	}

	private pauseMs(): number {
		const { settings } = this;
		const mean = (this.meanRunMs ?? settings.assumedRunMs) * (1 / this.window - 1);
		return Math.min(settings.longestPauseMs, mean * (0.5 + this.random()));
	}
}
