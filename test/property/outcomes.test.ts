import fc from 'fast-check';

import { outcomeOfRun } from '../../nodes/AppsScript/outcome';
import { failureOfList, outcomeOfAnsweredTrace, outcomeOfEndpoint, traceOrFailure } from '../../nodes/Syncano/outcome';
import { SERVER_ERRORS } from '../../nodes/Syncano/serverErrors';
import type { Answer, Answered } from '../../nodes/shared/answer';
import { mayHaveRun, REASONS, type Failure, type Outcome } from '../../nodes/shared/outcome';
import { LONGEST_TEXT } from '../../nodes/shared/text';

const RUNS = 1_000;
const NOW = Date.UTC(2026, 0, 1);

/** JSON that has the services' own words and shapes in it, rightly and wrongly put together. */
const word = fc.oneof(
	fc.constantFrom(
		'success',
		'failure',
		'pending',
		'timeout',
		'blocked',
		'queue_timeout',
		'ScriptError',
		'Service invoked too many times in a short time: exec qps. Try Utilities.sleep(1000) between calls.',
		'There are too many scripts running simultaneously for this Google user account.',
		"We're sorry, a server error occurred while reading from storage. Error code NOT_FOUND.",
		"We're sorry, a server error occurred while reading from storage. Error code INTERNAL.",
		'Script function not found: work',
		'Request was throttled.',
		'Script took too much time.',
		'unseen\u0000 \u202Ecode\u200B',
	),
	fc.string({ unit: 'binary' }),
);
const key = fc.oneof(
	{ weight: 4, arbitrary: fc.constantFrom('done', 'error', 'response', 'result', 'details', 'code', 'message', 'errorMessage', 'errorType', 'scriptStackTraceElements') },
	{ weight: 4, arbitrary: fc.constantFrom('status', 'detail', 'id', 'executed_at', 'duration', 'stdout', 'stderr', 'content', 'function', 'lineNumber', 'metadata', 'reason') },
	{ weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'toJSON', 'toISO', 'then', '') },
	{ weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
	json: fc.oneof(
		{ depthSize: 'small', withCrossShrink: true },
		fc.oneof(word, fc.boolean(), fc.integer(), fc.double(), fc.constant(null), fc.constantFrom(1, 3, 10, 400, 500)),
		fc.array(tie('json'), { maxLength: 4 }),
		fc.array(fc.tuple(key, tie('json')), { maxLength: 6 }).map((entries) => {
			const object: Record<string, unknown> = {};
			for (const [name, value] of entries) Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
			return object;
		}),
	),
}));

const executionError = fc.record({ errorMessage: fc.oneof(word, json), errorType: json, scriptStackTraceElements: json }, { requiredKeys: [] });

/** Operations and traces as they are, with anything in the place of their values. */
const shaped = fc.oneof(
	fc.record({ done: fc.oneof(fc.boolean(), json), response: json, error: json }, { requiredKeys: [] }),
	fc.record({ done: fc.constant(true), error: fc.record({ code: json, message: json, details: fc.oneof({ weight: 1, arbitrary: json }, { weight: 3, arbitrary: fc.array(fc.oneof({ weight: 4, arbitrary: executionError }, { weight: 1, arbitrary: json }), { maxLength: 2 }) }) }, { requiredKeys: [] }) }),
	fc.record({ id: fc.oneof(fc.nat(), json), status: fc.oneof(word, json), result: json, executed_at: json, duration: json }, { requiredKeys: [] }),
	// A trace of each status, too seldom hit otherwise.
	fc.record({ id: fc.nat(), status: fc.constantFrom('success', 'failure', 'pending', 'processing', 'timeout', 'blocked', 'queue_timeout'), result: fc.oneof(json, fc.record({ stdout: word, stderr: word })), executed_at: json, duration: json }),
	fc.record({ detail: fc.oneof(word, json) }),
	fc.record({ error: fc.record({ code: json, message: json, status: json, details: json }, { requiredKeys: [] }) }),
);

const bytes = fc.oneof(
	fc.oneof(json, shaped, shaped).map((value) => Buffer.from(JSON.stringify(value))),
	fc.oneof(json, shaped).chain((value) => fc.nat(400).map((length) => Buffer.from(JSON.stringify(value)).subarray(0, length))),
	fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array)),
	fc.constantFrom('<html><head><title>502 Bad Gateway</title></head></html>', '<h1>Server Error (500)</h1>', '', ' ', '[', '\uFEFF{}', 'null').map((text) => Buffer.from(text)),
);
const headers = fc.dictionary(
	fc.oneof(fc.constantFrom('content-type', 'retry-after', 'date', 'location', 'content-disposition'), fc.string()),
	fc.oneof(fc.constantFrom('application/json', 'text/html; charset=utf-8', 'text/plain; charset=nonsense', '3', '-1', '1e400', 'Wed, 21 Oct 2115 07:28:00 GMT'), fc.string()),
	{ maxKeys: 4 },
);
const status = fc.oneof(fc.constant(200), fc.constantFrom(200, 201, 204, 301, 302, 400, 401, 403, 404, 405, 406, 408, 413, 415, 429, 431, 499, 500, 502, 503, 504), fc.integer({ min: 100, max: 999 }));
const answered: fc.Arbitrary<Answered> = fc.record({ kind: fc.constant('answered' as const), statusCode: status, headers, body: bytes });
const notSignedIn: fc.Arbitrary<Answer> = fc.string().map((message) => ({ kind: 'notSignedIn', failure: { outcome: 'requestError', reason: 'unauthorized', message } }));
const answer: fc.Arbitrary<Answer> = fc.oneof(
	{ weight: 12, arbitrary: answered },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('notSent' as const), code: fc.string() }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('lost' as const), how: fc.constantFrom('timeout' as const, 'connection' as const), code: fc.string() }) },
	{ weight: 1, arbitrary: notSignedIn },
);

