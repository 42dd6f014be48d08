import type { IExecuteFunctions } from 'n8n-workflow';

import { calledByAgent } from './agent';
import type { RoutedItems } from './items';
import type { Failure, Outcome, RunFacts } from './outcome';
import { mayHaveRun } from './outcome';

/** What an earlier try of the node did with an item. */
export interface KeptItem {
	readonly outcome: Outcome;
	readonly run: RunFacts;
	readonly routed: RoutedItems;
}

export interface EarlierTries {
	/** What an earlier try came to, where it must not be done again. */
	taken(itemIndex: number): KeptItem | undefined;
	/** How an earlier try failed that may have run and is yet to be done again, as the user called it safe to repeat. */
	failed(itemIndex: number): Failure | undefined;
	/** Remembers an item whose run a Stop interrupted: Retry On Fail goes on after it. */
	interrupted(itemIndex: number): void;
	/** Remembers an item for the next try. */
	keep(itemIndex: number, item: KeptItem, safeToRepeat: boolean): void;
}

const NOTHING_KEPT: EarlierTries = { taken: () => undefined, failed: () => undefined, interrupted: () => undefined, keep: () => undefined };

const INTERRUPTED: Failure = { outcome: 'notFinished', reason: 'noAnswer', message: 'The execution was stopped before an answer came' };

/**
 * n8n's Retry On Fail runs the whole node again. n8n-core hands every try of one run of a node the same execute-data object, and each other run
 * another (workflow-execute.js, the loop over tries; found by running 2.40.3 and reading 1.120.2 to 2.30.4), so it is the exact key: nothing is
 * saved with the execution, nothing reaches another round of a loop.
 */
const keptItems = new WeakMap<object, { readonly taken: Map<number, KeptItem>; readonly failed: Map<number, Failure> }>();

/**
 * The items that earlier tries of this run of the node have dealt with. A success, and whatever may have run, is taken up as it was; what surely did
 * not run is tried again, and so is a failure that the user called safe to repeat.
 */
export function earlierTries(context: IExecuteFunctions): EarlierTries {
	if (context.getNode().retryOnFail !== true) return NOTHING_KEPT;
	// An agent that calls its tool itself shares one execute-data among all calls; the call's arguments are what its tries have in common.
	const key: object | undefined = calledByAgent(context) ? context.getInputData()[0]?.json : context.getExecuteData();
	if (key === undefined) return NOTHING_KEPT;
	const kept = keptItems.get(key) ?? { taken: new Map<number, KeptItem>(), failed: new Map<number, Failure>() };
	keptItems.set(key, kept);
	return {
		taken: (itemIndex) => kept.taken.get(itemIndex),
		failed: (itemIndex) => kept.failed.get(itemIndex),
		interrupted: (itemIndex) => void kept.failed.set(itemIndex, INTERRUPTED),
		keep: (itemIndex, item, safeToRepeat) => {
			if (!mayHaveRun(item.outcome)) return;
			if (safeToRepeat && item.outcome.outcome !== 'success') kept.failed.set(itemIndex, item.outcome);
			else kept.taken.set(itemIndex, item);
		},
	};
}
