import type { FaultRule } from '../../emulator/faults';

/** What a node is aimed at. */
export type Target = 'appsScript' | 'script' | 'endpoint' | 'publicLink';

/** A fault of the emulator's catalogue, as the mix uses it. */
export interface ChaosFault extends Pick<FaultRule, 'fault' | 'parameters'> {
	/** Relative frequency; 1 unless it takes its time. */
	readonly weight?: number;
}

const named = (...names: readonly string[]): ChaosFault[] => names.map((fault) => ({ fault }));

/**
 * Faults that meet every service. Left out are `http413AfterRun` and `http429AfterRun`: a service that runs a script and then says that it refused the
 * request cannot be told from one that refused it.
 */
const ANYWHERE: readonly ChaosFault[] = [
	...named('http408', 'http413', 'http429', 'http499', 'http500', 'http502', 'http503', 'http504'),
	...named('http408AfterRun', 'http499AfterRun', 'http500AfterRun', 'http502AfterRun', 'http503AfterRun', 'http504AfterRun'),
	{ fault: 'http429RetryAfter', parameters: { seconds: 0.05 } },
	{ fault: 'http503RetryAfter', parameters: { seconds: 0.05 } },
	{ fault: 'http429RetryAfterDate', parameters: { seconds: 0 } },
	...named('htmlPage', 'htmlPageAfterRun', 'truncatedJson', 'emptyBody', 'wrongContentType', 'notAnObject'),
	{ fault: 'htmlPage', parameters: { status: 500 } },
	{ fault: 'notAnObject', parameters: { json: '"done"' } },
	{ fault: 'hugeNesting', parameters: { megabytes: 1 }, weight: 0.3 },
	...named('resetBeforeRun', 'resetAfterRun', 'resetHalfwayBeforeRun', 'resetHalfway', 'halfAnswer'),
	...[301, 302, 303, 307, 308].flatMap((status): ChaosFault[] => [
		{ fault: 'redirect', parameters: { status }, weight: 0.4 },
		{ fault: 'redirectAfterRun', parameters: { status }, weight: 0.4 },
	]),
	{ fault: 'noAnswerBeforeRun', weight: 0.4 },
	{ fault: 'noAnswerAfterRun', weight: 0.4 },
	{ fault: 'slowDrip', parameters: { intervalMilliseconds: 1 }, weight: 0.4 },
	{ fault: 'slowDrip', parameters: { intervalMilliseconds: 60 }, weight: 0.2 },
	...named('echoAsError', 'echoAsHeaders', 'echoAsPage'),
];

const APPS_SCRIPT: readonly ChaosFault[] = [
	...named('scriptException', 'exceptionNestedUnderResponse', 'exceptionWithoutStack', 'exceptionWithoutType', 'exceptionWithoutDetails', 'exceptionWithoutDetailsKey'),
	...named('doneWithoutOutcome', 'doneFalse', 'timeout', 'cancelled', 'notAllowed', 'unsupportedReturn', 'unsupportedReturn500'),
	...named('storageInternalAfterRun', 'serverErrorAfterRun', 'execQps', 'tooManySimultaneous', 'tooManyPerSecond', 'dailyLimit'),
	...named('storageNotFound', 'storagePermissionDenied', 'storageInternal', 'functionNotFound', 'functionNotFoundInMessage'),
	...named('invalidArgument400', 'unknownName400', 'permissionDenied403', 'insufficientScopes403', 'userToggle403', 'serviceDisabled403', 'notFound404', 'exhausted429'),
	{ fault: 'unauthenticated401', weight: 1 },
	...named('echoAsOperationError', 'echoAsResult'),
];

const SYNCANO: readonly ChaosFault[] = [
	...named('syncanoMalformedJson', 'syncanoInvalidPayload', 'syncanoInvalidData', 'syncanoEmptyDetail', 'syncanoTooBigRequest', 'syncanoWrongLocation', 'syncanoVersionMismatch'),
	...named('syncanoNoPermission', 'syncanoNoCredentials2016', 'syncanoNoSubscription', 'syncanoHardLimit', 'syncanoInstanceNotFound', 'syncanoScriptNotFound', 'syncanoNotFound'),
	...named('syncanoHtmlNotFound', 'syncanoWrongMethod', 'syncanoBatching', 'syncanoTemplateNotFound', 'syncanoTookTooMuchTime', 'syncanoTookTooMuchTimeAfter', 'syncanoTooLarge'),
	...named('syncanoUnsupportedMediaType', 'syncanoThrottledSilent', 'syncanoServerError', 'syncanoServerErrorHtml', 'syncanoServerErrorAfter', 'syncanoBadGateway'),
	...named('syncanoBadGatewayAfter', 'syncanoUnavailable', 'syncanoGatewayTimeoutAfter', 'syncanoBlocked', 'syncanoQueueTimeout', 'syncanoEmptyBody'),
	{ fault: 'syncanoThrottled', parameters: { seconds: 0.05 } },
	{ fault: 'syncanoNoSuchKey', weight: 0.1 },
	{ fault: 'syncanoNeverFinishes', weight: 0.2 },
];

/** Faults of a request that starts a run. */
export function startFaults(target: Target): readonly ChaosFault[] {
	return target === 'appsScript' ? [...ANYWHERE, ...APPS_SCRIPT] : [...ANYWHERE, ...SYNCANO];
}

/** Faults of a look at a trace; they come a few times and pass, or stay. */
export const LOOK_FAULTS: readonly ChaosFault[] = [
	...named('http500', 'http502', 'http503', 'http429', 'resetBeforeRun', 'resetHalfway', 'halfAnswer', 'htmlPage', 'truncatedJson', 'emptyBody', 'echoAsError', 'echoAsHeaders'),
	...named('syncanoTraceExpired', 'syncanoTraceIdReused', 'syncanoTracePending', 'syncanoTraceProcessing', 'syncanoTraceUnknownStatus', 'syncanoResultEmptyObject'),
	...named('syncanoResultEmptyText', 'syncanoResultText', 'syncanoResultJsonText', 'syncanoServerError', 'syncanoBadGateway', 'redirect'),
	{ fault: 'syncanoThrottled', parameters: { seconds: 0.05 } },
];

/**
 * Endpoints and public links answer whatever their script likes, with any status, so to the node everything is a custom reply that is not one of the
 * server's own answers to the letter, also where something on the way made it up and the script never ran. (README, 'How sure is "surely"?')
 */
export const looksLikeAReply = (fault: string): boolean => !fault.startsWith('syncano') || fault === 'syncanoEmptyBody';

/** Whether the service says that it is too busy. */
export const isThrottling = (fault: string): boolean => /429|execQps|tooMany|[Tt]hrottled/.test(fault);
