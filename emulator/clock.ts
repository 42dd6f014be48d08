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

/** Node's timers take at most this many milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The machine's own time. */
export const systemClock: Clock = {
	now: () => Date.now(),
	sleep: (milliseconds, signal) =>
		new Promise((resolve, reject) => {
			if (signal?.aborted) {
				reject(signal.reason as Error);
				return;
			}
			const onAbort = () => {
				clearTimeout(timer);
				reject(signal?.reason as Error);
			};
			const timer = setTimeout(() => {
				signal?.removeEventListener('abort', onAbort);
				resolve();
			}, Math.min(milliseconds, LONGEST_TIMER));
			signal?.addEventListener('abort', onAbort, { once: true });
		}),
};

/**
 * Time that a test moves: it passes by itself like the machine's (unless `frozen`), and `advance` lets an hour pass at once.
 * Whoever sleeps wakes when their time has come by either way.
 */
export class AdjustableClock implements Clock {
	private shift: number;
	private readonly frozenAt: number | undefined;
	private readonly sleepers = new Set<{ readonly until: number; check: () => void }>();

	/** @param options `startAt`: the present time to begin with, default the machine's; `frozen`: time passes by `advance` only */
	constructor(options: { readonly startAt?: number; readonly frozen?: boolean } = {}) {
		const machine = Date.now();
		this.shift = (options.startAt ?? machine) - machine;
		this.frozenAt = options.frozen === true ? machine : undefined;
	}

	now(): number {
		return (this.frozenAt ?? Date.now()) + this.shift;
	}

	/** Lets this many milliseconds pass at once. */
	advance(milliseconds: number): void {
		this.shift += milliseconds;
		for (const sleeper of [...this.sleepers]) sleeper.check();
	}

	sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
		return new Promise((resolve, reject) => {
			if (signal?.aborted) {
				reject(signal.reason as Error);
				return;
			}
			let timer: NodeJS.Timeout | undefined;
			const end = () => {
				clearTimeout(timer);
				this.sleepers.delete(sleeper);
				signal?.removeEventListener('abort', onAbort);
			};
			const onAbort = () => {
				end();
				reject(signal?.reason as Error);
			};
			const sleeper = {
				until: this.now() + milliseconds,
				check: () => {
					clearTimeout(timer);
					const left = sleeper.until - this.now();
					if (left <= 0) {
						end();
						resolve();
					} else if (this.frozenAt === undefined) {
						timer = setTimeout(sleeper.check, Math.min(left, LONGEST_TIMER));
					}
				},
			};
			this.sleepers.add(sleeper);
			signal?.addEventListener('abort', onAbort, { once: true });
			sleeper.check();
		});
	}
}
