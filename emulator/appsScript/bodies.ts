import type { EmulatedAnswer, EmulatedRequest } from '../service';
import type { StackElement } from './runner/runner';

/*
 * The bodies that the Apps Script API answers with. What is called a guess here was never seen from the live service: its sentence is
 * known, and the rest is put together like the bodies that are.
 */

const EXECUTION_RESPONSE = 'type.googleapis.com/google.apps.script.v1.ExecutionResponse';
const EXECUTION_ERROR = 'type.googleapis.com/google.apps.script.v1.ExecutionError';

export const SENTENCES = {
	execQps: 'Service invoked too many times in a short time: exec qps. Try Utilities.sleep(1000) between calls.',
	tooManySimultaneous: 'There are too many scripts running simultaneously for this Google user account.',
	tooManyPerSecond: 'Script invoked too many times per second for this Google user account.',
	/** The service's name behind the colon is a guess. */
	dailyLimit: 'Service invoked too many times for one day: exec.',
	storageNotFound: "We're sorry, a server error occurred while reading from storage. Error code NOT_FOUND.",
	storagePermissionDenied: "We're sorry, a server error occurred while reading from storage. Error code PERMISSION_DENIED.",
	storageInternal: "We're sorry, a server error occurred while reading from storage. Error code INTERNAL.",
	/** The sentence of Apps Script for a failure of its own; that it comes in a body of scripts.run is a guess. */
	serverError: "We're sorry, a server error occurred. Please wait a bit and try again.",
	timeout: 'Exceeded maximum execution time',
	cancelled: 'The execution was cancelled.',
	notAllowed: 'Script has attempted to perform an action that is not allowed when invoked through the Google Apps Script Execution API.',
	unsupportedReturn: 'The script completed but the returned value is not a supported return type.',
	permission: 'The caller does not have permission',
	notFound: 'Requested entity was not found.',
	invalidArgument: 'Request contains an invalid argument.',
	unauthenticated:
		'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
	insufficientScopes: 'Request had insufficient authentication scopes.',
	userToggle:
		'User has not enabled the Apps Script API. Enable it by visiting https://script.google.com/home/usersettings then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.',
	exhausted: 'Resource has been exhausted (e.g. check quota).',
} as const;

/** "Script function not found: foo" */
export function functionNotFoundSentence(name: string): string {
	return `Script function not found: ${name}`;
}

/** An operation that returned; without `result` where the function returned undefined (two public clients expect that). */
export function returnedBody(result: { readonly value: unknown } | undefined): Record<string, unknown> {
	return { done: true, response: { '@type': EXECUTION_RESPONSE, ...(result === undefined ? {} : { result: result.value }) } };
}

/** An operation that failed: `error` with one ExecutionError. */
export function operationError(options: {
	readonly code?: number;
	readonly message?: string;
	readonly errorMessage: string;
	readonly errorType?: string;
	readonly stack?: readonly StackElement[];
}): Record<string, unknown> {
	return {
		done: true,
		error: {
			code: options.code ?? 3,
			message: options.message ?? 'ScriptError',
			details: [
				{
					'@type': EXECUTION_ERROR,
					errorMessage: options.errorMessage,
					errorType: options.errorType ?? 'ScriptError',
					...(options.stack === undefined ? {} : { scriptStackTraceElements: options.stack }),
				},
			],
		},
	};
}

/** Code 10 is documented (SCRIPT_TIMEOUT) and the sentence is well known; the rest of the body is a guess. */
export function timeoutBody(): Record<string, unknown> {
	return operationError({ code: 10, message: 'SCRIPT_TIMEOUT', errorMessage: SENTENCES.timeout });
}

/** Code 1 is documented (CANCELLED); everything else is a guess. */
export function cancelledBody(): Record<string, unknown> {
	return operationError({ code: 1, message: 'CANCELLED', errorMessage: SENTENCES.cancelled });
}

