import type { IExecuteFunctions, NodeExecutionHint } from 'n8n-workflow';

import { runsAsTool } from './agent';
import { ADAPTIVE, type ConcurrencyRule } from './concurrency';
import type { PipelineReport } from './pipeline';

/** What a node did, as far as a person may want to know more of it though nothing failed. */
export interface HintFacts extends Pick<PipelineReport, 'sent' | 'elapsedMs' | 'runTimeMs' | 'leftAlone' | 'fileBytes'> {
	/** Attempts that the service refused for its load. */
	readonly throttled: number;
	readonly concurrency: ConcurrencyRule;
	/** The most runs that Automatic would have at the same time. */
	readonly ceiling: number;
	/** Whether one run stood for several items. */
	readonly batches: boolean;
	/** Bytes of all answers, unpacked. */
	readonly answerBytes: number;
}

/** Below these nobody waits for anything. */
const FEWEST_RUNS = 10;
const SHORTEST_MS = 10_000;

/** From there on n8n's editor shows no view of a node's output by itself (2.40.7: tables end at 1 MiB, the schema at 4 MiB). */
const LARGE_BYTES = 4 * 1024 * 1024;

/** The hints that follow from how the runs went, whatever the service. */
export function executionHints(facts: HintFacts): NodeExecutionHint[] {
	return [inOrderHint(facts), leftAloneHint(facts), sizeHint(facts)].filter((hint) => hint !== undefined);
}

function inOrderHint({ sent, elapsedMs, runTimeMs, throttled, concurrency, ceiling, batches }: HintFacts): NodeExecutionHint | undefined {
	// Where the service was too busy for one at a time already, more at a time would not have helped.
	if (concurrency.mode !== 'inOrder' || batches || throttled > 0 || sent < FEWEST_RUNS || elapsedMs < SHORTEST_MS) return undefined;
	const estimate = Math.max(0, elapsedMs - runTimeMs) + roundsOf(sent, ceiling) * (runTimeMs / sent);
	if (estimate > elapsedMs / 2) return undefined;
	return {
		message: `${sent} runs, one after the other, took ${durationText(elapsedMs)}. With Concurrency set to Automatic (under Options) they would have taken about ${durationText(estimate)}, by an estimate from their mean duration. Choose it only if the order in which they run does not matter.`,
		type: 'info',
		location: 'outputPane',
	};
}

/** How many runs' time Automatic takes where nothing slows it down: the first run alone, then as its window opens. */
function roundsOf(runs: number, ceiling: number): number {
	let rounds = 1;
	let window = Math.min(ceiling, ADAPTIVE.afterFirst);
	for (let left = runs - 1; left > 0; left -= window, rounds += 1) {
		if (rounds > 1) window = Math.min(ceiling, window * (1 + ADAPTIVE.rampStep));
	}
	return rounds;
}

function leftAloneHint({ leftAlone }: HintFacts): NodeExecutionHint | undefined {
	if (leftAlone === 0) return undefined;
	return {
		message: `Retry On Fail did not run ${leftAlone === 1 ? '1 failed item' : `${leftAlone} failed items`} again, because the script had run, or may have, and would then have run twice. If running it twice does no harm, switch on Safe to Repeat (under Options).`,
		type: 'info',
		location: 'outputPane',
	};
}

function sizeHint({ answerBytes, fileBytes }: HintFacts): NodeExecutionHint | undefined {
	const bytes = answerBytes - fileBytes;
	if (bytes < LARGE_BYTES) return undefined;
	return {
		message: `The answers hold ${Math.round(bytes / 1024 / 1024)} MB in all. The editor does not show results of this size by itself, and becomes slow with them. Let the script return less, or work through fewer items at a time with a Loop Over Items node.`,
		type: 'warning',
		location: 'outputPane',
	};
}

function durationText(milliseconds: number): string {
	const seconds = Math.max(1, Math.round(milliseconds / 1_000));
	if (seconds < 100) return `${seconds} s`;
	const minutes = Math.round(seconds / 60);
	return minutes < 100 ? `${minutes} min` : `${Math.round(minutes / 6) / 10} h`;
}

/** Shows hints beside the node's output; an agent's tool has nobody to show them to. n8n drops them where the node throws. */
export function showHints(context: IExecuteFunctions, hints: readonly NodeExecutionHint[]): void {
	if (hints.length === 0 || runsAsTool(context)) return;
	(context as Partial<Pick<IExecuteFunctions, 'addExecutionHints'>>).addExecutionHints?.(...hints);
}
