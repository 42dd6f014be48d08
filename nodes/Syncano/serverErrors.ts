import type { Answered } from '../shared/answer';
import { isRecord, parseJson } from '../shared/json';
import type { FailureOutcome, Reason } from '../shared/outcome';

/** What one of the server's own errors means. */
export interface ServerError {
	/** The row's name, by which hints are chosen. */
	readonly id: string;
	readonly status: number;
	/** The whole text under `detail`, or the one text under the field that `field` describes. */
	readonly text: string | RegExp;
	/** The field of a validation error; `detail` where there is none. */
	readonly field?: RegExp;
	readonly outcome: FailureOutcome;
	readonly reason: Reason;
}

const PAYLOAD_FIELD = /^(?:payload|POST|GET|non_field_errors)$/;
const refused = { outcome: 'requestError' } as const;

/**
 * The server's own errors, body by body (server source and documentation; see README, 'Outcomes'). An endpoint's script can answer anything, so only
 * these exact bodies are taken for the server's there. All but two say that no script was started: one ends the wait for an endpoint's result, and of
 * the other, a response template that is not known, the source does not say whether the template is looked up before the script runs.
 */
export const SERVER_ERRORS: readonly ServerError[] = [
	{ id: 'badJson', status: 400, text: /^JSON parse error - /, ...refused, reason: 'rejected' },
	{ id: 'badPayload', status: 400, field: PAYLOAD_FIELD, text: 'Payload passed in invalid format.', ...refused, reason: 'rejected' },
	{ id: 'badPayload', status: 400, field: PAYLOAD_FIELD, text: 'Not a valid JSON string.', ...refused, reason: 'rejected' },
	{ id: 'badPayload', status: 400, field: PAYLOAD_FIELD, text: 'This field may not be null.', ...refused, reason: 'rejected' },
	{ id: 'badPayload', status: 400, field: PAYLOAD_FIELD, text: 'No data provided', ...refused, reason: 'rejected' },
	{ id: 'badPayload', status: 400, field: PAYLOAD_FIELD, text: /^Invalid data\. Expected a dictionary, but got \w+\.$/, ...refused, reason: 'rejected' },
	{ id: 'scriptsSwitchedOff', status: 400, text: '', ...refused, reason: 'rejected' },
	{ id: 'badPage', status: 400, text: 'Incorrect page parameter provided.', ...refused, reason: 'rejected' },
	{ id: 'requestHeadTooBig', status: 400, text: 'Too big request passed.', ...refused, reason: 'tooLarge' },
	{ id: 'otherLocation', status: 400, text: 'Instance was created in different location. Use relevant API endpoint.', ...refused, reason: 'rejected' },
	{ id: 'otherVersion', status: 400, text: 'Instance version mismatch. Not compatible with used API version.', ...refused, reason: 'rejected' },
	{ id: 'noSuchKey', status: 403, text: 'No such API Key.', ...refused, reason: 'unauthorized' },
	{ id: 'noPermission', status: 403, text: 'You do not have permission to perform this action.', ...refused, reason: 'forbidden' },
	{ id: 'noKey', status: 403, text: 'Authentication credentials were not provided.', ...refused, reason: 'forbidden' },
	{ id: 'billing', status: 403, text: 'No active subscription.', ...refused, reason: 'forbidden' },
	{ id: 'billing', status: 403, text: 'Hard limit reached.', ...refused, reason: 'forbidden' },
	{ id: 'billing', status: 403, text: 'Free limits exceeded.', ...refused, reason: 'forbidden' },
	{ id: 'billing', status: 403, text: 'Account blocked due to overdue invoices.', ...refused, reason: 'forbidden' },
	{ id: 'noInstance', status: 404, text: 'Instance was not found.', ...refused, reason: 'notFound' },
	{ id: 'noScript', status: 404, text: 'Script was not found.', ...refused, reason: 'notFound' },
	{ id: 'noEndpoint', status: 404, text: 'Script Endpoint was not found.', ...refused, reason: 'notFound' },
	{ id: 'notFound', status: 404, text: /^Not found\.?$/, ...refused, reason: 'notFound' },
	{ id: 'wrongMethod', status: 405, text: /^Method "[A-Z]+" not allowed\.$/, ...refused, reason: 'rejected' },
	{ id: 'wrongMethod', status: 405, text: 'Batching not allowed.', ...refused, reason: 'rejected' },
	{ id: 'unknownTemplate', status: 406, text: 'Could not satisfy the request Accept header.', outcome: 'notFinished', reason: 'badAnswer' },
	{ id: 'tookTooMuchTime', status: 408, text: 'Script took too much time.', outcome: 'notFinished', reason: 'noAnswer' },
	{ id: 'bodyTooBig', status: 413, text: /^Request size limit exceeded \(\d+\)\.$/, ...refused, reason: 'tooLarge' },
	{ id: 'wrongContentType', status: 415, text: /^Unsupported media type "[^"]*" in request\.$/, ...refused, reason: 'rejected' },
	{ id: 'throttled', status: 429, text: /^Request was throttled\.(?: Expected available in [\d.]+ seconds?\.)?$/, ...refused, reason: 'throttled' },
];

