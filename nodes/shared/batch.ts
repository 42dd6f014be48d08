import type { Outcome } from './outcome';

/** How a service puts several items into one run. */
export interface BatchRules<P> {
	/** Items with the same key may share a run. */
	key(plan: P): string;
	/** Splits items that may share a run, given in item order, into sizes of runs; the sizes add up to the number of items. */
	chunks(plans: readonly P[]): number[];
	/** One run for several items. */
	combine(plans: readonly P[]): P;
	/** What the run came to for each of its items, in their order. */
	split(outcome: Outcome, plans: readonly P[]): Outcome[];
}

/** Sends one run for several items: what it came to as a whole, and for each of them. */
export async function sendBatch<P>(
	service: { send(plan: P, attempt: number): Promise<Outcome> },
	rules: BatchRules<P>,
	plans: readonly P[],
	attempt: number,
): Promise<{ outcome: Outcome; shares: Outcome[] }> {
	const outcome = await service.send(rules.combine(plans), attempt);
	const shares = rules.split(outcome, plans);
	return { outcome, shares };
}