/** What holds of every outcome, whatever came. */
function expectKnown(outcome: Outcome): void {
	if (outcome.outcome === 'success') {
		expect('result' in outcome).toBe(true);
		return;
	}
	expect(Object.keys(REASONS)).toContain(outcome.outcome);
	expect(REASONS[outcome.outcome]).toContain(outcome.reason);
	expect(typeof outcome.message).toBe('string');
	// The service's own words at most, after some of ours.
	expect(outcome.message.length).toBeLessThanOrEqual(LONGEST_TEXT + 200);
	// eslint-disable-next-line no-control-regex -- what must not be there
	expect(outcome.message).not.toMatch(/[\u0000-\u0008\u200B-\u200F\u202A-\u202E\uFEFF]/);
	expect(Buffer.from(outcome.message, 'utf8').toString('utf8')).toBe(outcome.message);
	expect(outcome.retryAfter === undefined || outcome.retryAfter >= 0).toBe(true);
}

/** The only ways to be told that Apps Script surely did not run. */
function mayBeRefused(given: Answer, { reason }: Failure, functionName: string): boolean {
	if (given.kind !== 'answered') return given.kind === 'notSent' || given.kind === 'notSignedIn';
	const { statusCode } = given;
	if (statusCode >= 400 && statusCode < 500) return statusCode !== 408 && statusCode !== 499;
	if (statusCode < 200 || statusCode > 299) return false;
	const text = given.body.toString('utf8');
	const proofs: Partial<Record<string, readonly string[]>> = {
		throttled: ['exec qps. Try Utilities.sleep(1000) between calls.', 'for this Google user account.'],
		wrongId: ['Error code NOT_FOUND.'],
		functionNotFound: [`Script function not found: ${functionName}`],
	};
	return (proofs[reason] ?? []).some((proof) => text.includes(proof));
}

describe('Every answer has an outcome', () => {
	test('Apps Script: total, known, and "did not run" only for the closed list', () => {
		fc.assert(
			fc.property(answer, fc.boolean(), fc.boolean(), (given, devMode, partial) => {
				const outcome = outcomeOfRun(given, { id: 'AKfycbx', function: 'work', devMode, partial }, NOW);
				expectKnown(outcome);
				if (outcome.outcome !== 'success' && !mayHaveRun(outcome)) expect(mayBeRefused(given, outcome, 'work')).toBe(true);
				if (outcome.outcome === 'success') expect(given.kind === 'answered' && given.statusCode >= 200 && given.statusCode <= 299).toBe(true);
			}),
			{ numRuns: RUNS },
		);
	});

	const facts = fc.record({
		target: fc.constantFrom('script' as const, 'endpoint' as const, 'publicLink' as const, 'trace' as const, 'traces' as const),
		sentKey: fc.constantFrom('none' as const, 'account' as const, 'instance' as const, 'unknown' as const),
		wrapped: fc.boolean(),
	});
	const rules = fc.record({ parseStdout: fc.boolean(), failOnStderr: fc.boolean() });

	test('Syncano, the start of a script and looks at its trace', () => {
		fc.assert(
			fc.property(answer, facts, rules, (given, request, reading) => {
				const started = traceOrFailure(given, request, NOW);
				const outcome = 'trace' in started ? outcomeOfAnsweredTrace(started, request, reading) : started;
				expectKnown(outcome);
				if (outcome.outcome === 'success' || mayHaveRun(outcome)) return;
				const isRefusal = given.kind === 'answered' && given.statusCode >= 400 && given.statusCode < 500 && given.statusCode !== 408 && given.statusCode !== 499;
				const isTrace = 'trace' in started && ['blocked', 'queue_timeout'].includes(started.trace.status);
				expect(given.kind === 'notSent' || given.kind === 'notSignedIn' || isRefusal || isTrace).toBe(true);
			}),
			{ numRuns: RUNS },
		);
	});

	test('Syncano, endpoints: only the server’s own bodies say that nothing ran', () => {
		fc.assert(
			fc.property(answer, facts, rules, (given, request, reading) => {
				const outcome = outcomeOfEndpoint(given, request, reading, NOW);
				expectKnown(outcome);
				if (outcome.outcome === 'success' || mayHaveRun(outcome) || given.kind !== 'answered') return;
				const text = given.body.toString('utf8');
				const isServers = SERVER_ERRORS.some(({ status: known }) => known === given.statusCode) || /<(html|h1|title)/i.test(text);
				expect(isServers || /"(blocked|queue_timeout)"/.test(text)).toBe(true);
			}),
			{ numRuns: RUNS },
		);
	});

	test('Syncano, lists: reading runs nothing', () => {
		fc.assert(
			fc.property(answer, facts, (given, request) => {
				const failure = failureOfList(given, request, NOW);
				expectKnown(failure);
				expect(mayHaveRun(failure)).toBe(false);
			}),
			{ numRuns: 200 },
		);
	});
});
