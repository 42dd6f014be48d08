/** When a run that surely did not start may be tried again. Pure: time and chance come in as numbers. */

export interface RetryPolicy {
	/** The most retries of one run, as far as they count (see `schedule`); 0: every run is attempted once. */
	readonly maximum: number;
	/**
	 * Milliseconds that a run may wait for its retries in all. Time in which its wait is over and others have the slots is not counted: it is
	 * no reason to give up a run.
	 */
	readonly withinMs: number;
}

/** The default of `withinMs`. */
export const RETRY_WITHIN_MS = 120_000;

/** The mean wait before the first retry is half of this; it doubles from retry to retry. */
const FIRST_BACKOFF_MS = 500;
/** The longest back-off, unless the service itself asks for more. */
const LONGEST_BACKOFF_MS = 8_000;

/** What a run has had when its next attempt is to be decided. */
export interface RetryHistory {
	/** Retries that count against the maximum. */
	readonly counted: number;
	/** All retries. */
	readonly made: number;
	/** Milliseconds of the waits that it was given. */
	readonly waitedMs: number;
}

/**
 * Milliseconds to wait before the next attempt, or undefined when the run must not be tried again.
 * Exponential back-off with full jitter; what the service asks for (`Retry-After`) comes on top of it, so that it is the
 * minimum and those who were told the same time do not come back at the same time.
 *
 * @param retryAfter milliseconds that the service asks for; undefined where it does not say
 * @param random a number in [0, 1)
 */
export function retryDelay(policy: RetryPolicy, history: RetryHistory, retryAfter: number | undefined, random: number): number | undefined {
	const remaining = policy.withinMs - history.waitedMs;
	const minimum = retryAfter !== undefined && retryAfter > 0 ? retryAfter : 0;
	if (history.counted >= policy.maximum || remaining <= 0 || minimum > remaining) return undefined;
	const longest = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** history.made);
	return Math.min(remaining, minimum + random * longest);
}
