import { outcomeOfRun } from '../../nodes/AppsScript/outcome';
import { outcomeOfEndpoint } from '../../nodes/Syncano/outcome';
import { SERVER_ERRORS } from '../../nodes/Syncano/serverErrors';
import type { Answered } from '../../nodes/shared/answer';
import { LONGEST_TEXT } from '../../nodes/shared/text';

// Where the line runs between what a service says and what a script of the user makes to look like it. On this side of it a script can pass for a refusal,
// and the item be said not to have run; nothing that the client sees tells the two apart.

const answered = (statusCode: number, body: unknown, contentType = 'application/json'): Answered => ({
	kind: 'answered',
	statusCode,
	headers: { 'content-type': contentType },
	body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
});

describe('A script of Apps Script that throws the service’s own words', () => {
	const SENTENCE = 'Service invoked too many times in a short time: exec qps. Try Utilities.sleep(1000) between calls.';
	const thrown = (errorMessage: string, rest: object = {}, code = 3) => ({ done: true, error: { code, message: 'ScriptError', details: [{ errorMessage, errorType: 'ScriptError', ...rest }] } });
	const outcome = (body: unknown) => outcomeOfRun(answered(200, body), { id: 'AKfycbx', function: 'work', devMode: false, partial: false }, 0).outcome;

	test('passes for the service only with the whole sentence, the code 3 and no stack at all', () => {
		expect(outcome(thrown(SENTENCE))).toBe('requestError');
		expect(outcome(thrown(SENTENCE, { scriptStackTraceElements: [] }))).toBe('requestError');
		expect(outcome(thrown('Script function not found: work'))).toBe('requestError');
	});

	test.each([
		['as an Error', thrown(`Exception: ${SENTENCE}`)],
		['with a stack', thrown(SENTENCE, { scriptStackTraceElements: [{ function: 'work', lineNumber: 3 }] })],
		['with another code', thrown(SENTENCE, {}, 2)],
		['with something after it', thrown(`${SENTENCE} `)],
		['in other letters', thrown(SENTENCE.toLowerCase())],
		['about another function', thrown('Script function not found: other')],
		['as its result', { done: true, error: undefined, response: { result: { error: SENTENCE } } }],
	])('%s it is the script’s own', (_how, body) => {
		expect(outcome(body)).not.toBe('requestError');
	});
});

describe('A Syncano endpoint whose own reply imitates the server', () => {
	const outcome = (answer: Answered) => outcomeOfEndpoint(answer, { target: 'endpoint', sentKey: 'account', wrapped: false }, { parseStdout: true, failOnStderr: false }, 0).outcome;

	test('passes for the server with exactly its body and status', () => {
		expect(outcome(answered(429, { detail: 'Request was throttled.' }))).toBe('requestError');
		expect(outcome(answered(404, { detail: 'Not found.' }))).toBe('requestError');
		expect(outcome(answered(200, { status: 'failure', result: { stdout: '', stderr: 'x' }, executed_at: null, duration: 1 }))).toBe('scriptError');
		// Each of the server's own bodies, by its own status.
		for (const { status, text, field } of SERVER_ERRORS) {
			if (typeof text === 'string' && field === undefined) expect(outcome(answered(status, { detail: text }))).not.toBe('success');
		}
	});

	test.each([
		['another status', answered(430, { detail: 'Request was throttled.' })],
		['one more key', answered(429, { detail: 'Request was throttled.', more: 1 })],
		['other words', answered(429, { detail: 'request was throttled' })],
		['a text in place of the JSON', answered(429, 'Request was throttled.', 'text/plain')],
		['a trace without its duration', answered(200, { status: 'failure', result: {}, executed_at: null })],
		['a trace of a status of its own', answered(200, { status: 'sad', result: {}, executed_at: null, duration: 1 })],
		['a page of its own', answered(404, '<html><body><h1>We are closed</h1></body></html>', 'text/html')],
	])('%s is its own reply', (_how, answer) => {
		expect(outcome(answer)).toBe('success');
	});
});

describe('What a person gets to see of a service’s text', () => {
	const message = (errorMessage: string): string => {
		const outcome = outcomeOfRun(answered(200, { done: true, error: { code: 3, message: 'x', details: [{ errorMessage }] } }), { id: 'AKfycbx', function: 'work', devMode: false, partial: false }, 0);
		return outcome.outcome === 'success' ? '' : outcome.message;
	};

	test('is short, whatever was sent', () => {
		expect(message('x'.repeat(10_000_000)).length).toBe(LONGEST_TEXT);
		expect(message('😀'.repeat(1_000))).not.toMatch(/[\ud800-\udbff]$|[\ud800-\udbff]…$/);
	});

	test('has nothing unseen in it', () => {
		expect(message('safe\u202Egnp.exe\u202C\u0000\u001B[31m\u200Btext\uFEFF')).toBe('safegnp.exe[31mtext');
		expect(message('half \ud800 pair')).toBe('half \uFFFD pair');
	});
});
