import { shortestPause, losslessSettings, type Batching, type SendingCost } from '../batching';
import type { Context } from '../context';
import type { MeasuredNode, Result } from '../host';
import { bareLoop, httpRequest, ours, type Target } from '../measuredNodes';
import type { Part, Ratio, Row } from '../report';
import { LANES } from '../serviceProtocol';
import { logNormalDurations, seededRandom } from '../simulation/random';
import { bestScheduleMs } from '../simulation/simulation';
import { figureOf, numberText, ratioOf } from '../statistics';

/** Apps Script's own limit of runs at a time for one account. */
const LIMIT = 30;
const SIGMA = 0.5;
const ITEMS = 300;
/** A setting of the HTTP Request node counts as losing nothing when it loses nothing with so many different draws. */
const SEARCH_SEEDS = 20;
/** The draws of the search are others than those that are measured. */
const SEARCH_FIRST_SEED = 1_000;
/** The share of the model's pause at which the search on the real node begins: it takes time to send, so that it may get by with less. */
const SEARCH_FROM = 0.8;
/** By which share of the wall time the next setting of the search is slower than the one that lost something. */
const SEARCH_STEP = 0.05;

const OURS = 'Apps Script Run, Automatic';
const BARE = 'bare loop, 30 at a time';
const FASTEST = 'HTTP Request, fastest that loses nothing';
const THIRTY = 'HTTP Request, batches of 30';
const SIDES = [OURS, BARE, FASTEST, THIRTY] as const;
type Side = (typeof SIDES)[number];

interface Case {
	readonly medianMs: number;
	readonly items: number;
	readonly rounds: number;
	readonly sides: readonly Side[];
}

/** A setting of the HTTP Request node. */
interface Setting extends Batching {
	readonly wallMs: number;
	/** How it is known that it loses nothing. */
	readonly evidence: string;
}

interface Settings {
	readonly fastest: Setting;
	/** Batches of 30. */
	readonly thirty: Setting;
}

type Run = (count: number) => Promise<Result>;

/** One measured run beside what the service alone would have needed for the same draws. */
interface Sample extends Result {
	/** The best list schedule of the draws, the first alone, in milliseconds. */
	readonly bestMs: number;
	/** The sum of the run times over the limit, in milliseconds. */
	readonly idealMs: number;
	readonly refused: number;
}

const drawsOf = (items: number, medianMs: number, seed: number) => logNormalDurations(items, medianMs, SIGMA, seededRandom(seed));

/** Throughput where the service takes its time and runs 30 at a time. */
export async function underLimit(context: Context): Promise<Part> {
	const { quick } = context;
	const cases: Case[] = quick
		? [{ medianMs: 200, items: ITEMS, rounds: 1, sides: SIDES }]
		: [
				{ medianMs: 50, items: ITEMS, rounds: 4, sides: SIDES },
				{ medianMs: 200, items: ITEMS, rounds: 3, sides: SIDES },
				{ medianMs: 1_000, items: ITEMS, rounds: 2, sides: [OURS, BARE, FASTEST] },
				{ medianMs: 50, items: 3_000, rounds: 2, sides: [OURS] },
				{ medianMs: 200, items: 3_000, rounds: 1, sides: [OURS] },
				{ medianMs: 1_000, items: 3_000, rounds: 1, sides: [OURS] },
			];
	const cost: SendingCost = { perRequestMs: await costOfSending(context) };
	const rows: Row[] = [];
	const ratios: Ratio[] = [];
	const walls = new Map<string, number>();
	const settings = new Map<number, Settings>();

	for (const { medianMs, items, rounds, sides } of cases) {
		const needsSetting = sides.includes(FASTEST) || sides.includes(THIRTY);
		const found = needsSetting ? (settings.get(medianMs) ?? (await search(context, medianMs, cost))) : undefined;
		if (found !== undefined) settings.set(medianMs, found);
		const samples = await measure(context, { medianMs, items, rounds, sides }, found);
		const of = (side: Side) => samples.get(side) ?? [];
		for (const side of sides) {
			const batching = side === FASTEST ? found?.fastest : side === THIRTY ? found?.thirty : undefined;
			const done = of(side).reduce((sum, sample) => sum + sample.done, 0);
			const wall = figureOf(of(side).map(({ wallMs }) => wallMs / 1_000));
			rows.push({
				what: `${medianMs} ms, ${items} items: ${side}`,
				figure: wall,
				unit: 's',
				note: [
					`done ${done} of ${items * rounds}`,
					batching === undefined ? '' : `${batching.size} at once, then ${batching.pauseMs} ms (${batching.evidence})`,
					`refused ${of(side).reduce((sum, { refused }) => sum + refused, 0)}`,
					busyNote(of(side)),
				]
					.filter((text) => text !== '')
					.join('; '),
			});
			walls.set(`${medianMs} ${items} ${side}`, figureOf(of(side).map(({ wallMs, bestMs }) => wallMs / bestMs)).median);
		}
		ratios.push(...ratiosOf({ medianMs, items, rounds, sides }, of));
	}

	const shown = [...new Map(cases.map(({ medianMs, items }) => [`${medianMs} ${items}`, { medianMs, items }])).values()];
	return {
		name: 'underLimit',
		title: `(a) ${LIMIT} runs at a time, run times log-normal (sigma ${SIGMA}), the same draws for both sides`,
		rows,
		ratios,
		charts: [
			{
				file: 'under-limit.svg',
				title: 'Wall time under a limit of 30 runs at a time',
				valueAxis: 'wall time ÷ best schedule of the same runs (1 = nothing could be faster)',
				groups: shown.map(({ medianMs, items }) => `${items} items, median ${medianMs} ms`),
				series: SIDES.map((name) => ({ name, values: shown.map(({ medianMs, items }) => walls.get(`${medianMs} ${items} ${name}`)) })),
			},
		],
	};
}

