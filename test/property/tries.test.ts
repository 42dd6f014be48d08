import fc from 'fast-check';

import { BatchRun, type BatchRules } from '../../nodes/shared/batch';
import { REASONS, mayBeTriedAgain, mayHaveRun, type FailureOutcome, type Outcome } from '../../nodes/shared/outcome';
import { retryDelay } from '../../nodes/shared/retry';

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
	fc.constant<Outcome>({ outcome: 'success', result: 1 }),
	fc
		.constantFrom(...(Object.keys(REASONS) as FailureOutcome[]).flatMap((name) => REASONS[name].map((reason) => ({ outcome: name, reason }))))
		.map((failure): Outcome => ({ ...failure, message: failure.reason })),
);

interface Share {
	readonly items: readonly number[];
	readonly safeToRepeat: boolean;
}
const rules: BatchRules<Share> = {
	key: () => '',
	chunks: (plans) => [plans.length],
	combine: (plans) => ({ items: plans.flatMap(({ items }) => items), safeToRepeat: plans[0]?.safeToRepeat ?? false }),
	split: (whole, plans) => plans.map(() => whole),
};

describe('Tries', () => {
	test('end, whatever the service asks for and chance brings', () => {
		fc.assert(
			fc.property(fc.nat(6), fc.nat(120_000), fc.infiniteStream(fc.tuple(fc.option(fc.integer({ min: 0, max: 200_000 }), { nil: undefined }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }))), (maximum, withinMs, draws) => {
				let waitedMs = 0;
				let made = 0;
				for (const [asked, random] of draws) {
					// Refusals of a busy service do not count: the waits alone have to come to an end.
					const delay = retryDelay({ maximum: maximum + 1, withinMs }, { counted: 0, made, waitedMs }, asked, random);
					if (delay === undefined) break;
					expect(delay).toBeGreaterThanOrEqual(asked ?? 0);
					waitedMs += Math.max(1, delay);
					made += 1;
					expect(waitedMs).toBeLessThanOrEqual(withinMs + 1);
					if (made > 100) break;
				}
				expect(retryDelay({ maximum, withinMs }, { counted: maximum, made, waitedMs }, undefined, 0)).toBeUndefined();
				expect(retryDelay({ maximum: 9, withinMs }, { counted: 0, made, waitedMs: withinMs }, undefined, 0)).toBeUndefined();
			}),
			{ numRuns: 300 },
		);
	});

	test('of a batch: no item is lost, none that may have run is started again, and what is said of it is so', async () => {
		await fc.assert(
			fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.boolean(), fc.array(outcome, { minLength: 1, maxLength: 40 }), async (count, safeToRepeat, answers) => {
				const started = new Map<number, number>();
				const run = new BatchRun(
					Array.from({ length: count }, (_, item): Share => ({ items: [item], safeToRepeat })),
					rules,
				);
				let sent = 0;
				const send = ({ items }: Share): Promise<Outcome> => {
					const came = answers[Math.min(sent, answers.length - 1)] as Outcome;
					sent += 1;
					if (mayHaveRun(came)) for (const item of items) started.set(item, (started.get(item) ?? 0) + 1);
					return Promise.resolve(came);
				};
				let finished = await run.send(send, () => undefined);
				for (let tries = 0; finished.again && tries < 5; tries += 1) {
					expect(mayBeTriedAgain(finished.outcome, safeToRepeat)).toBe(true);
					finished = await run.send(send, () => undefined);
				}
				expect(finished.shares).toHaveLength(count);
				finished.shares.forEach((share, item) => {
					const times = started.get(item) ?? 0;
					if (!safeToRepeat) expect(times).toBeLessThanOrEqual(1);
					if (times > 0) expect(mayHaveRun(share)).toBe(true);
					if (share.outcome === 'success') expect(times).toBeGreaterThan(0);
				});
			}),
			{ numRuns: 1_000 },
		);
	});
});
