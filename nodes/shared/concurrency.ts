/** How many runs may be under way at a time: the three modes of the option *Concurrency* as one rule each. */

/** The option *Concurrency*. `maximum` and `ceiling` count attempts in flight, at least 1. */
export type ConcurrencyRule =
	| { readonly mode: 'inOrder' }
	| { readonly mode: 'fixed'; readonly maximum: number }
	/** `ceiling` is what the service itself allows at most, for example Apps Script's 30 per user. */
	| { readonly mode: 'automatic'; readonly ceiling: number };

/** What an attempt's end says about the service's load: it let the run through, refused it, or nothing. */
export type Ending = 'passed' | 'throttled' | 'unknown';

/** Decides when one more attempt may start. All times are milliseconds of the scheduler's clock. */
export interface Limit {
	/** The time from which one more may start; Infinity: not before one of those in flight ends (never so with none in flight). */
	mayStartAt(now: number): number;
	/** Takes note of a start; the answer names the attempt in `ended`. */
	started(now: number): number;
	/** Takes note of an end. `retryAfter` are the milliseconds that a throttling answer asked for. */
	ended(attempt: number, ending: Ending, now: number, retryAfter?: number): void;
}

class FixedLimit implements Limit {
	private inFlight = 0;

	constructor(private readonly maximum: number) {}

	mayStartAt(now: number): number {
		return this.inFlight < this.maximum ? now : Infinity;
	}

	started(): number {
		return this.inFlight++;
	}

	ended(): void {
		this.inFlight--;
	}
}

export function createLimit(concurrency: ConcurrencyRule): Limit {
	switch (concurrency.mode) {
		case 'inOrder':
			return new FixedLimit(1);
		case 'fixed':
			return new FixedLimit(concurrency.maximum);
		case 'automatic':
			return new FixedLimit(concurrency.ceiling);
	}
}
