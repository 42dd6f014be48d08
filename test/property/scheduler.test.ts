import { setMaxListeners } from 'node:events';

import fc from 'fast-check';

import { seededRandom } from '../../bench/simulation/random';
import { VirtualClock } from '../../bench/simulation/virtual-clock';
import { schedule, type ConcurrencyRule, type ScheduleReport, type Verdict } from '../../nodes/shared/scheduler';

/** What one attempt does: how long it takes, what it comes to, and whether it heeds Stop or goes on to its end. */
interface Act {
	readonly kind: 'finished' | 'unsent' | 'throttled' | 'again';
	readonly durationMs: number;
	readonly retryAfter: number | undefined;
	readonly heedsStop: boolean;
}

interface Plan {
	readonly count: number;
	readonly concurrency: ConcurrencyRule;
	readonly maximum: number;
	readonly withinMs: number;
	readonly acts: readonly Act[];
	readonly abortAt: number | undefined;
	readonly stopAt: number | undefined;
	readonly seed: number;
}

type Event =
	| { readonly what: 'start'; readonly at: number; readonly index: number; readonly attempt: number }
	| { readonly what: 'answer'; readonly at: number; readonly index: number; readonly act: Act }
	| { readonly what: 'rejection' | 'settled'; readonly at: number; readonly index: number; readonly value?: string };

const concurrency: fc.Arbitrary<ConcurrencyRule> = fc.oneof(
	fc.constant({ mode: 'inOrder' as const }),
	fc.integer({ min: 1, max: 12 }).map((maximum) => ({ mode: 'fixed' as const, maximum })),
	fc.integer({ min: 1, max: 30 }).map((ceiling) => ({ mode: 'automatic' as const, ceiling })),
);

const act: fc.Arbitrary<Act> = fc.record({
	kind: fc.oneof({ weight: 5, arbitrary: fc.constant('finished' as const) }, fc.constantFrom('unsent' as const, 'throttled' as const, 'again' as const)),
	durationMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3000 })),
	retryAfter: fc.option(fc.integer({ min: 0, max: 5000 }), { nil: undefined, freq: 3 }),
	heedsStop: fc.boolean(),
});

const plan: fc.Arbitrary<Plan> = fc.record({
	count: fc.integer({ min: 0, max: 60 }),
	concurrency,
	maximum: fc.integer({ min: 0, max: 6 }),
	withinMs: fc.constantFrom(0, 1000, 20_000, 120_000),
	acts: fc.array(act, { minLength: 1, maxLength: 12 }),
	abortAt: fc.option(fc.integer({ min: 0, max: 20_000 }), { nil: undefined }),
	stopAt: fc.option(fc.nat(59), { nil: undefined }),
	seed: fc.integer(),
});

async function perform(given: Plan) {
	const clock = new VirtualClock(seededRandom(given.seed));
	const controller = new AbortController();
	const events: Event[] = [];
	const counting = new AbortController();
	setMaxListeners(0, controller.signal);
	if (given.abortAt === 0) controller.abort();
	else if (given.abortAt !== undefined) {
		clock.wait(given.abortAt, counting.signal).then(
			() => controller.abort(),
			() => undefined,
		);
	}
	const attempt = async (index: number, number: number): Promise<Verdict<string>> => {
		events.push({ what: 'start', at: clock.now(), index, attempt: number });
		const next = given.acts[(index * 7 + number * 3) % given.acts.length] as Act;
		try {
			if (next.durationMs > 0) await clock.wait(next.durationMs, next.heedsStop ? controller.signal : undefined);
		} catch (error) {
			events.push({ what: 'rejection', at: clock.now(), index });
			throw error;
		}
		events.push({ what: 'answer', at: clock.now(), index, act: next });
		const value = `${index}/${number}`;
		if (next.kind === 'finished' || next.kind === 'unsent') return { kind: 'finished', value, unsent: next.kind === 'unsent' };
		return { kind: 'again', value, throttled: next.kind === 'throttled', retryAfter: next.retryAfter };
	};
	const report: ScheduleReport = await clock.run(
		schedule<string>({
			count: given.count,
			concurrency: given.concurrency,
			retry: { maximum: given.maximum, withinMs: given.withinMs },
			clock,
			signal: controller.signal,
			attempt,
			settled: (index, value) => events.push({ what: 'settled', at: clock.now(), index, value }),
			stopWhen: (index) => index === given.stopAt,
		}),
	);
	const endedAt = clock.now();
	counting.abort();
	await Promise.resolve();
	return { events, report, endedAt, aborted: controller.signal.aborted, pending: clock.pending };
}

type Performance = Awaited<ReturnType<typeof perform>>;

const bound = (rule: ConcurrencyRule) => (rule.mode === 'inOrder' ? 1 : rule.mode === 'fixed' ? rule.maximum : rule.ceiling);

