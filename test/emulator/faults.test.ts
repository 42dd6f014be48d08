import { request } from 'node:http';
import { appsScriptFaults } from '../../emulator/appsScript/faults';
import { googleFaults } from '../../emulator/google/faults';
import { startEmulator } from '../../emulator';
import { emulatorOfThisFile, isAlive, postForm, projectOf, resultOf, run, until, type Answer } from './support';

const emulator = emulatorOfThisFile();

/** A connection's end as Node's own client sees it. */
interface Seen {
	readonly status: number | undefined;
	/** Bytes of the body that arrived. */
	readonly bytes: number;
	/** The announced length. */
	readonly announced: number;
	/** Set where the answer did not arrive in full. */
	readonly error: string | undefined;
}

const PADDING = 'x'.repeat(400);

/** Runs `main` and looks at the connection; gives up as soon as `giveUp` says so. */
function look(giveUp?: Promise<void>): Promise<Seen> {
	const project = emulator().appsScript.addProject({ native: { main: () => PADDING } });
	return new Promise((resolve) => {
		let bytes = 0;
		let announced = 0;
		let status: number | undefined;
		const end = (error?: NodeJS.ErrnoException) => {
			resolve({ status, bytes, announced, error: error === undefined ? undefined : (error.code ?? error.message) });
		};
		const sent = request(
			`${emulator().address}/v1/scripts/${project.deploymentId}:run`,
			{ method: 'POST', agent: false, headers: { authorization: `Bearer ${emulator().google.issueToken()}` } },
			(response) => {
				status = response.statusCode;
				announced = Number(response.headers['content-length']);
				response.on('data', (chunk: Buffer) => {
					bytes += chunk.length;
				});
				response.once('error', end);
				response.once('end', () => {
					end();
				});
			},
		);
		sent.once('error', end);
		sent.end('{"function":"main"}');
		void giveUp?.then(() => sent.destroy(new Error('gave up')));
	});
}

describe('the connection', () => {
	test.each([
		['resetBeforeRun', 0],
		['resetAfterRun', 1],
	])('%s: a reset before any byte, %d executions', async (fault, executions) => {
		emulator().faults.add({ fault });
		expect(await look()).toEqual({ status: undefined, bytes: 0, announced: 0, error: 'ECONNRESET' });
		expect(emulator().journal.executions).toHaveLength(executions);
		expect(emulator().journal.requests[0]).toMatchObject({ fault });
		expect(emulator().journal.requests[0]?.status).toBeUndefined();
		expect(emulator().journal.requests[0]?.closedByClient).toBeUndefined();
	});

	test.each([
		['resetHalfwayBeforeRun', 0],
		['resetHalfway', 1],
		['halfAnswer', 1],
	])('%s: half the bytes that were announced, %d executions', async (fault, executions) => {
		emulator().faults.add({ fault });
		const seen = await look();
		expect(seen).toMatchObject({ status: 200, bytes: Math.floor(seen.announced / 2), error: 'ECONNRESET' });
		expect(emulator().journal.executions).toHaveLength(executions);
	});

	test.each([
		['noAnswerBeforeRun', 0],
		['noAnswerAfterRun', 1],
	])('%s: silence until the client gives up, %d executions', async (fault, executions) => {
		emulator().faults.add({ fault });
		const seen = await look(until(() => emulator().journal.requests[0]?.fault === fault && emulator().journal.executions.length === executions));
		expect(seen).toMatchObject({ status: undefined, error: 'gave up' });
		await until(() => emulator().journal.requests[0]?.endedAt !== undefined);
		expect(emulator().journal.requests[0]).toMatchObject({ closedByClient: true });
		expect(emulator().journal.executions).toHaveLength(executions);
	});

	test('slowDrip: all bytes, one at a time', async () => {
		emulator().faults.add({ fault: 'slowDrip', parameters: { intervalMilliseconds: 0 } });
		const seen = await look();
		expect(seen).toMatchObject({ status: 200, error: undefined });
		expect(seen.bytes).toBe(seen.announced);
		expect(seen.bytes).toBeGreaterThan(PADDING.length);
	});

	test('stopping the emulator closes what is open, and ends what runs', async () => {
		const own = await startEmulator();
		own.faults.add({ fault: 'noAnswerBeforeRun', times: 1 });
		const project = projectOf(own, 'function main() { for (;;); }');
		const open = [0, 1].map(() => run(own, project).catch((error: unknown) => error));
		await until(() => own.journal.requests.length === 2 && own.journal.executions.length === 1);
		const [pid = 0] = own.appsScript.childPids;
		await own.stop();
		for (const end of await Promise.all(open)) expect(end).toMatchObject({ name: 'TypeError', message: 'fetch failed' });
		expect(own.journal.executions).toMatchObject([{ end: 'killed' }]);
		expect(own.journal.requests.map((entry) => [entry.status, entry.closedByClient])).toEqual([
			[undefined, undefined],
			[undefined, undefined],
		]);
		await until(() => !isAlive(pid));
	});
});

