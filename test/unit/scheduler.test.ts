import { simulate, bestScheduleMs, type Scenario } from '../../bench/simulation/simulation';
import { seededRandom } from '../../bench/simulation/random';
import { VirtualClock } from '../../bench/simulation/virtual-clock';
import { createLimit } from '../../nodes/shared/concurrency';
import { RETRY_WITHIN_MS, retryDelay } from '../../nodes/shared/retry';
import { schedule, type ScheduleOptions, type Verdict } from '../../nodes/shared/scheduler';

type Attempt = (index: number, attempt: number) => Promise<Verdict<string>>;

const retry = { maximum: 5, withinMs: RETRY_WITHIN_MS };

/** Runs a schedule in virtual time and records what it does. */
async function run(clock: VirtualClock, attempt: Attempt, options: Partial<ScheduleOptions<string>> & { count: number }) {
	const starts: Array<{ index: number; attempt: number; at: number }> = [];
	const settled: Array<[number, string]> = [];
	const report = await clock.run(
		schedule<string>({
			concurrency: { mode: 'inOrder' },
			retry,
			clock,
			attempt: async (index, count) => {
				starts.push({ index, attempt: count, at: clock.now() });
				return await attempt(index, count);
			},
			settled: (index, value) => settled.push([index, value]),
			...options,
		}),
	);
	return { report, starts, settled };
}

const finished = (value: string): Verdict<string> => ({ kind: 'finished', value });
const throttled = (value: string, retryAfter?: number): Verdict<string> => ({ kind: 'again', value, throttled: true, retryAfter });
const refused = (value: string): Verdict<string> => ({ kind: 'again', value, throttled: false });

describe('order', () => {
	it('in order starts the next run when the one before is settled, waits of retries included', async () => {
		const clock = new VirtualClock();
		const { starts, settled, report } = await run(
			clock,
			async (index, attempt) => {
				await clock.wait(10);
				return index === 1 && attempt < 2 ? throttled('refused', 1000) : finished(`${index}`);
			},
			{ count: 3 },
		);
		expect(starts.map(({ index }) => index)).toEqual([0, 1, 1, 1, 2]);
		expect(settled).toEqual([
			[0, '0'],
			[1, '1'],
			[2, '2'],
		]);
		expect(report).toMatchObject({ attempts: 5, throttled: 2, peak: 1, notStarted: [], inFlightAtAbort: [] });
	});

	it('fixed runs the first alone, then the maximum at a time', async () => {
		const clock = new VirtualClock();
		const { starts } = await run(
			clock,
			async () => {
				await clock.wait(100);
				return finished('');
			},
			{ count: 7, concurrency: { mode: 'fixed', maximum: 3 } },
		);
		expect(starts.map(({ index, at }) => [index, at])).toEqual([
			[0, 0],
			[1, 100],
			[2, 100],
			[3, 100],
			[4, 200],
			[5, 200],
			[6, 200],
		]);
	});

	it('a run that sent nothing does not count as the first, so that an expired token is not refreshed by many', async () => {
		const clock = new VirtualClock();
		const { starts } = await run(
			clock,
			async (index) => {
				await clock.wait(100);
				return index === 0 ? { kind: 'finished', value: 'a mistake in the parameters', unsent: true } : finished('');
			},
			{ count: 4, concurrency: { mode: 'fixed', maximum: 3 } },
		);
		expect(starts.map(({ at }) => at)).toEqual([0, 100, 200, 200]);
	});

	it('a run that could not connect is tried again before any other starts, as long as none has been let through', async () => {
		const clock = new VirtualClock();
		const attempt: Attempt = async (index, number) => {
			if (index === 0) return await Promise.resolve({ kind: 'finished', value: 'a mistake in the parameters', unsent: true });
			return await Promise.resolve(number === 0 ? refused('no connection') : finished(''));
		};
		const { starts } = await run(clock, attempt, { count: 3, concurrency: { mode: 'automatic', ceiling: 30 } });
		expect(starts.map(({ index }) => index)).toEqual([0, 1, 1, 2, 2]);
	});

	it('runs that wait for a retry hold no slot and go before those that have not started', async () => {
		const clock = new VirtualClock();
		const { starts } = await run(
			clock,
			async (index, attempt) => {
				await clock.wait(100);
				return index === 1 && attempt === 0 ? refused('no connection') : finished('');
			},
			{ count: 12, concurrency: { mode: 'fixed', maximum: 1 } },
		);
		// The first back-off is 250 ms with this clock's constant chance; slots come free at 300, 400, 500.
		expect(starts.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 1, 5, 6, 7, 8, 9, 10, 11]);
	});

	it('of several runs that are due the one with the lowest index goes first', async () => {
		const clock = new VirtualClock();
		const { starts } = await run(
			clock,
			async (index, attempt) => {
				await clock.wait(index === 3 ? 1000 : 100);
				if (attempt > 0 || index === 0 || index > 2) return finished('');
				return { kind: 'again', value: 'no connection', throttled: false, retryAfter: index === 1 ? 300 : 0 };
			},
			{ count: 5, concurrency: { mode: 'fixed', maximum: 1 } },
		);
		expect(starts.map(({ index }) => index)).toEqual([0, 1, 2, 3, 1, 2, 4]);
	});
});

