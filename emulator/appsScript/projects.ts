import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock';
import { USERINFO_EMAIL, type CloudProject, type GoogleEmulator, type GoogleUser } from '../google';
import type { SourceVersion } from './runner/runner';

/** A file of a project, as `projects.getContent` shows it. */
export interface ScriptFile {
	/** Without its extension. */
	readonly name: string;
	readonly type: 'SERVER_JS' | 'HTML' | 'JSON';
	readonly source: string;
}

/** The parts of `appsscript.json` that the emulator reads. */
export interface Manifest {
	readonly timeZone?: string;
	readonly oauthScopes?: readonly string[];
	readonly executionApi?: { readonly access: ExecutionAccess };
	readonly dependencies?: {
		readonly libraries?: ReadonlyArray<{
			readonly userSymbol: string;
			/** The library's script id: another project of the emulator. */
			readonly libraryId: string;
			readonly version?: string;
			readonly developmentMode?: boolean;
		}>;
	};
	readonly exceptionLogging?: string;
	readonly runtimeVersion?: string;
}

export type ExecutionAccess = 'MYSELF' | 'DOMAIN' | 'ANYONE' | 'ANYONE_ANONYMOUS';

/** What a deployment can be called through. */
export type EntryPointType = 'EXECUTION_API' | 'WEB_APP' | 'ADD_ON';

/** A saved version: its files never change. */
export interface ProjectVersion {
	readonly number: number;
	readonly description: string;
	readonly createTime: number;
	readonly files: readonly ScriptFile[];
}

export interface Deployment {
	readonly id: string;
	/** Undefined for the HEAD deployment. */
	readonly versionNumber: number | undefined;
	readonly description: string;
	readonly updateTime: number;
	readonly entryPoints: readonly EntryPointType[];
	readonly access: ExecutionAccess;
}

/** One call of a function that runs in the emulator's own process. */
export interface NativeCall {
	readonly function: string;
	readonly parameters: readonly unknown[];
}

export type NativeFunction = (...parameters: never[]) => unknown;

/** What a project of the emulator is made of; everything has a default that makes it runnable. */
export interface ProjectOptions {
	readonly scriptId?: string;
	readonly title?: string;
	/** The present files (HEAD), without the manifest. */
	readonly files?: readonly ScriptFile[];
	/**
	 * JavaScript functions that run in the emulator's own process instead of `.gs` files, for benchmarks: they may be async, and
	 * what they return goes to JSON as it is.
	 */
	readonly native?: Readonly<Record<string, NativeFunction>>;
	/** Milliseconds of the emulator's clock that a run takes longer than its code does. */
	readonly runTime?: (call: NativeCall) => number;
	/** Laid over the default: one scope (userinfo.email), execution access for anyone, UTC. */
	readonly manifest?: Manifest;
	/** Default: version 1 with the present files. */
	readonly versions?: ReadonlyArray<{ readonly description?: string; readonly files?: readonly ScriptFile[] }>;
	/** Default: the HEAD deployment, and one of the newest version as an API executable. */
	readonly deployments?: ReadonlyArray<{
		readonly id?: string;
		/** Without it, the HEAD deployment. */
		readonly versionNumber?: number;
		readonly description?: string;
		/** Default: `['EXECUTION_API']`. */
		readonly entryPoints?: readonly EntryPointType[];
		/** Default: the manifest's. */
		readonly access?: ExecutionAccess;
	}>;
	readonly owner?: GoogleUser;
	/** Who may see and run it besides the owner; for access MYSELF nobody runs it but the owner. */
	readonly editors?: readonly GoogleUser[];
	/** The standard Cloud project that is linked with it; `null` for the default one, which no OAuth client belongs to. */
	readonly cloudProject?: CloudProject | null;
	/** The id of the document it is bound to; such projects are in no Drive list (a guess, see the reference). */
	readonly parentId?: string;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-';

function randomId(prefix: string, length: number): string {
	let id = prefix;
	for (const byte of randomBytes(length - prefix.length)) id += ALPHABET[byte % 64] ?? '';
	return id;
}

/** A script project with its versions and deployments. */
export class ScriptProject {
	readonly scriptId: string;
	readonly title: string;
	readonly owner: GoogleUser;
	readonly editors: readonly GoogleUser[];
	readonly cloudProject: CloudProject | null;
	readonly parentId: string | undefined;
	readonly native: ProjectOptions['native'];
	readonly runTime: ProjectOptions['runTime'];
	readonly createTime: number;
	readonly versions: ProjectVersion[] = [];
	readonly deployments: Deployment[] = [];
	updateTime: number;
	private head: readonly ScriptFile[];
	private saves = 0;