describe('statuses', () => {
	test.each([408, 429, 499, 500, 502, 503, 504])('http%d before the run, and after it', async (status) => {
		const project = projectOf(emulator(), 'function main() {}');
		emulator().faults.add({ fault: `http${status}`, times: 1, parameters: { retryAfter: '7' } });
		emulator().faults.add({ fault: `http${status}AfterRun`, times: 1 });
		const before = await run(emulator(), project);
		expect([before.status, before.headers.get('retry-after')]).toEqual([status, '7']);
		expect(before.body).toMatchObject({ error: { code: status } });
		expect(emulator().journal.executions).toHaveLength(0);
		expect((await run(emulator(), project)).status).toBe(status);
		expect(emulator().journal.executions).toHaveLength(1);
		expect((await run(emulator(), project)).status).toBe(200);
	});

	test.each(['http429', 'http503'])('%s with Retry-After in seconds and as a date', async (name) => {
		const project = projectOf(emulator(), 'function main() {}');
		emulator().faults.add({ fault: `${name}RetryAfter`, times: 1, parameters: { seconds: 3 } });
		emulator().faults.add({ fault: `${name}RetryAfterDate`, times: 1, parameters: { seconds: 3600 } });
		expect((await run(emulator(), project)).headers.get('retry-after')).toBe('3');
		const date = (await run(emulator(), project)).headers.get('retry-after') ?? '';
		expect(date).toMatch(/ GMT$/);
		expect(Date.parse(date)).toBeGreaterThan(Date.now() + 3_000_000);
	});
});

