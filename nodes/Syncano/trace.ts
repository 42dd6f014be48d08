import { isRecord, parseJson } from '../shared/json';
import type { Failure, Outcome, RawResponse, StackFrame } from '../shared/outcome';
import { cleanText } from '../shared/text';

/** Statuses that a trace keeps (server source, apps/codeboxes/models.py); any other is not final. */
const FINAL_STATUSES = new Set(['success', 'failure', 'timeout', 'blocked', 'queue_timeout']);
const PASSING_STATUSES = new Set(['pending', 'processing']);

/** What Syncano remembers of a run, as it came. */
export interface Trace {
	/** Absent in an endpoint's reply of the oldest servers. */
	readonly id?: number;
	readonly status: string;
	/** `{}`, `''`, an object, a text, or JSON as text: see `traceResult`. */
	readonly result: unknown;
	/** Milliseconds; null until the run has ended. */
	readonly duration: unknown;
	/** The whole of it. */
	readonly fields: Readonly<Record<string, unknown>>;
}

/** How a trace is read. */
export interface TraceRules {
	/** Whether stdout that is JSON becomes that value. */
	readonly parseStdout: boolean;
	/** Whether a run that succeeded but wrote to stderr is a failure. */
	readonly failOnStderr: boolean;
}

/** The trace that a value is, as lists and the detail of a trace have them; `undefined` where it is none. */
export function traceOf(value: unknown): Trace | undefined {
	if (!isRecord(value) || typeof value.status !== 'string') return undefined;
	if (!Number.isSafeInteger(value.id)) return undefined;
	return { id: value.id as number, status: value.status, result: value.result, duration: value.duration, fields: value };
}

/**
 * The trace that an endpoint's default reply is. A script can answer anything in its place, so all of status, result, executed_at and duration have
 * to be there, and the status has to be one of the server's.
 */
export function traceOfReply(value: unknown): Trace | undefined {
	if (!isRecord(value) || !['status', 'result', 'executed_at', 'duration'].every((key) => Object.hasOwn(value, key))) return undefined;
	if (typeof value.status !== 'string' || !(FINAL_STATUSES.has(value.status) || PASSING_STATUSES.has(value.status))) return undefined;
	return {
		...(Number.isSafeInteger(value.id) ? { id: value.id as number } : {}),
		status: value.status,
		result: value.result,
		duration: value.duration,
		fields: value,
	};
}

/** Whether the run of a trace has ended. */
export function hasEnded(trace: Trace): boolean {
	return FINAL_STATUSES.has(trace.status);
}

/** IDs begin again at 1 after 48 hours without a run; an hour is left for clocks that differ. */
const ID_LIFE_MS = 47 * 3_600_000;

/**
 * Whether a trace is surely that of a later run than the one that was started at this time, which has got its ID since.
 * @param startedAt milliseconds since the epoch
 */
export function ofLaterRun({ fields }: Trace, startedAt: number): boolean {
	return typeof fields.executed_at === 'string' && Date.parse(fields.executed_at) - startedAt > ID_LIFE_MS;
}

/** A custom reply of a script. */
export interface CustomReply {
	readonly status: unknown;
	readonly contentType: unknown;
	readonly headers: unknown;
	/** Parsed where it is JSON, else text. */
	readonly content: unknown;
}

/** What a trace's `result` holds, whatever its form. */
export interface TraceResult {
	readonly stdout: unknown;
	readonly stderr: unknown;
	readonly response?: CustomReply;
}

/**
 * The four forms that servers have given to a trace's `result`, as one: `{}` and `''` before the end, `{ stdout, stderr, response? }`, a plain text,
 * and an object written as text whose stderr is called `stderror`. Other keys, such as the notice that a result is too big for a list, are kept.
 */
export function traceResult(result: unknown, parseStdout: boolean): TraceResult {
	const { stdout = '', stderr, stderror, response, ...rest } = resultFields(result);
	return {
		...rest,
		stdout: parseStdout && typeof stdout === 'string' ? parsedOutput(stdout) : stdout,
		stderr: stderr ?? stderror ?? '',
		...(response === undefined || response === null ? {} : { response: replyInTrace(response) }),
	};
}

function resultFields(result: unknown): Record<string, unknown> {
	if (isRecord(result)) return result;
	if (result === undefined || result === null) return {};
	if (typeof result !== 'string') return { stdout: result };
	const json = parseJson(result);
	const value = isRecord(json?.value) ? json.value : undefined;
	return value !== undefined && ('stdout' in value || 'stderr' in value || 'stderror' in value) ? value : { stdout: result };
}

/** The value that a text is as JSON, or the text. A number that JavaScript would change, such as a long ID, stays text. */
function parsedOutput(stdout: string): unknown {
	const value = parseJson(stdout)?.value;
	if (value === undefined) return stdout;
	return typeof value === 'number' && String(value) !== stdout.trim() ? stdout : value;
}

