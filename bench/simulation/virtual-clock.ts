import { Heap } from '../../nodes/shared/heap';

interface Event {
	readonly at: number;
	readonly order: number;
	/** Undefined once it was cancelled. */
	fire: (() => void) | undefined;
}

/**
 * Virtual time: a discrete-event clock on which hours pass in milliseconds, the same way in every run. Events at the same time fire in the
 * order in which they were asked for, and all that follows from one of them (every promise) is done before the next fires.
 */
export class VirtualClock {
	private time = 0;

	private asked = 0;

	private live = 0;

	private readonly events = new Heap<Event>((a, b) => a.at < b.at || (a.at === b.at && a.order < b.order));

	constructor(readonly random: () => number = () => 0.5) {}

	/** Milliseconds since the clock was made. */
	readonly now = (): number => this.time;

	readonly wait = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
		new Promise((resolve, reject) => {
			if (signal?.aborted) {
				reject(signal.reason as Error);
				return;
			}
			const event: Event = { at: this.time + Math.max(0, milliseconds), order: this.asked++, fire: undefined };
			const onAbort = () => {
				event.fire = undefined;
				this.live--;
				reject(signal?.reason as Error);
			};
			event.fire = () => {
				this.live--;
				signal?.removeEventListener('abort', onAbort);
				resolve();
			};
			signal?.addEventListener('abort', onAbort, { once: true });
			this.live++;
			this.events.add(event);
		});

	/** Waits that have neither ended nor been cancelled. */
	get pending(): number {
		return this.live;
	}

	/** Lets time pass until the work is done; rejects when nothing is left that could bring it to an end. */
	async run<T>(work: Promise<T>): Promise<T> {
		const state = { done: false };
		const end = () => {
			state.done = true;
		};
		work.then(end, end);
		for (;;) {
			await new Promise((resolve) => setImmediate(resolve));
			if (state.done) return await work;
			let event = this.events.take();
			while (event !== undefined && event.fire === undefined) event = this.events.take();
			if (event === undefined) throw new Error(`At ${this.time} ms nothing is left to wait for, and the work is not done`);
			this.time = event.at;
			event.fire?.();
		}
	}
}
