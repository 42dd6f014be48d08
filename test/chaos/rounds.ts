import { seededRandom } from '../../bench/simulation/random';
import type { FaultRule } from '../../emulator/faults';
import { ACTS, type Act, type Order } from './acts';
import { isThrottling, LOOK_FAULTS, startFaults, type ChaosFault, type Target } from './faults';

/** What happens to the whole service while a round goes on. `after` counts requests, times are milliseconds. */
export interface Trouble {
	readonly kind: 'accessRevoked' | 'signInRevoked' | 'dies' | 'stop' | 'refused' | 'noSuchHost';
	readonly after: number;
	readonly forMs: number;
}

/** One execution of a node: its settings, its items, and what goes wrong. Made from the seed alone. */
export interface Round {
	readonly number: number;
	readonly target: Target;
	/** Apps Script: how it signs in. */
	readonly signIn: 'oAuth2' | 'refreshToken' | 'serviceAccount';
	readonly withApiKey: boolean;
	/** Batch mode where it is there. */
	readonly batchSize: number | undefined;
	/** In a batch: the function returns too few entries. */
	readonly wrongLength: boolean;
	readonly method: 'GET' | 'POST';
	readonly routing: 'onError' | 'byOutcome';
	readonly onError: 'stopWorkflow' | 'continueRegularOutput' | 'continueErrorOutput';
	readonly output: 'result' | 'items' | 'record' | 'raw';
	readonly resultField: '' | 'given';
	readonly concurrency: 'inOrder' | 'automatic' | 'fixed';
	readonly maxConcurrency: number;
	readonly maxRetries: number;
	readonly safeToRepeat: boolean;
	readonly retryOnFail: boolean;
	readonly maxTries: number;
	readonly orders: readonly Order[];
	readonly faults: readonly FaultRule[];
	readonly trouble: Trouble | undefined;
}

/** Markers as they stand in requests, results and the journal. */
export const MARKER = /c\d+-\d+-[\da-f]{8}/g;

interface Dice {
	readonly chance: (probability: number) => boolean;
	readonly below: (limit: number) => number;
	readonly pick: <T>(values: readonly T[]) => T;
	readonly hex: () => string;
}

function diceOf(random: () => number): Dice {
	const below = (limit: number): number => Math.floor(random() * limit);
	return {
		below,
		chance: (probability) => random() < probability,
		pick: <T>(values: readonly T[]) => values[below(values.length)] as T,
		hex: () => below(2 ** 32).toString(16).padStart(8, '0'),
	};
}

function weighted(dice: Dice, faults: readonly ChaosFault[]): ChaosFault {
	const total = faults.reduce((sum, { weight = 1 }) => sum + weight, 0);
	let at = (dice.below(1e9) / 1e9) * total;
	for (const fault of faults) {
		at -= fault.weight ?? 1;
		if (at < 0) return fault;
	}
	return faults[0] as ChaosFault;
}

/** The round of this number. @param most items at most */
export function roundOf(seed: number, number: number, most: number): Round {
	const dice = diceOf(seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b)));
	const target = dice.pick<Target>(['appsScript', 'appsScript', 'appsScript', 'script', 'script', 'endpoint', 'publicLink']);
	const batchSize = target === 'appsScript' && dice.chance(0.3) ? 1 + dice.below(20) : undefined;
	const routing = dice.pick(['onError', 'byOutcome'] as const);
	const onError = dice.pick(['stopWorkflow', 'continueRegularOutput', 'continueErrorOutput', 'continueErrorOutput'] as const);
	const method = target !== 'appsScript' && target !== 'script' && dice.chance(0.3) ? 'GET' : 'POST';
	const trouble = troubleOf(dice, target);
	// A run that stops at its first failure says little after it: there, faults are rare.
	const stops = routing === 'onError' && onError === 'stopWorkflow';
	const share = stops ? dice.pick([0, 0.02, 0.05]) : dice.pick([0, 0.1, 0.3, 0.6]);
	const orders = Array.from({ length: Math.min(most, 5 + dice.below(80)) }, (_, index): Order => {
		const act: Act = stops && dice.chance(0.9) ? 'echo' : dice.pick(ACTS);
		return { marker: `c${number}-${index}-${dice.hex()}`, act: method === 'GET' && act === 'proto' ? 'echo' : act };
	});
	const faults: FaultRule[] = [];
	const possible = startFaults(target);
	for (const { marker } of orders) {
		if (!dice.chance(share)) continue;
		const { fault, parameters } = weighted(dice, possible);
		// A run that is throttled while others pass is tried for two minutes, whatever Max Retries says.
		const times = dice.pick(isThrottling(fault) ? [1, 2, 3] : [1, 1, 1, 2, undefined]);
		faults.push({ fault, parameters, ...(times === undefined ? {} : { times }), ...(method === 'GET' ? { urlIncludes: marker } : { bodyIncludes: marker }) });
	}
	if (target === 'script' && dice.chance(0.6)) {
		for (let count = dice.below(6); count > 0; count -= 1) {
			const { fault, parameters } = weighted(dice, LOOK_FAULTS);
			faults.push({ fault, parameters, urlIncludes: '/traces/', times: 1 + dice.below(3), skip: dice.below(orders.length) });
		}
	}
	return {
		number,
		target,
		signIn: dice.pick(['oAuth2', 'oAuth2', 'refreshToken', 'serviceAccount'] as const),
		withApiKey: dice.chance(0.3),
		batchSize,
		wrongLength: batchSize !== undefined && dice.chance(0.05),
		method,
		routing,
		onError,
		output: dice.pick(['result', 'items', 'record', 'raw'] as const),
		resultField: dice.pick(['', '', 'given'] as const),
		concurrency: dice.pick(['inOrder', 'automatic', 'fixed'] as const),
		maxConcurrency: 1 + dice.below(20),
		maxRetries: dice.pick([0, 1, 2, 3]),
		safeToRepeat: dice.chance(0.25),
		retryOnFail: dice.chance(0.4),
		maxTries: 2 + dice.below(3),
		orders,
		faults,
		trouble,
	};
}

function troubleOf(dice: Dice, target: Target): Trouble | undefined {
	if (!dice.chance(0.2)) return undefined;
	const kinds: ReadonlyArray<Trouble['kind']> =
		target === 'appsScript' ? ['accessRevoked', 'accessRevoked', 'signInRevoked', 'dies', 'dies', 'stop', 'refused', 'noSuchHost'] : ['dies', 'dies', 'stop', 'refused', 'noSuchHost'];
	return { kind: dice.pick(kinds), after: 1 + dice.below(30), forMs: dice.pick([20, 60, 150]) };
}
