import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'flatted';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { ExecutionEntry } from '../../emulator/journal';
import { itemsOf, perform, type Order } from './acts';
import { looksLikeAReply } from './faults';
import type { Observed } from './lane';
import { MARKER, type Round } from './rounds';

/**
 * A broken promise. `lost`: what came of an item is not on exactly one output, paired to it, or is another item's. `doubled`: a script was started twice.
 * `untrue`: what is said of a run is not so, above all `mayHaveRun: false` for one that the journal has. `leaked`: a secret is where it may not be.
 */
export interface Finding {
	readonly kind: 'lost' | 'doubled' | 'untrue' | 'leaked';
	readonly text: string;
}

/** All that is wrong with a round. */
export function detect(observed: Observed): Finding[] {
	const starts = startsByMarker(observed.journal.executions);
	return [...doubled(observed.round, starts), ...accounting(observed, starts), ...leaks(observed)];
}

/** How often each item's script was started. */
export function startsByMarker(executions: readonly ExecutionEntry[]): Map<string, number> {
	const starts = new Map<string, number>();
	for (const { input } of executions) {
		for (const marker of new Set(JSON.stringify(input).match(MARKER))) starts.set(marker, (starts.get(marker) ?? 0) + 1);
	}
	return starts;
}

export function doubled({ orders, safeToRepeat }: Pick<Round, 'orders' | 'safeToRepeat'>, starts: ReadonlyMap<string, number>): Finding[] {
	if (safeToRepeat) return [];
	return orders.flatMap(({ marker }, index): Finding[] => {
		const times = starts.get(marker) ?? 0;
		return times > 1 ? [{ kind: 'doubled', text: `item ${index} was started ${times} times` }] : [];
	});
}

function accounting({ round, result }: Observed, starts: ReadonlyMap<string, number>): Finding[] {
	const ended = result.error as { message?: string; context?: { runs?: Ledger } } | undefined;
	const emitted = result.outputs.some((items) => items.length > 0);
	if (ended === undefined && result.status === 'canceled' && !emitted) {
		// Stopped before the node began.
		return starts.size === 0 ? [] : [{ kind: 'lost', text: 'stopped without a word about what ran' }];
	}
	if (ended === undefined) return [...places(round, result.outputs), ...truth(round, result.outputs, starts)];
	if (ended.context?.runs === undefined) return [{ kind: 'lost', text: `the node ended without a list of what ran: ${String(ended.message)}` }];
	// With On Error: Continue n8n passes a stopped node's input on as its output (n8n-core, handleNodeExecutionError); nothing after it runs.
	if (emitted && result.status !== 'canceled') return [{ kind: 'lost', text: 'the node threw, and items left all the same' }];
	return ledger(round, ended.context.runs, starts);
}

export interface Ledger {
	readonly ran: string;
	readonly mayHaveRun: string;
	readonly notStarted: string;
}

/** `0–3, 7 and 5 more`. */
function readRanges(text: string): { readonly items: number[]; readonly more: number } {
	const more = Number(/ and (\d+) more$/.exec(text)?.[1] ?? 0);
	const items = text
		.replace(/ and \d+ more$/, '')
		.split(', ')
		.filter((range) => range !== '')
		.flatMap((range) => {
			const [first, last = first] = range.split('–').map(Number) as [number, number?];
			return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
		});
	return { items, more };
}

/** Every item is in exactly one part of what the error says, and none that ran is said not to have. */
export function ledger({ orders }: Pick<Round, 'orders'>, runs: Ledger, starts: ReadonlyMap<string, number>): Finding[] {
	const parts = [readRanges(runs.ran), readRanges(runs.mayHaveRun), readRanges(runs.notStarted)] as const;
	const named = parts.flatMap(({ items }) => items);
	const total = named.length + parts.reduce((sum, { more }) => sum + more, 0);
	const findings: Finding[] = [];
	if (new Set(named).size !== named.length || total !== orders.length) findings.push({ kind: 'lost', text: `of ${orders.length} items the error accounts for ${total}` });
	for (const index of parts[2].items) {
		const times = starts.get(orders[index]?.marker ?? '') ?? 0;
		if (times > 0) findings.push({ kind: 'untrue', text: `item ${index} is said not to have started; the journal has it` });
	}
	return findings;
}

const pairOf = (item: INodeExecutionData): number | undefined => (typeof item.pairedItem === 'object' && !Array.isArray(item.pairedItem) ? item.pairedItem.item : undefined);

/** Where items left: one output an input, in order, of the right number, with nothing of another item in them. */
export function places(round: Round, outputs: readonly INodeExecutionData[][]): Finding[] {
	const findings: Finding[] = [];
	const lost = (text: string): number => findings.push({ kind: 'lost', text });
	const found = new Map<number, Array<{ readonly output: number; readonly item: INodeExecutionData }>>();
	outputs.forEach((items, output) => {
		let before = -1;
		for (const item of items) {
			const index = pairOf(item);
			if (index === undefined || index >= round.orders.length) {
				lost(`an item on output ${output} is paired to ${String(index)}`);
				continue;
			}
			if (index < before) lost(`item ${index} left after ${before} on output ${output}`);
			before = index;
			found.set(index, [...(found.get(index) ?? []), { output, item }]);
		}
	});
	round.orders.forEach((order, index) => {
		const here = found.get(index) ?? [];
		const own = new Set(here.map(({ output }) => output));
		const expected = countOf(round, order, here[0]?.item);
		if (own.size > 1) lost(`item ${index} left on outputs ${[...own].join(' and ')}`);
		if (here.length !== expected) lost(`item ${index} (${order.act}) gave ${here.length} items instead of ${expected}`);
		for (const { output, item } of here) {
			if (output !== outputOf(round, item)) lost(`item ${index} left on output ${output}: ${JSON.stringify(item.json).slice(0, 200)}`);
			const strangers = (JSON.stringify(item.json).match(MARKER) ?? []).filter((marker) => marker !== order.marker);
			// The whole answer of a batch is that of all its items.
			if (strangers.length > 0 && round.batchSize === undefined) lost(`item ${index} has something of ${strangers[0] as string}`);
		}
	});
	return findings;
}

