import type { Answer, Answered } from '../shared/answer';
import { retryAfter } from '../shared/answer';
import { meaningOfSilence, meaningOfStatus } from '../shared/httpMeaning';
import { isRecord, parseJson } from '../shared/json';
import type { Failure, FailureOutcome, Outcome, RawResponse, Reason, StackFrame } from '../shared/outcome';
import { cleanText, textOfHtml } from '../shared/text';
import { hintFor } from './hints';

/** What the judgement of an answer needs to know of the request. */
export interface RunRequestFacts {
	/** The id in the request's path. */
	readonly id: string;
	readonly function: string;
	readonly devMode: boolean;
	/** Whether the user asked for a partial answer (`fields`), which may leave `response` out. */
	readonly partial: boolean;
}

/** The texts with which Apps Script refuses a run before it starts. Sources: README of RunAll, issue threads; see README, 'Outcomes'. */
const THROTTLED_TEXTS = new Set([
	'Service invoked too many times in a short time: exec qps. Try Utilities.sleep(1000) between calls.',
	'There are too many scripts running simultaneously for this Google user account.',
	'Script invoked too many times per second for this Google user account.',
]);
const STORAGE_TEXT = "We're sorry, a server error occurred while reading from storage. Error code ";
const UNSUPPORTED_RETURN = 'The script completed but the returned value is not a supported return type.';
const EXECUTION_TIME_EXCEEDED = 'Exceeded maximum execution time';

/** `google.rpc.Code` as Status.code has it (discovery document of script:v1). */
const CODE = { CANCELLED: 1, INVALID_ARGUMENT: 3, SCRIPT_TIMEOUT: 10 } as const;

/**
 * How a run of scripts.run ended: total over any answer, whatever its status, headers and bytes.
 * @param now milliseconds since the epoch, for `Retry-After` dates
 */
export function outcomeOfRun(answer: Answer, request: RunRequestFacts, now: number): Outcome {
	switch (answer.kind) {
		case 'notSignedIn':
			return withHint(answer.failure, request);
		case 'notSent':
		case 'lost':
			return withHint(meaningOfSilence(answer, 'Apps Script'), request);
		case 'answered':
			return outcomeOfAnswer(answer, request, now);
	}
}

function outcomeOfAnswer(answer: Answered, request: RunRequestFacts, now: number): Outcome {
	const json = parseJson(answer.body);
	const response: RawResponse = {
		statusCode: answer.statusCode,
		headers: answer.headers,
		body: json === undefined ? answer.body.toString('utf8') : json.value,
	};
	if (answer.statusCode < 200 || answer.statusCode > 299) return httpFailure(answer, response, request, now);
	if (json === undefined || !isRecord(json.value)) {
		return withHint({ ...badAnswer(answer, json?.value), response }, request);
	}

	const operation = json.value;
	const error = inBodyError(operation);
	if (error !== undefined) return withHint({ ...scriptFailure(error, request), httpStatus: answer.statusCode, response }, request);
	if (operation.done === false) {
		return withHint(
			{ outcome: 'notFinished', reason: 'pending', message: 'Apps Script answered before the run was finished', httpStatus: answer.statusCode, response },
			request,
		);
	}
	if (operation.done === true) {
		if (isRecord(operation.response)) return { outcome: 'success', result: operation.response.result ?? null, response };
		// Where a partial answer was asked for, an empty response may be left out whole; `done` and `error` never are.
		if (request.partial) return { outcome: 'success', result: null, response };
	}
	return withHint(
		{
			outcome: 'notFinished',
			reason: 'badAnswer',
			message: 'Apps Script answered without saying whether the run succeeded',
			httpStatus: answer.statusCode,
			response,
		},
		request,
	);
}

/** The error of an Operation. Google's sample nests it under `response`; the schema has it at the top. */
function inBodyError(operation: Record<string, unknown>): Record<string, unknown> | undefined {
	if (isRecord(operation.error)) return operation.error;
	if (isRecord(operation.response) && isRecord(operation.response.error)) return operation.response.error;
	return undefined;
}

function scriptFailure(error: Record<string, unknown>, request: RunRequestFacts): Failure {
	const detail = Array.isArray(error.details) ? (error.details as unknown[]).find(isRecord) : undefined;
	const text = textOr(detail?.errorMessage, textOr(error.message, 'The script failed without a message'));
	const stack = stackOf(detail?.scriptStackTraceElements);
	const message = cleanText(text);
	const fail = (outcome: FailureOutcome, reason: Reason): Failure => ({
		outcome,
		reason,
		message,
		...typeOf(detail?.errorType, message),
		...(stack.length > 0 ? { stack } : {}),
	});

	if (error.code === CODE.SCRIPT_TIMEOUT) return fail('scriptError', 'timeout');
	if (error.code === CODE.CANCELLED) return fail('scriptError', 'cancelled');
	if (text === UNSUPPORTED_RETURN) return fail('scriptError', 'unsupportedReturn');
	// A running script can throw any of these texts itself; only the whole text, without a stack, proves that no function was entered.
	if (error.code === CODE.INVALID_ARGUMENT && stack.length === 0) {
		if (THROTTLED_TEXTS.has(text)) return fail('requestError', 'throttled');
		if (text === `${STORAGE_TEXT}NOT_FOUND.`) return fail('requestError', 'wrongId');
		if (text === `Script function not found: ${request.function}`) return fail('requestError', 'functionNotFound');
	}
	if (text === `${STORAGE_TEXT}INTERNAL.` && stack.length === 0) return fail('notFinished', 'serverError');
	if (text.startsWith(EXECUTION_TIME_EXCEEDED)) return fail('scriptError', 'timeout');
	return fail('scriptError', 'exception');
}

