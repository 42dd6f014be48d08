import type { ScriptOutcome, ScriptResult } from '../../emulator/syncano/runner';

/** A case of a `runner-*.json` file. */
export interface RecordedRun {
	readonly name: string;
	readonly source: string;
	readonly ARGS: unknown;
	readonly CONFIG: unknown;
	readonly META: unknown;
	readonly timeout_s: number;
	readonly exit_code: number | null;
	readonly status: string;
	readonly result: Omit<ScriptResult, 'stdout'> & { readonly stdout: string | { readonly __len__: number; readonly head: string } };
}

/** What of a run is the contract, besides what other lines of stderr a process or an engine adds. */
interface Contract {
	readonly exitCode: number | null;
	readonly status: string;
	readonly stdout: unknown;
	readonly response: unknown;
	/** The first line of the error: its type and message. */
	readonly error: string | undefined;
	/** Where in the script: `main.js:<line>:<column>`, `main.py:<line>`. */
	readonly frames: readonly string[];
	/** Everything else that is in stderr: the lines that the contract leaves out, in the kinds that are allowed. */
	readonly otherLines: readonly string[];
}

interface Difference {
	/** The name of the case. */
	readonly name: string;
	readonly field: keyof Contract;
	readonly recorded: unknown;
	/** What this machine's Node or Python gives; a pattern where its wording changes with the version. */
	readonly here: unknown;
	readonly reason: string;
}

const newerPython = 'The machine runs Python 3 in the place of Python 2.7.';
const wording = "The wording of the engine's own errors changes with its version.";
const missingParentheses = /^SyntaxError: Missing parentheses in call to 'print'\. Did you mean print\(.*\)\?$/;

/** The differences that are meant, by file: these and no others. */
export const meantDifferences: Readonly<Record<string, readonly Difference[]>> = {
	'runner-nodejs-6.10.3.json': [],
	'runner-python-2.7.18.json': [
		{
			name: 'args',
			field: 'stdout',
			recorded: `('dict', '{"GET": {}, "POST": {}, "a": 1}', '{"k": "v"}', u'codebox')`,
			here: 'dict {"GET": {}, "POST": {}, "a": 1} {"k": "v"} codebox',
			reason: `${newerPython} There, print with several values showed a tuple, and text had a u before it.`,
		},
		{ name: 'py2 print stmt', field: 'exitCode', recorded: 0, here: 1, reason: `${newerPython} It has no print statement.` },
		{ name: 'py2 print stmt', field: 'status', recorded: 'success', here: 'failure', reason: `${newerPython} It has no print statement.` },
		{ name: 'py2 print stmt', field: 'stdout', recorded: 'hello', here: '', reason: `${newerPython} It has no print statement.` },
		{ name: 'py2 print stmt', field: 'error', recorded: undefined, here: missingParentheses, reason: `${newerPython} It has no print statement.` },
		{ name: 'py2 print stmt', field: 'frames', recorded: [], here: ['main.py:1'], reason: `${newerPython} It has no print statement.` },
		{ name: '__name__', field: 'stdout', recorded: '__builtin__', here: 'builtins', reason: `${newerPython} The module has another name.` },
	],
	'runner-python-3.7.16.json': [
		{
			name: 'py2 print stmt',
			field: 'error',
			recorded: "SyntaxError: Missing parentheses in call to 'print'. Did you mean print('hello')?",
			here: missingParentheses,
			reason: wording,
		},
	],
};

/** The kinds of lines in stderr that belong to the wrapper or the process, not to the contract. */
const lineKinds: readonly RegExp[] = [
	/^$/,
	// Frames below the user's own.
	/^ {4}at (?!.*main\.js)/,
	/^ {2}File "<string>", line \d+, in \S+$/,
	/^Traceback \(most recent call last\):$/,
	// Where the engine shows the line of the source: a heading, the line itself (checked below), a mark under it.
	/^main\.js:\d+$/,
	/^\s*[\^~]+\s*$/,
];

function contractOf(source: string, exitCode: number | null, status: string, stdout: unknown, stderr: string, response: unknown): Contract {
	const lines = stderr.split('\n');
	const isError = (line: string) => /^\w*(?:Error|Exception)\b/.test(line) || line === 'stdout and/or stderr max size exceeded.';
	const position = (line: string): string | undefined => {
		const node = /^ {4}at .*?(main\.js:\d+:\d+)\)?$/.exec(line)?.[1];
		const python = /^ {2}File "main\.py", line (\d+)/.exec(line)?.[1];
		return node ?? (python === undefined ? undefined : `main.py:${python}`);
	};
	const sourceLines = source.split('\n').map((line) => line.trim());
	return {
		exitCode,
		status,
		stdout,
		response,
		error: lines.find(isError),
		frames: lines.flatMap((line) => position(line) ?? []),
		otherLines: lines.filter(
			(line) => !isError(line) && position(line) === undefined && !lineKinds.some((kind) => kind.test(line)) && !sourceLines.includes(line.trim()),
		),
	};
}

/** Holds a run against its recording: everything of the contract is the same but for the differences that are meant, and those are as described. */
export function differencesOf(file: string, recorded: RecordedRun, outcome: ScriptOutcome): void {
	const long = typeof recorded.result.stdout === 'object';
	const { stdout } = outcome.result;
	const shown = long ? { __len__: Array.from(stdout).length, head: stdout.slice(0, 20) } : stdout;
	const before = contractOf(recorded.source, recorded.exit_code, recorded.status, recorded.result.stdout, recorded.result.stderr, recorded.result.response);
	const now = contractOf(recorded.source, outcome.exitCode, outcome.status, shown, outcome.result.stderr, outcome.result.response);

	const meant = (meantDifferences[file] ?? []).filter(({ name }) => name === recorded.name);
	for (const difference of meant) expect(before[difference.field]).toEqual(difference.recorded);
	const expected: Record<string, unknown> = { ...before };
	for (const { field, here } of meant) expected[field] = here instanceof RegExp ? (expect.stringMatching(here) as unknown) : here;
	expect(now).toEqual(expected);
	expect(before.otherLines).toEqual([]);
}
