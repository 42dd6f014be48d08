import type { FaultDefinition } from '../faults';
import type { EmulatedRequest } from '../service';
import {
	SENTENCES,
	apiErrorBody,
	cancelledBody,
	functionNotFoundSentence,
	insufficientScopes,
	operationError,
	serviceDisabled,
	timeoutBody,
	type ApiError,
} from './bodies';
import { readExecutionRequest } from './requestBody';

/** Headers of every answer of the API. */
const JSON_HEADERS = { 'content-type': 'application/json; charset=UTF-8' };

/** HTTP 200 with this operation. */
function operation(stage: FaultDefinition['stage'], description: string, body: (request: EmulatedRequest) => unknown): FaultDefinition {
	return { stage, description, answer: (request) => ({ status: 200, headers: JSON_HEADERS, body: body(request) }) };
}

/** An API error; parameter v1: its body with `errors[]`, also without `$.xgafv=1`. */
function refused(description: string, error: ApiError): FaultDefinition {
	return {
		stage: 'instead',
		description: `${description} Parameter v1: true gives the older format with errors[].`,
		answer: (request, _real, parameters) => {
			const url = new URL(request.url.href);
			if (parameters?.['v1'] === true) url.searchParams.set('$.xgafv', '1');
			return { status: error.status, headers: JSON_HEADERS, body: apiErrorBody({ ...request, url }, error) };
		},
	};
}

/** The function that the request asks for. */
function functionOf(request: EmulatedRequest): string {
	const read = readExecutionRequest(request.body.toString('utf8'));
	return 'body' in read ? (read.body.function ?? '') : '';
}

const EXAMPLE_ERROR = { errorMessage: 'ReferenceError: foo is not defined', stack: [{ function: 'myFunc', lineNumber: 12 }] };

/** A copy of an operation's error without one key of its ExecutionError. */
function withoutDetail(key: 'errorType' | 'scriptStackTraceElements'): Record<string, unknown> {
	const body = operationError(EXAMPLE_ERROR) as { error: { details: Array<Record<string, unknown>> } };
	const [detail = {}] = body.error.details;
	const { [key]: _left, ...rest } = detail;
	return { done: true, error: { ...body.error, details: [rest] } };
}

/**
 * One fault for every row of the tables of what scripts.run and the methods around it answer with. Those of stage `after` stand for
 * runs that started: the script really runs. 'guess' marks what was never seen from the live service.
 */
