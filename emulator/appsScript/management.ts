import type { AccessToken, GoogleEmulator, GoogleUser } from '../google';
import type { EmulatedAnswer, EmulatedRequest } from '../service';
import { checkManagementAccess } from './access';
import { SENTENCES, apiError, badRequest, jsonAnswer } from './bodies';
import type { Executions, ProcessRecord } from './executions';
import { parseFields, selectFields } from './fields';
import { listFunctions } from './functionSet';
import { pageOf } from './pages';
import type { Deployment, ProjectStore, ProjectVersion, ScriptProject } from './projects';
import type { AppsScriptSettings } from './settings';

const AUTH = 'https://www.googleapis.com/auth/';
const READ_PROJECTS = [`${AUTH}script.projects`, `${AUTH}script.projects.readonly`];
const READ_DEPLOYMENTS = [`${AUTH}script.deployments`, `${AUTH}script.deployments.readonly`];
const READ_PROCESSES = [`${AUTH}script.processes`];

const timestamp = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** The read-only methods around scripts.run: projects, deployments, versions, processes. Those that change something are not emulated. */
export class Management {
	constructor(
		private readonly google: GoogleEmulator,
		private readonly projects: ProjectStore,
		private readonly executions: Executions,
		private readonly settings: AppsScriptSettings,
	) {}

	/** `undefined` where the path is no method's. */
	handle(request: EmulatedRequest): EmulatedAnswer | undefined {
		if (request.method !== 'GET') return undefined;
		const path = request.url.pathname;
		if (path === '/v1/processes') return this.listProcesses(request, 'userProcessFilter');
		if (path === '/v1/processes:listScriptProcesses') return this.listProcesses(request, 'scriptProcessFilter');
		const match = /^\/v1\/projects\/([^/]+)(?:\/(content|deployments|versions)(?:\/([^/]+))?)?$/.exec(path);
		if (match === null) return undefined;
		const scriptId = decodeURIComponent(match[1] ?? '');
		const part = match[3] === undefined ? undefined : decodeURIComponent(match[3]);
		switch (match[2]) {
			case undefined:
				return this.read(request, scriptId, READ_PROJECTS, 'ProjectsService.GetProject', (project) => describeProject(project));
			case 'content':
				return part === undefined
					? this.read(request, scriptId, READ_PROJECTS, 'ProjectsService.GetProjectContent', (project) => this.content(request, project))
					: undefined;
			case 'versions':
				return this.read(request, scriptId, READ_PROJECTS, 'VersionsService.ListVersions', (project) => {
					if (part === undefined) {
						// Newest first is a guess.
						return this.list(request, [...project.versions].reverse(), 'versions', (version) => describeVersion(project, version));
					}
					const version = project.versions.find((candidate) => String(candidate.number) === part);
					return version === undefined ? undefined : describeVersion(project, version);
				});
			default:
				return this.read(request, scriptId, READ_DEPLOYMENTS, 'DeploymentsService.ListDeployments', (project) => {
					if (part === undefined) return this.list(request, project.deployments, 'deployments', (deployment) => describeDeployment(project, deployment));
					const deployment = project.deployments.find((candidate) => candidate.id === part);
					return deployment === undefined ? undefined : describeDeployment(project, deployment);
				});
		}
	}

	/** Checks access and project, and answers with what `describe` makes; `undefined` from it is a 404. */
	private read(
		request: EmulatedRequest,
		scriptId: string,
		scopes: readonly string[],
		method: string,
		describe: (project: ScriptProject) => Record<string, unknown> | EmulatedAnswer | undefined,
	): EmulatedAnswer {
		const access = checkManagementAccess(this.google, request, scopes, `google.apps.script.v1.${method}`);
		if ('refusal' in access) return access.refusal;
		const project = this.projects.get(scriptId);
		if (project === undefined) return apiError(request, { status: 404, message: SENTENCES.notFound });
		if (!mayRead(access.token, project)) return apiError(request, { status: 403, message: SENTENCES.permission });
		const body = describe(project);
		if (body === undefined) return apiError(request, { status: 404, message: SENTENCES.notFound });
		return isAnswer(body) ? body : this.answer(request, body);
	}

	private answer(request: EmulatedRequest, body: Record<string, unknown>): EmulatedAnswer {
		const text = request.url.searchParams.get('fields');
		const tree = text === null ? true : parseFields(text);
		if (tree === undefined) return badRequest(request, `Error expanding 'fields' parameter. Cannot find matching fields for path '${text ?? ''}'.`);
		return jsonAnswer(request, 200, selectFields(body, tree));
	}

	private list<Item>(
		request: EmulatedRequest,
		all: readonly Item[],
		key: string,
		describe: (item: Item) => Record<string, unknown>,
	): Record<string, unknown> | EmulatedAnswer {
		const page = pageOf(request, all, 50, 200);
		if (page === undefined) return apiError(request, { status: 400, message: SENTENCES.invalidArgument });
		return {
			...(page.items.length === 0 ? {} : { [key]: page.items.map(describe) }),
			...(page.nextPageToken === undefined ? {} : { nextPageToken: page.nextPageToken }),
		};
	}

	private content(request: EmulatedRequest, project: ScriptProject): Record<string, unknown> | EmulatedAnswer | undefined {
		const asked = request.url.searchParams.get('versionNumber');
		if (asked !== null && !/^\d+$/.test(asked)) return badRequest(request, `Invalid value at 'version_number' (TYPE_INT32), "${asked}"`, 'version_number');
		const files = project.filesOf(asked === null ? undefined : Number(asked));
		if (files === undefined) return undefined;
		return {
			scriptId: project.scriptId,
			files: files.map((file) => ({
				name: file.name,
				type: file.type,
				source: file.source,
				lastModifyUser: describeUser(project.owner),
				createTime: timestamp(project.createTime),
				updateTime: timestamp(project.updateTime),
				functionSet: file.type === 'SERVER_JS' ? { values: listFunctions(file.source, this.settings.parametersInFunctionSet) } : {},
			})),
		};
	}

