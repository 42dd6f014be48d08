import type { Context } from '../context';
import { ours } from '../measuredNodes';
import type { Part } from '../report';
import { figureOf, ratioOf } from '../statistics';

const ITEMS = 10_000;
const BATCH = 500;
const RUN_MS = 200;
/** One run an item in order takes more than half an hour for all; a part of them is measured and scaled. */
const ITEMS_IN_ORDER = 50;

/** Batch mode against one run an item in order. */
export async function batch({ host, service, address, quick, progress }: Context): Promise<Part> {
	const target = { lane: 0, deployment: address.lanes[0]?.deployment ?? '' };
	const inBatches = await host.workflow('Batches of 500', ours(target, {}, { runMode: 'batch', batchSize: BATCH, function: { __rl: true, mode: 'name', value: 'echoAll' } }));
	const inOrder = await host.workflow('In order', ours(target, {}));
	const batchWalls: number[] = [];
	const orderWalls: number[] = [];
	const runs: number[] = [];
	const rounds = quick ? 1 : 2;
	const runTimes = Array.from({ length: ITEMS }, () => RUN_MS);
	for (let round = 0; round < rounds; round += 1) {
		progress(`batch: ${ITEMS} items in batches of ${BATCH}, round ${round + 1} of ${rounds}`);
		await service.prepare({ lane: 0, runTimes });
		const batched = await inBatches(ITEMS);
		if (batched.done !== ITEMS) throw new Error(`Batches brought ${batched.done} of ${ITEMS} items home: ${JSON.stringify(batched.example)}`);
		runs.push((await service.counts()).executions);
		batchWalls.push(batched.wallMs / 1_000);
		progress(`batch: one run an item, round ${round + 1} of ${rounds}`);
		await service.prepare({ lane: 0, runTimes });
		orderWalls.push(((await inOrder(ITEMS_IN_ORDER)).wallMs / 1_000) * (ITEMS / ITEMS_IN_ORDER));
	}
	return {
		name: 'batch',
		title: `(c) ${ITEMS} items, ${RUN_MS} ms a run: batches of ${BATCH} against one run an item, both in order`,
		rows: [
			{ what: `batches of ${BATCH}`, figure: figureOf(batchWalls), unit: 's', note: `${figureOf(runs).median} runs` },
			{ what: 'one run an item', figure: figureOf(orderWalls), unit: 's', note: `measured on ${ITEMS_IN_ORDER} items, times ${ITEMS / ITEMS_IN_ORDER}` },
		],
		ratios: [{ what: 'one run an item / batches', figure: ratioOf(orderWalls, batchWalls), atLeast: 50 }],
		charts: [],
	};
}