/** Answers JSON as Google does: indented by two unless `prettyPrint=false`. */
export function jsonAnswer(request: EmulatedRequest, status: number, body: unknown): EmulatedAnswer {
	const compact = request.url.searchParams.get('prettyPrint') === 'false';
	return {
		status,
		headers: { 'content-type': 'application/json; charset=UTF-8', vary: 'Origin, X-Origin, Referer' },
		body: `${JSON.stringify(body, undefined, compact ? undefined : 2)}\n`,
	};
}

const STATUS_NAMES: Readonly<Record<number, string>> = {
	400: 'INVALID_ARGUMENT',
	401: 'UNAUTHENTICATED',
	403: 'PERMISSION_DENIED',
	404: 'NOT_FOUND',
	408: 'DEADLINE_EXCEEDED',
	409: 'ABORTED',
	429: 'RESOURCE_EXHAUSTED',
	499: 'CANCELLED',
	500: 'INTERNAL',
	501: 'UNIMPLEMENTED',
	502: 'UNAVAILABLE',
	503: 'UNAVAILABLE',
	504: 'DEADLINE_EXCEEDED',
};

const V1_REASONS: Readonly<Record<number, string>> = {
	400: 'badRequest',
	401: 'authError',
	403: 'forbidden',
	404: 'notFound',
	429: 'rateLimitExceeded',
};

/** What an API error is made of. */
export interface ApiError {
	readonly status: number;
	readonly message: string;
	/** The reason in `errors[]`; default by the status. */
	readonly reason?: string;
	/** The message in `errors[]`, where it differs. */
	readonly v1Message?: string;
	readonly details?: readonly unknown[];
}

/** The body of an API error: with `errors[]` for `$.xgafv=1`, without it (and with `details`) for `2` and by default. */
export function apiErrorBody(request: EmulatedRequest, error: ApiError): Record<string, unknown> {
	const v1 = request.url.searchParams.get('$.xgafv') === '1';
	return {
		error: {
			code: error.status,
			message: error.message,
			...(v1
				? { errors: [{ message: error.v1Message ?? error.message, domain: 'global', reason: error.reason ?? V1_REASONS[error.status] ?? 'backendError' }] }
				: {}),
			status: STATUS_NAMES[error.status] ?? 'UNKNOWN',
			...(error.details === undefined || (v1 && error.details.length === 0) ? {} : { details: error.details }),
		},
	};
}

export function apiError(request: EmulatedRequest, error: ApiError): EmulatedAnswer {
	return jsonAnswer(request, error.status, apiErrorBody(request, error));
}

/** A field of the request that is not understood. */
export function badRequest(request: EmulatedRequest, description: string, field?: string): EmulatedAnswer {
	return apiError(request, {
		status: 400,
		message: description,
		details: [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ ...(field === undefined ? {} : { field }), description }] }],
	});
}

/** The details are the generic shape of Google APIs; that this API has them is a guess. */
export function insufficientScopes(service: string, method: string): ApiError {
	return {
		status: 403,
		message: SENTENCES.insufficientScopes,
		reason: 'insufficientPermissions',
		v1Message: 'Insufficient Permission',
		details: [
			{
				'@type': 'type.googleapis.com/google.rpc.ErrorInfo',
				reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT',
				domain: 'googleapis.com',
				metadata: { service, method },
			},
		],
	};
}

/** The sentence is recorded; the details are those of other Google APIs (a guess for this one). */
export function serviceDisabled(cloudProject: string, service: string, title: string): ApiError {
	const activationUrl = `https://console.developers.google.com/apis/api/${service}/overview?project=${cloudProject}`;
	return {
		status: 403,
		message: `${title} has not been used in project ${cloudProject} before or it is disabled. Enable it by visiting ${activationUrl} then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.`,
		reason: 'accessNotConfigured',
		details: [
			{
				'@type': 'type.googleapis.com/google.rpc.ErrorInfo',
				reason: 'SERVICE_DISABLED',
				domain: 'googleapis.com',
				metadata: { service, consumer: `projects/${cloudProject}`, activationUrl },
			},
		],
	};
}