describe('retries', () => {
	it('stop at the maximum where nothing gets through', async () => {
		const { starts, settled } = await run(new VirtualClock(), async (_index, attempt) => await Promise.resolve(throttled(`try ${attempt}`)), {
			count: 1,
			concurrency: { mode: 'automatic', ceiling: 30 },
		});
		expect(starts).toHaveLength(6);
		expect(settled).toEqual([[0, 'try 5']]);
	});

	it('of a throttled run do not count while others get through, but end with the time that a run may wait', async () => {
		const clock = new VirtualClock();
		const { starts, settled } = await run(
			clock,
			async (index, attempt) => {
				await clock.wait(100);
				return index === 1 ? throttled(`try ${attempt}`) : finished('');
			},
			{ count: 3000, concurrency: { mode: 'automatic', ceiling: 2 } },
		);
		const tries = starts.filter(({ index }) => index === 1);
		const answered = settled.find(([index]) => index === 1)?.[1];
		expect(answered).toBe(`try ${tries.length - 1}`);
		// 250 ms, 500, 1,000, 2,000, then 4,000 each with this clock's constant chance: 120,000 in all.
		expect(tries.length).toBe(1 + 4 + 30);
	});

	it('are not made when the user wants none', async () => {
		const clock = new VirtualClock();
		const attempt: Attempt = async (index) => {
			await clock.wait(10);
			return index % 2 === 0 ? finished('') : throttled('throttled');
		};
		const { report } = await run(clock, attempt, { count: 20, concurrency: { mode: 'automatic', ceiling: 4 }, retry: { maximum: 0, withinMs: RETRY_WITHIN_MS } });
		expect(report.attempts).toBe(20);
	});

	it.each([
		['the maximum is reached', { counted: 5, made: 5, waitedMs: 0 }, undefined, undefined],
		['the time is over', { counted: 0, made: 0, waitedMs: 120_000 }, undefined, undefined],
		['the service asks for more than the time left', { counted: 0, made: 0, waitedMs: 100_000 }, 20_001, undefined],
		['the service asks for just the time left', { counted: 0, made: 0, waitedMs: 100_000 }, 20_000, 20_000],
		['it is the first', { counted: 0, made: 0, waitedMs: 0 }, undefined, 250],
		['it is the third', { counted: 2, made: 2, waitedMs: 0 }, undefined, 1000],
		['it is a late one', { counted: 0, made: 40, waitedMs: 50_000 }, undefined, 4000],
		['the service asks for a wait', { counted: 0, made: 0, waitedMs: 0 }, 3000, 3250],
		['what the service asks for is no time', { counted: 0, made: 0, waitedMs: 0 }, NaN, 250],
		['what the service asks for is in the past', { counted: 0, made: 0, waitedMs: 0 }, -5, 250],
	])('when %s', (_name, history, retryAfter, expected) => {
		expect(retryDelay(retry, history, retryAfter, 0.5)).toBe(expected);
	});
});

