import { apiErrorBody } from '../appsScript/bodies';
import type { FaultDefinition, FaultParameters } from '../faults';
import type { EmulatedAnswer, EmulatedRequest } from '../service';
import { page } from './query';

/** The statuses with which something between the client and the script gives up. */
const STATUSES: ReadonlyArray<readonly [status: number, text: string]> = [
	[405, 'Method Not Allowed'],
	[408, 'Request Timeout'],
	[413, 'Request payload size exceeds the limit.'],
	[429, 'Resource has been exhausted (e.g. check quota).'],
	[499, 'The operation was cancelled.'],
	[500, 'Internal error encountered.'],
	[502, 'Bad Gateway'],
	[503, 'The service is currently unavailable.'],
	[504, 'Deadline expired before operation could complete.'],
];

/** Google's paths answer with Google's error body (for 5xx a guess: none was recorded), all others with a line of text. */
function plainError(request: EmulatedRequest, status: number, text: string, headers: Record<string, string> = {}): EmulatedAnswer {
	const google = /^\/(?:v1|drive\/v3)\//.test(request.url.pathname);
	return { status, headers, body: google ? apiErrorBody(request, { status, message: text }) : `${text}\n` };
}

function numberOf(parameters: FaultParameters | undefined, name: string, otherwise: number): number {
	const value = Number(parameters?.[name] ?? otherwise);
	return Number.isFinite(value) ? value : otherwise;
}

function textOf(parameters: FaultParameters | undefined, name: string): string | undefined {
	const value = parameters?.[name];
	return value === undefined ? undefined : String(value);
}

/** The bytes of an answer as text, as the server would send them. */
function textOfAnswer(answer: EmulatedAnswer | undefined): string {
	const body = answer?.body;
	if (typeof body === 'string') return body;
	if (body instanceof Uint8Array) return Buffer.from(body).toString('utf8');
	return body === undefined ? '' : JSON.stringify(body);
}

function elsewhere(request: EmulatedRequest, parameters: FaultParameters | undefined): EmulatedAnswer {
	const target = new URL(request.url.href);
	// Another host by name, and yet the same emulator: whoever follows leaves a request in the journal.
	target.hostname = target.hostname === 'localhost' ? '127.0.0.1' : 'localhost';
	const location = textOf(parameters, 'location') ?? target.href;
	return { ...page(numberOf(parameters, 'status', 302), 'Moved', location), headers: { 'content-type': 'text/html; charset=UTF-8', location } };
}

const HTML_ERROR = page(200, 'Error', 'Sorry, unable to open the file at this time. Please check the address and try again.');
const LOST_HALF = { status: 200, body: { done: true, response: { result: 'an answer of which the second half is never sent' } } };

/** JSON arrays within arrays, so many bytes of them. Default: 2 million bytes. */
function nested(parameters: FaultParameters | undefined): string {
	const depth = Math.max(1, Math.floor(numberOf(parameters, 'megabytes', 2) * 500_000));
	return `{"done":true,"response":{"result":${'['.repeat(depth)}${']'.repeat(depth)}}}`;
}

function statusFaults(): Record<string, FaultDefinition> {
	const faults: Record<string, FaultDefinition> = {};
	for (const [status, text] of STATUSES) {
		faults[`http${status}`] = {
			stage: 'instead',
			description: `HTTP ${status}; nothing runs. Parameter retryAfter: a Retry-After header, seconds or an HTTP date, as given.`,
			answer: (request, _real, parameters) => {
				const retryAfter = textOf(parameters, 'retryAfter');
				return plainError(request, status, text, retryAfter === undefined ? {} : { 'retry-after': retryAfter });
			},
		};
		faults[`http${status}AfterRun`] = {
			stage: 'after',
			description: `HTTP ${status} after the request was handled: the script has run.`,
			answer: (request) => plainError(request, status, text),
		};
	}
	for (const [status, text] of STATUSES.filter(([candidate]) => candidate === 429 || candidate === 503)) {
		faults[`http${status}RetryAfter`] = {
			stage: 'instead',
			description: `HTTP ${status} with Retry-After in seconds (parameter seconds, default 1); nothing runs.`,
			answer: (request, _real, parameters) => plainError(request, status, text, { 'retry-after': String(numberOf(parameters, 'seconds', 1)) }),
		};
		faults[`http${status}RetryAfterDate`] = {
			stage: 'instead',
			description: `HTTP ${status} with Retry-After as an HTTP date, so many seconds from the machine's present time (parameter seconds, default 2); nothing runs.`,
			answer: (request, _real, parameters) =>
				plainError(request, status, text, { 'retry-after': new Date(Date.now() + numberOf(parameters, 'seconds', 2) * 1000).toUTCString() }),
		};
	}
	return faults;
}

