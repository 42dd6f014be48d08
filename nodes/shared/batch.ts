import { mayBeTriedAgain, mayHaveRun, standing, type Failure, type Outcome } from './outcome';

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

/** What a run came to, as a whole and for each of its items. */
export interface Finished {
	/** Of several parts, the first that is no success. */
	readonly outcome: Outcome;
	readonly shares: readonly Outcome[];
	/** Whether what is left of the run may be tried again. */
	readonly again: boolean;
}

/** Whether a failed batch may go better in two halves. Only where the first try surely did not run, or running twice does no harm. */
function isWorthHalving(outcome: Outcome, safeToRepeat: boolean): boolean {
	if (outcome.outcome === 'success') return false;
	if (outcome.reason === 'tooLarge') return true;
	return safeToRepeat && (outcome.reason === 'timeout' || outcome.reason === 'noAnswer');
}

interface Part<P> {
	readonly plans: readonly P[];
	shares?: readonly Outcome[];
	/** How its last try ended. */
	last?: Outcome;
	/** The last try of it, or of the larger part that it was in, that failed and may have run. */
	earlier?: Failure;
}

/**
 * A run for several items, sent in one part and, where that is too large or takes too long, in halves, quarters and so on, one after the other.
 * Parts that are done stay done when the rest is tried again.
 */
export class BatchRun<P extends { readonly safeToRepeat: boolean }> {
	private parts: Array<Part<P>>;

	constructor(
		plans: readonly P[],
		private readonly rules: BatchRules<P>,
	) {
		this.parts = [{ plans }];
	}

	/**
	 * Sends what is not done yet. Rejects only when `send` does.
	 * @param unsent what stands for the parts that must not be started any more after such outcomes; undefined where they may
	 */
	async send(send: (plan: P) => Promise<Outcome>, unsent: (done: readonly Outcome[]) => Failure | undefined): Promise<Finished> {
		for (let position = 0; position < this.parts.length; position += 1) {
			const part = this.parts[position] as Part<P>;
			if (part.shares !== undefined) continue;
			const rest = unsent(this.parts.flatMap(({ shares = [], last }) => (last === undefined || shares.length === 0 ? shares : [...shares, last])));
			if (rest !== undefined) return this.ended(rest);
			const { plans } = part;
			const { safeToRepeat } = plans[0] as P;
			const outcome = await send(this.rules.combine(plans));
			const stands = standing(part.earlier, outcome);
			part.last = outcome;
			if (stands.outcome !== 'success' && mayHaveRun(stands)) part.earlier = stands;
			if (plans.length > 1 && isWorthHalving(outcome, safeToRepeat)) {
				const middle = Math.ceil(plans.length / 2);
				const { earlier } = part;
				this.parts.splice(position, 1, { plans: plans.slice(0, middle), earlier }, { plans: plans.slice(middle), earlier });
				position -= 1;
				continue;
			}
			if (mayBeTriedAgain(outcome, safeToRepeat)) return { ...this.ended(outcome), outcome, again: true };
			part.shares = this.rules.split(stands, plans);
		}
		return this.ended();
	}

	/**
	 * The run as it is if nothing more of it is sent.
	 * @param rest what the parts came to that are not done, unless an earlier try of them may have run
	 */
	ended(rest?: Outcome): Finished {
		const shares = this.parts.flatMap((part) => part.shares ?? part.plans.map(() => standing(part.earlier, rest as Outcome)));
		const lasts = this.parts.flatMap(({ last = [] }) => last);
		return { outcome: [...lasts, ...shares].find(({ outcome }) => outcome !== 'success') ?? (shares[0] as Outcome), shares, again: false };
	}
}
