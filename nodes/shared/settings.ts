import type { IExecuteFunctions } from 'n8n-workflow';

import { runsAsTool } from './agent';
import type { ItemForm, OutputForm } from './items';
import { isRecord } from './json';
import { InputError, type ParameterReader } from './parameters';
import type { PaceSettings, RoutingSettings } from './pipeline';
import { RETRY_WITHIN_MS } from './retry';
import type { ConcurrencyRule } from './scheduler';

/** The options of one item, as an object; empty where none is set. */
export function optionsOf(parameters: ParameterReader, itemIndex: number): Record<string, unknown> {
	const options = parameters.get('options', itemIndex, {});
	return isRecord(options) ? options : {};
}

/** What holds for the whole node whatever else is wrong with its fields, from the first item. */
export function routingSettings(context: IExecuteFunctions, parameters: ParameterReader): RoutingSettings {
	const byOutcome = parameters.get('routing', 0, 'onError') === 'byOutcome';
	const asTool = runsAsTool(context);
	// A tool's caller wants an answer: a failure is one, unless the person chose to stop.
	const answersFailures = asTool && context.getNode().onError !== 'stopWorkflow';
	return {
		outputs: byOutcome ? 4 : 1,
		stopAtFailure: !byOutcome && !context.continueOnFail() && !answersFailures,
		fallbackForm: { output: outputForm(parameters), resultField: '', failures: asTool && byOutcome ? 'folded' : byOutcome ? 'outputs' : 'errorItem' },
	};
}

/**
 * How runs are started and repeated, from the first item's options.
 * @param ceiling the most runs that the service allows one user at the same time; Automatic never goes over it
 * @throws {InputError}
 */
export function paceSettings(parameters: ParameterReader, ceiling: number): PaceSettings {
	const names = ['concurrency', 'maxConcurrency', 'maxRetries'] as const;
	// These alone: a mistake of the first item's in another option is that item's own.
	const options = Object.fromEntries(names.map((name) => [name, parameters.ofAll(`options.${name}`)]));
	return {
		concurrency: concurrency(options.concurrency ?? 'inOrder', numberOption(options, 'maxConcurrency', 'Max Concurrency', 10, 1), ceiling),
		retry: { maximum: numberOption(options, 'maxRetries', 'Max Retries', 5, 0), withinMs: RETRY_WITHIN_MS },
	};
}

/** The form of one item's output: the node's, with the item's own *Result Field*. @throws {InputError} */
export function itemForm(settings: RoutingSettings, options: Record<string, unknown>): ItemForm {
	const field = options.resultField ?? '';
	if (typeof field !== 'string') throw new InputError('Result Field should be a text', 'Give the name of one field, e.g. scriptResult.');
	if (field === 'error') {
		throw new InputError('Result Field cannot be "error"', 'n8n takes an item with a field "error" for a failed one. Choose another name, e.g. scriptResult.');
	}
	return { ...settings.fallbackForm, resultField: field };
}

/** A number among the options. @throws {InputError} where it is none or below the minimum */
export function numberOption(options: Record<string, unknown>, name: string, label: string, otherwise: number, minimum: number): number {
	const value = options[name];
	if (value === undefined || value === null || value === '') return otherwise;
	const number = typeof value === 'string' ? Number(value) : value;
	if (typeof number !== 'number' || !Number.isFinite(number) || number < minimum) {
		throw new InputError(`${label} has to be a number of at least ${minimum}`, 'Enter a number in this field of the node.');
	}
	return number;
}

function concurrency(mode: unknown, maximum: number, ceiling: number): ConcurrencyRule {
	if (mode === 'automatic') return { mode: 'automatic', ceiling };
	if (mode === 'fixed') return { mode: 'fixed', maximum: Math.floor(maximum) };
	return { mode: 'inOrder' };
}

function outputForm(parameters: ParameterReader): OutputForm {
	const output = parameters.get('output', 0, 'result');
	return output === 'items' || output === 'record' || output === 'raw' ? output : 'result';
}
