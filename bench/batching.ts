/**
 * The HTTP Request node's batching in virtual time: it sends `size` requests, waits `pauseMs`, and sends the next, whether answers have come or not.
 * Only for finding out which settings are worth trying on the real node.
 */
import { Heap } from '../nodes/shared/heap';

export interface Batching {
	readonly size: number;
	/** Milliseconds. */
	readonly pauseMs: number;
}

/** What the node itself needs to send a request, in milliseconds of its one thread. */
export interface SendingCost {
	readonly perRequestMs: number;
}

/** How many of these runs a service with that many slots refuses, and when the last one has ended. */
export function batched(durations: readonly number[], slots: number, { size, pauseMs }: Batching, { perRequestMs }: SendingCost): { readonly refused: number; readonly wallMs: number } {
	const ends = new Heap<number>((a, b) => a < b);
	let refused = 0;
	let now = 0;
	let wallMs = 0;
	durations.forEach((duration, index) => {
		if (index > 0 && index % size === 0) now += pauseMs;
		now += perRequestMs;
		while (ends.first !== undefined && ends.first <= now) ends.take();
		if (ends.size >= slots) {
			refused += 1;
			return;
		}
		ends.add(now + duration);
		wallMs = Math.max(wallMs, now + duration);
	});
	return { refused, wallMs };
}

/** For a size of batches the shortest pause, in whole milliseconds, at which none of the draws loses a run; and the mean wall time with it. */
export function shortestPause(draws: ReadonlyArray<readonly number[]>, slots: number, size: number, cost: SendingCost): Batching & { readonly wallMs: number } {
	const loses = (pauseMs: number) => draws.some((durations) => batched(durations, slots, { size, pauseMs }, cost).refused > 0);
	let low = 1;
	let high = 2;
	while (loses(high)) high *= 2;
	while (low < high) {
		const middle = Math.floor((low + high) / 2);
		if (loses(middle)) low = middle + 1;
		else high = middle;
	}
	const wallMs = draws.reduce((sum, durations) => sum + batched(durations, slots, { size, pauseMs: low }, cost).wallMs, 0) / draws.length;
	return { size, pauseMs: low, wallMs };
}

/** The settings that lose nothing, one for each size of batches, the fastest first. */
export function losslessSettings(draws: ReadonlyArray<readonly number[]>, slots: number, cost: SendingCost): Array<Batching & { readonly wallMs: number }> {
	return Array.from({ length: slots }, (_, index) => shortestPause(draws, slots, index + 1, cost)).sort((a, b) => a.wallMs - b.wallMs);
}
