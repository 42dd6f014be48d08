import { outcomeOfRun } from '../../nodes/AppsScript/outcome';
import { outcomeOfEndpoint } from '../../nodes/Syncano/outcome';
import { traceResult } from '../../nodes/Syncano/trace';
import type { Answered } from '../../nodes/shared/answer';
import { DEEPEST } from '../../nodes/shared/json';
import type { Outcome } from '../../nodes/shared/outcome';

// n8n saves an execution by a function that calls itself for each level: one item that is nested too deeply, and the whole execution cannot be read
// any more, the webhook's caller gets no answer, and a worker that comes later does not start.

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const DEEP = nested(100_000);
/** Brackets that nest nothing. */
const NOT_DEEP = JSON.stringify([DEEP, Array.from({ length: 5_000 }, () => [{}])]);

const answered = (body: string): Answered => ({ kind: 'answered', statusCode: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) });
const ofAppsScript = (result: string): Outcome =>
	outcomeOfRun(answered(`{"done":true,"response":{"result":${result}}}`), { id: 'AKfycbx', function: 'f', devMode: false, partial: false }, 0);
const ofEndpoint = (body: string): Outcome =>
	outcomeOfEndpoint(answered(body), { target: 'endpoint', sentKey: 'account', wrapped: false }, { parseStdout: true, failOnStderr: false }, 0);

describe('Answers that are nested more deeply than n8n can keep', () => {
	test('Apps Script: the run may have been, but its result is of no use', () => {
		expect(ofAppsScript(DEEP)).toMatchObject({ outcome: 'notFinished', reason: 'badAnswer' });
		expect(ofAppsScript(nested(DEEPEST - 10))).toEqual(expect.objectContaining({ outcome: 'success', result: JSON.parse(nested(DEEPEST - 10)) as unknown }));
		expect(ofAppsScript(NOT_DEEP)).toEqual(expect.objectContaining({ outcome: 'success', result: JSON.parse(NOT_DEEP) as unknown }));
	});

	test('Apps Script: a refusal keeps what it says, as a text', () => {
		const outcome = outcomeOfRun({ ...answered(`{"error":${DEEP}}`), statusCode: 400 }, { id: 'AKfycbx', function: 'f', devMode: false, partial: false }, 0);
		expect(outcome).toMatchObject({ outcome: 'requestError', httpStatus: 400, response: { body: `{"error":${DEEP}}` } });
	});

	test("Syncano: an endpoint's own reply, and what a script prints, stay texts", () => {
		expect(ofEndpoint(DEEP)).toMatchObject({ outcome: 'success', result: { content: DEEP } });
		expect(traceResult({ stdout: DEEP, stderr: '' }, true).stdout).toBe(DEEP);
		expect(traceResult({ stdout: '[[1]]', stderr: '' }, true).stdout).toEqual([[1]]);
	});
});