/** Faults of the way between client and service; they meet every service. */
export const httpFaults: Readonly<Record<string, FaultDefinition>> = {
	...statusFaults(),
	htmlPage: {
		stage: 'instead',
		description: 'HTTP 200 with a page of HTML (parameter status for another status); nothing runs.',
		answer: (_request, _real, parameters) => ({ ...HTML_ERROR, status: numberOf(parameters, 'status', 200) }),
	},
	htmlPageAfterRun: {
		stage: 'after',
		description: 'HTTP 200 with a page of HTML in place of the answer; the script has run.',
		answer: () => HTML_ERROR,
	},
	truncatedJson: {
		stage: 'after',
		description: 'The first half of the JSON, as a complete HTTP answer; the script has run.',
		answer: (_request, real) => {
			const text = textOfAnswer(real).trimEnd();
			return { status: real?.status ?? 200, headers: { ...real?.headers, 'content-type': 'application/json; charset=UTF-8' }, body: text.slice(0, Math.floor(text.length / 2)) };
		},
	},
	emptyBody: {
		stage: 'after',
		description: 'The real status with no body; the script has run.',
		answer: (_request, real) => ({ status: real?.status ?? 200, headers: { 'content-type': 'application/json; charset=UTF-8' } }),
	},
	wrongContentType: {
		stage: 'after',
		description: 'The real answer, called text/plain (parameter contentType for another); the script has run.',
		answer: (_request, real, parameters) => ({
			status: real?.status ?? 200,
			headers: { ...real?.headers, 'content-type': textOf(parameters, 'contentType') ?? 'text/plain; charset=utf-8' },
			body: textOfAnswer(real),
		}),
	},
	notAnObject: {
		stage: 'after',
		description: 'Valid JSON that is no object: `[]` (parameter json for another text); the script has run.',
		answer: (_request, _real, parameters) => ({ status: 200, headers: { 'content-type': 'application/json; charset=UTF-8' }, body: textOf(parameters, 'json') ?? '[]' }),
	},
	hugeNesting: {
		stage: 'after',
		description: 'A JSON body of nothing but nested arrays (parameter megabytes, default 2); the script has run.',
		answer: (_request, _real, parameters) => ({ status: 200, headers: { 'content-type': 'application/json; charset=UTF-8' }, body: nested(parameters) }),
	},
	redirect: {
		stage: 'instead',
		description: 'A redirect to another host (parameters location, default the same path at localhost; status, default 302); nothing runs.',
		answer: (request, _real, parameters) => elsewhere(request, parameters),
	},
	redirectAfterRun: {
		stage: 'after',
		description: 'As redirect, after the script has run.',
		answer: (request, _real, parameters) => elsewhere(request, parameters),
	},
	resetBeforeRun: { stage: 'instead', description: 'The connection is reset before any byte; nothing runs.', socket: 'reset' },
	resetAfterRun: { stage: 'after', description: 'The script runs, then the connection is reset before any byte.', socket: 'reset' },
	resetHalfwayBeforeRun: {
		stage: 'instead',
		description: 'Half an answer, then a reset; nothing runs.',
		answer: () => LOST_HALF,
		socket: 'resetHalfway',
	},
	resetHalfway: { stage: 'after', description: 'The script runs, then half the answer and a reset.', socket: 'resetHalfway' },
	halfAnswer: { stage: 'after', description: 'The script runs, then half the answer and the end of the connection.', socket: 'endHalfway' },
	noAnswerBeforeRun: { stage: 'instead', description: 'No answer until the client gives up; nothing runs.', socket: 'noAnswer' },
	noAnswerAfterRun: { stage: 'after', description: 'The script runs; no answer until the client gives up.', socket: 'noAnswer' },
	slowDrip: {
		stage: 'after',
		description: 'The script runs; its answer comes byte by byte (parameter intervalMilliseconds, default 25).',
		socket: 'slowDrip',
	},
};