/** The row of the server's own error that an answer is; `undefined` where it is none of them, to the letter. */
export function serverErrorOf(answer: Answered): ServerError | undefined {
	const body = parseJson(answer.body)?.value;
	if (!isRecord(body)) return undefined;
	const keys = Object.keys(body);
	if (keys.length !== 1) return undefined;
	const [key] = keys as [string];
	const value = body[key];
	const text = key === 'detail' ? value : Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : undefined;
	if (typeof text !== 'string') return undefined;
	return SERVER_ERRORS.find(
		(row) =>
			row.status === answer.statusCode &&
			(row.field === undefined ? key === 'detail' : row.field.test(key)) &&
			(typeof row.text === 'string' ? row.text === text : row.text.test(text)),
	);
}

/** Headings and feet of the pages that nginx, HAProxy and Apache make, and Django's page for a path that it does not know. */
const SERVERS_OWN_PAGE =
	/<hr>\s*<center>\w|<address>\w|^\s*<html><body><h1>\d{3} [^<]*<\/h1>[^<]*<\/body>\s*<\/html>\s*$|<h1>Not Found<\/h1>\s*<p>The requested [^<]* was not found on this server\.<\/p>/i;

/** Redirects that servers and proxies make. 303, "look there for what came of it", is a script's word. */
const REDIRECTS = new Set([301, 302, 307, 308]);

/**
 * Whether an answer leads to the path that was asked: to https, to another host, or back once a cookie is set. Servers and proxies do so in place of the
 * script; the answer of a script that ran has another place to lead to.
 * @param url the address that was asked; nothing is known without it
 */
export function isLedToItself({ statusCode, headers }: Answered, url: string | undefined): boolean {
	const { location } = headers;
	if (!REDIRECTS.has(statusCode) || !location || url === undefined || !URL.canParse(location, url)) return false;
	return new URL(location, url).pathname === new URL(url).pathname;
}

/**
 * Whether an answer is a page that a web server, a proxy or the framework in front of the scripts makes by itself. Where the page would say that nothing ran,
 * it has to be unmistakable; where it leaves that open, it is enough that it is headed by its own status, is the bare phrase of it, or has no body at all.
 * A gateway's statuses come from gateways, unless the body is JSON, which those do not speak.
 */
export function isServerPage(answer: Answered): boolean {
	const { statusCode: status } = answer;
	if (answer.body.length === 0) return status >= 500;
	if (status < 300 || parseJson(answer.body) !== undefined) return false;
	const text = answer.body.toString('utf8', 0, 2_000);
	// The text is anybody's: no part of the expression can take what its neighbour could take too, or reading it would take minutes.
	const heading = /<(title|h1)\b[^<>]*>([^<]*)<\/\1>/i.exec(text)?.[2]?.trim() ?? '';
	const headed = heading.startsWith(`${status} `) || heading.endsWith(`(${status})`);
	if (status >= 400 && status < 500 && status !== 408 && status !== 499) return SERVERS_OWN_PAGE.test(text) && (headed || heading === 'Not Found');
	if (status >= 502 && status <= 504) return true;
	return headed || (status >= 500 && /^\s*internal server error\s*$/i.test(text));
}