describe('bodies', () => {
	const spoiled = async (fault: string, parameters?: Record<string, string | number>): Promise<Answer & { readonly executions: number }> => {
		emulator().faults.add({ fault, times: 1, parameters });
		const answer = await run(emulator(), projectOf(emulator(), 'function main() { return [1, 2, 3]; }'));
		return { ...answer, executions: emulator().journal.executions.length };
	};

	test('htmlPage and htmlPageAfterRun', async () => {
		for (const [fault, executions] of [['htmlPage', 0], ['htmlPageAfterRun', 1]] as const) {
			const answer = await spoiled(fault);
			expect([answer.status, answer.headers.get('content-type'), answer.executions]).toEqual([200, 'text/html; charset=UTF-8', executions]);
			expect(answer.text).toMatch(/^<!DOCTYPE html>/);
		}
	});

	test('truncatedJson, emptyBody, wrongContentType, notAnObject: the script ran', async () => {
		const truncated = await spoiled('truncatedJson');
		expect([truncated.status, truncated.body, truncated.executions]).toEqual([200, undefined, 1]);
		expect(truncated.text).toMatch(/^{\s*"done": true/);
		const empty = await spoiled('emptyBody');
		expect([empty.status, empty.text, empty.executions]).toEqual([200, '', 2]);
		const typed = await spoiled('wrongContentType');
		expect([typed.headers.get('content-type'), typed.executions]).toEqual(['text/plain; charset=utf-8', 3]);
		expect(typed.body).toMatchObject({ response: { result: [1, 2, 3] } });
		expect((await spoiled('notAnObject')).text).toBe('[]');
	});

	test('hugeNesting: megabytes of brackets', async () => {
		const { text } = await spoiled('hugeNesting', { megabytes: 1 });
		expect(text.length).toBeGreaterThan(1_000_000);
		expect(text).toMatch(/\[\[\[\[/);
	});

	test('redirect and redirectAfterRun, to another host', async () => {
		const plain = await spoiled('redirect');
		expect([plain.status, new URL(plain.headers.get('location') ?? '').hostname, plain.executions]).toEqual([302, 'localhost', 0]);
		const chosen = await spoiled('redirectAfterRun', { location: 'http://elsewhere.example/x', status: 307 });
		expect([chosen.status, chosen.headers.get('location'), chosen.executions]).toEqual([307, 'http://elsewhere.example/x', 1]);
	});
});

describe('what the API answers', () => {
	/** Fault, whether the function runs, and what of the body tells it apart. */
	const inBody: ReadonlyArray<readonly [fault: string, executions: 0 | 1, body: unknown]> = [
		['scriptException', 1, { error: { code: 3, details: [{ errorMessage: 'ReferenceError: foo is not defined', scriptStackTraceElements: [{ function: 'myFunc', lineNumber: 12 }] }] } }],
		['exceptionNestedUnderResponse', 1, { response: { error: { code: 3 } } }],
		['exceptionWithoutStack', 1, { error: { details: [{ errorType: 'ScriptError' }] } }],
		['exceptionWithoutType', 1, { error: { details: [{ scriptStackTraceElements: [{ lineNumber: 12 }] }] } }],
		['exceptionWithoutDetails', 1, { error: { code: 3, details: [] } }],
		['exceptionWithoutDetailsKey', 1, { error: { code: 3, message: 'ScriptError' } }],
		['doneWithoutOutcome', 1, { done: true }],
		['doneFalse', 1, { done: false }],
		['timeout', 1, { error: { code: 10, details: [{ errorMessage: 'Exceeded maximum execution time' }] } }],
		['cancelled', 1, { error: { code: 1 } }],
		['notAllowed', 1, { error: { details: [{ errorMessage: expect.stringMatching(/not allowed when invoked through the Google Apps Script Execution API\.$/) as unknown }] } }],
		['unsupportedReturn', 1, { error: { code: 3, details: [{ errorMessage: expect.stringMatching(/not a supported return type\.$/) as unknown }] } }],
		['unsupportedReturn500', 1, { error: { code: 500 } }],
		['storageInternalAfterRun', 1, { error: { details: [{ errorMessage: expect.stringMatching(/Error code INTERNAL\.$/) as unknown }] } }],
		['serverErrorAfterRun', 1, { error: { details: [{ errorMessage: expect.stringMatching(/Please wait a bit and try again\.$/) as unknown }] } }],
		['execQps', 0, { error: { details: [{ errorMessage: expect.stringMatching(/exec qps/) as unknown }] } }],
		['tooManySimultaneous', 0, { error: { details: [{ errorMessage: 'There are too many scripts running simultaneously for this Google user account.' }] } }],
		['tooManyPerSecond', 0, { error: { details: [{ errorMessage: 'Script invoked too many times per second for this Google user account.' }] } }],
		['dailyLimit', 0, { error: { details: [{ errorMessage: expect.stringMatching(/for one day/) as unknown }] } }],
		['storageNotFound', 0, { error: { details: [{ errorMessage: expect.stringMatching(/Error code NOT_FOUND\.$/) as unknown, scriptStackTraceElements: [] }] } }],
		['storagePermissionDenied', 0, { error: { details: [{ errorMessage: expect.stringMatching(/Error code PERMISSION_DENIED\.$/) as unknown }] } }],
		['storageInternal', 0, { error: { details: [{ errorMessage: expect.stringMatching(/Error code INTERNAL\.$/) as unknown }] } }],
		['functionNotFound', 0, { error: { details: [{ errorMessage: 'Script function not found: main' }] } }],
		['functionNotFoundInMessage', 0, { error: { message: 'Script function not found: main' } }],
	];
	test.each(inBody)('%s inside HTTP 200, %d executions', async (fault, executions, body) => {
		emulator().faults.add({ fault });
		const answer = await run(emulator(), projectOf(emulator(), 'function main() {}'));
		expect(answer.status).toBe(200);
		expect(answer.body).toMatchObject(body as Record<string, unknown>);
		expect(emulator().journal.executions).toHaveLength(executions);
	});

	const refused: ReadonlyArray<readonly [fault: string, status: number, message: RegExp]> = [
		['invalidArgument400', 400, /^Request contains an invalid argument\.$/],
		['unknownName400', 400, /Unknown name "description"/],
		['deploymentVersion400', 400, /^New deployments must have a non-zero version number\.$/],
		['unauthenticated401', 401, /^Request had invalid authentication credentials\./],
		['permissionDenied403', 403, /^The caller does not have permission$/],
		['insufficientScopes403', 403, /^Request had insufficient authentication scopes\.$/],
		['userToggle403', 403, /^User has not enabled the Apps Script API\./],
		['serviceDisabled403', 403, /^Apps Script API has not been used in project \d+ before or it is disabled\./],
		['notFound404', 404, /^Requested entity was not found\.$/],
		['exhausted429', 429, /^Resource has been exhausted \(e\.g\. check quota\)\.$/],
	];
	test.each(refused)('%s: HTTP %d, in both formats', async (fault, status, message) => {
		const project = projectOf(emulator(), 'function main() {}');
		emulator().faults.add({ fault, times: 1 });
		emulator().faults.add({ fault, parameters: { v1: true } });
		for (const v1 of [false, true]) {
			const answer = await run(emulator(), project);
			expect(answer.status).toBe(status);
			const { error } = answer.body as { error: { message: string; errors?: unknown[] } };
			expect(error.message).toMatch(message);
			expect(error.errors !== undefined).toBe(v1);
		}
		expect(emulator().journal.executions).toEqual([]);
	});

	test.each([
		['invalidGrant', 400, 'invalid_grant'],
		['unauthorizedClient', 401, 'unauthorized_client'],
		['adminPolicyEnforced', 400, 'admin_policy_enforced'],
		['invalidClient', 401, 'invalid_client'],
		['invalidToken', 400, 'invalid_token'],
	])('%s at the token endpoint: HTTP %d %s', async (fault, status, error) => {
		emulator().faults.add({ fault, service: 'google' });
		expect(await postForm(emulator(), '/token', {})).toMatchObject({ status, body: { error } });
	});

	test('tokenWithoutScope', async () => {
		emulator().faults.add({ fault: 'tokenWithoutScope' });
		const { body } = await postForm(emulator(), '/tokeninfo', { access_token: emulator().google.issueToken() });
		expect(body).toHaveProperty('aud');
		expect(body).not.toHaveProperty('scope');
	});

	test('this file has every fault of Apps Script and Google', () => {
		const tested = new Set([...inBody.map(([fault]) => fault), ...refused.map(([fault]) => fault), 'invalidGrant', 'unauthorizedClient', 'adminPolicyEnforced', 'invalidClient', 'invalidToken', 'tokenWithoutScope']);
		const missing = Object.keys({ ...appsScriptFaults, ...googleFaults }).filter((name) => !tested.has(name));
		expect(missing).toEqual([]);
	});
});

describe('the switchboard', () => {
	test('narrows by service, address and body, skips and counts', async () => {
		const project = projectOf(emulator(), 'function main(x) { return x; }');
		emulator().faults.add({ fault: 'http500', service: 'appsScript', urlIncludes: ':run', bodyIncludes: '"parameters":[2]', skip: 1, times: 1 });
		const statuses: number[] = [];
		for (const parameter of [1, 2, 2, 2]) statuses.push((await run(emulator(), project, { parameters: [parameter] })).status);
		expect(statuses).toEqual([200, 200, 500, 200]);
	});

	test('a fault is switched off by what switching it on gave', async () => {
		const project = projectOf(emulator(), 'function main() { return 1; }');
		const off = emulator().faults.add({ fault: 'http500' });
		expect((await run(emulator(), project)).status).toBe(500);
		off();
		expect(await resultOf(emulator(), project)).toBe(1);
	});
});