	constructor(
		options: ProjectOptions,
		google: GoogleEmulator,
		private readonly clock: Clock,
	) {
		this.scriptId = options.scriptId ?? randomId('1', 57);
		this.title = options.title ?? 'Untitled project';
		this.owner = options.owner ?? google.defaultUser;
		this.editors = options.editors ?? [];
		this.cloudProject = options.cloudProject === undefined ? google.defaultCloudProject : options.cloudProject;
		this.parentId = options.parentId;
		this.native = options.native;
		this.runTime = options.runTime;
		this.createTime = clock.now();
		this.updateTime = this.createTime;
		const manifest: Manifest = {
			timeZone: 'Etc/UTC',
			exceptionLogging: 'STACKDRIVER',
			runtimeVersion: 'V8',
			executionApi: { access: 'ANYONE' },
			oauthScopes: [USERINFO_EMAIL],
			...options.manifest,
		};
		const withManifest = (files: readonly ScriptFile[]): ScriptFile[] => {
			const code = files.filter((file) => file.type !== 'JSON');
			const own = files.find((file) => file.type === 'JSON' && file.name === 'appsscript');
			return [own ?? { name: 'appsscript', type: 'JSON', source: JSON.stringify(manifest, undefined, 2) }, ...code];
		};
		const nativeSource = Object.keys(options.native ?? {}).map((name) => `function ${name}() {}\n`);
		const present = options.files ?? (options.native === undefined ? [] : [{ name: 'Code', type: 'SERVER_JS', source: nativeSource.join('') }]);
		this.head = withManifest(present);
		for (const version of options.versions ?? [{}]) this.addVersion(version.description, version.files && withManifest(version.files));
		for (const deployment of options.deployments ?? [{}, { versionNumber: this.versions.length }]) this.addDeployment(deployment);
	}

	/** The newest deployment that is a versioned API executable: what belongs into the path of scripts.run. */
	get deploymentId(): string {
		const usable = this.deployments.filter((deployment) => deployment.versionNumber !== undefined && deployment.entryPoints.includes('EXECUTION_API'));
		usable.sort((one, other) => (other.versionNumber ?? 0) - (one.versionNumber ?? 0));
		const newest = usable[0];
		if (newest === undefined) throw new Error(`The project "${this.title}" has no versioned API executable`);
		return newest.id;
	}

	/** Saves other files as the present ones, as in the editor; the manifest stays unless one is among them. */
	save(files: readonly ScriptFile[]): void {
		const manifest = files.find((file) => file.type === 'JSON') ?? (this.head[0] as ScriptFile);
		this.head = [manifest, ...files.filter((file) => file.type !== 'JSON')];
		this.saves += 1;
		this.updateTime = this.clock.now();
	}

	/** Keeps the present files (or the given ones) as the next version, and returns its number. */
	addVersion(description = '', files: readonly ScriptFile[] = this.head): number {
		const number = this.versions.length + 1;
		this.versions.push({ number, description, createTime: this.clock.now(), files });
		return number;
	}

	addDeployment(options: NonNullable<ProjectOptions['deployments']>[number]): Deployment {
		const deployment: Deployment = {
			id: options.id ?? randomId('AKfycb', options.versionNumber === undefined ? 57 : 73),
			versionNumber: options.versionNumber,
			description: options.description ?? '',
			updateTime: this.clock.now(),
			entryPoints: options.entryPoints ?? ['EXECUTION_API'],
			access: options.access ?? this.manifestOf(this.head).executionApi?.access ?? 'MYSELF',
		};
		this.deployments.push(deployment);
		return deployment;
	}

	/** The files of a version; of HEAD without a number; `undefined` where there is no such version. */
	filesOf(versionNumber: number | undefined): readonly ScriptFile[] | undefined {
		return versionNumber === undefined ? this.head : this.versions.find((version) => version.number === versionNumber)?.files;
	}

	manifestOf(files: readonly ScriptFile[]): Manifest {
		const file = files.find((candidate) => candidate.type === 'JSON' && candidate.name === 'appsscript');
		return JSON.parse(file?.source ?? '{}') as Manifest;
	}

	/** The code of a version for the child processes. */
	sourceOf(versionNumber: number | undefined): SourceVersion {
		return {
			key: `${this.scriptId} ${versionNumber ?? `HEAD ${this.saves}`}`,
			files: (this.filesOf(versionNumber) ?? []).filter((file) => file.type === 'SERVER_JS').map(({ name, source }) => ({ name, source })),
		};
	}

	mayRead(user: GoogleUser): boolean {
		return user === this.owner || this.editors.includes(user);
	}
}

/** All projects there are. */
export class ProjectStore {
	private readonly byId = new Map<string, ScriptProject>();

	add(project: ScriptProject): void {
		if (this.byId.has(project.scriptId)) throw new Error(`There is a project with the id ${project.scriptId} already`);
		this.byId.set(project.scriptId, project);
	}

	get(scriptId: string): ScriptProject | undefined {
		return this.byId.get(scriptId);
	}

	all(): ScriptProject[] {
		return [...this.byId.values()];
	}

	findDeployment(id: string): { readonly project: ScriptProject; readonly deployment: Deployment } | undefined {
		for (const project of this.byId.values()) {
			const deployment = project.deployments.find((candidate) => candidate.id === id);
			if (deployment !== undefined) return { project, deployment };
		}
		return undefined;
	}
}
