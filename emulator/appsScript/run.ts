import type { GoogleEmulator, GoogleUser } from '../google';
import type { EmulatedAnswer, EmulatedRequest } from '../service';
import { checkAccess } from './access';
import {
	SENTENCES,
	apiError,
	badRequest,
	cancelledBody,
	functionNotFoundSentence,
	insufficientScopes,
	jsonAnswer,
	operationError,
	returnedBody,
	timeoutBody,
} from './bodies';
import type { Executions } from './executions';
import { parseFields, selectFields, type FieldTree } from './fields';
import type { RunLimits } from './limits';
import type { Deployment, Manifest, ProjectStore, ScriptProject } from './projects';
import { queryMistake, readExecutionRequest } from './requestBody';
import type { RunEnd, RunOrder, SourceVersion } from './runner/runner';
import type { AppsScriptSettings } from './settings';

/** The fields of an operation, for partial responses. */
const OPERATION_FIELDS = new Set(['done', 'error', 'response', 'name', 'metadata', '*']);

/** What a call addresses. */
interface Target {
	readonly project: ScriptProject;
	readonly deployment: Deployment | undefined;
	/** Undefined for HEAD. */
	readonly versionNumber: number | undefined;
}

/** POST /v1/scripts/{deploymentId}:run */
export class ScriptsRun {
	constructor(
		private readonly google: GoogleEmulator,
		private readonly projects: ProjectStore,
		private readonly executions: Executions,
		private readonly limits: RunLimits,
		private readonly settings: AppsScriptSettings,
	) {}

	/**
	 * Checks in the order: token, API enabled, form of the request, entity, Cloud project, access, scopes, limits; then runs.
	 * (The order is a guess but for the first: no two faults were ever seen together.)
	 *
	 * @param id what stands in the path: a deployment's id or a script's
	 */
	async handle(request: EmulatedRequest, id: string): Promise<EmulatedAnswer> {
		const access = checkAccess(this.google, request, 'script');
		if ('refusal' in access) return access.refusal;
		const { token } = access;

		const unknown = queryMistake(request.url.searchParams);
		if (unknown !== undefined) return badRequest(request, unknown);
		const fieldsText = request.url.searchParams.get('fields');
		let fields: FieldTree | true = true;
		if (fieldsText !== null && fieldsText !== '') {
			const tree = parseFields(fieldsText);
			const stranger = tree === undefined ? fieldsText : Object.keys(tree).find((name) => !OPERATION_FIELDS.has(name));
			if (tree === undefined || stranger !== undefined) return invalidFields(request, stranger ?? fieldsText);
			fields = tree;
		}
		const read = readExecutionRequest(request.body.toString('utf8'));
		if ('mistake' in read) return badRequest(request, read.mistake);
		const { body } = read;
		if (body.function === undefined || body.function === '') return apiError(request, { status: 400, message: SENTENCES.invalidArgument });

		const answer = (operation: Record<string, unknown>) => jsonAnswer(request, 200, selectFields(operation, fields));
		const target = this.find(id, body.devMode, token.owner.kind === 'user' ? token.owner.user : undefined);
		if (target === 'storageNotFound') return answer(operationError({ errorMessage: SENTENCES.storageNotFound, stack: [] }));
		if (target === undefined) return apiError(request, { status: 404, message: SENTENCES.notFound });
		const { project, deployment } = target;

		// A bare service account cannot run functions; with what body it is refused is not known.
		if (token.owner.kind !== 'user' || token.cloudProject !== project.cloudProject) {
			return apiError(request, { status: 403, message: SENTENCES.permission });
		}
		const { user } = token.owner;
		if (this.settings.userToggleMattersForRun && !user.appsScriptApiEnabled) return apiError(request, { status: 403, message: SENTENCES.userToggle });
		if (!mayRun(user, project, deployment)) return apiError(request, { status: 403, message: SENTENCES.permission });

		const files = project.filesOf(target.versionNumber) ?? [];
		const manifest = project.manifestOf(files);
		const needed = manifest.oauthScopes ?? [];
		// "Script projects that do not require authorization cannot be executed through this API"; with what body is not known.
		if (needed.length === 0) return apiError(request, { status: 403, message: SENTENCES.permission });
		if (needed.some((scope) => !token.scopes.includes(scope))) {
			return this.settings.missingScopes === 'unauthorized'
				? apiError(request, { status: 401, message: SENTENCES.unauthenticated })
				: apiError(request, insufficientScopes('script.googleapis.com', 'google.apps.script.v1.ScriptsService.Run'));
		}

		const libraries = this.librariesOf(manifest);
		if (typeof libraries === 'string') return answer(operationError({ errorMessage: libraries, stack: [] }));
		const place = this.limits.start(user.email, project.scriptId);
		// Known of all three sentences but `exec qps` is only the text; the rest of their bodies is made like that one.
		if ('refusal' in place) return answer(operationError({ errorMessage: place.refusal }));
		let end: RunEnd;
		try {
			end = await this.executions.run({
				requestId: request.id,
				project,
				deploymentId: deployment?.id,
				version: project.sourceOf(target.versionNumber),
				libraries,
				timeZone: manifest.timeZone ?? 'Etc/UTC',
				function: body.function,
				parameters: body.parameters,
				user,
			});
		} finally {
			place.end();
		}
		return answer(this.operation(end, body.function));
	}

