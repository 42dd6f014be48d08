import type { Limit } from '../../nodes/shared/concurrency';
import { Heap } from '../../nodes/shared/heap';
import { scheduleWithin, type ScheduleReport } from '../../nodes/shared/scheduler';
import { logNormalDurations, seededRandom } from './random';
import { SimulatedService, type ServiceSettings } from './service';
import { VirtualClock } from './virtual-clock';

export interface Scenario {
	/** Workers that share the service without knowing of each other. */
	readonly workers: number;
	readonly runsPerWorker: number;
	/** Run times are log-normal with this median, in milliseconds … */
	readonly medianMs: number;
	/** … and this sigma. */
	readonly sigma: number;
	readonly service: ServiceSettings;
	readonly retry: { readonly maximum: number; readonly withinMs: number };
	readonly seed: number;
	/** The limit that each worker uses. */
	limit(): Limit;
	/** Milliseconds between the start of one worker and the next; 0: all at the same time. */
	readonly staggerMs?: number;
}

export interface Measurement {
	readonly wallMs: number;
	/** The sum of all run times, in milliseconds. */
	readonly runTimeMs: number;
	readonly runs: number;
	/** Refused attempts. */
	readonly throttled: number;
	/** Runs whose last attempt was refused too. */
	readonly lost: number;
	/** The most retries that one run needed. */
	readonly mostRetries: number;
	/** When the first worker was through. */
	readonly firstThroughMs: number;
	/** The run times of all that was done by then, in milliseconds. */
	readonly runTimeWhileAllMs: number;
	/** Jain's index of the runs that each worker had done when the first was through: 1 = all the same, 1/workers = one had all. */
	readonly fairness: number;
	/** The draws of the first worker, for comparing with the best schedule. */
	readonly durations: readonly number[];
	readonly reports: readonly ScheduleReport[];
}

/** Lets the real scheduler run in virtual time against a simulated service. The same scenario gives the same measurement. */
export async function simulate(scenario: Scenario): Promise<Measurement> {
	const random = seededRandom(scenario.seed);
	const clock = new VirtualClock(random);
	const service = new SimulatedService(clock, scenario.service);
	const durations = Array.from({ length: scenario.workers }, () => logNormalDurations(scenario.runsPerWorker, scenario.medianMs, scenario.sigma, random));
	const done = new Array<number>(scenario.workers).fill(0);
	let doneWhenFirstWasThrough: number[] | undefined;
	let firstThroughMs = 0;
	let runTimeWhileAllMs = 0;
	let lost = 0;
	let mostRetries = 0;
	const worker = async (own: readonly number[], index: number): Promise<ScheduleReport> => {
		await clock.wait(index * (scenario.staggerMs ?? 0));
		return await scheduleWithin<boolean>(
			{
				count: own.length,
				concurrency: { mode: 'automatic', ceiling: 30 },
				retry: scenario.retry,
				clock,
				attempt: async (run, attempt) => {
					mostRetries = Math.max(mostRetries, attempt);
					const answer = await service.run(own[run] as number);
					return answer.ran ? { kind: 'finished', value: true } : { kind: 'again', value: false, throttled: true, retryAfter: answer.retryAfter };
				},
				settled: (run, ran) => {
					if (!ran) lost++;
					done[index] = (done[index] as number) + 1;
					if (doneWhenFirstWasThrough !== undefined) return;
					if (ran) runTimeWhileAllMs += own[run] as number;
					if (done[index] !== own.length) return;
					doneWhenFirstWasThrough = [...done];
					firstThroughMs = clock.now();
				},
			},
			scenario.limit(),
		);
	};
	const reports = await clock.run(Promise.all(durations.map(worker)));
	return {
		wallMs: clock.now(),
		runTimeMs: durations.reduce((sum, own) => sum + own.reduce((a, b) => a + b, 0), 0),
		runs: scenario.workers * scenario.runsPerWorker,
		throttled: reports.reduce((sum, report) => sum + report.throttled, 0),
		lost,
		mostRetries,
		firstThroughMs,
		runTimeWhileAllMs,
		fairness: jainIndex(doneWhenFirstWasThrough ?? done),
		durations: durations[0] ?? [],
		reports,
	};
}

function jainIndex(shares: readonly number[]): number {
	const sum = shares.reduce((a, b) => a + b, 0);
	return (sum * sum) / (shares.length * shares.reduce((a, b) => a + b * b, 0));
}

/**
 * The wall time of the best that a scheduler with full knowledge of the limit does with these runs in item order, the first alone:
 * each goes to the slot that is free first, and not before the service lets it start.
 */
export function bestScheduleMs(durations: readonly number[], slots: number, startsPerSecond = Infinity): number {
	const free = new Heap<number>((a, b) => a < b);
	const first = durations[0] ?? 0;
	const starts = [0];
	for (let slot = 0; slot < slots; slot++) free.add(first);
	let wall = first;
	for (let run = 1; run < durations.length; run++) {
		const start = Math.max(free.take() ?? 0, (starts[run - startsPerSecond] ?? -1000) + 1000);
		const end = start + (durations[run] as number);
		starts.push(start);
		free.add(end);
		wall = Math.max(wall, end);
	}
	return wall;
}
