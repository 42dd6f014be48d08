import { hostClock } from '../../nodes/shared/wait';
import { detect, type Finding } from './detectors';
import { startLane, type Observed } from './lane';
import { roundOf, type Round } from './rounds';

export interface ChaosOptions {
	readonly seed: number;
	/** Rounds are played until they have had that many. */
	readonly items: number;
	/** Rounds at the same time, each with services of its own. */
	readonly lanes: number;
	/** Items of one round at most. */
	readonly mostInRound?: number;
	/** Plays this round alone. */
	readonly only?: number;
	readonly say?: (line: string) => void;
}

export interface ChaosReport {
	readonly items: number;
	readonly rounds: number;
	/** Requests that met a fault, and troubles of a whole service. */
	readonly faultsMet: number;
	readonly faultKinds: number;
	readonly outcomes: Readonly<Record<string, number>>;
	readonly starts: number;
	readonly findings: ReadonlyArray<Finding & { readonly round: number }>;
}

/** Plays rounds of the seed until so many items have been through, and reports what the detectors found. */
export async function runChaos({ seed, items, lanes, mostInRound = 1_000, only, say = () => undefined }: ChaosOptions): Promise<ChaosReport> {
	const rounds: Round[] = [];
	if (only !== undefined) rounds.push(roundOf(seed, only, mostInRound));
	else for (let planned = 0; planned < items; planned += rounds.at(-1)?.orders.length ?? 0) rounds.push(roundOf(seed, rounds.length, mostInRound));
	const findings: Array<Finding & { round: number }> = [];
	const kinds = new Set<string>();
	const outcomes: Record<string, number> = {};
	let faultsMet = 0;
	let starts = 0;
	let played = 0;

	const note = (observed: Observed): void => {
		const { round, journal, result } = observed;
		for (const finding of detect(observed)) findings.push({ ...finding, round: round.number });
		for (const { fault } of journal.requests) {
			if (fault === undefined) continue;
			faultsMet += 1;
			kinds.add(fault);
		}
		if (round.trouble !== undefined) {
			faultsMet += 1;
			kinds.add(round.trouble.kind);
		}
		starts += journal.executions.length;
		const count = (name: string): void => void (outcomes[name] = (outcomes[name] ?? 0) + 1);
		if (result.error !== undefined) count(result.status === 'canceled' ? 'nodes stopped' : 'nodes that threw');
		for (const { json } of result.outputs.flat()) {
			const error = json.error as { mayHaveRun?: unknown; outcome?: unknown } | undefined;
			count(error?.mayHaveRun === undefined ? 'success' : String(json.outcome ?? error.outcome));
		}
		played += 1;
		if (played % 50 === 0) say(`${played} of ${rounds.length} rounds, findings: ${findings.length}, ${Math.round((Date.now() - startedAt) / 1_000)} s`);
	};

	// Full jitter may come out as short as this any time; the mix has thousands of waits.
	const random = hostClock.random.bind(hostClock);
	hostClock.random = () => Math.random() * 0.02;
	const waiting = rounds.values();
	const startedAt = Date.now();
	try {
		await Promise.all(
			Array.from({ length: Math.min(lanes, rounds.length) }, async () => {
				const lane = await startLane();
				try {
					for (const round of waiting) {
						try {
							note(await lane.play(round));
						} catch (error) {
							findings.push({ kind: 'lost', text: `the engine gave nothing back: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`, round: round.number });
						}
					}
				} finally {
					await lane.stop();
				}
			}),
		);
	} finally {
		hostClock.random = random;
	}
	return { items: rounds.reduce((sum, { orders }) => sum + orders.length, 0), rounds: rounds.length, faultsMet, faultKinds: kinds.size, outcomes, starts, findings };
}
