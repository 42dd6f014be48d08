import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { AdjustableClock } from '../../emulator/clock';
import { startEmulator } from '../../emulator';
import { code, emulatorOfThisFile, errorOf, isAlive, projectOf, resultOf, run, until } from './support';

const emulator = emulatorOfThisFile();

describe('scripts.run executes the project', () => {
	test('all files share one global scope, whatever their order', async () => {
		const project = emulator().appsScript.addProject({
			files: [
				{ name: 'A', type: 'SERVER_JS', source: 'const RATE = 3; function main(x) { return helper_(x) * RATE; }' },
				{ name: 'B', type: 'SERVER_JS', source: 'function helper_(x) { return x + OFFSET; } const OFFSET = 1;' },
				{ name: 'page', type: 'HTML', source: '<p>not code</p>' },
			],
		});
		expect(await resultOf(emulator(), project, { parameters: [4] })).toBe(15);
	});

	test('top-level code runs anew for each execution', async () => {
		const project = projectOf(emulator(), 'let count = 0; count += 1; function main() { count += 1; return count; }');
		expect([await resultOf(emulator(), project), await resultOf(emulator(), project)]).toEqual([2, 2]);
	});

	test('parameters arrive as given, and are the script\'s own kind of values', async () => {
		const project = projectOf(emulator(), 'function main(...all) { return [all, all[0] instanceof Array, all[1] instanceof Object, all.length]; }');
		const parameters = [[1, [2]], { a: null, b: { c: 'ü €' } }, 'text', 0, false, null, 1.5];
		expect(await resultOf(emulator(), project, { parameters })).toEqual([parameters, true, true, 7]);
	});

	test.each([
		['0', 0],
		['false', false],
		['""', ''],
		['null', null],
		['[]', []],
		['({ a: undefined, b: 1 })', { b: 1 }],
		['[undefined, 1, , NaN]', [null, 1, null, null]],
		['Object.assign(Object.create(null), { a: 1 })', { a: 1 }],
	])('returning %s', async (expression, expected) => {
		const { body } = await run(emulator(), projectOf(emulator(), `function main() { return ${expression}; }`));
		expect(body).toEqual({ done: true, response: { '@type': 'type.googleapis.com/google.apps.script.v1.ExecutionResponse', result: expected } });
	});

	test('returning undefined leaves the key away', async () => {
		const { body } = await run(emulator(), projectOf(emulator(), 'function main() {}'));
		expect(body).toEqual({ done: true, response: { '@type': 'type.googleapis.com/google.apps.script.v1.ExecutionResponse' } });
	});

	test.each([
		'new Date()',
		'[[1, new Date()]]',
		'() => 1',
		'({ f() {} })',
		'new Map()',
		'new (class Order {})()',
		'Promise.resolve(1)',
		'(async () => 1)()',
		'Symbol("s")',
		'10n',
		'SpreadsheetApp.create("s")',
		'(() => { const a = {}; a.a = a; return a; })()',
	])('returning %s is not supported, though the function ran', async (expression) => {
		const error = await errorOf(emulator(), projectOf(emulator(), `function main() { return ${expression}; }`));
		expect(error).toMatchObject({ code: 3, errorMessage: 'The script completed but the returned value is not a supported return type.' });
		expect(emulator().journal.executions).toMatchObject([{ function: 'main', end: 'returned' }]);
	});

	test('an exception comes with message and stack: user\'s calls only, deepest first, no file names', async () => {
		const project = projectOf(
			emulator(),
			['function main() {', '  [1].forEach(() => outer_());', '}', 'function outer_() {', '  inner_();', '}', 'function inner_() {', '  undefinedName;', '}'].join('\n'),
		);
		const { body } = await run(emulator(), project);
		expect(body).toEqual({
			done: true,
			error: {
				code: 3,
				message: 'ScriptError',
				details: [
					{
						'@type': 'type.googleapis.com/google.apps.script.v1.ExecutionError',
						errorMessage: 'ReferenceError: undefinedName is not defined',
						errorType: 'ScriptError',
						scriptStackTraceElements: [
							{ function: 'inner_', lineNumber: 8 },
							{ function: 'outer_', lineNumber: 5 },
							{ function: '(anonymous)', lineNumber: 2 },
							{ function: 'main', lineNumber: 2 },
						],
					},
				],
			},
		});
		expect(emulator().journal.executions).toMatchObject([{ end: 'threw' }]);
	});

	test.each([
		['"only text"', 'only text'],
		['{ a: 1 }', '[object Object]'],
		['null', 'null'],
		['undefined', 'undefined'],
	])('throwing %s, which is no Error', async (thrown, message) => {
		const error = await errorOf(emulator(), projectOf(emulator(), `function main() { throw ${thrown}; }`));
		expect(error).toMatchObject({ errorMessage: message, scriptStackTraceElements: [] });
	});

	test('throwing the throttling sentence keeps the Error\'s name and the stack', async () => {
		const sentence = 'Service invoked too many times in a short time: exec qps. Try Utilities.sleep(1000) between calls.';
		const error = await errorOf(emulator(), projectOf(emulator(), `function main() { throw new Error('${sentence}'); }`));
		expect(error).toMatchObject({ errorMessage: `Error: ${sentence}`, scriptStackTraceElements: [{ function: 'main', lineNumber: 1 }] });
	});

	test('the JavaScript type in errorType, where the settings say so', async () => {
		emulator().appsScript.settings.errorType = 'javascript';
		const error = await errorOf(emulator(), projectOf(emulator(), 'function main() { null.x; }'));
		expect(error.errorType).toBe('TypeError');
	});

	test('code that throws at the top level, and code that cannot be parsed', async () => {
		const throwing = await errorOf(emulator(), projectOf(emulator(), 'function main() {}\nthrow new Error("at once");'));
		expect(throwing).toMatchObject({ errorMessage: 'Error: at once', scriptStackTraceElements: [{ function: '(anonymous)', lineNumber: 2 }] });
		const broken = await errorOf(emulator(), projectOf(emulator(), 'function main( {}'));
		expect(broken.errorMessage).toMatch(/^SyntaxError: /);
	});

	test.each(['missing', 'private_', 'notAFunction', 'parseInt', 'toString', 'Logger', 'Library.fn', 'main()', 'a.b.c'])(
		'no function is called %s, and nothing is entered in the journal',
		async (name) => {
			const project = projectOf(emulator(), 'function main() {} function private_() {} var notAFunction = 1; const Library = { fn() {} };');
			const error = await errorOf(emulator(), project, { function: name });
			expect(error).toMatchObject({ code: 3, errorMessage: `Script function not found: ${name}` });
			expect(emulator().journal.executions).toEqual([]);
		},
	);

	test('a function of a library, in the version that the manifest names', async () => {
		const library = projectOf(emulator(), 'var base = 1; function plus(x) { return x + base; } function secret_() {}');
		library.save(code('function plus() { return "later"; }'));
		const project = projectOf(emulator(), 'function main(x) { return Lib.plus(x) + Lib.base; }', {
			manifest: { dependencies: { libraries: [{ userSymbol: 'Lib', libraryId: library.scriptId, version: '1' }] } },
		});
		expect(await resultOf(emulator(), project, { parameters: [5] })).toBe(7);
		expect(await resultOf(emulator(), project, { function: 'Lib.plus', parameters: [1] })).toBe(2);
		expect(await errorOf(emulator(), project, { function: 'Lib.secret_' })).toMatchObject({ errorMessage: 'Script function not found: Lib.secret_' });
	});

	test('a deployment runs its version\'s files; devMode runs the present ones, for the owner only', async () => {
		const project = projectOf(emulator(), 'function main() { return "version 1"; }');
		project.save(code('function main() { return "head"; }'));
		const other = emulator().google.addUser();
		const token = emulator().google.issueToken({ user: other });
		expect(await resultOf(emulator(), project)).toBe('version 1');
		expect(await resultOf(emulator(), project, { devMode: true })).toBe('head');
		expect(await resultOf(emulator(), project, { devMode: true, token })).toBe('version 1');
		project.addDeployment({ versionNumber: project.addVersion() });
		expect(await resultOf(emulator(), project)).toBe('head');
	});

	test('a busy loop ends with code 10 at the time limit, and harms no other run', async () => {
		emulator().appsScript.settings.timeLimitMilliseconds = 300;
		const project = projectOf(emulator(), 'function main() { for (;;); } function quick() { return 1; }');
		const [error, quick] = await Promise.all([errorOf(emulator(), project), resultOf(emulator(), project, { function: 'quick' })]);
		expect(error).toMatchObject({ code: 10, errorMessage: 'Exceeded maximum execution time' });
		expect(quick).toBe(1);
		expect(emulator().journal.executions.find((execution) => execution.function === 'main')).toMatchObject({ end: 'timeout' });
		expect(await resultOf(emulator(), project, { function: 'quick' })).toBe(1);
	});

	test('sleeping and the time limit go by the emulator\'s clock', async () => {
		const clock = new AdjustableClock({ frozen: true });
		const own = await startEmulator({ clock });
		try {
			const project = projectOf(own, 'function main(minutes) { console.log("asleep"); Utilities.sleep(minutes * 60000); return "awake"; }');
			const asleep = async () => {
				const before = own.appsScript.logs.length;
				await until(() => own.appsScript.logs.length > before);
				// The call for sleep follows the line of the log at once.
				await new Promise((resolve) => setTimeout(resolve, 50));
			};
			const short = resultOf(own, project, { parameters: [4] });
			await asleep();
			clock.advance(4 * 60_000);
			expect(await short).toBe('awake');
			own.appsScript.settings.timeLimitMilliseconds = 3 * 60_000;
			const long = errorOf(own, project, { parameters: [4] });
			await asleep();
			clock.advance(3 * 60_000);
			expect(await long).toMatchObject({ code: 10 });
		} finally {
			await own.stop();
		}
	});

	test('a run that a person cancels ends with code 1', async () => {
		const project = projectOf(emulator(), 'function main() { console.log("started"); for (;;); }');
		const error = errorOf(emulator(), project);
		await until(() => emulator().appsScript.logs.some((line) => line.scriptId === project.scriptId));
		emulator().appsScript.cancel();
		expect(await error).toMatchObject({ code: 1 });
		expect(emulator().journal.executions).toMatchObject([{ end: 'killed' }]);
	});

	test('a script that takes all memory ends its own process only', async () => {
		const project = projectOf(emulator(), 'function main() { const all = []; for (;;) all.push(new Array(1e6).fill(1.5)); } function quick() { return 1; }');
		const error = await errorOf(emulator(), project);
		expect(error.errorMessage).toBe("We're sorry, a server error occurred. Please wait a bit and try again.");
		expect(await resultOf(emulator(), project, { function: 'quick' })).toBe(1);
	});

	test('a run goes on after its client has gone', async () => {
		const project = projectOf(emulator(), 'function main() { console.log("started"); Utilities.sleep(200); PropertiesService.getScriptProperties().setProperty("done", "yes"); }');
		const abort = new AbortController();
		const gone = run(emulator(), project, { signal: abort.signal }).catch((error: unknown) => error);
		await until(() => emulator().appsScript.logs.some((line) => line.scriptId === project.scriptId));
		abort.abort();
		expect(await gone).toMatchObject({ name: 'AbortError' });
		await until(() => emulator().journal.executions[0]?.endedAt !== undefined);
		expect(emulator().appsScript.stores.scriptProperties(project.scriptId).get('done')).toBe('yes');
		expect(emulator().journal.requests).toMatchObject([{ closedByClient: true }]);
	});
});

