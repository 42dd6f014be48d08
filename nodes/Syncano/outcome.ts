import type { Answer, Answered } from '../shared/answer';
import { retryAfter } from '../shared/answer';
import { meaningOfSilence, meaningOfStatus } from '../shared/httpMeaning';
import { isRecord, parseJson } from '../shared/json';
import type { Failure, Outcome, RawResponse } from '../shared/outcome';
import { cleanText, textOfHtml } from '../shared/text';
import { customReply } from './customReply';
import { hintFor, type KeyKind, type Target } from './hints';
import { isLedToItself, isServerPage, serverErrorOf, type ServerError } from './serverErrors';
import { outcomeOfTrace, traceOf, traceOfReply, type Trace, type TraceRules } from './trace';

/** What the judgement of an answer needs to know of the request. */
export interface RequestFacts {
	readonly target: Target;
	readonly sentKey: KeyKind;
	/** Whether the payload is an object with the one key `payload`. */
	readonly wrapped: boolean;
	/** The address that was asked. Only an endpoint's answer is judged by it. */
	readonly url?: string;
}

/** A trace with the answer in which it came. */
export interface AnsweredTrace {
	readonly trace: Trace;
	readonly response: RawResponse;
}

/**
 * What the start of a script, or a look at a trace, came to: a trace, or a failure. Total over any answer.
 * @param now milliseconds since the epoch, for `Retry-After` dates
 */
export function traceOrFailure(answer: Answer, request: RequestFacts, now: number): AnsweredTrace | Failure {
	if (answer.kind !== 'answered') return failureWithoutAnswer(answer, request);
	const response = rawResponse(answer);
	const trace = isSuccessStatus(answer.statusCode) ? traceOf(response.body) : undefined;
	return trace === undefined ? failureOfAnswer(answer, request, now) : { trace, response };
}

/** How the run ended that a trace is about; a trace that is not final is `pending`. */
export function outcomeOfAnsweredTrace({ trace, response }: AnsweredTrace, request: RequestFacts, rules: TraceRules): Outcome {
	const outcome = outcomeOfTrace(trace, rules, response);
	return outcome.outcome === 'success' ? outcome : withHint({ ...outcome, httpStatus: response.statusCode }, request);
}

/**
 * How the run of an endpoint, or of a public link, ended: total over any answer. The default reply is a trace, with HTTP 200 for a failed script too; one of
 * the server's own errors, or what a server in front of it answers in its place, is a failure; all else is what the script itself answered, whatever its status.
 */
export function outcomeOfEndpoint(answer: Answer, request: RequestFacts, rules: TraceRules, now: number): Outcome {
	if (answer.kind !== 'answered') return failureWithoutAnswer(answer, request);
	if (serverErrorOf(answer) !== undefined || isServerPage(answer) || isLedToItself(answer, request.url)) return failureOfAnswer(answer, request, now);
	const json = parseJson(answer.body);
	const trace = json === undefined ? undefined : traceOfReply(json.value);
	if (trace === undefined) return customReply(answer);
	return outcomeOfAnsweredTrace({ trace, response: rawResponse(answer) }, request, rules);
}

/** The failure that an answer is which is not what was asked for. */
function failureOfAnswer(answer: Answered, request: RequestFacts, now: number): Failure {
	const row = serverErrorOf(answer);
	const kind = row ?? meaningOfStatus(answer.statusCode);
	const wait = retryAfter(answer.headers, now);
	const failure: Failure = {
		outcome: kind.outcome,
		// A server that was shown no key has refused none: the next item may go to another.
		reason: kind.reason === 'unauthorized' && request.sentKey === 'none' ? 'forbidden' : kind.reason,
		message: messageOf(answer),
		httpStatus: answer.statusCode,
		response: rawResponse(answer),
		...(wait === undefined ? {} : { retryAfter: wait }),
	};
	return withHint(failure, request, row?.id);
}

/** Reading a list starts nothing: whatever went wrong, it can be read again. */
export function failureOfList(answer: Answer, request: RequestFacts, now: number): Failure {
	const failure = answer.kind === 'answered' ? failureOfAnswer(answer, request, now) : failureWithoutAnswer(answer, request);
	return failure.outcome === 'requestError' ? failure : withHint({ ...failure, outcome: 'requestError', reason: 'noConnection', hint: undefined }, request);
}

function failureWithoutAnswer(answer: Exclude<Answer, Answered>, request: RequestFacts): Failure {
	return withHint(answer.kind === 'notSignedIn' ? answer.failure : meaningOfSilence(answer, 'Syncano'), request);
}

function messageOf(answer: Answered): string {
	const status = answer.statusCode;
	const body = parseJson(answer.body)?.value;
	const words = isRecord(body) ? errorWords(body) : '';
	if (words !== '') return cleanText(words);
	const text = answer.body.toString('utf8', 0, 20_000).trim();
	if (text.startsWith('<')) return `Syncano answered with HTTP status ${status} and an HTML page ("${textOfHtml(text)}")`;
	if (isSuccessStatus(status)) return text === '' ? 'Syncano answered with nothing at all' : 'Syncano answered with something else than a trace';
	return isRecord(body) && body.detail === ''
		? `Syncano refused the request without saying why (HTTP status ${status})`
		: `Syncano answered with HTTP status ${status}${text === '' ? ' and nothing else' : ''}`;
}

/** The words of an error body: `detail` or `error`, else each field with what is wrong with it. */
function errorWords(body: Record<string, unknown>): string {
	if ('status' in body && 'result' in body) return '';
	for (const key of ['detail', 'error']) if (typeof body[key] === 'string') return body[key];
	return Object.entries(body)
		.filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1]) && entry[1].every((text) => typeof text === 'string'))
		.map(([field, texts]) => (field === 'non_field_errors' || field === '__all__' ? texts.join(' ') : `${field}: ${texts.join(' ')}`))
		.join(' ');
}

function isSuccessStatus(status: number): boolean {
	return status >= 200 && status < 300;
}

function rawResponse(answer: Answered): RawResponse {
	const json = parseJson(answer.body);
	return { statusCode: answer.statusCode, headers: answer.headers, body: json === undefined ? answer.body.toString('utf8') : json.value };
}

/** The failure with what to do about it. */
export function withHint(failure: Failure, request: RequestFacts, serverError?: ServerError['id']): Failure {
	if (failure.hint !== undefined) return failure;
	return { ...failure, ...hintFor({ failure, target: request.target, sentKey: request.sentKey, serverError, wrapped: request.wrapped }) };
}