/** The type of the thrown error: Google's `errorType` where it says more than 'ScriptError', else the word before the colon of the message. */
function typeOf(errorType: unknown, message: string): { type?: string } {
	const fromMessage = /^([A-Z]\w*(?:Error|Exception)|Exception): /.exec(message)?.[1];
	const given = typeof errorType === 'string' && errorType !== '' ? cleanText(errorType, 80) : undefined;
	const type = given === undefined || given === 'ScriptError' ? (fromMessage ?? given) : given;
	return type === undefined ? {} : { type };
}

/** More frames than a person reads; endless recursion sends thousands. */
const MOST_FRAMES = 50;

function stackOf(elements: unknown): StackFrame[] {
	if (!Array.isArray(elements)) return [];
	return elements
		.slice(0, MOST_FRAMES)
		.filter(isRecord)
		.map((element) => ({
			function: cleanText(textOr(element.function, '(anonymous)'), 120),
			...(typeof element.lineNumber === 'number' ? { line: element.lineNumber } : {}),
		}));
}

function httpFailure(answer: Answered, response: RawResponse, request: RunRequestFacts, now: number): Failure {
	const status = answer.statusCode;
	const apiError = isRecord(response.body) && isRecord(response.body.error) ? response.body.error : undefined;
	const details = Array.isArray(apiError?.details) ? (apiError.details as unknown[]).filter(isRecord) : [];
	const apiReason = textOr(details.find((detail) => typeof detail.reason === 'string')?.reason, undefined);
	const message = cleanText(textOr(apiError?.message, bodyText(answer) ?? `Apps Script answered with HTTP status ${status}`));
	const base = { message, httpStatus: status, response };
	const failure: Failure = { ...base, ...meaningOfStatus(status) };
	const wait = retryAfter(answer.headers, now);
	return withHint(wait === undefined ? failure : { ...failure, retryAfter: wait }, request, apiReason, activationUrl(message, details));
}

function badAnswer(answer: Answered, json: unknown): Failure {
	const what =
		answer.body.length === 0
			? 'nothing at all'
			: json !== undefined
				? 'something else than an operation'
				: isHtml(answer)
					? `an HTML page ("${textOfHtml(answer.body.toString('utf8', 0, 20_000))}")`
					: 'text that is not JSON, only a part of its answer, or JSON nested more deeply than n8n can keep';
	return { outcome: 'notFinished', reason: 'badAnswer', message: `Apps Script answered with ${what}`, httpStatus: answer.statusCode };
}

function isHtml(answer: Answered): boolean {
	return (answer.headers['content-type'] ?? '').includes('text/html') || /^\s*<(!doctype|html)/i.test(answer.body.toString('utf8', 0, 200));
}

function bodyText(answer: Answered): string | undefined {
	if (answer.body.length === 0 || !isHtml(answer)) return undefined;
	const title = textOfHtml(answer.body.toString('utf8', 0, 20_000));
	return title === '' ? undefined : `HTTP status ${answer.statusCode}: ${title}`;
}

/** An address of Google's own consoles that the answer names; any other address stays text. */
function activationUrl(message: string, details: ReadonlyArray<Record<string, unknown>>): string | undefined {
	const metadata = details.map((detail) => detail.metadata).find(isRecord);
	const candidates = [textOr(metadata?.activationUrl, undefined), /https:\/\/[^\s"'<>]+/.exec(message)?.[0]];
	return candidates.find((candidate) => candidate !== undefined && /^https:\/\/(console\.developers\.google\.com|console\.cloud\.google\.com|script\.google\.com)\//.test(candidate));
}

function withHint(failure: Failure, request: RunRequestFacts, apiReason?: string, url?: string): Failure {
	if (failure.hint !== undefined) return failure;
	const hint = hintFor({ failure, id: request.id, function: request.function, devMode: request.devMode, apiReason, activationUrl: url });
	return hint === undefined ? failure : { ...failure, ...hint };
}

function textOr<T>(value: unknown, otherwise: T): string | T {
	return typeof value === 'string' && value !== '' ? value : otherwise;
}