function ratiosOf({ medianMs, items, sides }: Case, of: (side: Side) => readonly Sample[]): Ratio[] {
	const ratios: Ratio[] = [];
	const label = `${medianMs} ms, ${items} items`;
	const walls = (side: Side) => of(side).map(({ wallMs }) => wallMs);
	if (sides.includes(OURS)) {
		const mine = of(OURS);
		const lost = mine.reduce((sum, { done }) => sum + items - done, 0);
		ratios.push({ what: `${label}: items lost by ours`, figure: figureOf([lost]), atMost: 0 });
		ratios.push({ what: `${label}: ours / best schedule`, figure: ratioOf(walls(OURS), mine.map(({ bestMs }) => bestMs)), ...(items === ITEMS ? { atMost: 1.15 } : {}), note: busyNote(mine) });
		if (items > ITEMS) ratios.push({ what: `${label}: ours / ideal`, figure: ratioOf(walls(OURS), mine.map(({ idealMs }) => idealMs)), atMost: 1.05, note: busyNote(mine) });
		if (sides.includes(BARE)) ratios.push({ what: `${label}: ours / bare loop that knows the limit`, figure: ratioOf(walls(OURS), walls(BARE)) });
		if (sides.includes(FASTEST)) ratios.push({ what: `${label}: HTTP Request at its fastest without loss / ours`, figure: ratioOf(walls(FASTEST), walls(OURS)), atLeast: 1.3, note: lossNote(of(FASTEST), items) });
	}
	if (sides.includes(THIRTY)) ratios.push({ what: `${label}: HTTP Request in batches of 30 / ours`, figure: ratioOf(walls(THIRTY), walls(OURS)), atLeast: 3, note: lossNote(of(THIRTY), items) });
	return ratios;
}

const lossNote = (samples: readonly Sample[], items: number) => {
	const lost = samples.reduce((sum, { done }) => sum + items - done, 0);
	return lost === 0 ? '' : `HTTP Request lost ${lost} of ${items * samples.length}`;
};

/** Where n8n's one thread is the bottleneck, no way of scheduling helps. */
function busyNote(samples: readonly Sample[]): string {
	const { median } = figureOf(samples.map(({ busy }) => busy));
	return median < 0.5 ? '' : `n8n's thread was busy ${numberText(median * 100)} % of the time`;
}

async function measure(context: Context, { medianMs, items, rounds, sides }: Case, found: Settings | undefined): Promise<Map<Side, Sample[]>> {
	const { host, address, progress } = context;
	const target: Target = { lane: 0, deployment: address.lanes[0]?.deployment ?? '' };
	const nodes: Record<Side, () => MeasuredNode> = {
		[OURS]: () => ours(target, { concurrency: 'automatic' }),
		[BARE]: () => bareLoop(address, target, LIMIT),
		[FASTEST]: () => httpRequest(address, target, found?.fastest),
		[THIRTY]: () => httpRequest(address, target, found?.thirty),
	};
	const workflows = new Map<Side, Run>();
	for (const side of sides) workflows.set(side, await host.workflow(side, nodes[side]()));
	const samples = new Map<Side, Sample[]>();
	for (let round = 0; round < rounds; round += 1) {
		const runTimes = drawsOf(items, medianMs, round + 1);
		for (const side of round % 2 === 0 ? sides : [...sides].reverse()) {
			progress(`under the limit: median ${medianMs} ms, ${items} items, round ${round + 1} of ${rounds}, ${side}`);
			const run = workflows.get(side);
			if (run !== undefined) samples.set(side, [...(samples.get(side) ?? []), await sample(context, 0, run, runTimes)]);
		}
	}
	return samples;
}

