import type { FaultDefinition, FaultParameters } from '../faults';
import type { EmulatedAnswer, EmulatedRequest } from '../service';
import { billingDetails, detailAnswer, details, htmlNotFound, jsonAnswer } from './answers';
import { isObject } from './json';
import type { Trace, TraceStatus } from './traces';

const instead = (description: string, answer: (request: EmulatedRequest, parameters: FaultParameters) => EmulatedAnswer): FaultDefinition => ({
	stage: 'instead',
	description,
	answer: (request, _real, parameters = {}) => answer(request, parameters),
});
const after = (description: string, answer: (request: EmulatedRequest, real?: EmulatedAnswer, parameters?: FaultParameters) => EmulatedAnswer): FaultDefinition => ({
	stage: 'after',
	description,
	answer,
});
const refusal = (status: number, detail: string, description: string, headers: Record<string, string> = {}): FaultDefinition =>
	instead(description, () => detailAnswer(status, detail, headers));

const htmlPage = (status: number, title: string, text = ''): EmulatedAnswer => ({
	status,
	headers: { 'content-type': 'text/html' },
	body: `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n${text}</body>\r\n</html>\r\n`,
});

/** Ids that no counter reaches: the runs that a fault has kept from beginning. The last digit says what becomes of them. */
const heldIds = 900_000_000;
const heldKinds = { blocked: 1, queue_timeout: 2, processing: 3 } as const;
type HeldStatus = keyof typeof heldKinds;
let heldRuns = 0;

/** The trace of a run that a fault has kept from beginning; undefined for any other id. Nothing of it was ever executed. */
export function heldTrace(id: number, owner: string, now: number): Trace | undefined {
	if (id < heldIds) return undefined;
	const found = Object.entries(heldKinds).find(([, kind]) => id % 10 === kind);
	if (found === undefined) return undefined;
	const status = found[0] as HeldStatus;
	const executedAt = status === 'processing' ? null : now;
	return { id, owner, status, executedAt, duration: null, result: status === 'queue_timeout' ? { stdout: '', stderr: 'Internal queue timeout.' } : {} };
}

/** A run that begins and then never does what it should, without its script being executed. */
const held = (status: HeldStatus, description: string): FaultDefinition =>
	instead(`${description} For the start of a script: a pending trace, which then stays so. For an endpoint: the 408 without its wait.`, (request) => {
		if (/\/(?:endpoints\/scripts\/|webhooks\/p\/)/.test(request.url.pathname) && !request.url.pathname.includes('/traces/')) {
			return detailAnswer(408, details.tookTooMuchTime);
		}
		const list = request.url.pathname.replace(/(?:run|traces\/[^/]*)\/$/, 'traces/');
		heldRuns += 1;
		const id = heldIds + heldRuns * 10 + heldKinds[status];
		return jsonAnswer(200, { id, status: 'pending', executed_at: null, duration: null, result: {}, links: { self: `${list}${id}/` } });
	});

const readJson = (answer: EmulatedAnswer | undefined): unknown => {
	if (answer === undefined) return undefined;
	if (typeof answer.body !== 'string') return answer.body;
	try {
		return JSON.parse(answer.body) as unknown;
	} catch {
		return undefined;
	}
};

/** Changes what is a trace (also an endpoint's default reply), and leaves any other answer as it is. */
const traceChange = (description: string, change: (trace: Record<string, unknown>) => Record<string, unknown>): FaultDefinition =>
	after(description, (_request, real) => {
		const trace = readJson(real);
		if (real === undefined || !isObject(trace) || !('status' in trace) || !('result' in trace)) return real ?? detailAnswer(404, details.notFound);
		return { ...real, body: JSON.stringify({ ...trace, ...change(trace) }) };
	});

/** The host to which a hostile link leads: the rule's parameter `host`, such as `127.0.0.1:8080`. */
const hostOf = (parameters: FaultParameters = {}): string => String(parameters.host ?? 'hostile.invalid');

/** Changes what is a list, and leaves any other answer as it is. */
const listChange = (
	description: string,
	change: (list: Record<string, unknown>, request: EmulatedRequest, host: string) => Record<string, unknown>,
): FaultDefinition =>
	after(description, (request, real, parameters) => {
		const list = readJson(real);
		if (real === undefined || !isObject(list) || !Array.isArray(list.objects)) return real ?? detailAnswer(404, details.notFound);
		return { ...real, body: JSON.stringify({ ...list, ...change(list, request, hostOf(parameters)) }) };
	});

const statusChange = (status: TraceStatus | 'paused', description: string): FaultDefinition =>
	traceChange(description, () => ({ status, executed_at: null, duration: null, result: {} }));

const isFinished = (trace: Record<string, unknown>): boolean => trace.status !== 'pending' && trace.status !== 'processing';
const outputOf = (trace: Record<string, unknown>): Record<string, unknown> => (isObject(trace.result) ? trace.result : {});

