/**
 * Time as the emulated services see it, so that a test can let an hour pass in a second.
 * All times are milliseconds since the epoch.
 */
export interface Clock {
	/** The present time. */
	now(): number;
	/** Resolves `milliseconds` later; rejects with the signal's reason when it aborts first. */
	sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own time. */
export const systemClock: Clock = {
	now: () => Date.now(),
	sleep: (milliseconds, signal) =>
		new Promise((resolve, reject) => {
			if (signal?.aborted) return reject(signal.reason as Error);
			const onAbort = () => {
				clearTimeout(timer);
				reject(signal?.reason as Error);
			};
			const timer = setTimeout(() => {
				signal?.removeEventListener('abort', onAbort);
				resolve();
			}, milliseconds);
			signal?.addEventListener('abort', onAbort, { once: true });
		}),
};
