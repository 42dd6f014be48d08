import { startEmulator, type Emulator, type EmulatorOptions } from '../../emulator';
import { DEFAULT_SETTINGS } from '../../emulator/appsScript/settings';
import type { ProjectOptions, ScriptFile, ScriptProject } from '../../emulator/appsScript';

/** Starts one emulator for a file of tests; each test finds its journal empty, its faults off and its settings as they were. */
export function emulatorOfThisFile(options: EmulatorOptions = {}): () => Emulator {
	let emulator: Emulator | undefined;
	beforeAll(async () => {
		emulator = await startEmulator(options);
	});
	beforeEach(() => {
		emulator?.journal.clear();
		emulator?.faults.clear();
		if (emulator !== undefined) Object.assign(emulator.appsScript.settings, DEFAULT_SETTINGS, options.appsScript);
	});
	afterAll(async () => {
		await emulator?.stop();
	});
	return () => {
		if (emulator === undefined) throw new Error('The emulator runs inside tests only');
		return emulator;
	};
}

/** Resolves as soon as something is so; rejects when it has not come about for long. */
export async function until(condition: () => boolean): Promise<void> {
	for (let tries = 0; !condition(); tries += 1) {
		if (tries > 2000) throw new Error(`This never came about: ${String(condition)}`);
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}

/** One file `Code.gs`. */
export function code(source: string): ScriptFile[] {
	return [{ name: 'Code', type: 'SERVER_JS', source }];
}

/** A project of one file. */
export function projectOf(emulator: Emulator, source: string, options: ProjectOptions = {}): ScriptProject {
	return emulator.appsScript.addProject({ files: code(source), ...options });
}

export interface Answer {
	readonly status: number;
	readonly headers: Headers;
	readonly text: string;
	/** The body, where it is JSON. */
	readonly body: unknown;
}

async function read(response: Response): Promise<Answer> {
	const text = await response.text();
	let body: unknown;
	try {
		body = JSON.parse(text);
	} catch {
		body = undefined;
	}
	return { status: response.status, headers: response.headers, text, body };
}

/** GET with a token. */
export async function get(emulator: Emulator, path: string, token: string | undefined): Promise<Answer> {
	return read(await fetch(`${emulator.address}${path}`, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` }, redirect: 'manual' }));
}

/** Form-encoded POST, as to the token endpoint. */
export async function postForm(emulator: Emulator, path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Answer> {
	return read(await fetch(`${emulator.address}${path}`, { method: 'POST', body: new URLSearchParams(fields), headers, redirect: 'manual' }));
}

export interface RunSettings {
	readonly function?: string;
	readonly parameters?: readonly unknown[];
	readonly devMode?: boolean;
	/** In place of the body that the other settings make. */
	readonly rawBody?: string;
	/** What stands in the path; default: the project's deployment. */
	readonly id?: string;
	/** Without question mark. */
	readonly query?: string;
	/** Default: one of the project's owner with userinfo.email. */
	readonly token?: string;
	readonly signal?: AbortSignal;
}

/** POST scripts.run. */
export async function run(emulator: Emulator, project: ScriptProject, settings: RunSettings = {}): Promise<Answer> {
	const { function: name = 'main', parameters, devMode, query, signal } = settings;
	const token = settings.token ?? emulator.google.issueToken({ user: project.owner });
	return read(
		await fetch(`${emulator.address}/v1/scripts/${settings.id ?? project.deploymentId}:run${query === undefined ? '' : `?${query}`}`, {
			method: 'POST',
			headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
			body: settings.rawBody ?? JSON.stringify({ function: name, parameters, devMode }),
			redirect: 'manual',
			signal,
		}),
	);
}

/** The result of a run that must have returned; `undefined` where it returned nothing. */
export async function resultOf(emulator: Emulator, project: ScriptProject, settings: RunSettings = {}): Promise<unknown> {
	const { body, text } = await run(emulator, project, settings);
	const { response } = body as { response?: { result?: unknown } };
	if (response === undefined) throw new Error(`The run did not return: ${text}`);
	return response.result;
}

/** The in-body error of a run that must have failed. */
export async function errorOf(emulator: Emulator, project: ScriptProject, settings: RunSettings = {}): Promise<InBodyError> {
	const { body, text } = await run(emulator, project, settings);
	const { error } = body as { error?: { code: number; message: string; details: InBodyError[] } };
	const detail = error?.details[0];
	if (error === undefined || detail === undefined) throw new Error(`The run did not fail: ${text}`);
	return { ...detail, code: error.code };
}

export interface InBodyError {
	readonly code: number;
	readonly errorMessage: string;
	readonly errorType: string;
	readonly scriptStackTraceElements?: ReadonlyArray<{ readonly function: string; readonly lineNumber: number }>;
}

/** Whether there is a process with this id. */
export function isAlive(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
}