/**
 * Everything that may go wrong with the emulated Syncano, by name: one for each row of the service's tables of errors, and more.
 * What networks do to any service (resets, silence, half an answer, pages, redirects) is in the faults of the emulator's server.
 * Bodies are the service's own unless the description says that they are a guess. `After` in a name: the script has really run.
 */
export const syncanoFaults: Readonly<Record<string, FaultDefinition>> = {
	syncanoMalformedJson: refusal(400, 'JSON parse error - Parse error at offset 1: Missing a name for object member.', 'The body is no JSON.'),
	syncanoMalformedJson2016: refusal(400, 'JSON parse error - No JSON object could be decoded', 'The body is no JSON, as the documentation of 2016 has it.'),
	syncanoMalformedEndpointJson2016: refusal(
		400,
		'JSON parse error - Expecting object: line 1 column 1 (char 0)',
		"The body of an endpoint's call is no JSON, as the documentation of 2016 has it.",
	),
	syncanoInvalidPayload: instead('The payload is neither an object nor a list.', () =>
		jsonAnswer(400, { payload: ['Payload passed in invalid format.'] }),
	),
	syncanoInvalidData: instead('The body is not an object.', () =>
		jsonAnswer(400, { non_field_errors: ['Invalid data. Expected a dictionary, but got list.'] }),
	),
	syncanoEmptyDetail: refusal(400, '', 'Legacy scripts are switched off: the last state of the live service.'),
	syncanoBadPage: refusal(400, details.badPage, 'A parameter of the pagination is wrong.'),
	syncanoTooBigRequest: refusal(400, details.tooBigRequest, 'Request line and headers are too long.'),
	syncanoWrongLocation: refusal(400, 'Instance was created in different location. Use relevant API endpoint.', 'The instance lives elsewhere.'),
	syncanoVersionMismatch: refusal(
		400,
		'Instance version mismatch. Not compatible with used API version.',
		'The instance belongs to another version of the API.',
	),
	syncanoNoSuchKey: refusal(403, details.noSuchKey, 'The key is unknown. The service never answers 401.'),
	syncanoNoPermission: refusal(403, details.noPermission, "No key, an instance's API key, a read-only role, or a socket's script."),
	syncanoNoCredentials2016: refusal(403, 'Authentication credentials were not provided.', 'No key, as the server of 2016 may have said it: a guess.'),
	syncanoNoSubscription: refusal(403, billingDetails.noSubscription, 'The owner has no subscription.'),
	syncanoHardLimit: refusal(403, billingDetails.hardLimit, 'The owner has reached the hard limit.'),
	syncanoFreeLimits: refusal(403, billingDetails.freeLimits, 'The owner has used up the free plan.'),
	syncanoOverdueInvoices: refusal(403, billingDetails.overdueInvoices, 'The owner owes money.'),
	syncanoInstanceNotFound: refusal(404, 'Instance was not found.', 'There is no such instance.'),
	syncanoScriptNotFound: refusal(404, 'Script was not found.', 'There is no such script above a list of traces.'),
	syncanoEndpointNotFound: refusal(404, 'Script Endpoint was not found.', 'There is no such endpoint above a list of traces.'),
	syncanoNotFound: refusal(404, details.notFound, 'There is no such object.'),
	syncanoNotFound2016: refusal(404, 'Not found', 'There is no such object, as the documentation of 2016 has it.'),
	syncanoHtmlNotFound: instead('There is no such route, for example because the slash at the end is missing.', () => htmlNotFound),
	syncanoWrongMethod: refusal(405, 'Method "PUT" not allowed.', 'The verb is wrong.', { allow: 'GET, POST, HEAD, OPTIONS' }),
	syncanoBatching: refusal(405, details.batching, 'The call was part of a batch.'),
	syncanoTemplateNotFound: refusal(406, details.templateNotFound, 'There is no such response template.'),
	syncanoTookTooMuchTime: refusal(408, details.tookTooMuchTime, 'The 408 without its wait; the script does not run.'),
	syncanoTookTooMuchTimeAfter: after('The 408 of an endpoint whose script ran on after the 300 s, without the wait.', () =>
		detailAnswer(408, details.tookTooMuchTime),
	),
	syncanoTooLarge: refusal(413, details.tooLarge, 'The body is over 524288 bytes.'),
	syncanoUnsupportedMediaType: refusal(415, 'Unsupported media type "application/xml" in request.', 'The content type is wrong.'),
	syncanoThrottled: instead('Too many requests; available again in a second, or in as many as the parameter `seconds` says.', (_request, parameters) => {
		const seconds = Number(parameters.seconds ?? 1);
		const detail = `Request was throttled. Expected available in ${seconds} second${seconds === 1 ? '' : 's'}.`;
		return detailAnswer(429, detail, { 'retry-after': String(seconds) });
	}),
	syncanoThrottledSilent: refusal(429, 'Request was throttled.', 'Too many requests, without a Retry-After: a guess at what a proxy in front does.'),

	syncanoServerError: instead('An empty 500. Whether a script has run cannot be told from it; it has not.', () => ({
		status: 500,
		headers: { 'content-type': 'application/json' },
		body: '',
	})),
	syncanoServerErrorHtml: instead("Django's page of a 500; the script has not run.", () => ({
		status: 500,
		headers: { 'content-type': 'text/html' },
		body: '<h1>Server Error (500)</h1>',
	})),
	syncanoServerErrorAfter: after('An empty 500 after the script has run.', () => ({ status: 500, headers: { 'content-type': 'application/json' }, body: '' })),
	syncanoBadGateway: instead("A proxy's 502; the script has not run. The page is a guess.", () => htmlPage(502, '502 Bad Gateway')),
	syncanoBadGatewayAfter: after("A proxy's 502 after the script has run. The page is a guess.", () => htmlPage(502, '502 Bad Gateway')),
	syncanoUnavailable: instead("A proxy's 503; the script has not run. The page is a guess.", () => htmlPage(503, '503 Service Temporarily Unavailable')),
	syncanoGatewayTimeoutAfter: after("A proxy's 504 after the script has run. The page is a guess.", () => htmlPage(504, '504 Gateway Time-out')),

	syncanoBlocked: held('blocked', 'The run is blocked: it never begins.'),
	syncanoQueueTimeout: held('queue_timeout', 'The run has waited too long for its turn: it never begins.'),
	syncanoNeverFinishes: held('processing', 'The trace says `processing` for ever; nothing is executed.'),

	syncanoTraceExpired: after('The trace has expired; the script has run all the same.', () => detailAnswer(404, details.notFound)),
	syncanoTraceIdReused: traceChange('After 48 hours without runs ids begin again: the trace under this id is by now that of another run.', (trace) => {
		const executed = typeof trace.executed_at === 'string' ? Date.parse(trace.executed_at) : Date.now();
		return {
			status: 'success',
			executed_at: new Date(executed + 49 * 3_600_000).toISOString().replace('Z', '000Z'),
			duration: 12,
			result: { stderr: '', stdout: 'the output of another run' },
		};
	}),
	syncanoTracePending: statusChange('pending', 'The trace is still pending, whatever has become of the run.'),
	syncanoTraceProcessing: statusChange('processing', 'The trace is still processing, whatever has become of the run.'),
	syncanoTraceUnknownStatus: statusChange('paused', 'A status that the service does not document: a guess at a later version.'),
	syncanoResultEmptyObject: traceChange('`result` of a pending trace, first form: {}.', (trace) => ({ status: isFinished(trace) ? 'pending' : trace.status, result: {} })),
	syncanoResultEmptyText: traceChange('`result` of a pending trace, second form: an empty text.', (trace) => ({
		status: isFinished(trace) ? 'pending' : trace.status,
		result: '',
	})),
	syncanoResultText: traceChange('`result` of a finished trace as the bare text that was printed.', (trace) =>
		isFinished(trace) ? { result: outputOf(trace).stdout ?? '' } : {},
	),
	syncanoResultJsonText: traceChange('`result` of a finished trace, oldest form: an object as JSON in a text, with `stderror` for stderr.', (trace) =>
		isFinished(trace) ? { result: JSON.stringify({ stderror: outputOf(trace).stderr ?? '', stdout: outputOf(trace).stdout ?? '' }) } : {},
	),

	syncanoEndlessPage: listChange('Each page of a list names itself as the next one.', (_list, { url }) => ({ next: `${url.pathname}${url.search}` })),
	syncanoGrowingPages: listChange('Each page names a next one under another address, with the same objects for ever: a guess at a worse server.', (_list, { url }) => {
		const next = new URLSearchParams(url.search);
		next.set('page', String(Number(next.get('page') ?? '1') + 1));
		return { next: `${url.pathname}?${next.toString()}` };
	}),
	syncanoHostileNextLink: listChange('`next` leads to another host (parameter `host`): whoever follows it with the key gives the key away.', (_list, { url }, host) => ({
		next: `http://${host}${url.pathname}?page_size=1&direction=1&last_pk=1`,
	})),
	syncanoHostileNextLinkWithoutScheme: listChange('`next` leads to another host (parameter `host`) by a link that begins with two slashes.', (_list, { url }, host) => ({
		next: `//${host}${url.pathname}?page_size=1&direction=1&last_pk=1`,
	})),
	syncanoListWithoutObjects: after('A list without `objects`: a guess at another server behind the address.', () => jsonAnswer(200, { next: null, prev: null })),

	syncanoEmptyBody: instead('A 200 with an empty body; the script does not run.', () => ({ status: 200, headers: { 'content-type': 'application/json' }, body: '' })),
};
