import { isRecord } from '../shared/json';
import { InputError } from '../shared/parameters';
import { numberOption } from '../shared/settings';
import { hostClock } from '../shared/wait';
import { checkedId } from './connection';
import { failureOfList, outcomeOfAnsweredTrace, traceOrFailure, withHint, type RequestFacts } from './outcome';
import { readPages } from './paging';
import { endpointOf, scriptOf, type ItemPlan, type Located, type Planning, type SyncanoPlan } from './planning';
import { pointInTime } from './pointInTime';
import { ask, READ_TIMEOUT_MS } from './request';
import { ofLaterRun, traceResult } from './trace';

/** More than this the server puts on no page. */
const LARGEST_PAGE = 100;

/** *Trace → Get*: a look at a run has the outcome of the run. @throws {PlanError} */
export async function planTraceGet(planning: Planning, { itemIndex, common, options, rules, timeoutMs }: ItemPlan): Promise<SyncanoPlan> {
	const id = checkedId(planning.parameters.text('traceId', itemIndex, ''), 'Trace');
	const startedAt = timeOf(options.startedAt, 'Started At', planning.context.getTimezone());
	const { connection, url, script } = await tracesOf(planning, itemIndex);
	const facts: RequestFacts = { target: 'trace', sentKey: connection.keyKind, wrapped: false };
	return {
		...common,
		script,
		safeToRepeat: true,
		send: async () => {
			const request = { method: 'GET', url: `${url}${id}/`, timeoutMs: Math.min(timeoutMs, READ_TIMEOUT_MS), withKey: true } as const;
			const looked = traceOrFailure(await ask(planning.context, request), facts, hostClock.now());
			if (!('trace' in looked)) return looked;
			if (startedAt === undefined || !ofLaterRun(looked.trace, startedAt)) return outcomeOfAnsweredTrace(looked, facts, rules);
			return withHint(
				{
					outcome: 'requestError',
					reason: 'notFound',
					message: `The trace with the ID ${id} is by now that of another run`,
					httpStatus: looked.response.statusCode,
					response: looked.response,
				},
				facts,
				'notFound',
			);
		},
	};
}

/** *Trace → Get Many*: the latest traces, one item each. @throws {PlanError} */
export async function planTraceList(planning: Planning, { itemIndex, common, rules, timeoutMs }: ItemPlan): Promise<SyncanoPlan> {
	const { parameters, context } = planning;
	const limit = parameters.get('returnAll', itemIndex, false) === true ? Infinity : numberOption({ limit: parameters.get('limit', itemIndex, 50) }, 'limit', 'Limit', 50, 1);
	const { query, accepts } = traceFilter(parameters.get('filters', itemIndex, {}), context.getTimezone());
	const { connection, url, script } = await tracesOf(planning, itemIndex);
	const facts: RequestFacts = { target: 'traces', sentKey: connection.keyKind, wrapped: false };
	return {
		...common,
		// One item a trace, whatever Output says.
		form: { ...common.form, output: 'items' },
		script,
		safeToRepeat: true,
		send: async () => {
			const traces: unknown[] = [];
			const refused = await readPages(
				(page) => ask(context, { method: 'GET', url: `${url}?${page}`, timeoutMs: Math.min(timeoutMs, READ_TIMEOUT_MS), withKey: true }),
				`page_size=${Math.min(Math.ceil(limit), LARGEST_PAGE)}${query}`,
				(trace) => trace.id,
				(trace) => {
					if (accepts(trace)) traces.push({ ...trace, result: traceResult(trace.result, rules.parseStdout) });
					return traces.length >= limit;
				},
			);
			return refused === undefined ? { outcome: 'success', result: traces } : failureOfList(refused, facts, hostClock.now());
		},
	};
}

/** The traces of the script or endpoint that an item names. */
async function tracesOf(planning: Planning, itemIndex: number): Promise<Located> {
	const ofEndpoint = planning.parameters.get('traceOf', itemIndex, 'script') === 'scriptEndpoint';
	const located = ofEndpoint ? await endpointOf(planning, itemIndex) : await scriptOf(planning, itemIndex);
	return { ...located, url: `${located.url}traces/` };
}

/** What *Filters* asks of the server, and what is left to be looked at here: the server itself filters nothing. */
function traceFilter(given: unknown, zone: string): { readonly query: string; readonly accepts: (trace: Record<string, unknown>) => boolean } {
	const filters = isRecord(given) ? given : {};
	const statuses = Array.isArray(filters.status) ? (filters.status as unknown[]) : [];
	const after = timeOf(filters.executedAfter, 'Executed After', zone);
	const before = timeOf(filters.executedBefore, 'Executed Before', zone);
	return {
		query: filters.ordering === 'asc' || filters.ordering === 'desc' ? `&ordering=${filters.ordering}` : '',
		accepts: ({ status, executed_at: executedAt }) => {
			if (statuses.length > 0 && !statuses.includes(status)) return false;
			if (after === undefined && before === undefined) return true;
			const time = typeof executedAt === 'string' ? Date.parse(executedAt) : NaN;
			return time >= (after ?? -Infinity) && time <= (before ?? Infinity);
		},
	};
}

/**
 * A point in time in milliseconds since the epoch; `undefined` where none is given.
 * @param zone the workflow's: the editor keeps what was picked without any
 * @throws {InputError}
 */
function timeOf(given: unknown, field: string, zone: string): number | undefined {
	if (given === undefined || given === null || given === '') return undefined;
	const time = typeof given === 'number' ? given : pointInTime(given instanceof Date ? given.toISOString() : String(given as string), zone);
	if (!Number.isFinite(time)) throw new InputError(`${field} is not a point in time`, 'Give it as ISO 8601, e.g. 2026-11-21T08:00:00Z.');
	return time;
}
