import type { IBinaryData, IDataObject, INodeExecutionData } from 'n8n-workflow';

import { isRecord, setOwn } from './json';
import type { Failure, Finding, FinishedRun, RunFacts } from './outcome';
import { mayHaveRun } from './outcome';

/** *Output*: what a success item holds. */
export type OutputForm = 'result' | 'items' | 'record' | 'raw';

/** The outputs of `byOutcome`, in the order in which the node draws them. */
export const OUTPUT_OF = { success: 0, scriptError: 1, notFinished: 2, requestError: 3 } as const;

export interface ItemForm {
	readonly output: OutputForm;
	/** Keep the input's fields and put the result under this name; empty for a result of its own. */
	readonly resultField: string;
	/**
	 * `errorItem`: failures in the one shape that every n8n version routes to its error output.
	 * `outputs`: four outputs, one an outcome. `folded`: the same items, all on output 0 (as an AI tool only that one is read).
	 */
	readonly failures: 'errorItem' | 'outputs' | 'folded';
}

/** Items that all leave on the same output. */
export interface RoutedItems {
	readonly output: number;
	readonly items: INodeExecutionData[];
}

/** Under this name a file that the script answered with stands in the item's binary data. */
const RESULT_FILE_FIELD = 'data';

/**
 * The output items of one input item. They all leave on one output, each paired to the input.
 * @param file the run's file as n8n stored it
 */
export function outputItems(finished: FinishedRun, input: INodeExecutionData, itemIndex: number, form: ItemForm, file?: IBinaryData): RoutedItems {
	const { outcome, run } = finished;
	const pairedItem = { item: itemIndex };
	if (outcome.outcome !== 'success') {
		if (outcome.findings !== undefined) return findingItems(outcome, outcome.findings, run, input, itemIndex, form);
		if (form.failures === 'errorItem') {
			// Exactly this shape is routed, with its input's fields merged in, by every n8n version: a second key beside `error`, a number as
			// pairedItem or an `error` on the item itself is not (n8n-core, workflow-execute.js, handleNodeErrorOutput and normalizeNodeErrors).
			return { output: 0, items: [withBinary({ json: { error: errorData(outcome, run) }, pairedItem }, input.binary)] };
		}
		const json = { ...input.json, outcome: outcome.outcome, error: errorDetails(outcome), run: { ...run } };
		return { output: form.failures === 'outputs' ? OUTPUT_OF[outcome.outcome] : 0, items: [withBinary({ json, pairedItem }, input.binary)] };
	}
	const binary = file === undefined ? undefined : { [RESULT_FILE_FIELD]: file };
	const keepsInput = form.resultField !== '';
	const items = resultsOf(finished, form).map((result) =>
		keepsInput
			? withBinary({ json: besideInput(input.json, form.resultField, result), pairedItem }, { ...input.binary, ...binary })
			: withBinary({ json: form.output === 'result' ? { result: result as IDataObject } : itemOfValue(result), pairedItem }, binary),
	);
	return { output: 0, items };
}

/**
 * One item for each finding. On outputs of their own those that are as they should be stand among them, as a list reads best whole. An error item says
 * that something failed, so there is one for each that did, with the names of the others inside.
 */
function findingItems(failure: Failure, findings: readonly Finding[], run: RunFacts, input: INodeExecutionData, itemIndex: number, form: ItemForm): RoutedItems {
	const pairedItem = { item: itemIndex };
	const failureOf = ({ message, hint, documentationUrl }: Finding): Failure => ({ ...failure, message, hint, documentationUrl });
	if (form.failures === 'errorItem') {
		const passed = findings.filter(({ failed }) => !failed).map(({ name }) => name);
		const failed = findings.filter((finding) => finding.failed);
		return { output: 0, items: failed.map((finding) => withBinary({ json: { error: { ...finding.data, ...errorData(failureOf(finding), run), passed } }, pairedItem }, input.binary)) };
	}
	const items = findings.map((finding) => {
		const error = finding.failed ? { error: errorDetails(failureOf(finding)) } : {};
		return withBinary({ json: { ...input.json, ...finding.data, outcome: failure.outcome, ...error, run: { ...run } }, pairedItem }, input.binary);
	});
	return { output: form.failures === 'outputs' ? OUTPUT_OF[failure.outcome] : 0, items };
}

/** What each success item is to hold. */
function resultsOf(finished: FinishedRun, form: ItemForm): unknown[] {
	if (finished.outcome.outcome !== 'success') return [];
	const { result, response, traceId } = finished.outcome;
	switch (form.output) {
		case 'record':
			return [{ outcome: 'success', result, run: { ...finished.run, ...(traceId === undefined ? {} : { traceId }) } }];
		case 'raw':
			return [{ response: response ?? null }];
		case 'items':
			return Array.isArray(result) ? (result as unknown[]) : [result];
		case 'result':
			return [result];
	}
}

/** An object becomes the item; anything else, and an object that n8n would take for an error item, stays under `result`. */
function itemOfValue(value: unknown): IDataObject {
	return isRecord(value) && !('error' in value) ? (value as IDataObject) : { result: value as IDataObject };
}

function besideInput(input: IDataObject, field: string, result: unknown): IDataObject {
	const { error, ...rest } = input;
	// A success that carries a truthy `error` would be moved to the error output, or make n8n run the node again.
	const json: IDataObject = error === undefined ? { ...rest } : { ...rest, inputError: error };
	setOwn(json as Record<string, unknown>, field, result);
	return json;
}

/** The error as the one key of an error item: the message first, the facts of its run last. */
export function errorData(failure: Failure, run: RunFacts): IDataObject {
	const { message, ...details } = errorDetails(failure);
	return { message, outcome: failure.outcome, ...details, run: { ...run } };
}

/** The error beside its outcome and run. */
function errorDetails(failure: Failure): IDataObject {
	return {
		message: failure.message,
		reason: failure.reason,
		...(failure.type === undefined ? {} : { type: failure.type }),
		...(failure.stack === undefined ? {} : { stack: failure.stack.map((frame) => ({ ...frame })) }),
		...(failure.httpStatus === undefined ? {} : { httpStatus: failure.httpStatus }),
		mayHaveRun: mayHaveRun(failure),
		...(failure.hint === undefined ? {} : { hint: failure.hint }),
		...(failure.documentationUrl === undefined ? {} : { documentationUrl: failure.documentationUrl }),
		...(failure.result === undefined ? {} : { result: failure.result as IDataObject }),
	};
}

function withBinary(item: INodeExecutionData, binary: INodeExecutionData['binary']): INodeExecutionData {
	return binary === undefined || Object.keys(binary).length === 0 ? item : { ...item, binary };
}
