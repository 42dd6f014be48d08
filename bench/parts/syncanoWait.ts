import type { Context } from '../context';
import type { Result } from '../host';
import { naivePoll, ourSyncano } from '../measuredNodes';
import type { Part, Ratio, Row } from '../report';
import { SYNCANO_RUN_MS } from '../serviceProtocol';
import { figureOf, ratioOf } from '../statistics';

const SCRIPTS = 200;
/** What an instance of a paid plan runs at a time. */
const WIDTH = 8;
/** In order it takes minutes; a part is measured and scaled. */
const SCRIPTS_IN_ORDER = 20;

interface Wait {
	readonly what: string;
	readonly run: (count: number) => Promise<Result>;
	readonly count: number;
	readonly walls: number[];
	readonly requests: number[];
}

/** How long it takes to have the results of scripts that the service runs behind the caller's back, and how often it is asked. */
export async function syncanoWait({ host, service, address, quick, progress }: Context): Promise<Part> {
	const wait = async (what: string, node: Parameters<typeof host.workflow>[1], count: number): Promise<Wait> => ({ what, run: await host.workflow(what, node), count, walls: [], requests: [] });
	const atATime = [
		await wait(`Syncano Script, Automatic`, ourSyncano({ concurrency: 'automatic' }), SCRIPTS),
		await wait(`a look a second, ${WIDTH} scripts at a time`, naivePoll(address, WIDTH), SCRIPTS),
	] as const;
	const inOrder = [await wait('Syncano Script, In Order', ourSyncano({}), SCRIPTS_IN_ORDER), await wait('a look a second, in order', naivePoll(address, 1), SCRIPTS_IN_ORDER)] as const;
	const pairs = quick ? [atATime] : [atATime, inOrder];
	const rounds = quick ? 1 : 2;
	for (let round = 0; round < rounds; round += 1) {
		for (const pair of pairs) {
			for (const { what, run, count, walls, requests } of pair) {
				progress(`Syncano's wait: ${what}, round ${round + 1} of ${rounds}`);
				await service.prepare({ lane: 0, runTimes: [] });
				const result = await run(count);
				if (result.done !== count) throw new Error(`${what}: ${result.done} of ${count} scripts brought their result home: ${JSON.stringify(result.example)}`);
				walls.push((result.wallMs / 1_000) * (SCRIPTS / count));
				requests.push((await service.counts()).requests * (SCRIPTS / count));
			}
		}
	}
	const scaled = (count: number) => (count === SCRIPTS ? undefined : `measured on ${count} scripts, times ${SCRIPTS / count}`);
	return {
		name: 'syncanoWait',
		title: `(d) Syncano: ${SCRIPTS} scripts of ${SYNCANO_RUN_MS} ms, on an instance that runs ${WIDTH} at a time`,
		rows: pairs.flat().flatMap(({ what, walls, requests, count }): Row[] => [
			{ what, figure: figureOf(walls), unit: 's', note: scaled(count) },
			{ what, figure: figureOf(requests), unit: 'requests', note: scaled(count) },
		]),
		ratios: pairs.flatMap(([mine, naive]): Ratio[] => [
			{ what: `wall time: ${naive.what} / ours`, figure: ratioOf(naive.walls, mine.walls) },
			{ what: `requests: ours / ${naive.what}`, figure: ratioOf(mine.requests, naive.requests) },
		]),
		charts: [],
	};
}
