/** A run that waits for its turn. */
export interface QueuedRun {
	/** Begins; the runner is free again when it resolves. */
	start(): Promise<void>;
}

/** The runners of an instance, and the runs that wait for one. First come, first served. */
export class RunQueue {
	private running = 0;
	private readonly waiting: QueuedRun[] = [];

	/** @param room how many may run, and how many wait; asked anew each time */
	constructor(private readonly room: () => { readonly runners: number; readonly places: number }) {}

	/** Takes a run in; false where too many wait already. */
	offer(run: QueuedRun): boolean {
		const { runners, places } = this.room();
		if (this.running < runners) this.begin(run);
		else if (this.waiting.length < places) this.waiting.push(run);
		else return false;
		return true;
	}

	/** Forgets the runs that wait. */
	clear(): void {
		this.waiting.length = 0;
	}

	private begin(run: QueuedRun): void {
		this.running += 1;
		void run.start().finally(() => {
			this.running -= 1;
			const next = this.running < this.room().runners ? this.waiting.shift() : undefined;
			if (next !== undefined) this.begin(next);
		});
	}
}
