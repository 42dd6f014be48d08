import { sleep } from 'n8n-workflow';

/** Milliseconds between two looks at the deadlines. */
const LOOK_EVERY = 250;

interface Deadline {
	/** Milliseconds since 1970. */
	readonly at: number;
	readonly passed: () => void;
}

const deadlines = new Set<Deadline>();
let looking = false;

/**
 * Calls `passed` when so much time is over, up to a quarter of a second later. One wait is shared by all: community nodes may not use timers of their
 * own, and n8n's `sleep`, which they are offered, cannot be ended.
 * @returns takes it back; has to be called when it is not needed any more
 */
export function deadlineIn(milliseconds: number, passed: () => void): () => void {
	const deadline = { at: Date.now() + milliseconds, passed };
	deadlines.add(deadline);
	if (!looking) void look();
	return () => void deadlines.delete(deadline);
}

async function look(): Promise<void> {
	looking = true;
	while (deadlines.size > 0) {
		await sleep(LOOK_EVERY);
		const now = Date.now();
		for (const deadline of deadlines) {
			if (deadline.at > now) continue;
			deadlines.delete(deadline);
			deadline.passed();
		}
	}
	looking = false;
}
