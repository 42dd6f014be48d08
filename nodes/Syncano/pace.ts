/** When to look for the end of a run. Milliseconds, from the moment at which the server said that it had taken the run. */

/** The first look, where nothing is known of the script: most scripts are done in 200 ms (Syncano's documentation). */
const FIRST_LOOK = 250;
const EARLIEST_LOOK = 40;
/** A script that took long last time may fail at once this time. */
const LATEST_FIRST_LOOK = 3_000;
/** Between the end of a script by the server's own account and the moment when its trace says so. */
const MARGIN = 30;
/** What is left of the time by which a look came too late, for the next one. */
const KEPT = 0.5;
/** Later looks: each after a share of what has passed, so that looking costs the run little time and the server few requests, however long it takes. */
const SHARE = 1 / 3;
const SHORTEST_WAIT = 100;
const LONGEST_WAIT = 10_000;

/**
 * The looks at one script, which learn from its runs: the first look of the next run comes when the last ones had ended. A run of 200 ms then costs one
 * request and hardly more than its own time; one of five minutes about 45.
 */
export class LookPace {
	private expected = FIRST_LOOK;

	/** How long to wait before the next look. */
	wait(elapsed: number, looks: number): number {
		if (looks === 0) return Math.min(Math.round(this.expected), LATEST_FIRST_LOOK);
		return Math.min(Math.max(SHORTEST_WAIT, Math.round(elapsed * SHARE)), LONGEST_WAIT);
	}

	/**
	 * A run was seen to have ended.
	 * @param elapsed when it was seen
	 * @param before when it was last seen to go on; undefined where the first look saw its end
	 * @param duration the script's own, as the server says
	 */
	ended(elapsed: number, before: number | undefined, duration: unknown): void {
		const earliest = Math.max(EARLIEST_LOOK, (typeof duration === 'number' && duration >= 0 ? duration : 0) + MARGIN);
		// It ended somewhere between two looks. Found at the first, it may have ended much earlier, for example when the last ones had stood in the server's
		// queue: the next look comes sooner, never before the script's own time has passed.
		this.expected = before === undefined ? Math.min(this.expected, earliest + (this.expected - earliest) * KEPT) : Math.max(earliest, (before + elapsed) / 2);
	}
}