function replyInTrace(response: unknown): CustomReply {
	const { status = null, content_type: contentType = null, headers = {}, content = '' } = isRecord(response) ? response : { content: response };
	const json = typeof content === 'string' && typeof contentType === 'string' && isJsonType(contentType) ? parseJson(content) : undefined;
	return { status, contentType, headers, content: json === undefined ? content : json.value };
}

/** Whether a content type is JSON: `application/json`, `application/problem+json` and their like. */
export function isJsonType(contentType: string): boolean {
	return /^\s*[\w.-]+\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(contentType);
}

/** How a run ended, from its trace. A trace that is not final is `pending`. */
export function outcomeOfTrace(trace: Trace, rules: TraceRules, response: RawResponse): Outcome {
	const result = traceResult(trace.result, rules.parseStdout);
	const facts = { ...(trace.id === undefined ? {} : { traceId: trace.id }), response };
	const stderr = typeof result.stderr === 'string' ? result.stderr : JSON.stringify(result.stderr);
	const failed = (failure: Pick<Failure, 'outcome' | 'reason' | 'message'> & Partial<Failure>): Failure => ({ ...failure, ...facts, result });
	const seconds = typeof trace.duration === 'number' ? ` after ${trace.duration / 1_000} s` : '';
	switch (trace.status) {
		case 'success':
			if (rules.failOnStderr && stderr.trim() !== '') return failed({ outcome: 'scriptError', reason: 'stderr', ...errorInOutput(stderr) });
			return { outcome: 'success', result, ...facts };
		case 'failure':
			return failed({
				outcome: 'scriptError',
				reason: 'exception',
				...(stderr.trim() === '' ? { message: 'The script ended with an exit code other than 0 and wrote nothing to stderr' } : errorInOutput(stderr)),
			});
		case 'timeout':
			return failed({ outcome: 'scriptError', reason: 'timeout', message: `Syncano stopped the script at its time limit${seconds}` });
		case 'blocked':
			return failed({ outcome: 'requestError', reason: 'blocked', message: 'Syncano blocked the run before it started' });
		case 'queue_timeout':
			return failed({ outcome: 'requestError', reason: 'queueTimeout', message: 'The run waited too long in the queue of Syncano and was not started' });
		default:
			return failed({ outcome: 'notFinished', reason: 'pending', message: `The run is not finished: its trace says "${cleanText(trace.status, 40)}"` });
	}
}

/** More frames than a person reads. */
const MOST_FRAMES = 50;

/**
 * The error in what a script wrote to stderr: Node.js prints the source line first and then `Name: message` with its frames, Python the frames
 * first and `Name: message` last. Frames of other files than the script's own (`main.js`, `main.py`) belong to the runner.
 */
function errorInOutput(stderr: string): { message: string; type?: string; stack?: StackFrame[] } {
	const lines = stderr.slice(0, 100_000).split('\n');
	// Where an error led to another, the last one is what ended the script.
	const traceback = lines.map((line) => line.startsWith('Traceback (most recent call last)')).lastIndexOf(true);
	const named = traceback < 0 ? lines.find((line) => NAMED_ERROR.test(line)) : lines.slice(traceback + 1).find((line) => /^\S/.test(line));
	const line = named ?? lines.find((candidate) => candidate.trim() !== '') ?? '';
	const message = cleanText(line);
	const type = NAMED_ERROR.exec(message)?.[1];
	const stack = traceback < 0 ? nodeFrames(lines) : pythonFrames(lines.slice(traceback)).reverse();
	return { message, ...(type === undefined ? {} : { type }), ...(stack.length === 0 ? {} : { stack: stack.slice(0, MOST_FRAMES) }) };
}

/** `TypeError: x is not a function`, `requests.exceptions.HTTPError`. */
const NAMED_ERROR = /^(?:Uncaught )?((?:[A-Za-z_][\w.]*\.)?(?:[A-Z]\w*)?(?:Error|Exception|Exit|Interrupt))(?::|$)/;

// What a script prints is anybody's, and a line can be long: neither expression may go over one again and again.
function nodeFrames(lines: readonly string[]): StackFrame[] {
	return lines.flatMap((line) => {
		const frame = /^\s+at (?:([^(]*) \()?(?:.*\/)?main\.js:(\d+)(?::\d+)?\)?$/.exec(line);
		return frame === null ? [] : [{ function: cleanText(frame[1] ?? '(script)', 120), line: Number(frame[2]) }];
	});
}

function pythonFrames(lines: readonly string[]): StackFrame[] {
	return lines.flatMap((line) => {
		const frame = /^ {2}File "(?:[^"]*\/)?main\.py", line (\d+)(?:, in (.*))?$/.exec(line);
		return frame === null ? [] : [{ function: cleanText(frame[2] === undefined || frame[2] === '<module>' ? '(script)' : frame[2], 120), line: Number(frame[1]) }];
	});
}