async function sample({ service }: Context, lane: number, run: Run, runTimes: readonly number[]): Promise<Sample> {
	await service.prepare({ lane, runTimes, limit: LIMIT });
	const result = await run(runTimes.length);
	const { requests, executions } = await service.counts();
	return { ...result, refused: requests - executions, bestMs: bestScheduleMs(runTimes, LIMIT), idealMs: runTimes.reduce((sum, time) => sum + time, 0) / LIMIT };
}

/** Milliseconds of n8n's thread that the HTTP Request node needs for an item, roughly, for the model of its batching. */
async function costOfSending({ host, service, address, progress }: Context): Promise<number> {
	progress('under the limit: what sending a request costs the HTTP Request node');
	const run = await host.workflow('Cost of sending', httpRequest(address, { deployment: address.instantDeployment, lane: 0 }));
	await service.prepare({ lane: 0, runTimes: [] });
	await run(50);
	const { wallMs, busy } = await run(200);
	return (wallMs * busy) / 200;
}

/**
 * The fastest setting of the HTTP Request node in which it loses nothing over 20 draws, and the shortest pause for batches of 30. The model says
 * which settings could be it; then the real node is tried from faster ones on until one loses nothing. Run times of a second are tried on several accounts at
 * the same time, and only with a draw for each: there the model is exact, because sending takes no time beside them.
 */
async function search(context: Context, medianMs: number, cost: SendingCost): Promise<Settings> {
	const draws = Array.from({ length: SEARCH_SEEDS }, (_, seed) => drawsOf(ITEMS, medianMs, SEARCH_FIRST_SEED + seed));
	const free: SendingCost = { perRequestMs: 0 };
	const evidence = `by a model, the shortest pause that loses nothing in ${draws.length} other draws`;
	const thirty = { ...shortestPause(draws, LIMIT, LIMIT, free), evidence };
	const ifSendingWereFree = { ...(losslessSettings(draws, LIMIT, free)[0] ?? thirty), evidence };
	if (context.quick) return { fastest: ifSendingWereFree, thirty };
	const exact = medianMs >= 500;
	const [first = thirty] = losslessSettings(draws, LIMIT, cost);
	const sendingMatters = medianMs < 200 && first.size !== ifSendingWereFree.size;
	// What sending costs depends on what else the machine does; so the size that would be best if it cost nothing is always tried.
	const starts = sendingMatters ? [shortestPause(draws, LIMIT, ifSendingWereFree.size, cost), first] : [ifSendingWereFree];
	let fastest: Setting | undefined;
	for (const start of starts) {
		const found = await firstThatLosesNothing(context, medianMs, start, draws, exact, fastest?.wallMs ?? Infinity);
		if (found !== undefined && found.wallMs < (fastest?.wallMs ?? Infinity)) fastest = found;
	}
	return { fastest: fastest ?? ifSendingWereFree, thirty };
}

async function firstThatLosesNothing(
	context: Context,
	medianMs: number,
	start: Batching & { readonly wallMs: number },
	draws: ReadonlyArray<readonly number[]>,
	exact: boolean,
	toBeat: number,
): Promise<Setting | undefined> {
	const { host, address, progress } = context;
	const step = Math.max(1, Math.round((SEARCH_STEP * start.wallMs * start.size) / ITEMS));
	for (let pauseMs = exact ? start.pauseMs : Math.ceil(start.pauseMs * SEARCH_FROM); ; pauseMs += step) {
		const batching = { size: start.size, pauseMs };
		const lanes = exact ? LANES : 1;
		const runs = await Promise.all(
			Array.from({ length: lanes }, (_, lane) => host.workflow(`Search ${lane}`, httpRequest(address, { lane, deployment: address.lanes[lane]?.deployment ?? '' }, batching))),
		);
		const walls: number[] = [];
		let lost = 0;
		for (let next = 0; next < (exact ? LANES : draws.length) && lost === 0; next += lanes) {
			progress(`search, median ${medianMs} ms: ${batching.size} at once, then ${pauseMs} ms; nothing lost in ${walls.length} draws`);
			const samples = await Promise.all(draws.slice(next, next + lanes).map((runTimes, lane) => sample(context, lane, runs[lane] as Run, runTimes)));
			walls.push(...samples.map(({ wallMs }) => wallMs));
			lost = samples.reduce((sum, { items, done }) => sum + items - done, 0);
			if (figureOf(walls).median > toBeat) return undefined;
		}
		if (lost === 0) return { ...batching, wallMs: figureOf(walls).median, evidence: `lost nothing in ${walls.length} other draws` };
	}
}
