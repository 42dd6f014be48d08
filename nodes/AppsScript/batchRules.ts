import type { BatchRules } from '../shared/batch';
import { isRecord } from '../shared/json';
import type { Failure, Outcome, Success } from '../shared/outcome';
import { cleanText } from '../shared/text';
import { hintFor } from './hints';
import type { AppsScriptPlan } from './plan';

/**
 * The longest array of parameters, in characters of JSON, that goes into one run by itself: Google names no limit for scripts.run, and a few megabytes
 * are what its other JSON APIs are known to take.
 */
const MOST_CHARACTERS = 4_000_000;

/**
 * Batch mode: the function receives one parameter, an array with one entry an item, and returns an array of the same length. An entry
 * `{ "error": "text" }` in it fails that item alone.
 * @param batchSize the most items of one run
 */
export function batchRules(batchSize: number): BatchRules<AppsScriptPlan> {
	return {
		// Items may share a run only where everything but their entries is the same.
		key: ({ request, safeToRepeat }) => JSON.stringify({ ...request, parameters: undefined, safeToRepeat }),
		chunks: (plans) => {
			const sizes: number[] = [];
			let characters = Infinity;
			for (const plan of plans) {
				const length = JSON.stringify(plan.entry).length + 1;
				const last = sizes.length - 1;
				if (characters + length > MOST_CHARACTERS || (sizes[last] ?? batchSize) >= batchSize) {
					sizes.push(1);
					characters = length;
				} else {
					sizes[last] = (sizes[last] as number) + 1;
					characters += length;
				}
			}
			return sizes;
		},
		combine: (plans) => {
			const first = plans[0] as AppsScriptPlan;
			return { ...first, request: { ...first.request, parameters: [plans.map((plan) => plan.entry)] } };
		},
		split: (outcome, plans) => {
			if (outcome.outcome !== 'success') return plans.map(() => outcome);
			const { result } = outcome;
			if (Array.isArray(result) && result.length === plans.length) return (result as unknown[]).map((entry) => shareOf(entry, outcome));
			const failure = wrongLength(result, plans);
			return plans.map(() => ({ ...failure, response: outcome.response }));
		},
	};
}

function shareOf(entry: unknown, whole: Success): Outcome {
	if (isRecord(entry) && Object.keys(entry).length === 1 && typeof entry.error === 'string') {
		return {
			outcome: 'scriptError',
			reason: 'exception',
			message: cleanText(entry.error),
			httpStatus: 200,
			response: whole.response,
			hint: 'The function reported this for the one item; the others of its batch are not concerned.',
		};
	}
	return { outcome: 'success', result: entry, response: whole.response };
}

function wrongLength(result: unknown, plans: readonly AppsScriptPlan[]): Failure {
	const { request } = plans[0] as AppsScriptPlan;
	const got = Array.isArray(result) ? `an array of ${result.length}` : result === null ? 'nothing' : `${/^[aeiou]/.test(typeof result) ? 'an' : 'a'} ${typeof result}`;
	const failure: Failure = {
		outcome: 'scriptError',
		reason: 'batchResult',
		message: `The function ran for ${plans.length} items, but returned ${got} instead of an array of ${plans.length}, so its results cannot be told apart`,
		httpStatus: 200,
	};
	return { ...failure, ...hintFor({ failure, id: request.id, function: request.function, devMode: request.devMode }) };
}
