import { VirtualClock } from '../../bench/simulation/virtual-clock';
import { schedule, type ScheduleOptions, type Verdict } from '../../nodes/shared/scheduler';

type Attempt = (index: number, attempt: number) => Promise<Verdict<string>>;

/** Runs a schedule in virtual time and records what it does. */
async function run(clock: VirtualClock, attempt: Attempt, options: Partial<ScheduleOptions<string>> & { count: number }) {
	const starts: Array<{ index: number; attempt: number; at: number }> = [];
	const settled: Array<[number, string]> = [];
	const report = await clock.run(
		schedule<string>({
			concurrency: { mode: 'inOrder' },
			retry: { maximum: 5, withinMs: 120_000 },
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

describe('in order', () => {
	it('starts the next run when the one before is settled, waits of retries included', async () => {
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
		expect((starts[2]?.at ?? 0) - (starts[1]?.at ?? 0)).toBeGreaterThanOrEqual(1010);
		expect(report).toMatchObject({ attempts: 5, throttled: 2, peak: 1, notStarted: [], inFlightAtAbort: [] });
	});
});

describe('fixed', () => {
	it('runs the first alone, then the maximum at a time, in item order', async () => {
		const clock = new VirtualClock();
		const { starts, report } = await run(
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
		expect(report.peak).toBe(3);
	});
});
