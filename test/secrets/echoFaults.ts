import type { Emulator } from '../../emulator';
import type { FaultDefinition } from '../../emulator/faults';
import type { EmulatedAnswer, EmulatedRequest } from '../../emulator/service';

/** The secrets of a request, as an echoing service would repeat them. */
function secretsOf({ headers, body }: EmulatedRequest): string {
	const named = ['authorization', 'x-api-key', 'x-goog-api-key'].flatMap((name) => (headers[name] === undefined ? [] : [`${name}: ${String(headers[name])}`]));
	const text = body.toString('utf8');
	return [...named, ...(/client_secret|refresh_token|assertion|access_token/.test(text) ? [text, decodeURIComponent(text)] : [])].join(', ');
}

const isGoogle = ({ url }: EmulatedRequest): boolean => /^\/(?:v1\/(?:scripts|projects)|drive)/.test(url.pathname);

function errorBody(request: EmulatedRequest): EmulatedAnswer {
	const message = `Bad headers: ${secretsOf(request)}`;
	if (isGoogle(request)) return { status: 400, body: { error: { code: 400, message, status: 'INVALID_ARGUMENT' } } };
	if (request.url.pathname.startsWith('/v1.1/')) return { status: 400, body: { detail: message } };
	return { status: 400, body: { error: 'invalid_request', error_description: message } };
}

/** A request that was refused at the door has run nothing: it keeps its refusal. */
const afterRun = (answer: (request: EmulatedRequest) => EmulatedAnswer): FaultDefinition['answer'] => (request, real) => (real?.status === 401 ? real : answer(request));

/** Services and proxies that repeat what they were sent, secrets included: made up for the tests, as nobody knows of such an answer from the live services. */
export const ECHO_FAULTS: Readonly<Record<string, FaultDefinition>> = {
	echoAsError: { stage: 'instead', description: 'HTTP 400 with the headers of the request in its message; nothing runs.', answer: errorBody },
	echoAsHeaders: {
		stage: 'after',
		description: 'The real answer with the secrets of the request in headers of its own; the script has run.',
		answer: (request, real) => ({ status: real?.status ?? 200, headers: { ...real?.headers, 'x-debug': secretsOf(request), 'www-authenticate': secretsOf(request) }, body: real?.body }),
	},
	echoAsPage: {
		stage: 'after',
		description: 'A debug page of HTTP 500 with the secrets in its title; the script has run.',
		answer: afterRun((request) => ({ status: 500, headers: { 'content-type': 'text/html' }, body: `<html><head><title>500 ${secretsOf(request)}</title></head><body>${secretsOf(request)}</body></html>` })),
	},
	echoAsOperationError: {
		stage: 'after',
		description: 'The script threw, with the secrets in its message and stack; the script has run.',
		answer: afterRun((request) => ({
			status: 200,
			body: {
				done: true,
				error: {
					code: 3,
					message: 'ScriptError',
					details: [{ errorMessage: `Error: ${secretsOf(request)}`, errorType: secretsOf(request), scriptStackTraceElements: [{ function: secretsOf(request), lineNumber: 1 }] }],
				},
			},
		})),
	},
	echoAsResult: {
		stage: 'after',
		description: 'The script returned the secrets of the request; the script has run.',
		answer: afterRun((request) => ({ status: 200, body: { done: true, response: { result: { headers: secretsOf(request), sent: request.body.toString('utf8') } } } })),
	},
};

/** Puts the echoing faults into an emulator's catalogue. */
export function addEchoFaults(emulator: Emulator): void {
	Object.assign(emulator.faults.catalogue, ECHO_FAULTS);
}