export const appsScriptFaults: Readonly<Record<string, FaultDefinition>> = {
	// The script threw
	scriptException: operation('after', 'The script threw; the documented body.', () => operationError(EXAMPLE_ERROR)),
	exceptionNestedUnderResponse: operation('after', "The script threw; the error nested under response, as Google's sample page shows it.", () => ({
		done: true,
		response: { error: operationError(EXAMPLE_ERROR)['error'] },
	})),
	exceptionWithoutStack: operation('after', 'The script threw; no scriptStackTraceElements.', () => withoutDetail('scriptStackTraceElements')),
	exceptionWithoutType: operation('after', 'The script threw; no errorType.', () => withoutDetail('errorType')),
	exceptionWithoutDetails: operation('after', 'The script threw; details is empty.', () => ({ done: true, error: { code: 3, message: 'ScriptError', details: [] } })),
	exceptionWithoutDetailsKey: operation('after', 'The script threw; no details at all.', () => ({ done: true, error: { code: 3, message: 'ScriptError' } })),
	doneWithoutOutcome: operation('after', 'done, and neither error nor response (guess: possible in proto3 JSON).', () => ({ done: true })),
	doneFalse: operation('after', 'done:false without error and response (documented; when it happens is not known). The script has run.', () => ({ done: false })),
	timeout: operation('after', 'Code 10 (documented), the rest of the body a guess. The script has run.', () => timeoutBody()),
	cancelled: operation('after', 'Code 1 (documented), the rest of the body a guess. The script has run.', () => cancelledBody()),
	notAllowed: operation('after', 'The sentence of an action that is not allowed (recorded); the rest of the body is a guess.', () =>
		operationError({ errorMessage: SENTENCES.notAllowed }),
	),
	unsupportedReturn: operation('after', 'A value that cannot be returned, with code 3 (guess; the sentence is recorded).', () =>
		operationError({ errorMessage: SENTENCES.unsupportedReturn }),
	),
	unsupportedReturn500: operation('after', 'A value that cannot be returned, with code 500, as ggsrun expects it.', () =>
		operationError({ code: 500, errorMessage: SENTENCES.unsupportedReturn }),
	),
	storageInternalAfterRun: operation('after', 'The storage sentence with INTERNAL after the script has run (guess but for the sentence).', () =>
		operationError({ errorMessage: SENTENCES.storageInternal, stack: [] }),
	),
	serverErrorAfterRun: operation('after', 'The "server error occurred. Please wait a bit" sentence after the script has run (guess but for the sentence).', () =>
		operationError({ errorMessage: SENTENCES.serverError }),
	),

	// Refused before the start, inside HTTP 200
	execQps: operation('instead', 'Throttled: the exec qps body (measured by others); nothing runs.', () => operationError({ errorMessage: SENTENCES.execQps })),
	tooManySimultaneous: operation('instead', 'Throttled: too many scripts at once (sentence recorded, rest a guess); nothing runs.', () =>
		operationError({ errorMessage: SENTENCES.tooManySimultaneous }),
	),
	tooManyPerSecond: operation('instead', 'Throttled: too many starts per second (sentence recorded, rest a guess); nothing runs.', () =>
		operationError({ errorMessage: SENTENCES.tooManyPerSecond }),
	),
	dailyLimit: operation('instead', 'The daily limit (sentence recorded but for the service it names, rest a guess); nothing runs.', () =>
		operationError({ errorMessage: SENTENCES.dailyLimit }),
	),
	storageNotFound: operation('instead', 'The storage sentence with NOT_FOUND, stack empty (recorded; code and type are guesses); nothing runs.', () =>
		operationError({ errorMessage: SENTENCES.storageNotFound, stack: [] }),
	),
	storagePermissionDenied: operation('instead', 'The storage sentence with PERMISSION_DENIED (sentence recorded); nothing runs.', () =>
		operationError({ errorMessage: SENTENCES.storagePermissionDenied, stack: [] }),
	),
	storageInternal: operation('instead', 'The storage sentence with INTERNAL (sentence recorded); nothing runs, which no client can tell.', () =>
		operationError({ errorMessage: SENTENCES.storageInternal, stack: [] }),
	),
	functionNotFound: operation('instead', 'The function is not found (sentence recorded; code 3 is a guess); nothing runs.', (request) =>
		operationError({ errorMessage: functionNotFoundSentence(functionOf(request)) }),
	),
	functionNotFoundInMessage: operation('instead', 'The function is not found, with the sentence in error.message, where ggsrun also looks; nothing runs.', (request) => ({
		done: true,
		error: { code: 3, message: functionNotFoundSentence(functionOf(request)) },
	})),

	// Refused as an HTTP status
	invalidArgument400: refused('400 "Request contains an invalid argument." (recorded).', { status: 400, message: SENTENCES.invalidArgument }),
	unknownName400: refused('400 for a name in the body that the API does not know (recorded on deployments.update).', {
		status: 400,
		message: 'Invalid JSON payload received. Unknown name "description": Cannot find field.',
		details: [
			{
				'@type': 'type.googleapis.com/google.rpc.BadRequest',
				fieldViolations: [{ description: 'Invalid JSON payload received. Unknown name "description": Cannot find field.' }],
			},
		],
	}),
	deploymentVersion400: refused('400 of deployments.create on HEAD (recorded).', { status: 400, message: 'New deployments must have a non-zero version number.' }),
	unauthenticated401: refused('401 UNAUTHENTICATED (recorded).', { status: 401, message: SENTENCES.unauthenticated }),
	permissionDenied403: refused('403 "The caller does not have permission" (recorded): another Cloud project, or no access.', { status: 403, message: SENTENCES.permission }),
	insufficientScopes403: refused(
		'403 with ACCESS_TOKEN_SCOPE_INSUFFICIENT (generic shape; on this API a guess).',
		insufficientScopes('script.googleapis.com', 'google.apps.script.v1.ScriptsService.Run'),
	),
	userToggle403: refused('403 "User has not enabled the Apps Script API" (recorded).', { status: 403, message: SENTENCES.userToggle }),
	serviceDisabled403: refused(
		'403 "Apps Script API has not been used in project N" (sentence recorded; details a guess).',
		serviceDisabled('123456789012', 'script.googleapis.com', 'Apps Script API'),
	),
	notFound404: refused('404 "Requested entity was not found." (recorded).', { status: 404, message: SENTENCES.notFound }),
	exhausted429: refused('429 "Resource has been exhausted" (recorded on projects.create).', { status: 429, message: SENTENCES.exhausted }),
};