describe('limits', () => {
	test('more than 30 runs at once of one user are refused in the body, and do not run; another user\'s do', async () => {
		const release: Array<() => void> = [];
		const project = emulator().appsScript.addProject({ native: { main: () => new Promise<string>((resolve) => release.push(() => { resolve('ran'); })) } });
		const token = emulator().google.issueToken();
		const running = Array.from({ length: 30 }, () => resultOf(emulator(), project, { token }));
		await until(() => release.length === 30);
		expect(await errorOf(emulator(), project, { token })).toMatchObject({
			code: 3,
			errorMessage: 'There are too many scripts running simultaneously for this Google user account.',
		});
		const other = resultOf(emulator(), project, { token: emulator().google.issueToken({ user: emulator().google.addUser() }) });
		await until(() => release.length === 31);
		for (const answer of release) answer();
		expect(await Promise.all([...running, other])).toEqual(Array.from({ length: 31 }, () => 'ran'));
		expect(emulator().journal.executions).toHaveLength(31);
		expect(emulator().appsScript.limits.peak).toBe(31);
	});

	test('starts per second and per day', async () => {
		const project = emulator().appsScript.addProject({ native: { main: () => 1 } });
		emulator().appsScript.settings.startsPerSecond = 2;
		await resultOf(emulator(), project);
		await resultOf(emulator(), project);
		expect(await errorOf(emulator(), project)).toMatchObject({
			errorMessage: 'Service invoked too many times in a short time: exec qps. Try Utilities.sleep(1000) between calls.',
		});
		emulator().appsScript.settings.startsPerDay = 2;
		expect((await errorOf(emulator(), project)).errorMessage).toMatch(/^Service invoked too many times for one day: /);
		expect(emulator().journal.executions).toHaveLength(2);
	});
});

