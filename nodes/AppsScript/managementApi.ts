import { retryAfter as retryAfterOf } from '../shared/answer';
import { sendRequest, type RequestContext } from '../shared/egress';
import { isRecord, parseJson } from '../shared/json';
import type { Failure } from '../shared/outcome';
import { retryDelay, type RetryPolicy } from '../shared/retry';
import { hostClock } from '../shared/wait';
import type { Connection } from './connection';
import { deploymentsOf, type Deployment } from './deployments';
import { outcomeOfRun } from './outcome';

/** What a look at the project came to. */
export type Looked<T> = { readonly value: T } | { readonly failure: Failure };

/** How much a look may cost. */
export interface ReadEffort {
	readonly retry: RetryPolicy;
	/** Milliseconds for one request. */
	readonly timeoutMs: number;
	readonly pages: number;
}

/**
 * Reading a list changes nothing, so it is tried again after any passing fault. No project has as many pages; a `nextPageToken` that leads in circles
 * ends there.
 */
const THOROUGH: ReadEffort = { retry: { maximum: 3, withinMs: 20_000 }, timeoutMs: 30_000, pages: 50 };

/** For what is only looked at to say more about a failure: one request, one page (of 50 deployments; a project has at most 20 versioned ones). */
export const ONCE: ReadEffort = { retry: { maximum: 0, withinMs: 0 }, timeoutMs: 10_000, pages: 1 };

/**
 * GETs JSON from one of Google's APIs; failures are judged by the same rules as a run's.
 * @param path begins with a slash; its variable parts are already encoded
 */
export async function getJson(context: RequestContext, connection: Connection, baseUrl: string, path: string, effort = THOROUGH): Promise<Looked<unknown>> {
	const startedAt = hostClock.now();
	for (let retries = 0; ; retries += 1) {
		const answer = await sendRequest(context, { method: 'GET', url: `${baseUrl}${path}`, timeoutMs: effort.timeoutMs }, connection.credentialType);
		if (answer.kind === 'answered' && answer.statusCode >= 200 && answer.statusCode < 300) {
			const json = parseJson(answer.body);
			if (json !== undefined) return { value: json.value };
		}
		const outcome = outcomeOfRun(answer, { id: '', function: '', devMode: false, partial: false }, hostClock.now());
		const failure: Failure =
			outcome.outcome === 'success' ? { outcome: 'requestError', reason: 'rejected', message: 'The answer is not JSON' } : asRequestError(outcome);
		const passing = answer.kind === 'notSent' || answer.kind === 'lost' || (answer.kind === 'answered' && (answer.statusCode === 429 || answer.statusCode >= 500));
		const asked = answer.kind === 'answered' ? retryAfterOf(answer.headers, hostClock.now()) : undefined;
		const delay = passing ? retryDelay(effort.retry, { counted: retries, made: retries, waitedMs: hostClock.now() - startedAt }, asked, hostClock.random()) : undefined;
		if (delay === undefined) return { failure };
		await hostClock.wait(delay, 'getExecutionCancelSignal' in context ? context.getExecutionCancelSignal() : undefined);
	}
}

/** Looking at a project runs nothing, so whatever went wrong, the script surely did not run. */
function asRequestError(failure: Failure): Failure {
	if (failure.outcome === 'requestError') return failure;
	return {
		outcome: 'requestError',
		reason: 'noConnection',
		message: failure.message,
		httpStatus: failure.httpStatus,
		hint: 'The script was not run. Try again later.',
	};
}

/** All deployments of a script project, over all pages. */
export async function listDeployments(context: RequestContext, connection: Connection, scriptId: string, effort = THOROUGH): Promise<Looked<Deployment[]>> {
	const deployments: Deployment[] = [];
	let pageToken = '';
	for (let page = 0; page < effort.pages; page += 1) {
		const query = `pageSize=50${pageToken === '' ? '' : `&pageToken=${encodeURIComponent(pageToken)}`}`;
		const looked = await getJson(context, connection, connection.apiBaseUrl, `/v1/projects/${encodeURIComponent(scriptId)}/deployments?${query}`, effort);
		if ('failure' in looked) return looked;
		deployments.push(...deploymentsOf(looked.value));
		const next = isRecord(looked.value) ? looked.value.nextPageToken : undefined;
		if (typeof next !== 'string' || next === '' || next === pageToken) break;
		pageToken = next;
	}
	return { value: deployments };
}
