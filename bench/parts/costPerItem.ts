import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../test/n8n/cleanUp';
import type { Context } from '../context';
import type { Result } from '../host';
import { bareLoop, httpRequest, ours } from '../measuredNodes';
import { ACTIVITIES, activitiesOf, readProfile } from '../profile';
import type { Part, Ratio, Row } from '../report';
import { figureOf, ratioOf } from '../statistics';

const SIDES = ['Apps Script Run', 'bare loop over n8n’s OAuth2 helper', 'HTTP Request'] as const;
type Side = (typeof SIDES)[number];
const [OURS, BARE, HTTP] = SIDES;

/** CPU and memory of an item against a service that answers at once; every side with the same OAuth2 credential, the same body, the same answers. */
export async function costPerItem({ host, service, address, quick, progress }: Context): Promise<Part> {
	const target = { deployment: address.instantDeployment, lane: 0 };
	const run: Record<Side, (count: number, profile?: string) => Promise<Result>> = {
		[OURS]: await host.workflow(OURS, ours(target, {})),
		[BARE]: await host.workflow(BARE, bareLoop(address, target, 1)),
		[HTTP]: await host.workflow(HTTP, httpRequest(address, target)),
	};
	const sizes = quick ? [{ count: 100, rounds: 2 }, { count: 1_000, rounds: 2 }] : [{ count: 100, rounds: 7 }, { count: 1_000, rounds: 4 }, { count: 10_000, rounds: 2 }];
	const measured = new Map<string, Result[]>();
	const of = (side: Side, count: number) => measured.get(`${side} ${count}`) ?? [];
	for (const side of SIDES) await run[side](100);
	for (const { count, rounds } of sizes) {
		for (let round = 0; round < rounds; round += 1) {
			// Every other round in reverse, so that nobody is always behind the same neighbour.
			for (const side of round % 2 === 0 ? SIDES : [...SIDES].reverse()) {
				progress(`cost per item: ${count} items, round ${round + 1} of ${rounds}, ${side}`);
				await service.prepare({ lane: 0, runTimes: [] });
				const result = await run[side](count);
				if (result.done !== count) throw new Error(`${side} brought ${result.done} of ${count} items home: ${JSON.stringify(result.example)}`);
				measured.set(`${side} ${count}`, [...of(side, count), result]);
			}
		}
	}

	const profiled = await profiles(run, quick ? 200 : 1_000, progress);
	const cpu = (side: Side, count: number) => of(side, count).map(({ cpuMs }) => cpuMs / count);
	const largest = sizes[sizes.length - 1]?.count ?? 0;
	const smallest = sizes[0]?.count ?? 0;
	// What an execution keeps whatever the number of its items is the same for all, and more than what a hundred items keep.
	const base = (side: Side) => figureOf(of(side, smallest).map(({ keptBytes }) => keptBytes)).median;
	// Below ten thousand items the noise of the heap, some megabytes, is more than what they keep.
	const showsKept = largest >= 10_000;
	const kept = (side: Side) => of(side, largest).map(({ keptBytes }) => (keptBytes - base(side)) / (largest - smallest) / 1_000);
	const peak = (side: Side) => of(side, largest).map(({ peakBytes }) => peakBytes / largest / 1_000);

	const rows: Row[] = [
		...sizes.flatMap(({ count }) => SIDES.map((side): Row => ({ what: `CPU an item, ${count} items: ${side}`, figure: figureOf(cpu(side, count)), unit: 'ms' }))),
		...(showsKept ? SIDES.map((side): Row => ({ what: `heap kept an item, ${largest} items: ${side}`, figure: figureOf(kept(side)), unit: 'kB', note: `after a collection; from ${smallest} to ${largest} items` })) : []),
		...SIDES.map((side): Row => ({ what: `highest heap, ${largest} items: ${side}`, figure: figureOf(peak(side)), unit: 'kB an item' })),
		...profiled,
	];
	const growth = (side: Side) => {
		const thousand = figureOf(cpu(side, 1_000)).median;
		return figureOf(cpu(side, largest).map((cost) => cost / thousand));
	};
	const ratios: Ratio[] = [
		...sizes.map(({ count }): Ratio => ({ what: `CPU an item, ${count} items: ours / HTTP Request`, figure: ratioOf(cpu(OURS, count), cpu(HTTP, count)), atMost: 0.65 })),
		...sizes.map(({ count }): Ratio => ({ what: `CPU an item, ${count} items: ours / bare loop`, figure: ratioOf(cpu(OURS, count), cpu(BARE, count)), atMost: 1.1 })),
		...(showsKept ? [{ what: 'heap kept an item: ours / HTTP Request', figure: ratioOf(kept(OURS), kept(HTTP)), atMost: 0.5 }] : []),
		{ what: 'highest heap: ours / HTTP Request', figure: ratioOf(peak(OURS), peak(HTTP)) },
		...(largest > 1_000 ? SIDES.map((side): Ratio => ({ what: `CPU an item, ${largest} items / 1000 items: ${side}`, figure: growth(side), ...(side === OURS ? { atMost: 1.1 } : {}) })) : []),
	];
	return {
		name: 'costPerItem',
		title: '(b) Cost of an item at no latency, the same OAuth2 credential',
		rows,
		ratios,
		charts: [
			{
				file: 'cost-per-item.svg',
				title: 'CPU an item, the same OAuth2 credential',
				valueAxis: 'milliseconds of CPU in n8n’s process an item (less is better)',
				groups: sizes.map(({ count }) => `${count} items`),
				series: SIDES.map((name) => ({ name, values: sizes.map(({ count }) => figureOf(cpu(name, count)).median) })),
			},
		],
	};
}

/** What the CPU time of each side is spent on: one more run, under the profiler, which makes everything slower. */
async function profiles(run: Readonly<Record<Side, (count: number, profile: string) => Promise<Result>>>, count: number, progress: (text: string) => void): Promise<Row[]> {
	const folder = await temporaryFolder('profiles');
	const rows: Row[] = [];
	for (const side of SIDES) {
		progress(`cost per item: a profile of ${count} items, ${side}`);
		const file = join(folder, `${SIDES.indexOf(side)}.cpuprofile`);
		await run[side](count, file);
		const times = activitiesOf(readProfile(readFileSync(file, 'utf8')));
		for (const activity of ACTIVITIES) rows.push({ what: `profile of ${side}: ${activity}`, figure: figureOf([(times.get(activity) ?? 0) / count]), unit: 'ms an item' });
	}
	return rows;
}
