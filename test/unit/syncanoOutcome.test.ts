import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { HINTS, hintFor, type Target } from '../../nodes/Syncano/hints';
import { failureOfList, outcomeOfAnsweredTrace, outcomeOfEndpoint, traceOrFailure, type RequestFacts } from '../../nodes/Syncano/outcome';
import { SERVER_ERRORS } from '../../nodes/Syncano/serverErrors';
import { outcomeOfTrace, traceOf, traceResult } from '../../nodes/Syncano/trace';
import type { Answer, Answered } from '../../nodes/shared/answer';
import { REASONS, type Outcome, type Reason } from '../../nodes/shared/outcome';

const NOW = Date.parse('2026-11-21T08:00:00Z');
const RULES = { parseStdout: true, failOnStderr: false };
const facts = (target: Target, sentKey: RequestFacts['sentKey'] = 'account'): RequestFacts => ({ target, sentKey, wrapped: false });

const answered = (statusCode: number, body: unknown, headers: Record<string, string> = {}): Answered => ({
	kind: 'answered',
	statusCode,
	headers: { 'content-type': 'application/json', ...headers },
	body: Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
});
const html = (statusCode: number, body: string) => answered(statusCode, body, { 'content-type': 'text/html' });

/** A page as nginx makes it. */
const nginx = (title: string) => `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;

const endpoint = (answer: Answer, request = facts('endpoint')): Outcome => outcomeOfEndpoint(answer, request, RULES, NOW);
const script = (answer: Answer): Outcome => {
	const started = traceOrFailure(answer, facts('script'), NOW);
	return 'trace' in started ? outcomeOfAnsweredTrace(started, facts('script'), RULES) : started;
};
const kind = (outcome: Outcome) => (outcome.outcome === 'success' ? 'success' : `${outcome.outcome} ${outcome.reason}`);

const detail = (text: string) => ({ detail: text });

/** Status, body, and what the body means for a script and for an endpoint alike. */
const SERVER_BODIES: Array<[number, unknown, string]> = [
	[400, detail('JSON parse error - Parse error at offset 1: Missing a name for object member.'), 'requestError rejected'],
	[400, detail('JSON parse error - No JSON object could be decoded'), 'requestError rejected'],
	[400, detail('JSON parse error - Expecting object: line 1 column 1 (char 0)'), 'requestError rejected'],
	[400, { payload: ['Payload passed in invalid format.'] }, 'requestError rejected'],
	[400, { payload: ['This field may not be null.'] }, 'requestError rejected'],
	[400, { payload: ['Not a valid JSON string.'] }, 'requestError rejected'],
	[400, { POST: ['Not a valid JSON string.'] }, 'requestError rejected'],
	[400, { POST: ['This field may not be null.'] }, 'requestError rejected'],
	[400, { non_field_errors: ['Payload passed in invalid format.'] }, 'requestError rejected'],
	[400, { non_field_errors: ['Invalid data. Expected a dictionary, but got list.'] }, 'requestError rejected'],
	[400, { non_field_errors: ['No data provided'] }, 'requestError rejected'],
	[400, detail(''), 'requestError rejected'],
	[400, detail('Incorrect page parameter provided.'), 'requestError rejected'],
	[400, detail('Too big request passed.'), 'requestError tooLarge'],
	[400, detail('Instance was created in different location. Use relevant API endpoint.'), 'requestError rejected'],
	[400, detail('Instance version mismatch. Not compatible with used API version.'), 'requestError rejected'],
	[403, detail('No such API Key.'), 'requestError unauthorized'],
	[403, detail('You do not have permission to perform this action.'), 'requestError forbidden'],
	[403, detail('Authentication credentials were not provided.'), 'requestError forbidden'],
	[403, detail('No active subscription.'), 'requestError forbidden'],
	[403, detail('Hard limit reached.'), 'requestError forbidden'],
	[403, detail('Free limits exceeded.'), 'requestError forbidden'],
	[403, detail('Account blocked due to overdue invoices.'), 'requestError forbidden'],
	[404, detail('Instance was not found.'), 'requestError notFound'],
	[404, detail('Script was not found.'), 'requestError notFound'],
	[404, detail('Script Endpoint was not found.'), 'requestError notFound'],
	[404, detail('Not found.'), 'requestError notFound'],
	[404, detail('Not found'), 'requestError notFound'],
	[405, detail('Method "PUT" not allowed.'), 'requestError rejected'],
	[405, detail('Batching not allowed.'), 'requestError rejected'],
	[406, detail('Could not satisfy the request Accept header.'), 'notFinished badAnswer'],
	[408, detail('Script took too much time.'), 'notFinished noAnswer'],
	[413, detail('Request size limit exceeded (524288).'), 'requestError tooLarge'],
	[415, detail('Unsupported media type "application/xml" in request.'), 'requestError rejected'],
	[429, detail('Request was throttled. Expected available in 1 second.'), 'requestError throttled'],
	[429, detail('Request was throttled. Expected available in 17 seconds.'), 'requestError throttled'],
	[429, detail('Request was throttled.'), 'requestError throttled'],
];

describe("the server's own errors", () => {
	test.each(SERVER_BODIES)('%i %j is %s, from a script and from an endpoint', (status, body, expected) => {
		for (const judge of [script, endpoint]) {
			const outcome = judge(answered(status, body));
			expect(kind(outcome)).toBe(expected);
			expect(outcome).toMatchObject({ httpStatus: status, hint: expect.stringMatching(/\w{3}/) as unknown, documentationUrl: expect.stringMatching(/^https:/) as unknown });
		}
	});

	test('every row of the table is met by one of these', () => {
		const texts = SERVER_BODIES.map(([status, body]) => ({ status, text: Object.values(body as object).flat()[0] as string }));
		for (const row of SERVER_ERRORS) {
			expect(texts.some(({ status, text }) => status === row.status && (typeof row.text === 'string' ? row.text === text : row.text.test(text)))).toBe(true);
		}
	});

	// A script can answer these by itself; only exact bodies count as the server's.
	test.each([
		['another status', 404, detail('No such API Key.')],
		['a key more', 403, { detail: 'No such API Key.', code: 7 }],
		['a word more', 404, detail('Not found. Sorry.')],
		['detail in a list', 404, { detail: ['Not found.'] }],
		['two texts', 400, { payload: ['Not a valid JSON string.', 'Really.'] }],
		['another field', 400, { email: ['This field may not be null.'] }],
		["a script's own 429", 429, { error: 'slow down' }],
		["a script's own 400 with detail", 400, detail('bad order')],
		['JSON null', 500, 'null'],
	])('%s is an answer of the endpoint’s script, and refused for a script', (_what, status, body) => {
		expect(endpoint(answered(status, body))).toMatchObject({ outcome: 'success', result: { status } });
		expect(script(answered(status, body)).outcome).toBe(status >= 500 ? 'notFinished' : 'requestError');
	});

	test.each([
		['nginx', 502, nginx('502 Bad Gateway'), 'notFinished serverError'],
		['HAProxy', 503, '<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n', 'notFinished serverError'],
		['nginx', 504, nginx('504 Gateway Time-out'), 'notFinished serverError'],
		['Envoy', 503, 'upstream connect error or disconnect/reset before headers', 'notFinished serverError'],
		['HAProxy', 408, "<html><body><h1>408 Request Time-out</h1>\nYour browser didn't send a complete request in time.\n</body></html>\n", 'notFinished noAnswer'],
		['nginx', 413, nginx('413 Request Entity Too Large'), 'requestError tooLarge'],
		['nginx', 429, nginx('429 Too Many Requests'), 'requestError throttled'],
		['nginx', 401, nginx('401 Authorization Required'), 'requestError unauthorized'],
		['HAProxy', 403, '<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>\n', 'requestError forbidden'],
		['Apache', 404, '<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1><hr>\n<address>Apache/2.4 Server</address></body></html>', 'requestError notFound'],
		['nginx', 301, nginx('301 Moved Permanently'), 'notFinished badAnswer'],
		['Django', 404, '<h1>Not Found</h1><p>The requested resource was not found on this server.</p>', 'requestError notFound'],
		['Django 2.0', 404, '<h1>Not Found</h1><p>The requested URL /v1.1/x was not found on this server.</p>', 'requestError notFound'],
		['Django', 500, '<h1>Server Error (500)</h1>', 'notFinished serverError'],
		['uWSGI', 500, 'Internal Server Error', 'notFinished serverError'],
		['nobody, without a body,', 500, '', 'notFinished serverError'],
		['nobody, without a body,', 502, '', 'notFinished serverError'],
	])('a page that %s makes by itself: %i', (_who, status, page, expected) => {
		expect(kind(endpoint(html(status, page)))).toBe(expected);
		expect(kind(script(html(status, page)))).toBe(expected);
	});

	test.each([
		[500, '<html><head><title>Order 500 failed</title></head></html>'],
		[404, '<h1>No such door</h1>'],
		[404, '<html><title>404 Not Found</title><h1>No such door</h1></html>'],
		[200, '<html><head><title>200 doors</title></head></html>'],
	])("a script's own page with status %i is its answer", (status, page) => {
		expect(endpoint(html(status, page))).toMatchObject({ outcome: 'success', result: { status, contentType: 'text/html', content: page } });
	});

	test('a key that was never sent cannot have been refused, so the next item is sent', () => {
		expect(kind(endpoint(answered(403, detail('No such API Key.')), facts('publicLink', 'none')))).toBe('requestError forbidden');
	});

	test('Retry-After, in seconds and as a date', () => {
		const body = detail('Request was throttled. Expected available in 3 seconds.');
		expect(endpoint(answered(429, body, { 'retry-after': '3' }))).toMatchObject({ retryAfter: 3_000 });
		expect(script(answered(429, body, { 'retry-after': new Date(NOW + 5_000).toUTCString() }))).toMatchObject({ retryAfter: 5_000 });
	});
});

describe('no answer', () => {
	test.each<[Answer, string]>([
		[{ kind: 'notSent', code: 'ECONNREFUSED' }, 'requestError noConnection'],
		[{ kind: 'lost', how: 'timeout' }, 'notFinished noAnswer'],
		[{ kind: 'lost', how: 'connection', code: 'ECONNRESET' }, 'notFinished noAnswer'],
		[{ kind: 'notSignedIn', failure: { outcome: 'requestError', reason: 'notConnected', message: 'none' } }, 'requestError notConnected'],
	])('%j', (answer, expected) => {
		expect(kind(script(answer))).toBe(expected);
		expect(kind(endpoint(answer))).toBe(expected);
	});

	test.each([
		['nothing', ''],
		['half of the JSON', '{"id":3,"stat'],
		['a page of somebody else', '<html><title>Welcome to the hotel</title></html>'],
		['JSON null', 'null'],
		['a trace without an id', { status: 'pending', result: {} }],
		['a list', [{ id: 1, status: 'pending' }]],
	])('a script that is answered by 200 and %s may have run', (_what, body) => {
		expect(kind(script(answered(200, body)))).toBe('notFinished badAnswer');
	});

	test('a list that cannot be read started nothing, and can be read again', () => {
		for (const answer of [answered(500, ''), answered(200, '{"next":null}'), { kind: 'lost', how: 'timeout' } as const]) {
			expect(kind(failureOfList(answer, facts('traces'), NOW))).toBe('requestError noConnection');
		}
		expect(kind(failureOfList(answered(404, detail('Script was not found.')), facts('traces'), NOW))).toBe('requestError notFound');
	});
});

describe('traces', () => {
	const trace = (fields: object) => ({ id: 7, status: 'success', executed_at: '2016-03-11T19:00:41.084364Z', duration: 33, result: { stderr: '', stdout: '' }, ...fields });

	test.each([
		['success', 'success'],
		['failure', 'scriptError exception'],
		['timeout', 'scriptError timeout'],
		['blocked', 'requestError blocked'],
		['queue_timeout', 'requestError queueTimeout'],
		['pending', 'notFinished pending'],
		['processing', 'notFinished pending'],
	])('status %s is %s, from a script, an endpoint and a look', (status, expected) => {
		for (const judge of [script, endpoint]) {
			const outcome = judge(answered(200, trace({ status })));
			expect(kind(outcome)).toBe(expected);
			expect(outcome.traceId).toBe(7);
		}
	});

	test('a status that nobody knows is not final for a script, and no trace for an endpoint', () => {
		expect(kind(script(answered(200, trace({ status: 'paused' }))))).toBe('notFinished pending');
		expect(endpoint(answered(200, trace({ status: 'paused' })))).toMatchObject({ outcome: 'success', result: { content: { status: 'paused' } } });
	});

	test.each(['status', 'result', 'executed_at', 'duration'])('an endpoint’s answer without %s is its script’s own', (key) => {
		const { [key]: _left, ...rest } = trace({ status: 'failure' }) as Record<string, unknown>;
		expect(endpoint(answered(200, rest))).toMatchObject({ outcome: 'success', result: { status: 200, content: rest } });
	});

	test.each<[string, unknown, object]>([
		['of a run that has not ended', {}, { stdout: '', stderr: '' }],
		['of a run that has not ended, as text', '', { stdout: '', stderr: '' }],
		['as an object', { stderr: 'warn', stdout: '{"a":1}' }, { stdout: { a: 1 }, stderr: 'warn' }],
		['as a plain text', 'some_result', { stdout: 'some_result', stderr: '' }],
		['as a plain text that is JSON', '{"a":1}', { stdout: { a: 1 }, stderr: '' }],
		['as JSON in a text, with stderror', '{"stderror":"warn","stdout":"out"}', { stdout: 'out', stderr: 'warn' }],
		['too big for a list', { __error__: 'Result is too big to show in trace.' }, { stdout: '', stderr: '', __error__: 'Result is too big to show in trace.' }],
		['absent', undefined, { stdout: '', stderr: '' }],
		[
			'with a custom reply',
			{ stderr: '', stdout: '', response: { status: 201, content_type: 'application/json; charset=utf-8', content: '{"a":1}', headers: { 'X-abc': '1' } } },
			{ stdout: '', stderr: '', response: { status: 201, contentType: 'application/json; charset=utf-8', content: { a: 1 }, headers: { 'X-abc': '1' } } },
		],
		[
			'with a custom reply of text',
			{ stderr: '', stdout: '', response: { status: 200, content_type: 'text/plain', content: '5' } },
			{ stdout: '', stderr: '', response: { status: 200, contentType: 'text/plain', content: '5', headers: {} } },
		],
	])('the result %s', (_what, result, expected) => {
		expect(traceResult(result, true)).toEqual(expected);
	});

	test.each<[string, unknown]>([
		['[1,2]', [1, 2]],
		['7', 7],
		['-0.5', -0.5],
		['true', true],
		['null', null],
		['"quoted"', 'quoted'],
		['12345678901234567890', '12345678901234567890'],
		['1.10', '1.10'],
		['007', '007'],
		['{"a":1}\n{"a":2}', '{"a":1}\n{"a":2}'],
		['', ''],
		['NaN', 'NaN'],
	])('stdout %j becomes %j, and stays as it is where it is not to be parsed', (stdout, value) => {
		expect(traceResult({ stdout }, true).stdout).toEqual(value);
		expect(traceResult({ stdout }, false).stdout).toBe(stdout);
	});

	test.each([
		['Node.js, thrown in a timer', "\nmain.js:1\nsetTimeout(()=>{throw new Error('late')},10)\n                ^\nError: late\n    at Timeout.setTimeout (main.js:1:23)\n    at ontimeout (timers.js:386:14)", 'Error: late', 'Error', [{ function: 'Timeout.setTimeout', line: 1 }]],
		['Node.js, nested', 'TypeError: x is not a function\n    at inner (/app/main.js:4:5)\n    at main.js:9:1\n\nNode.js v20.20.0', 'TypeError: x is not a function', 'TypeError', [{ function: 'inner', line: 4 }, { function: '(script)', line: 9 }]],
		['Python', 'Traceback (most recent call last):\n  File "<string>", line 46, in <module>\n  File "main.py", line 5, in <module>\n    go()\n  File "main.py", line 2, in go\n    raise ValueError("no")\nValueError: no', 'ValueError: no', 'ValueError', [{ function: 'go', line: 2 }, { function: '(script)', line: 5 }]],
		['Python, one error after another', 'Traceback (most recent call last):\n  File "main.py", line 2, in a\nKeyError: 1\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File "main.py", line 4, in <module>\nrequests.exceptions.HTTPError: 500', 'requests.exceptions.HTTPError: 500', 'requests.exceptions.HTTPError', [{ function: '(script)', line: 4 }]],
		['a text of its own', 'quantity is missing\nreally', 'quantity is missing', undefined, undefined],
		['nothing', '', 'The script ended with an exit code other than 0 and wrote nothing to stderr', undefined, undefined],
	])('the error of %s', (_what, stderr, message, type, stack) => {
		const outcome = script(answered(200, trace({ status: 'failure', result: { stdout: 'so far', stderr } })));
		expect(outcome).toMatchObject({ outcome: 'scriptError', message, result: { stdout: 'so far', stderr } });
		expect([(outcome as { type?: string }).type, (outcome as { stack?: unknown }).stack]).toEqual([type, stack]);
	});

	test('Fail on Stderr makes a failure of a success that wrote to stderr, and only of that', () => {
		const response = { statusCode: 200, headers: {}, body: null };
		const judge = (result: unknown, failOnStderr: boolean) => {
			const read = traceOf(trace({ result }));
			if (read === undefined) throw new Error('No trace');
			return kind(outcomeOfTrace(read, { parseStdout: true, failOnStderr }, response));
		};
		expect(judge({ stdout: 'x', stderr: 'Error: boom' }, true)).toBe('scriptError stderr');
		expect(judge({ stdout: 'x', stderr: 'Error: boom' }, false)).toBe('success');
		expect(judge({ stdout: 'x', stderr: '\n' }, true)).toBe('success');
		expect(judge('{"stderror":"Error: boom","stdout":""}', true)).toBe('scriptError stderr');
	});

	test.each(['nodejs-6.10.3', 'python-2.7.18', 'python-3.7.16'])('every recorded run of %s has the outcome of its status', (runner) => {
		const recorded = JSON.parse(readFileSync(join(__dirname, `../contract/syncano-recordings/runner-${runner}.json`), 'utf8')) as Array<{ status: string; result: unknown }>;
		expect(recorded.length).toBeGreaterThan(10);
		for (const { status, result } of recorded) {
			const expected = { success: 'success', failure: 'scriptError exception', timeout: 'scriptError timeout' }[status];
			const outcome = script(answered(200, trace({ status, result })));
			expect(kind(outcome)).toBe(expected);
			if (outcome.outcome !== 'success') expect(outcome.message).toMatch(/\w/);
			expect(Object.keys(outcome.result as object)).toEqual(expect.arrayContaining(['stdout', 'stderr']));
		}
	});
});

describe('custom replies', () => {
	test.each<[string, string | undefined, string | Buffer, unknown]>([
		['JSON', 'application/json', '{"a":1}', { a: 1 }],
		['JSON of another name', 'application/problem+json; charset=utf-8', '{"a":1}', { a: 1 }],
		['the default type over no JSON', 'application/json', 'content', 'content'],
		['text', 'text/plain', '5', '5'],
		['text in another character set', 'text/plain; charset=iso-8859-2', Buffer.from([0xbf]), 'ż'],
		['XML', 'application/xml', '<a/>', '<a/>'],
		['no type', undefined, 'hello', 'hello'],
		['nothing', 'application/json', '', ''],
	])('%s', (_what, type, body, content) => {
		const headers = { ...(type === undefined ? {} : { 'content-type': type }), 'x-abc': '1' };
		const outcome = endpoint({ kind: 'answered', statusCode: 201, headers, body: Buffer.from(body) });
		expect(outcome).toEqual({
			outcome: 'success',
			result: { status: 201, contentType: type ?? '', headers, content },
			response: { statusCode: 201, headers, body: content },
		});
	});

	test.each<[string, string, string | undefined, string | undefined]>([
		['a picture', 'image/png', undefined, undefined],
		['a named file', 'application/pdf', 'attachment; filename="my \\"file\\".pdf"', 'my "file".pdf'],
		['a file with a name in UTF-8', 'application/pdf', "attachment; filename=x.pdf; filename*=UTF-8''%C5%BCaba.pdf", 'żaba.pdf'],
		['a file with a folder in its name', 'application/pdf', 'attachment; filename=../../etc/passwd', 'passwd'],
		['text that is none', 'text/plain', undefined, undefined],
		['text in a character set that nobody knows', 'text/plain; charset=klingon', undefined, undefined],
	])('%s is a file', (_what, type, disposition, fileName) => {
		const body = Buffer.from([0x89, 0x50, 0xff, 0x00]);
		const headers = { 'content-type': type, ...(disposition === undefined ? {} : { 'content-disposition': disposition }) };
		const outcome = endpoint({ kind: 'answered', statusCode: 200, headers, body });
		expect(outcome).toMatchObject({ outcome: 'success', result: { status: 200, contentType: type } });
		expect(outcome.outcome === 'success' && outcome.file).toEqual({ content: body, mimeType: type.split(';')[0], ...(fileName === undefined ? {} : { fileName }) });
	});

	test.each([301, 302, 304, 307, 401, 403, 404, 418, 429, 500, 503])('status %i of a script’s own is a success', (status) => {
		expect(endpoint(answered(status, { mine: true }, { location: 'http://elsewhere/' }))).toMatchObject({ outcome: 'success', result: { status, content: { mine: true } } });
	});
});

describe('hints', () => {
	const about = (reason: Reason, more: Partial<Parameters<typeof hintFor>[0]> = {}) => {
		const outcome = (['scriptError', 'notFinished', 'requestError'] as const).find((name) => (REASONS[name] as readonly string[]).includes(reason)) ?? 'requestError';
		return hintFor({ failure: { outcome, reason, message: 'x' }, target: 'script', sentKey: 'account', wrapped: false, ...more });
	};

	test('every row says what to do, in sentences, and where to read on', () => {
		for (const { id, hint, documentationUrl } of HINTS) {
			expect([id, hint]).toEqual([id, expect.stringMatching(/^[A-Z"].{20,}[.!]$/) as unknown]);
			expect([id, documentationUrl]).toEqual([id, expect.stringMatching(/^https:\/\/github\.com\//) as unknown]);
		}
		expect(new Set(HINTS.map(({ id }) => id)).size).toBe(HINTS.length);
	});

	test('what failed decides', () => {
		expect(about('forbidden', { sentKey: 'instance' }).hint).toMatch(/last character/);
		expect(about('forbidden', { serverError: 'noPermission' }).hint).toMatch(/role/);
		expect(about('notFound', { target: 'publicLink' }).hint).toMatch(/not public/);
		expect(about('notFound', { target: 'trace', serverError: 'notFound' }).hint).toMatch(/24 hours/);
		expect(about('notFound', { serverError: 'notFound' }).hint).toMatch(/ID of the script/);
		expect(about('notFound').hint).toMatch(/ends before \/v1\.1/);
		expect(about('rejected', { serverError: 'scriptsSwitchedOff' }).hint).toMatch(/LEGACY_CODEBOX_ENABLED/);
		expect(about('exception', { wrapped: true }).hint).toMatch(/ARGS\.payload/);
		expect(about('exception', { wrapped: true, target: 'endpoint' }).hint).toMatch(/takes its values directly/);
		expect(about('pending').hint).toMatch(/Trace > Get/);
		expect(about('serverError').hint).toMatch(/may have run/);
	});
});