describe('native projects', () => {
	test('functions of the emulator\'s own process, with a drawn run time', async () => {
		const drawn: unknown[] = [];
		const project = emulator().appsScript.addProject({
			native: { add: (one: number, other: number) => Promise.resolve(one + other), fail: () => { throw new TypeError('no'); } },
			runTime: (call) => {
				drawn.push(call);
				return 1;
			},
		});
		expect(await resultOf(emulator(), project, { function: 'add', parameters: [1, 2] })).toBe(3);
		expect(await errorOf(emulator(), project, { function: 'fail' })).toMatchObject({ errorMessage: 'TypeError: no' });
		expect(await errorOf(emulator(), project, { function: 'constructor' })).toMatchObject({ errorMessage: 'Script function not found: constructor' });
		expect(drawn).toEqual([{ function: 'add', parameters: [1, 2] }, { function: 'fail', parameters: [] }]);
	});
});

describe('processes', () => {
	test('a child starts only when a script runs, is used again, and ends with the emulator', async () => {
		const own = await startEmulator();
		try {
			const project = projectOf(own, 'function main() { return 1; }');
			expect(own.appsScript.childPids).toEqual([]);
			await resultOf(own, project);
			await resultOf(own, project);
			const [pid = 0, ...more] = own.appsScript.childPids;
			expect(more).toEqual([]);
			expect(process.kill(pid, 0)).toBe(true);
			await own.stop();
			await until(() => !isAlive(pid));
		} finally {
			await own.stop();
		}
	});

	test('a child in a busy loop ends when its parent is killed', async () => {
		const child = join(__dirname, '../../emulator/appsScript/runner/child.cjs');
		const frames = [
			{ type: 'version', key: 'v', files: [{ name: 'Code', source: 'function main() { for (;;); }' }] },
			{ type: 'run', version: 'v', libraries: [], function: 'main', parameters: '[]', info: { timeZone: 'Etc/UTC' } },
		];
		const parentSource = `
			const child = require('node:child_process').spawn(process.execPath, [${JSON.stringify(child)}, String(process.pid)], { stdio: ['ignore', 'inherit', 'ignore', 'pipe'] });
			for (const frame of ${JSON.stringify(frames)}) {
				const text = Buffer.from(JSON.stringify(frame));
				const length = Buffer.alloc(4);
				length.writeUInt32LE(text.length);
				child.stdio[3].write(Buffer.concat([length, text]));
			}
			child.stdio[3].on('data', (chunk) => { if (chunk.includes('entered')) console.log('entered'); });`;
		const parent = spawn(process.execPath, ['-e', parentSource], { stdio: ['ignore', 'pipe', 'inherit'] });
		await new Promise((resolve) => parent.stdout.once('data', resolve));
		// The child holds the other end of this stream too: it closes when both have ended.
		const bothEnded = new Promise((resolve) => parent.stdout.once('close', resolve));
		parent.kill('SIGKILL');
		await bothEnded;
	});
});