/** Holds for every interleaving; each property has its own list so that a failure names it. */
const properties: Record<string, (given: Plan, performance: Performance) => void> = {
	'never more in flight than allowed, and only one until an answer shows that signing in works': (given, { events, report }) => {
		const inFlight = new Set<number>();
		let known = false;
		let peak = 0;
		for (const event of events) {
			if (event.what === 'start') {
				expect(inFlight.has(event.index)).toBe(false);
				inFlight.add(event.index);
				peak = Math.max(peak, inFlight.size);
				expect(inFlight.size).toBeLessThanOrEqual(known ? bound(given.concurrency) : 1);
			} else if (event.what !== 'settled') inFlight.delete(event.index);
			if (event.what === 'answer' && event.act.kind === 'finished') known = true;
		}
		expect(report.peak).toBeGreaterThanOrEqual(peak);
		expect(report.peak).toBeLessThanOrEqual(bound(given.concurrency));
	},
	'runs start for the first time in their order; in order, each after the one before is settled': (given, { events }) => {
		let next = 0;
		let settled = 0;
		for (const event of events) {
			if (event.what === 'start' && event.attempt === 0) {
				expect(event.index).toBe(next++);
				if (given.concurrency.mode === 'inOrder') expect(settled).toBe(event.index);
			}
			if (event.what === 'settled') settled++;
		}
	},
	'every run is settled once with what its last attempt came to, or reported': (given, { events, report, aborted }) => {
		const attempts = new Map<number, number>();
		const outcome = new Map<number, string>();
		for (const event of events) {
			if (event.what === 'start') {
				expect(event.attempt).toBe(attempts.get(event.index) ?? 0);
				expect(outcome.has(event.index)).toBe(false);
				attempts.set(event.index, event.attempt + 1);
			}
			if (event.what === 'settled') {
				expect(outcome.has(event.index)).toBe(false);
				outcome.set(event.index, event.value as string);
				expect(event.value).toBe(`${event.index}/${(attempts.get(event.index) as number) - 1}`);
			}
		}
		expect([...outcome.keys(), ...report.notStarted, ...report.inFlightAtAbort].sort((a, b) => a - b)).toEqual(Array.from({ length: given.count }, (_, i) => i));
		for (const index of report.notStarted) expect(attempts.has(index)).toBe(false);
		for (const index of report.inFlightAtAbort) expect(aborted && attempts.has(index)).toBe(true);
		expect(report.attempts).toBe([...attempts.values()].reduce((a, b) => a + b, 0));
		expect(report.throttled).toBe(events.filter((event) => event.what === 'answer' && event.act.kind === 'throttled').length);
		if (report.stopped === undefined) expect(outcome.size).toBe(given.count);
	},
	'retries end, keep the waits that the service asks for, and follow only what may be tried again': (given, { events }) => {
		const runs = new Map<number, { last: Act & { at: number }; counted: number; waitedMs: number; askedMs: number }>();
		let lastPassAt = -Infinity;
		for (const event of events) {
			const run = runs.get(event.index);
			if (event.what === 'start' && run !== undefined) {
				expect(['throttled', 'again']).toContain(run.last.kind);
				expect(run.counted).toBeLessThan(given.maximum);
				expect(event.at).toBeGreaterThanOrEqual(run.last.at + (run.last.retryAfter ?? 0));
				run.waitedMs += event.at - run.last.at;
				run.askedMs += run.last.retryAfter ?? 0;
				expect(given.concurrency.mode === 'inOrder' ? run.waitedMs : run.askedMs).toBeLessThanOrEqual(given.withinMs + 1e-6);
				expect(given.withinMs).toBeGreaterThan(0);
			}
			if (event.what === 'answer') {
				const last = { ...event.act, at: event.at };
				if (run === undefined) runs.set(event.index, { last, counted: 0, waitedMs: 0, askedMs: 0 });
				else {
					run.last = last;
					if (event.act.kind !== 'throttled' || event.at - lastPassAt >= given.withinMs) run.counted++;
				}
				if (event.act.kind === 'finished') lastPassAt = event.at;
			}
		}
	},
	'after Stop or the stopping value nothing starts, what is in flight is awaited, and nothing more': (given, { events, report, endedAt, pending }) => {
		let stoppedAt = Infinity;
		let lastEndAt = 0;
		for (const event of events) {
			if (event.what === 'start') expect(event.at).toBeLessThanOrEqual(Math.min(stoppedAt, given.abortAt ?? Infinity));
			if (event.what === 'settled' && event.index === given.stopAt) stoppedAt = event.at;
			if (event.what === 'start' && stoppedAt < Infinity) throw new Error('A start after the stopping value');
			if (event.what === 'answer' || event.what === 'rejection') lastEndAt = event.at;
		}
		if (report.stopped === 'signal') expect(endedAt).toBe(Math.max(given.abortAt ?? 0, lastEndAt));
		if (report.stopped === 'stopWhen') expect(endedAt).toBe(Math.max(stoppedAt, lastEndAt));
		if (report.stopped === undefined) expect(endedAt).toBe(lastEndAt);
		expect(pending).toBe(0);
	},
};

describe('the scheduler under any interleaving', () => {
	it.each(Object.entries(properties))('%s', async (_name, holds) => {
		await fc.assert(
			fc.asyncProperty(plan, async (given) => {
				holds(given, await perform(given));
			}),
			{ numRuns: 400 },
		);
	});
});
