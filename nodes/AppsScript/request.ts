import type { HttpRequest } from '../shared/egress';
import type { JsonValue } from '../shared/json';
import { InputError } from '../shared/parameters';

/** What one run of scripts.run is asked with: an ExecutionRequest and the standard query parameters that the node offers. */
export interface RunRequest {
	/** The deployment ID (or, as the API's reference describes as well, a script ID). */
	readonly id: string;
	readonly function: string;
	readonly parameters: readonly JsonValue[];
	readonly devMode: boolean;
	/** Deprecated; for Android add-ons. */
	readonly sessionState?: string;
	/** A partial answer; `done` and `error` are always asked for besides, so that the outcome is known. */
	readonly fields?: string;
	readonly quotaUser?: string;
	readonly prettyPrint?: boolean;
	/** `$.xgafv`: the format of errors. */
	readonly errorFormat?: '1' | '2';
	/** A Google API key; sent as a header, so that it stays out of addresses and logs. */
	readonly apiKey?: string;
	readonly timeoutMs: number;
}

/** The longest `quotaUser` that Google takes (discovery document of script:v1). */
const LONGEST_QUOTA_USER = 40;

/**
 * The HTTP request of a run. @param apiBaseUrl without a trailing slash
 * @throws {InputError} for a `quotaUser` that Google would not take
 */
export function httpRequestOfRun(run: RunRequest, apiBaseUrl: string): HttpRequest {
	const query = new URLSearchParams();
	if (run.fields) query.set('fields', partialAnswer(run.fields));
	if (run.quotaUser) query.set('quotaUser', checkedQuotaUser(run.quotaUser));
	if (run.prettyPrint !== undefined) query.set('prettyPrint', String(run.prettyPrint));
	if (run.errorFormat !== undefined) query.set('$.xgafv', run.errorFormat);
	const search = query.toString();
	return {
		method: 'POST',
		url: `${apiBaseUrl}/v1/scripts/${encodeURIComponent(run.id)}:run${search === '' ? '' : `?${search}`}`,
		headers: { 'Content-Type': 'application/json', ...(run.apiKey ? { 'X-Goog-Api-Key': run.apiKey } : {}) },
		body: {
			function: run.function,
			...(run.parameters.length > 0 ? { parameters: run.parameters } : {}),
			...(run.devMode ? { devMode: true } : {}),
			...(run.sessionState ? { sessionState: run.sessionState } : {}),
		},
		timeoutMs: run.timeoutMs,
	};
}

/** The field mask with what the outcome is decided by. */
function partialAnswer(fields: string): string {
	const asked = fields.trim();
	return asked === '*' ? asked : `done,error,${asked}`;
}

/**
 * A quota user that Google takes.
 * @throws {InputError}
 */
export function checkedQuotaUser(quotaUser: string): string {
	if (quotaUser.length > LONGEST_QUOTA_USER) {
		throw new InputError(`Quota User has ${quotaUser.length} characters; Google takes at most ${LONGEST_QUOTA_USER}`, 'Use a shorter text, for example a hash of the name.');
	}
	return quotaUser;
}

/**
 * A key as a header can carry it.
 * @throws {InputError}
 */
export function checkedApiKey(apiKey: string): string {
	const key = apiKey.trim();
	if (!/^[\x21-\x7e]*$/.test(key)) throw new InputError('API Key has a space or a character that no key has', 'Copy it again from the Cloud console, APIs & Services > Credentials.');
	return key;
}