describe('ending early', () => {
	it('starts nothing when Stop came before', async () => {
		const { report, starts } = await run(new VirtualClock(), async () => await Promise.resolve(finished('')), { count: 3, signal: AbortSignal.abort() });
		expect(starts).toEqual([]);
		expect(report).toMatchObject({ stopped: 'signal', notStarted: [0, 1, 2] });
	});

	it('ends a wait at once, and settles the run that waits with what its last attempt came to', async () => {
		const clock = new VirtualClock();
		const controller = new AbortController();
		void clock.wait(5000).then(() => controller.abort());
		const { report, settled } = await run(clock, async () => await Promise.resolve(throttled('throttled', 60_000)), { count: 2, signal: controller.signal });
		expect(clock.now()).toBe(5000);
		expect(settled).toEqual([[0, 'throttled']]);
		expect(report).toMatchObject({ stopped: 'signal', notStarted: [1], inFlightAtAbort: [] });
	});

	it('tells which runs were in flight and which never started', async () => {
		const clock = new VirtualClock();
		const controller = new AbortController();
		void clock.wait(150).then(() => controller.abort());
		const { report } = await run(
			clock,
			async () => {
				await clock.wait(100, controller.signal);
				return finished('');
			},
			{ count: 6, signal: controller.signal, concurrency: { mode: 'fixed', maximum: 3 } },
		);
		expect(report).toMatchObject({ stopped: 'signal', inFlightAtAbort: [1, 2, 3], notStarted: [4, 5] });
	});

	it('awaits the runs in flight after the stopping value, without trying them again', async () => {
		const clock = new VirtualClock();
		const { report, settled } = await run(
			clock,
			async (index) => {
				await clock.wait(100 + index * 10);
				return index === 3 ? throttled('throttled') : finished(`${index}`);
			},
			{ count: 8, concurrency: { mode: 'fixed', maximum: 4 }, stopWhen: (index) => index === 1 },
		);
		expect(settled.map(([index]) => index)).toEqual([0, 1, 2, 3, 4]);
		expect(report).toMatchObject({ stopped: 'stopWhen', notStarted: [5, 6, 7], attempts: 5 });
	});

	it.each(['attempt', 'settled', 'stopWhen'] as const)('rejects with what %s throws, after those in flight have ended', async (where) => {
		const clock = new VirtualClock();
		let inFlight = 0;
		const explode = (here: typeof where, index: number) => {
			if (here === where && index === 2) throw new Error('a mistake in the code');
		};
		const work = run(
			clock,
			async (index) => {
				explode('attempt', index);
				inFlight++;
				await clock.wait(index === 2 ? 100 : 1000);
				inFlight--;
				return finished('');
			},
			{
				count: 9,
				concurrency: { mode: 'fixed', maximum: 3 },
				settled: (index) => explode('settled', index),
				stopWhen: (index) => {
					explode('stopWhen', index);
					return false;
				},
			},
		);
		await expect(work).rejects.toThrow('a mistake in the code');
		expect(inFlight).toBe(0);
	});
});

describe('a million runs', () => {
	it('are never many promises at once, and leave nothing behind', async () => {
		const count = 1_000_000;
		let live = 0;
		let peak = 0;
		let settled = 0;
		const verdict = finished('');
		const before = process.memoryUsage().heapUsed;
		let highest = before;
		const report = await schedule<string>({
			count,
			concurrency: { mode: 'automatic', ceiling: 30 },
			retry,
			clock: { now: () => 0, wait: async () => await Promise.resolve(), random: () => 0.5 },
			attempt: async () => {
				live++;
				peak = Math.max(peak, live);
				await Promise.resolve();
				live--;
				return verdict;
			},
			settled: () => {
				if (++settled % 100_000 === 0) highest = Math.max(highest, process.memoryUsage().heapUsed);
			},
		});
		expect(settled).toBe(count);
		expect(peak).toBeLessThanOrEqual(30);
		expect(report).toMatchObject({ attempts: count, notStarted: [], inFlightAtAbort: [] });
		// One object per run that stays would be some 60 MB; what the collector has not yet taken is less.
		expect(highest - before).toBeLessThan(50_000_000);
	}, 60_000);

	it('that are all refused wait in bounded number', async () => {
		const clock = new VirtualClock();
		let open = 0;
		let mostOpen = 0;
		const { report } = await run(
			clock,
			async (index, attempt) => {
				if (index > 0 && attempt === 0) mostOpen = Math.max(mostOpen, ++open);
				await clock.wait(1);
				return index === 0 ? finished('') : refused('no connection');
			},
			{ count: 5000, concurrency: { mode: 'fixed', maximum: 10 }, settled: () => open-- },
		);
		expect(report.attempts).toBe(1 + 4999 * 6);
		expect(mostOpen).toBeLessThan(1100);
	});
});

