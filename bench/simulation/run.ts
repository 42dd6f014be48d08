/**
 * The simulation as a command: `tsx bench/simulation/run.ts [--quick] [--seed N]`. Lets the package's own scheduler run in virtual time and
 * prints what comes of it; the same seed prints the same tables on every machine.
 */
import { parseArgs } from 'node:util';

import { createLimit } from '../../nodes/shared/concurrency';
import { RETRY_WITHIN_MS } from '../../nodes/shared/retry';
import { seededRandom } from './random';
import type { ServiceSettings } from './service';
import { bestScheduleMs, simulate, type Measurement } from './simulation';

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, seed: { type: 'string', default: '1' } } });
const firstSeed = Number(values.seed);
const seeds = Array.from({ length: values.quick ? 2 : 10 }, (_, index) => firstSeed + index);

/** What all simulated runs have in common: the figures of the target, and the node's defaults. */
const SIGMA = 0.5;
const SLOTS = 30;
const REFUSAL_MS = 10;
const retry = { maximum: 5, withinMs: RETRY_WITHIN_MS };

interface Setting {
	readonly workers: number;
	readonly runsPerWorker: number;
	readonly medianMs: number;
	readonly ceiling: number;
	readonly service: ServiceSettings;
}

async function measure(setting: Setting): Promise<Measurement[]> {
	const measurements: Measurement[] = [];
	for (const seed of seeds) {
		const random = seededRandom(seed + 1_000_000);
		measurements.push(await simulate({ ...setting, sigma: SIGMA, retry, seed, limit: () => createLimit({ mode: 'automatic', ceiling: setting.ceiling }, random) }));
	}
	return measurements;
}

const mean = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
const total = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

function printTable(title: string, columns: readonly string[], rows: ReadonlyArray<readonly string[]>): void {
	const widths = columns.map((column, index) => Math.max(column.length, ...rows.map((row) => (row[index] ?? '').length)));
	const line = (cells: readonly string[]) => cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join('  ');
	process.stdout.write(`\n${title}\n\n${line(columns)}\n${widths.map((width) => '-'.repeat(width)).join('  ')}\n${rows.map(line).join('\n')}\n`);
}

async function oneWorker(): Promise<void> {
	const rows: string[][] = [];
	const cases = [
		...[50, 100, 200, 1000].map((medianMs) => ({ medianMs, runsPerWorker: 300, slots: SLOTS, ceiling: SLOTS })),
		{ medianMs: 100, runsPerWorker: 3000, slots: SLOTS, ceiling: SLOTS },
		...[20, 8, 2, 1].flatMap((slots) => [300, 3000].map((runsPerWorker) => ({ medianMs: 100, runsPerWorker, slots, ceiling: SLOTS }))),
		...[30, 8].flatMap((ceiling) => [300, 3000].map((runsPerWorker) => ({ medianMs: 100, runsPerWorker, startsPerSecond: 60, ceiling }))),
	];
	for (const { medianMs, runsPerWorker, ceiling, ...room } of cases) {
		const slots = 'slots' in room ? room.slots : undefined;
		const startsPerSecond = 'startsPerSecond' in room ? room.startsPerSecond : undefined;
		const service = { slots: slots === undefined ? undefined : () => slots, startsPerSecond, latencyMs: 0, refusalMs: REFUSAL_MS };
		const measured = await measure({ workers: 1, runsPerWorker, medianMs, ceiling, service });
		const toBest = measured.map(({ wallMs, durations }) => wallMs / bestScheduleMs(durations, slots ?? ceiling, startsPerSecond));
		const toIdeal = measured.map(({ wallMs, runTimeMs }) => wallMs / (runTimeMs / (slots ?? ceiling)));
		rows.push([
			slots === undefined ? `${startsPerSecond} starts/s` : `${slots} slots`,
			`${ceiling}`,
			`${medianMs} ms`,
			`${runsPerWorker}`,
			mean(toBest).toFixed(3),
			Math.max(...toBest).toFixed(3),
			slots === undefined ? '' : mean(toIdeal).toFixed(3),
			percent(mean(measured.map(({ throttled, runs }) => throttled / runs))),
			`${total(measured.map(({ lost }) => lost))}`,
		]);
	}
	printTable(
		'One worker, concurrency Automatic',
		['the service has', 'ceiling', 'median', 'runs', 'wall : best', 'worst seed', 'wall : ideal', 'throttled', 'lost'],
		rows,
	);
}

async function manyWorkers(latencyMs: number): Promise<void> {
	const rows: string[][] = [];
	for (const workers of [1, 2, 5, 10, 20, 50]) {
		for (const runsPerWorker of values.quick ? [300] : [300, 1000]) {
			const measured = await measure({ workers, runsPerWorker, medianMs: 100, ceiling: SLOTS, service: { slots: () => SLOTS, latencyMs, refusalMs: REFUSAL_MS } });
			rows.push([
				`${workers}`,
				`${runsPerWorker}`,
				percent(mean(measured.map(({ runTimeMs, wallMs }) => runTimeMs / SLOTS / wallMs))),
				percent(mean(measured.map(({ runTimeWhileAllMs, firstThroughMs }) => runTimeWhileAllMs / SLOTS / firstThroughMs))),
				mean(measured.map(({ fairness }) => fairness)).toFixed(3),
				percent(mean(measured.map(({ throttled, runs }) => throttled / runs))),
				`${Math.max(...measured.map(({ mostRetries }) => mostRetries))}`,
				`${total(measured.map(({ lost }) => lost))}`,
			]);
		}
	}
	printTable(
		`Workers that share ${SLOTS} slots without knowing of each other, ${latencyMs} ms to the service and back each`,
		['workers', 'runs each', 'slots used', 'while all run', 'fairness', 'throttled', 'most retries', 'lost'],
		rows,
	);
}

async function main(): Promise<void> {
	process.stdout.write(`Run times log-normal, sigma ${SIGMA}; at most ${retry.maximum} retries within ${retry.withinMs / 1000} s; ${seeds.length} seeds from ${firstSeed} on\n`);
	await oneWorker();
	await manyWorkers(0);
	await manyWorkers(10);
	process.stdout.write(
		'\nbest: the best schedule of the same run times in their order, the first alone, with the limit known. ideal: sum of run times / slots.\n' +
			'fairness: Jain index of the runs done when the first worker is through (1: all the same). throttled: refused attempts per run.\n',
	);
}

void main();
