import type { INode, JsonObject } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { errorData } from './items';
import type { Failure, RunFacts } from './outcome';
import { listOfRanges } from './text';

/** What became of the items of a node that ended early, by item index. n8n discards the finished results, so the error has to say it. */
export interface RunLedger {
	/** The script ran, with whatever result. */
	readonly ran: number[];
	readonly mayHaveRun: number[];
	readonly notStarted: number[];
}

/** The error of a node that was stopped. n8n takes it for a stop, not a failure, by the word "canceled" (workflow-execute.js). */
export function canceledError(node: INode, ledger: RunLedger): NodeOperationError {
	return nodeError(node, 'The execution was canceled', ledgerText(ledger), { runs: ledgerData(ledger) });
}

/**
 * The error with which the first failed item ends the node.
 * @param items how many there were; a single one needs no list of what became of the others
 */
export function firstFailureError(
	node: INode,
	{ failure, run, itemIndex }: { failure: Failure; run: RunFacts; itemIndex: number },
	items: number,
	ledger: RunLedger,
): NodeOperationError {
	const description = [failure.hint, items > 1 ? ledgerText(ledger) : undefined].filter(Boolean).join(' ');
	return nodeError(node, failure.message, description, { itemIndex, ...errorData(failure, run), runs: ledgerData(ledger) });
}

function nodeError(node: INode, message: string, description: string, context: { itemIndex?: number; runs: object }): NodeOperationError {
	const error = new NodeOperationError(node, message, { description, itemIndex: context.itemIndex });
	// The constructor replaces any message that has an errno word in it by a canned text; a script's own words are worth more.
	error.message = message;
	Object.assign(error.context, context as JsonObject);
	return error;
}

function ledgerText(ledger: RunLedger): string {
	const { ran, mayHaveRun, notStarted } = ledgerData(ledger);
	return [
		`Ran: ${ran === '' ? 'none' : `items ${ran}`}.`,
		`May have run: ${mayHaveRun === '' ? 'none' : `items ${mayHaveRun}`}.`,
		`Never started: ${notStarted === '' ? 'none' : `items ${notStarted}`}.`,
		'Items are counted from 0, as n8n does.',
	].join(' ');
}

function ledgerData(ledger: RunLedger): { ran: string; mayHaveRun: string; notStarted: string } {
	const ranges = (items: readonly number[]) => listOfRanges([...items].sort((a, b) => a - b));
	return { ran: ranges(ledger.ran), mayHaveRun: ranges(ledger.mayHaveRun), notStarted: ranges(ledger.notStarted) };
}