/** How many items one input item gives. */
function countOf({ output, target, batchSize, faults }: Round, { act, marker }: Order, item: INodeExecutionData | undefined): number {
	if (output !== 'items' || target === 'endpoint' || target === 'publicLink' || target === 'script') return 1;
	if (item !== undefined && failureOf(item) !== undefined) return 1;
	const isEchoed = faults.some(({ fault, bodyIncludes }) => fault === 'echoAsResult' && (bodyIncludes === marker || batchSize !== undefined));
	if (item === undefined) return act === 'empty' ? 0 : 1;
	const result = typeof item.json.given === 'object' && item.json.given !== null ? item.json.given : item.json;
	return isEchoed && 'headers' in result ? 1 : itemsOf(act);
}

interface FoundFailure {
	readonly outcome: string;
	readonly mayHaveRun: unknown;
}

/** The failure that an item tells of, in either form; a script's own result may have an `error` too, but no `mayHaveRun` in it. */
function failureOf({ json }: INodeExecutionData): FoundFailure | undefined {
	const error = json.error;
	if (typeof error !== 'object' || error === null || !('mayHaveRun' in error)) return undefined;
	const data = error;
	return { outcome: (json.outcome ?? data.outcome) as string, mayHaveRun: data.mayHaveRun };
}

const OUTPUTS: Readonly<Record<string, number>> = { scriptError: 1, notFinished: 2, requestError: 3 };

/** The output on which an item belongs. */
function outputOf({ routing, onError }: Round, item: INodeExecutionData): number {
	const failure = failureOf(item);
	if (failure === undefined) return 0;
	if (routing === 'byOutcome') return OUTPUTS[failure.outcome] ?? -1;
	return onError === 'continueErrorOutput' ? 1 : 0;
}

/** What is said of each item, against the journal. */
export function truth(round: Round, outputs: readonly INodeExecutionData[][], starts: ReadonlyMap<string, number>): Finding[] {
	const findings: Finding[] = [];
	const untrue = (text: string): number => findings.push({ kind: 'untrue', text });
	for (const item of outputs.flat()) {
		const index = pairOf(item) ?? -1;
		const order = round.orders[index];
		if (order === undefined) continue;
		const started = (starts.get(order.marker) ?? 0) > 0;
		const failure = failureOf(item);
		if (failure !== undefined) {
			if (failure.mayHaveRun !== (failure.outcome !== 'requestError')) untrue(`item ${index} is ${failure.outcome} with mayHaveRun ${String(failure.mayHaveRun)}`);
			if (failure.mayHaveRun === false && started) untrue(`item ${index} is said not to have run; the journal has it`);
			continue;
		}
		if (!started && !mayBeTakenForAReply(round, order)) untrue(`item ${index} is a success; the journal does not have it`);
		if (isUntouched(round, order) && !isDeepStrictEqual(resultOf(round, item), perform(order))) untrue(`item ${index} has another result than its script returned`);
	}
	return findings;
}

const faultsOf = (round: Round, { marker }: Order): string[] =>
	round.faults.filter(({ bodyIncludes, urlIncludes }) => bodyIncludes === marker || urlIncludes === marker).map(({ fault }) => fault);

function mayBeTakenForAReply(round: Round, order: Order): boolean {
	return (round.target === 'endpoint' || round.target === 'publicLink') && faultsOf(round, order).some(looksLikeAReply);
}

/** Whether an item's result has to be exactly what its script returned. */
function isUntouched(round: Round, order: Order): boolean {
	const meddled = round.batchSize === undefined ? faultsOf(round, order).length > 0 : round.faults.length > 0;
	return !meddled && round.resultField === '' && (round.output === 'result' || round.output === 'record') && (round.target === 'appsScript' || round.target === 'script');
}

function resultOf({ target }: Round, { json }: INodeExecutionData): unknown {
	return target === 'script' ? (json.result as IDataObject | undefined)?.stdout : json.result;
}

/** A workflow's own node, as errors and n8n's record have it. An API key that a person puts into a node's options is in the workflow, by n8n's own design. */
const isNode = (object: object): boolean => 'typeVersion' in object && 'position' in object && 'parameters' in object;

/** Secrets in items, errors, hints, logs, the execution's record and addresses; and requests to the other host. */
export function leaks({ result, journal, elsewhere, canaries }: Pick<Observed, 'result' | 'journal' | 'elsewhere' | 'canaries'>): Finding[] {
	const { outputs, hints, error, tries, logs, messagesToUI, run, staticData } = result;
	const findings = canaries.in({ outputs, hints, error, tries, logs, messagesToUI, run, staticData }, isNode).map((found): Finding => ({ kind: 'leaked', text: found }));
	const record = stringify(run.data, (_key, value: unknown) => (typeof value === 'object' && value !== null && isNode(value) ? undefined : value));
	for (const kind of canaries.inText(record)) findings.push({ kind: 'leaked', text: `the execution's record: ${kind}` });
	for (const { url } of [...journal.requests, ...elsewhere.requests]) {
		for (const kind of canaries.inText(url)) findings.push({ kind: 'leaked', text: `the address ${url.slice(0, 80)}: ${kind}` });
	}
	for (const { method, url } of elsewhere.requests) findings.push({ kind: 'leaked', text: `a request to the other host: ${method} ${url.slice(0, 80)}` });
	return findings;
}
