import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { jsonOf, pairsOf, startBench, type AppsScriptBench } from './appsScriptBench';

/** Each row: what the service does, and what leaves the node for it. Bodies: emulator/appsScript/faults.ts, held to the reference's tables. */
interface Row {
	readonly fault: string;
	readonly outcome: 'scriptError' | 'notFinished' | 'requestError';
	readonly reason: string;
	readonly message: RegExp;
	readonly hint: RegExp;
	/** Whether the emulator really started the script; `mayHaveRun` must never be false then. */
	readonly ran: boolean;
	readonly error?: IDataObject;
	readonly parameters?: INodeParameters;
}

const ROWS: readonly Row[] = [
	{ fault: 'scriptException', outcome: 'scriptError', reason: 'exception', message: /^ReferenceError: foo is not defined$/, hint: /the stack says where/, ran: true, error: { type: 'ReferenceError', stack: [{ function: 'myFunc', line: 12 }], httpStatus: 200 } },
	{ fault: 'exceptionNestedUnderResponse', outcome: 'scriptError', reason: 'exception', message: /foo is not defined/, hint: /the stack says where/, ran: true },
	{ fault: 'exceptionWithoutStack', outcome: 'scriptError', reason: 'exception', message: /foo is not defined/, hint: /Fix the script/, ran: true },
	{ fault: 'exceptionWithoutType', outcome: 'scriptError', reason: 'exception', message: /foo is not defined/, hint: /Fix the script/, ran: true, error: { type: 'ReferenceError' } },
	{ fault: 'exceptionWithoutDetails', outcome: 'scriptError', reason: 'exception', message: /^ScriptError$/, hint: /Fix the script/, ran: true },
	{ fault: 'exceptionWithoutDetailsKey', outcome: 'scriptError', reason: 'exception', message: /^ScriptError$/, hint: /Fix the script/, ran: true },
	{ fault: 'timeout', outcome: 'scriptError', reason: 'timeout', message: /./, hint: /6 minutes/, ran: true },
	{ fault: 'cancelled', outcome: 'scriptError', reason: 'cancelled', message: /./, hint: /cancelled the run/, ran: true },
	{ fault: 'unsupportedReturn', outcome: 'scriptError', reason: 'unsupportedReturn', message: /not a supported return type/, hint: /JSON\.parse\(JSON\.stringify/, ran: true },
	{ fault: 'unsupportedReturn500', outcome: 'scriptError', reason: 'unsupportedReturn', message: /not a supported return type/, hint: /JSON\.parse\(JSON\.stringify/, ran: true },
	{ fault: 'notAllowed', outcome: 'scriptError', reason: 'exception', message: /not allowed when invoked/, hint: /openById/, ran: true },
	{ fault: 'serverErrorAfterRun', outcome: 'scriptError', reason: 'exception', message: /server error occurred/, hint: /./, ran: true },
	{ fault: 'dailyLimit', outcome: 'scriptError', reason: 'exception', message: /for one day/, hint: /daily quota/, ran: false },
	{ fault: 'doneFalse', outcome: 'notFinished', reason: 'pending', message: /before the run was finished/, hint: /Executions page/, ran: true },
	{ fault: 'doneWithoutOutcome', outcome: 'notFinished', reason: 'badAnswer', message: /without saying/, hint: /may have run/, ran: true },
	{ fault: 'storageInternalAfterRun', outcome: 'notFinished', reason: 'serverError', message: /Error code INTERNAL/, hint: /usually passes/, ran: true },
	{ fault: 'storageInternal', outcome: 'notFinished', reason: 'serverError', message: /Error code INTERNAL/, hint: /usually passes/, ran: false },
	{ fault: 'htmlPage', outcome: 'notFinished', reason: 'badAnswer', message: /an HTML page/, hint: /may have run/, ran: false },
	{ fault: 'htmlPageAfterRun', outcome: 'notFinished', reason: 'badAnswer', message: /an HTML page/, hint: /may have run/, ran: true },
	{ fault: 'truncatedJson', outcome: 'notFinished', reason: 'badAnswer', message: /only a part/, hint: /may have run/, ran: true },
	{ fault: 'emptyBody', outcome: 'notFinished', reason: 'badAnswer', message: /nothing at all/, hint: /may have run/, ran: true },
	{ fault: 'notAnObject', outcome: 'notFinished', reason: 'badAnswer', message: /something else/, hint: /may have run/, ran: true },
	{ fault: 'resetBeforeRun', outcome: 'notFinished', reason: 'noAnswer', message: /connection .* broke/, hint: /may have run/, ran: false },
	{ fault: 'resetAfterRun', outcome: 'notFinished', reason: 'noAnswer', message: /connection .* broke/, hint: /may have run/, ran: true },
	{ fault: 'halfAnswer', outcome: 'notFinished', reason: 'noAnswer', message: /connection .* broke/, hint: /may have run/, ran: true },
	{ fault: 'resetHalfway', outcome: 'notFinished', reason: 'noAnswer', message: /connection .* broke/, hint: /may have run/, ran: true },
	{ fault: 'noAnswerAfterRun', outcome: 'notFinished', reason: 'noAnswer', message: /time-out/, hint: /goes on/, ran: true, parameters: { options: { timeout: 1, maxRetries: 0 } } },
	{ fault: 'execQps', outcome: 'requestError', reason: 'throttled', message: /exec qps/, hint: /Concurrency/, ran: false },
	{ fault: 'tooManySimultaneous', outcome: 'requestError', reason: 'throttled', message: /running simultaneously/, hint: /Concurrency/, ran: false },
	{ fault: 'tooManyPerSecond', outcome: 'requestError', reason: 'throttled', message: /per second/, hint: /Concurrency/, ran: false },
	{ fault: 'exhausted429', outcome: 'requestError', reason: 'throttled', message: /exhausted/, hint: /quota/, ran: false },
	{ fault: 'storageNotFound', outcome: 'requestError', reason: 'wrongId', message: /Error code NOT_FOUND/, hint: /deployment ID/, ran: false },
	{ fault: 'storagePermissionDenied', outcome: 'scriptError', reason: 'exception', message: /PERMISSION_DENIED/, hint: /Share the script/, ran: false },
	{ fault: 'functionNotFound', outcome: 'requestError', reason: 'functionNotFound', message: /Script function not found: nothing/, hint: /trailing underscore/, ran: false },
	{ fault: 'functionNotFoundInMessage', outcome: 'requestError', reason: 'functionNotFound', message: /Script function not found: nothing/, hint: /new version/, ran: false },
	{ fault: 'invalidArgument400', outcome: 'requestError', reason: 'rejected', message: /invalid argument/, hint: /array of JSON values/, ran: false },
	{ fault: 'unauthenticated401', outcome: 'requestError', reason: 'unauthorized', message: /invalid authentication/, hint: /Project OAuth Scopes/, ran: false },
	{ fault: 'permissionDenied403', outcome: 'requestError', reason: 'forbidden', message: /does not have permission/, hint: /same standard Cloud project/, ran: false },
	{ fault: 'insufficientScopes403', outcome: 'requestError', reason: 'forbidden', message: /insufficient authentication scopes/, hint: /every scope/, ran: false },
	{ fault: 'userToggle403', outcome: 'requestError', reason: 'forbidden', message: /has not enabled/, hint: /usersettings/, ran: false, error: { documentationUrl: 'https://script.google.com/home/usersettings' } },
	{ fault: 'serviceDisabled403', outcome: 'requestError', reason: 'forbidden', message: /has not been used in project/, hint: /press Enable/, ran: false, error: { documentationUrl: expect.stringContaining('project=123456789012') as unknown as string } },
	{ fault: 'notFound404', outcome: 'requestError', reason: 'notFound', message: /entity was not found/, hint: /API executable/, ran: false },
	{ fault: 'http408', outcome: 'notFinished', reason: 'noAnswer', message: /./, hint: /may have run/, ran: false, error: { httpStatus: 408 } },
	{ fault: 'http413', outcome: 'requestError', reason: 'tooLarge', message: /./, hint: /smaller batch/, ran: false, error: { httpStatus: 413 } },
	{ fault: 'http429', outcome: 'requestError', reason: 'throttled', message: /./, hint: /quota/, ran: false, error: { httpStatus: 429 } },
	{ fault: 'http499', outcome: 'notFinished', reason: 'noAnswer', message: /./, hint: /may have run/, ran: false, error: { httpStatus: 499 } },
	{ fault: 'http500', outcome: 'notFinished', reason: 'serverError', message: /./, hint: /may have run/, ran: false, error: { httpStatus: 500 } },
	{ fault: 'http502', outcome: 'notFinished', reason: 'serverError', message: /./, hint: /may have run/, ran: false, error: { httpStatus: 502 } },
	{ fault: 'http503', outcome: 'notFinished', reason: 'serverError', message: /./, hint: /may have run/, ran: false, error: { httpStatus: 503 } },
	{ fault: 'http504', outcome: 'notFinished', reason: 'serverError', message: /./, hint: /may have run/, ran: false, error: { httpStatus: 504 } },
	{ fault: 'http500AfterRun', outcome: 'notFinished', reason: 'serverError', message: /./, hint: /may have run/, ran: true, error: { httpStatus: 500 } },
	{ fault: 'http502AfterRun', outcome: 'notFinished', reason: 'serverError', message: /./, hint: /may have run/, ran: true, error: { httpStatus: 502 } },
	{ fault: 'http503AfterRun', outcome: 'notFinished', reason: 'serverError', message: /./, hint: /may have run/, ran: true, error: { httpStatus: 503 } },
	{ fault: 'http504AfterRun', outcome: 'notFinished', reason: 'serverError', message: /./, hint: /may have run/, ran: true, error: { httpStatus: 504 } },
	{ fault: 'redirect', outcome: 'notFinished', reason: 'badAnswer', message: /./, hint: /may have run/, ran: false },
	{ fault: 'redirectAfterRun', outcome: 'notFinished', reason: 'badAnswer', message: /./, hint: /may have run/, ran: true },
];

describe('every outcome of Apps Script Run, through n8n-core', () => {
	let bench: AppsScriptBench;
	beforeAll(async () => {
		bench = await startBench();
	});
	afterAll(() => bench.stop());
	beforeEach(() => {
		bench.emulator.faults.clear();
		bench.emulator.journal.clear();
	});

	it.each([
		['a number', [42], 42],
		['nothing at all (no result key)', undefined, null],
		['null', [null], null],
		['0', [0], 0],
		['an empty text', [''], ''],
		['false', [false], false],
		['an object with a key called error', [{ error: 'mine', more: 1 }], { error: 'mine', more: 1 }],
		['a nested array', [[[1, { a: [] }]]], [[1, { a: [] }]]],
	])('success: %s', async (_what, list, expected) => {
		const result = await (list === undefined
			? bench.run('nothing', [{}])
			: bench.run('give', [{}], { parametersFrom: 'json', parametersJson: JSON.stringify(list) }, { onError: 'continueErrorOutput' }));
		expect(jsonOf(result.outputs)[0]).toEqual([{ result: expected }]);
		expect(result.status).toBe('success');
		expect(pairsOf(result.outputs)[0]).toEqual([0]);
	});

	it.each(ROWS)('$fault is $outcome, $reason', async ({ fault, outcome, reason, message, hint, ran, error, parameters }) => {
		bench.emulator.faults.add({ fault, urlIncludes: ':run' });
		const options: INodeParameters = { options: { maxRetries: 0 }, ...parameters };
		const expected = {
			message: expect.stringMatching(message) as unknown,
			reason,
			mayHaveRun: outcome !== 'requestError',
			hint: expect.stringMatching(hint) as unknown,
			documentationUrl: expect.stringMatching(/^https:\/\//) as unknown,
			...error,
		};

		const routed = await bench.run('nothing', [{ order: 7 }], options, { onError: 'continueErrorOutput' });
		expect(jsonOf(routed.outputs)[0]).toEqual([]);
		expect(jsonOf(routed.outputs)[1]).toEqual([{ order: 7, error: expect.objectContaining({ ...expected, outcome }) as unknown }]);
		expect(pairsOf(routed.outputs)[1]).toEqual([0]);
		expect(bench.emulator.journal.executions.length > 0).toBe(ran);

		const position = { scriptError: 1, notFinished: 2, requestError: 3 }[outcome];
		const byOutcome = await bench.run('nothing', [{ order: 7 }], { ...options, routing: 'byOutcome' });
		expect(byOutcome.outputs).toHaveLength(4);
		expect(jsonOf(byOutcome.outputs)).toEqual(
			[0, 1, 2, 3].map((output) => (output === position ? [{ order: 7, outcome, error: expect.objectContaining(expected) as unknown, run: expect.objectContaining({ function: 'nothing' }) as unknown }] : [])),
		);
		expect(pairsOf(byOutcome.outputs)[position]).toEqual([0]);

		const stopped = await bench.run('nothing', [{ order: 7 }], options);
		expect(stopped.status).toBe('error');
		expect(stopped.error?.message).toMatch(message);
		expect(stopped.error?.description).toMatch(hint);
	});

	it('a script that itself throws the throttling sentence has run, and is not run again', async () => {
		const sentence = 'Service invoked too many times in a short time: exec qps. Try Utilities.sleep(1000) between calls.';
		const result = await bench.run('throwText', [{}], { parametersFrom: 'json', parametersJson: JSON.stringify([`Exception: ${sentence}`]), routing: 'byOutcome' });
		expect(jsonOf(result.outputs)[1]).toHaveLength(1);
		expect(bench.emulator.journal.executions).toHaveLength(1);
	});

	it('a real exception comes with its type, and the stack with the deepest call first', async () => {
		const result = await bench.run('deep', [{}], { parametersFrom: 'json', parametersJson: '[5]', routing: 'byOutcome' });
		expect(jsonOf(result.outputs)[1]?.[0]).toMatchObject({
			error: { message: 'RangeError: too deep 5', type: 'RangeError', stack: [{ function: 'inner', line: 8 }, { function: 'deep', line: 7 }] },
		});
	});

	it('what surely did not start is tried again, and what may have run is not', async () => {
		bench.emulator.faults.add({ fault: 'execQps', urlIncludes: ':run', times: 1 });
		const throttled = await bench.run('add', [{}], { parametersFrom: 'json', parametersJson: '[1, 2]', output: 'record' });
		expect(jsonOf(throttled.outputs)[0]).toEqual([expect.objectContaining({ result: 3, run: expect.objectContaining({ attempts: 2 }) as unknown })]);

		bench.emulator.journal.clear();
		bench.emulator.faults.add({ fault: 'resetAfterRun', urlIncludes: ':run', times: 1 });
		const reset = await bench.run('add', [{}], { parametersFrom: 'json', parametersJson: '[1, 2]', routing: 'byOutcome' });
		expect(reset.outputs.map((items) => items.length)).toEqual([0, 0, 1, 0]);
		expect(bench.emulator.journal.executions).toHaveLength(1);

		bench.emulator.faults.add({ fault: 'resetAfterRun', urlIncludes: ':run', times: 1 });
		const safe = await bench.run('add', [{}], { parametersFrom: 'json', parametersJson: '[1, 2]', routing: 'byOutcome', options: { safeToRepeat: true } });
		expect(safe.outputs.map((items) => items.length)).toEqual([1, 0, 0, 0]);
		expect(bench.emulator.journal.executions).toHaveLength(3);
	});

	it('no connection surely did not run', async () => {
		const elsewhere = await startBench();
		await elsewhere.stop();
		const result = await elsewhere.run('nothing', [{}], { routing: 'byOutcome', options: { maxRetries: 0 } });
		expect(jsonOf(result.outputs)[3]?.[0]).toMatchObject({ outcome: 'requestError', error: { reason: 'noConnection', mayHaveRun: false } });
	});
});