	private listProcesses(request: EmulatedRequest, prefix: 'userProcessFilter' | 'scriptProcessFilter'): EmulatedAnswer {
		const access = checkManagementAccess(this.google, request, READ_PROCESSES, 'google.apps.script.v1.ProcessesService.ListUserProcesses');
		if ('refusal' in access) return access.refusal;
		const query = request.url.searchParams;
		const filter = (name: string) => query.get(`${prefix}.${name}`) ?? undefined;
		const among = (name: string, value: string) => {
			const wanted = query.getAll(`${prefix}.${name}`);
			return wanted.length === 0 || wanted.includes(value);
		};
		const user = access.token.owner.kind === 'user' ? access.token.owner.user : undefined;
		let scriptId = filter('scriptId');
		if (prefix === 'scriptProcessFilter') {
			scriptId = query.get('scriptId') ?? '';
			const project = this.projects.get(scriptId);
			if (project === undefined) return apiError(request, { status: 404, message: SENTENCES.notFound });
			if (!mayRead(access.token, project)) return apiError(request, { status: 403, message: SENTENCES.permission });
		}
		const matching = [...this.executions.processes].reverse().filter(
			(record) =>
				(prefix === 'scriptProcessFilter' || record.user === user) &&
				(scriptId === undefined || record.project.scriptId === scriptId) &&
				(filter('projectName') === undefined || record.project.title === filter('projectName')) &&
				(filter('deploymentId') === undefined || record.deploymentId === filter('deploymentId')) &&
				(filter('functionName') === undefined || record.functionName === filter('functionName')) &&
				(filter('startTime') === undefined || record.startTime >= Date.parse(filter('startTime') ?? '')) &&
				(filter('endTime') === undefined || (record.endTime ?? Infinity) <= Date.parse(filter('endTime') ?? '')) &&
				among('statuses', record.status) &&
				among('types', 'EXECUTION_API') &&
				among('userAccessLevels', accessLevel(record)),
		);
		const body = this.list(request, matching, 'processes', (record) => this.describeProcess(record));
		return isAnswer(body) ? body : this.answer(request, body);
	}

	private describeProcess(record: ProcessRecord): Record<string, unknown> {
		return {
			projectName: record.project.title,
			functionName: record.functionName,
			processType: 'EXECUTION_API',
			processStatus: record.status,
			userAccessLevel: accessLevel(record),
			startTime: timestamp(record.startTime),
			...(record.endTime === undefined ? {} : { duration: `${((record.endTime - record.startTime) / 1000).toFixed(3)}s` }),
			runtimeVersion: 'V8',
		};
	}
}

function isAnswer(body: Record<string, unknown> | EmulatedAnswer): body is EmulatedAnswer {
	return typeof body['status'] === 'number';
}

/** A bare service account reads what is shared with it (clasp #1051); here, everything is. */
function mayRead(token: AccessToken, project: ScriptProject): boolean {
	return token.owner.kind === 'serviceAccount' || project.mayRead(token.owner.user);
}

function accessLevel({ user, project }: ProcessRecord): 'OWNER' | 'WRITE' | 'NONE' {
	if (user === project.owner) return 'OWNER';
	return project.editors.includes(user) ? 'WRITE' : 'NONE';
}

function describeUser(user: GoogleUser): Record<string, unknown> {
	return { domain: user.email.split('@')[1], email: user.email, name: user.name };
}

function describeProject(project: ScriptProject): Record<string, unknown> {
	return {
		scriptId: project.scriptId,
		title: project.title,
		...(project.parentId === undefined ? {} : { parentId: project.parentId }),
		createTime: timestamp(project.createTime),
		updateTime: timestamp(project.updateTime),
		creator: describeUser(project.owner),
		lastModifyUser: describeUser(project.owner),
	};
}

function describeVersion(project: ScriptProject, version: ProjectVersion): Record<string, unknown> {
	return {
		scriptId: project.scriptId,
		versionNumber: version.number,
		...(version.description === '' ? {} : { description: version.description }),
		createTime: timestamp(version.createTime),
	};
}

function describeDeployment(project: ScriptProject, deployment: Deployment): Record<string, unknown> {
	return {
		deploymentId: deployment.id,
		deploymentConfig: {
			scriptId: project.scriptId,
			...(deployment.versionNumber === undefined ? {} : { versionNumber: deployment.versionNumber }),
			manifestFileName: 'appsscript',
			...(deployment.description === '' ? {} : { description: deployment.description }),
		},
		updateTime: timestamp(deployment.updateTime),
		...(deployment.entryPoints.length === 0
			? {}
			: {
					entryPoints: deployment.entryPoints.map((entryPointType) => {
						switch (entryPointType) {
							case 'EXECUTION_API':
								return { entryPointType, executionApi: { entryPointConfig: { access: deployment.access } } };
							case 'WEB_APP':
								return {
									entryPointType,
									webApp: { url: `https://script.google.com/macros/s/${deployment.id}/exec`, entryPointConfig: { access: deployment.access, executeAs: 'USER_DEPLOYING' } },
								};
							default:
								return { entryPointType, addOn: { addOnType: 'GMAIL', title: project.title } };
						}
					}),
				}),
	};
}
