import type { JsonValue } from './json';

/**
 * The words in which both nodes say how a run ended. See README, section 'Outcomes'.
 * Nothing here knows a service or n8n.
 */

/**
 * The outcomes that are not a success, with their reasons. The last two differ in what the person does next: look before running again, or mend and
 * run again.
 */
export const REASONS = {
	scriptError: ['exception', 'timeout', 'cancelled', 'unsupportedReturn', 'batchResult', 'stderr'],
	notFinished: ['pending', 'noAnswer', 'badAnswer', 'serverError'],
	requestError: [
		'invalidInput',
		'notConnected',
		'unauthorized',
		'forbidden',
		'notFound',
		'functionNotFound',
		'wrongId',
		'tooLarge',
		'throttled',
		'blocked',
		'queueTimeout',
		'noConnection',
		'rejected',
		'notStarted',
		'setup',
	],
} as const;

export type FailureOutcome = keyof typeof REASONS;
export type Reason = (typeof REASONS)[FailureOutcome][number];

/** One call of the script's stack, the deepest first. */
export interface StackFrame {
	function: string;
	/** Counts from 1; absent where the service does not tell. */
	line?: number;
}

/** A file that a script answered with. */
export interface ResultFile {
	readonly content: Buffer;
	readonly mimeType: string;
	readonly fileName?: string;
}

/** The service's answer as it came, for *Output: Raw Response*. */
export interface RawResponse {
	readonly statusCode: number;
	readonly headers: Readonly<Record<string, string>>;
	/** Parsed where it is JSON, else text. */
	readonly body: unknown;
}

export interface Success {
	readonly outcome: 'success';
	/** What the script returned; `null` where it returned nothing. */
	readonly result: unknown;
	readonly file?: ResultFile;
	readonly response?: RawResponse;
	/** Syncano: the id of the run's trace. */
	readonly traceId?: number;
}

/** One of several things that were looked at, where a failure is that some of them were not as they should be. */
export interface Finding {
	readonly name: string;
	readonly failed: boolean;
	readonly message: string;
	readonly hint: string;
	readonly documentationUrl: string;
	/** The fields of its output item. */
	readonly data: Readonly<Record<string, JsonValue>>;
}

export interface Failure {
	readonly outcome: FailureOutcome;
	readonly reason: Reason;
	/** What happened, in the service's or the script's own words where there are any; cleaned and capped. */
	readonly message: string;
	/** The type of a thrown error, e.g. `TypeError`. */
	readonly type?: string;
	readonly stack?: readonly StackFrame[];
	readonly httpStatus?: number;
	/** What the person can do about it: one or two sentences. */
	readonly hint?: string;
	readonly documentationUrl?: string;
	readonly response?: RawResponse;
	readonly traceId?: number;
	/** What the script had printed or returned all the same (Syncano). */
	readonly result?: unknown;
	/** Milliseconds that the service asks to wait before the next try. */
	readonly retryAfter?: number;
	/** Each leaves as an item of its own, all on the output of the failure. */
	readonly findings?: readonly Finding[];
}

/** How a run ended; decided by a pure function of each service from what came back. */
export type Outcome = Success | Failure;

/** The facts of a run, as they stand beside its result or error. */
export interface RunFacts {
	readonly service: 'appsScript' | 'syncano';
	/** The script as the person named it: a deployment id, a script's id, an endpoint's name. Never a URL with secrets. */
	readonly script: string;
	/** Apps Script only. */
	readonly function?: string;
	/** ISO 8601, UTC, when the first try was sent; absent where nothing was sent. */
	readonly startedAt?: string;
	/** From the first try's start to the last answer, waits included. */
	readonly durationMs: number;
	/** How often the run was sent. 0 where nothing was sent. */
	readonly attempts: number;
	/** Syncano only. */
	readonly traceId?: number;
}

/** An outcome with the facts of its run. */
export interface FinishedRun {
	readonly outcome: Outcome;
	readonly run: RunFacts;
}

/**
 * Whether the script may have run, i.e. its function may have been entered: what decides if a person, or a retry, may start it again
 * without a second thought.
 */
export function mayHaveRun(outcome: Outcome): boolean {
	return outcome.outcome !== 'requestError';
}

/**
 * Whether the pipeline may try a run again by itself.
 * Only what surely did not start is repeated, and of that only what a second try can cure; what may have run but gave no verdict is repeated
 * where the user said that the script is safe to repeat. Exceptions and time-outs of the script itself never are.
 */
export function mayBeTriedAgain(outcome: Outcome, safeToRepeat: boolean): boolean {
	if (outcome.outcome === 'success') return false;
	if (outcome.reason === 'throttled' || outcome.reason === 'noConnection') return true;
	return safeToRepeat && outcome.outcome === 'notFinished' && outcome.reason !== 'pending';
}

/**
 * What stands of a run that was tried again because running it twice does no harm. That the later try surely did not run does not undo that an earlier
 * one may have.
 * @param earlier the last try before this one that may have run
 */
export function standing(earlier: Failure | undefined, last: Outcome): Outcome {
	if (earlier === undefined || mayHaveRun(last)) return last;
	const { message } = last as Failure;
	return { ...earlier, message: `${earlier.message.replace(/\.$/, '')}. Tried again, it did not run: ${message}` };
}

/** A failure that was found before anything was sent. */
export function requestError(reason: (typeof REASONS.requestError)[number], message: string, hint?: string, documentationUrl?: string): Failure {
	return { outcome: 'requestError', reason, message, hint, documentationUrl };
}
