import type { GoogleEmulator } from '../google';
import type { EmulatedAnswer, EmulatedRequest, EmulatedService, EmulatorContext } from '../service';
import { DriveFiles } from './drive';
import { Executions, type LogLine, type ProcessRecord } from './executions';
import { RunLimits } from './limits';
import { Management } from './management';
import { ProjectStore, ScriptProject, type ProjectOptions } from './projects';
import { ScriptsRun } from './run';
import { DEFAULT_SETTINGS, type AppsScriptSettings } from './settings';
import { ScriptStores } from './stores';

export type { AppsScriptSettings } from './settings';
export type { LogLine, ProcessRecord } from './executions';
export type { Deployment, EntryPointType, ExecutionAccess, Manifest, ProjectOptions, ScriptFile, ScriptProject } from './projects';
export type { Cell, SentMail, Sheet, Spreadsheet } from './stores';

/** The Apps Script API, and Drive's list of script projects. */
export class AppsScriptEmulator implements EmulatedService {
	readonly name = 'appsScript';
	readonly settings: AppsScriptSettings;
	/** What services inside scripts keep: properties, spreadsheets, and so on. */
	readonly stores: ScriptStores;
	readonly limits: RunLimits;
	private readonly projects = new ProjectStore();
	private readonly executions: Executions;
	private readonly scriptsRun: ScriptsRun;
	private readonly management: Management;
	private readonly driveFiles: DriveFiles;

	/** @param options `maximumChildren`: processes that run scripts, at most; further runs wait for one */
	constructor(
		private readonly context: EmulatorContext,
		private readonly google: GoogleEmulator,
		options: { readonly settings?: Partial<AppsScriptSettings>; readonly maximumChildren?: number } = {},
	) {
		this.settings = { ...DEFAULT_SETTINGS, ...options.settings };
		this.stores = new ScriptStores(context.clock);
		this.limits = new RunLimits(this.settings, context.clock);
		this.executions = new Executions(this.settings, this.stores, context.journal, context.clock, options.maximumChildren ?? 30);
		this.scriptsRun = new ScriptsRun(google, this.projects, this.executions, this.limits, this.settings);
		this.management = new Management(google, this.projects, this.executions, this.settings);
		this.driveFiles = new DriveFiles(google, this.projects);
	}

	/** Adds a project; one line gives a runnable one, see {@link ProjectOptions}. */
	addProject(options: ProjectOptions = {}): ScriptProject {
		const project = new ScriptProject(options, this.google, this.context.clock);
		this.projects.add(project);
		return project;
	}

	/** What scripts logged, in order. */
	get logs(): readonly LogLine[] {
		return this.executions.logs;
	}

	/** What `processes.list` tells of, in order of starting. */
	get processes(): readonly ProcessRecord[] {
		return this.executions.processes;
	}

	/** How many functions run at this moment. */
	get running(): number {
		return this.executions.active;
	}

	/** The process ids of the children that scripts run in. */
	get childPids(): readonly number[] {
		return this.executions.pids;
	}

	/** Ends a run (or all of them) as a person does on the executions page. */
	cancel(requestId?: number): void {
		this.executions.cancel(requestId);
	}

	owns(request: EmulatedRequest): boolean {
		return /^\/(?:v1\/(?:scripts|projects|processes)\b|drive\/v3\/)/.test(request.url.pathname);
	}

	async handle(request: EmulatedRequest): Promise<EmulatedAnswer | undefined> {
		const run = /^\/v1\/scripts\/([^/]+):run$/.exec(request.url.pathname);
		if (run !== null && request.method === 'POST') return this.scriptsRun.handle(request, decodeURIComponent(run[1] ?? ''));
		return this.management.handle(request) ?? this.driveFiles.handle(request);
	}

	stop(): Promise<void> {
		this.executions.stop();
		return Promise.resolve();
	}
}