	/** What the id in the path leads to; `undefined` for nothing. */
	private find(id: string, devMode: boolean, user: GoogleUser | undefined): Target | 'storageNotFound' | undefined {
		const found = this.projects.findDeployment(id);
		if (found !== undefined) {
			const { project, deployment } = found;
			// "If true and the user is an owner of the script, the script runs at the most recently saved version." That this holds for
			// a deployment's id too, and that others get the deployed version, is read from that sentence and was never seen.
			if (devMode && user === project.owner) return { project, deployment, versionNumber: undefined };
			if (deployment.versionNumber === undefined || !deployment.entryPoints.includes('EXECUTION_API')) return undefined;
			return { project, deployment, versionNumber: deployment.versionNumber };
		}
		const project = this.projects.get(id);
		if (project === undefined) return undefined;
		switch (this.settings.scriptIdInPath) {
			case 'notFound':
				return undefined;
			case 'storageNotFound':
				return 'storageNotFound';
			case 'runs': {
				if (devMode && user === project.owner) return { project, deployment: undefined, versionNumber: undefined };
				const deployment = project.deployments.find((candidate) => candidate.id === project.deploymentId);
				return { project, deployment, versionNumber: deployment?.versionNumber };
			}
		}
	}

	/** The libraries that a manifest names; or Google's sentence where one is missing. */
	private librariesOf(manifest: Manifest): RunOrder['libraries'] | string {
		const libraries: Array<{ readonly userSymbol: string; readonly version: SourceVersion }> = [];
		for (const { userSymbol, libraryId, version, developmentMode } of manifest.dependencies?.libraries ?? []) {
			const project = this.projects.get(libraryId);
			const versionNumber = developmentMode === true || version === undefined ? undefined : Number(version);
			if (project?.filesOf(versionNumber) === undefined) return `Library with identifier ${libraryId} is missing (perhaps it was deleted?)`;
			libraries.push({ userSymbol, version: project.sourceOf(versionNumber) });
		}
		return libraries;
	}

	private operation(end: RunEnd, functionName: string): Record<string, unknown> {
		switch (end.kind) {
			case 'returned':
				// That null is sent as null is a guess.
				return returnedBody(end.result === undefined ? undefined : { value: JSON.parse(end.result) as unknown });
			case 'unsupportedReturn':
				return operationError({ code: this.settings.unsupportedReturnCode, errorMessage: SENTENCES.unsupportedReturn });
			case 'threw':
				return operationError({
					errorMessage: end.message,
					errorType: this.settings.errorType === 'javascript' && end.type !== '' ? end.type : 'ScriptError',
					stack: end.stack,
				});
			case 'functionNotFound':
				return operationError({ errorMessage: functionNotFoundSentence(functionName) });
			case 'timeout':
				return timeoutBody();
			case 'cancelled':
				return cancelledBody();
			case 'crashed':
				return operationError({ errorMessage: SENTENCES.serverError });
		}
	}
}

/** Whether the deployment's access lets this person run it. */
function mayRun(user: GoogleUser, project: ScriptProject, deployment: Deployment | undefined): boolean {
	switch (deployment?.access) {
		case 'ANYONE':
		case 'ANYONE_ANONYMOUS':
			return true;
		case 'DOMAIN':
			return user.email.split('@')[1] === project.owner.email.split('@')[1];
		default:
			return user === project.owner;
	}
}

/** The sentence is that of other Google APIs; that nothing was run then is a guess. */
function invalidFields(request: EmulatedRequest, path: string): EmulatedAnswer {
	const description = `Error expanding 'fields' parameter. Cannot find matching fields for path '${path}'.`;
	return apiError(request, {
		status: 400,
		message: SENTENCES.invalidArgument,
		details: [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ field: path, description }] }],
	});
}