describe('the limit', () => {
	const scenario = (given: Partial<Scenario> & { ceiling?: number }): Scenario => {
		const seed = given.seed ?? 1;
		const random = seededRandom(seed + 1000);
		return {
			workers: 1,
			runsPerWorker: 300,
			medianMs: 100,
			sigma: 0.5,
			service: { slots: () => 30, latencyMs: 0, refusalMs: 10 },
			retry,
			seed,
			limit: () => createLimit({ mode: 'automatic', ceiling: given.ceiling ?? 30 }, random),
			...given,
		};
	};

	it.each([50, 100, 200, 1000])('brings 300 runs with a median of %i ms home in 1.15 times what the best schedule needs', async (medianMs) => {
		for (let seed = 1; seed <= 5; seed++) {
			const measured = await simulate(scenario({ medianMs, seed }));
			expect(measured.wallMs / bestScheduleMs(measured.durations, 30)).toBeLessThanOrEqual(1.15);
			expect(measured).toMatchObject({ lost: 0, throttled: 0 });
		}
	});

	it.each([30, 20, 8])('brings 3,000 runs home in 1.05 times the ideal where the service has %i slots', async (slots) => {
		for (let seed = 1; seed <= 3; seed++) {
			const measured = await simulate(scenario({ runsPerWorker: 3000, seed, service: { slots: () => slots, latencyMs: 0, refusalMs: 10 } }));
			expect(measured.wallMs / (measured.runTimeMs / slots)).toBeLessThanOrEqual(1.05);
			expect(measured.throttled / measured.runs).toBeLessThan(0.1);
			expect(measured.lost).toBe(0);
		}
	});

	it('tries no wider window when the refused try would come back after all others', async () => {
		for (let seed = 1; seed <= 10; seed++) {
			const measured = await simulate(scenario({ seed, service: { slots: () => 25, latencyMs: 0, refusalMs: 10 } }));
			expect(measured.wallMs / bestScheduleMs(measured.durations, 25)).toBeLessThanOrEqual(1.2);
		}
	});

	it('follows a service whose room changes in mid-run', async () => {
		const slots = (now: number) => (now < 5000 ? 30 : now < 15_000 ? 6 : 30);
		const measured = await simulate(scenario({ runsPerWorker: 3000, service: { slots, latencyMs: 0, refusalMs: 10 } }));
		const byThen = (5000 * 30 + 10_000 * 6) / 30;
		const idealMs = 15_000 + (measured.runTimeMs / 30 - byThen);
		expect(measured.wallMs / idealMs).toBeLessThanOrEqual(1.1);
		expect(measured.throttled / measured.runs).toBeLessThan(0.1);
		expect(measured.lost).toBe(0);
	});

	it('loses nothing to a service that limits the starts of a second', async () => {
		for (const ceiling of [8, 30]) {
			const measured = await simulate(scenario({ runsPerWorker: 600, ceiling, service: { startsPerSecond: 60, latencyMs: 5, refusalMs: 5 } }));
			expect(measured.wallMs / bestScheduleMs(measured.durations, ceiling, 60)).toBeLessThanOrEqual(1.6);
			expect(measured.throttled / measured.runs).toBeLessThan(0.1);
			expect(measured.lost).toBe(0);
		}
	});

	it.each([2, 5, 10])('keeps the throttled attempts of %i workers that share it under a tenth of the runs', async (workers) => {
		for (let seed = 1; seed <= 3; seed++) {
			const measured = await simulate(scenario({ workers, seed }));
			expect(measured.throttled / measured.runs).toBeLessThan(0.1);
			expect(measured.lost).toBe(0);
		}
	});

	it.each([0, 10])('lets 50 workers with %i ms of latency use nine tenths of 30 slots, and loses no run', async (latencyMs) => {
		const used: number[] = [];
		for (let seed = 1; seed <= 4; seed++) {
			const measured = await simulate(scenario({ workers: 50, seed, service: { slots: () => 30, latencyMs, refusalMs: 10 } }));
			used.push(measured.runTimeMs / 30 / measured.wallMs);
			expect(measured.lost).toBe(0);
		}
		expect(used.reduce((sum, share) => sum + share, 0) / used.length).toBeGreaterThanOrEqual(0.9);
	});

	it('costs no run where the fixed maximum is more than the service has room for', async () => {
		const measured = await simulate(scenario({ service: { slots: () => 4, latencyMs: 0, refusalMs: 10 }, limit: () => createLimit({ mode: 'fixed', maximum: 20 }, seededRandom(1)) }));
		expect(measured.lost).toBe(0);
		expect(measured.wallMs / bestScheduleMs(measured.durations, 4)).toBeLessThanOrEqual(1.15);
	});
});
