import type { Answer } from '../shared/answer';
import type { Failure } from '../shared/outcome';
import type { SchedulerClock } from '../shared/scheduler';
import { cleanText } from '../shared/text';
import { traceOrFailure, withHint, type AnsweredTrace, type RequestFacts } from './outcome';
import type { LookPace } from './pace';
import { hasEnded, ofLaterRun } from './trace';

/** How long a run is waited for. */
export interface WaitRules {
	/** Milliseconds from the start on. */
	readonly limitMs: number;
	readonly pace: LookPace;
	readonly clock: Pick<SchedulerClock, 'now' | 'wait'>;
	/** Stop. */
	readonly signal?: AbortSignal;
}

/** For so long in a row the trace may be unknown, or looking at it be refused, before it is given up. */
const PATIENCE_MS = 20_000;
/** After looks that failed, the wait doubles from the first to the second. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;

/**
 * Looks at the trace of a run that was started until the run has ended. A server that is busy (429) or broken (5xx, no connection) for a while is borne
 * to the end of the limit; one that does not know the trace, or refuses to show it, for {@link PATIENCE_MS}. Given up, the run is `notFinished`, with its trace's id.
 * @param look one request for the trace; rejects only where the execution was stopped
 */
export async function waitForTrace(
	started: AnsweredTrace,
	look: () => Promise<Answer>,
	request: RequestFacts,
	{ limitMs, pace, clock, signal }: WaitRules,
): Promise<AnsweredTrace | Failure> {
	if (hasEnded(started.trace)) return started;
	const startedAt = clock.now();
	let seen = started;
	let looks = 0;
	let lastPending: number | undefined;
	let failures = 0;
	let refusedSince: number | undefined;
	let pause = 0;
	for (;;) {
		const elapsed = clock.now() - startedAt;
		const remaining = limitMs - elapsed;
		if (remaining <= 0 && looks > 0) return givenUp(seen, request, limitMs);
		await clock.wait(Math.max(0, Math.min(remaining, Math.max(pause, pace.wait(elapsed, looks)))), signal);

		const lookedAt = clock.now();
		const answer = await look();
		looks += 1;
		const looked = sameRun(traceOrFailure(answer, request, clock.now()), started);
		if ('trace' in looked) {
			if (hasEnded(looked.trace)) {
				pace.ended(clock.now() - startedAt, lastPending, looked.trace.duration);
				return looked;
			}
			seen = looked;
			lastPending = lookedAt - startedAt;
			failures = 0;
			refusedSince = undefined;
			pause = 0;
			continue;
		}
		const passing = looked.outcome === 'notFinished' || looked.reason === 'throttled' || looked.reason === 'noConnection';
		refusedSince = passing ? undefined : (refusedSince ?? clock.now());
		if (refusedSince !== undefined && clock.now() - refusedSince >= PATIENCE_MS) return lost(seen, looked, request);
		pause = looked.retryAfter ?? Math.min(FIRST_PAUSE * 2 ** failures, LONGEST_PAUSE);
		failures += 1;
	}
}

/**
 * What a look came to; a trace that turns out to be another run's is none. Both times are the server's own.
 */
function sameRun(looked: AnsweredTrace | Failure, started: AnsweredTrace): AnsweredTrace | Failure {
	if (!('trace' in looked)) return looked;
	const startedAt = Date.parse(started.response.headers.date ?? '');
	const same = looked.trace.id === started.trace.id && !ofLaterRun(looked.trace, startedAt);
	return same ? looked : { outcome: 'requestError', reason: 'notFound', message: 'its ID is by now that of another run' };
}

/** The run goes on, but nobody waits for it any more. */
function givenUp({ trace, response }: AnsweredTrace, request: RequestFacts, limitMs: number): Failure {
	return withHint(
		{
			outcome: 'notFinished',
			reason: 'pending',
			message: `The run was not finished within ${limitMs / 1_000} s; its trace ${trace.id ?? ''} last said "${cleanText(trace.status, 40)}"`,
			traceId: trace.id,
			response,
		},
		request,
	);
}

/** The run was started, and its trace cannot be had any more. */
function lost({ trace }: AnsweredTrace, last: Failure, request: RequestFacts): Failure {
	return withHint(
		{
			outcome: 'notFinished',
			reason: 'noAnswer',
			message: `The run was started, but its trace ${trace.id ?? ''} could not be read any more: ${last.message}`,
			httpStatus: last.httpStatus,
			traceId: trace.id,
			response: last.response,
		},
		request,
	);
}
