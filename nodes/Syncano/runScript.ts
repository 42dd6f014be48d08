import { hostClock } from '../shared/wait';
import { outcomeOfAnsweredTrace, traceOrFailure, type RequestFacts } from './outcome';
import { bodyOfScript, isWrapped, payloadOf } from './payload';
import { scriptOf, type ItemPlan, type Planning, type SyncanoPlan } from './planning';
import { ask, READ_TIMEOUT_MS } from './request';
import { waitForTrace } from './waitForTrace';

/** *Script → Run*: starts a script and, unless the node says otherwise, waits for its trace. @throws {PlanError} */
export async function planScriptRun(planning: Planning, { itemIndex, common, rules, timeoutMs, waitMs }: ItemPlan): Promise<SyncanoPlan> {
	const { context, parameters } = planning;
	const payload = payloadOf(planning, itemIndex, 'script');
	const body = bodyOfScript(payload);
	const { connection, url, script } = await scriptOf(planning, itemIndex);
	const facts: RequestFacts = { target: 'script', sentKey: connection.keyKind, wrapped: isWrapped(payload) };
	const waits = parameters.get('waitForResult', itemIndex, true) !== false;
	const wait = { limitMs: waitMs, pace: planning.paceOf(url), clock: hostClock, signal: context.getExecutionCancelSignal() };
	return {
		...common,
		script,
		send: async () => {
			const answer = await ask(context, { method: 'POST', url: `${url}run/`, body, timeoutMs, withKey: true });
			const started = traceOrFailure(answer, facts, hostClock.now());
			if (!('trace' in started)) return started;
			const { trace, response } = started;
			if (!waits) return { outcome: 'success', result: trace.fields, traceId: trace.id, response };
			const traceUrl = `${url}traces/${trace.id ?? ''}/`;
			const look = () => ask(context, { method: 'GET', url: traceUrl, timeoutMs: Math.min(timeoutMs, READ_TIMEOUT_MS), withKey: true });
			const ended = await waitForTrace(started, look, facts, wait);
			return 'trace' in ended ? outcomeOfAnsweredTrace(ended, facts, rules) : ended;
		},
	};
}
