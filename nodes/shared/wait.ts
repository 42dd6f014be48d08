import { sleep } from 'n8n-workflow';

import type { SchedulerClock } from './scheduler';

/** The longest stretch, in milliseconds, for which a wait does not look at its signal: older n8n-workflow versions ignore the signal of `sleep`. */
const SLICE = 100;

/** Time as the host has it. Community nodes may not use timers of their own; n8n's `sleep` is the one that they are offered. */
export const hostClock: SchedulerClock = {
	now: () => Date.now(),
	random: () => Math.random(),
	wait: async (milliseconds, signal) => {
		const end = Date.now() + milliseconds;
		for (;;) {
			signal?.throwIfAborted();
			const remaining = end - Date.now();
			if (remaining <= 0) return;
			await sleep(Math.min(remaining, SLICE));
		}
	},
};
