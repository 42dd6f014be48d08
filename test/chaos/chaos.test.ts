import { letGaxiosUseFetch } from '../engine/headlessBench';
import { runChaos } from './mix';

letGaxiosUseFetch();

// The size of minutes is `npm run chaos`. A failure names its round: `npm run chaos -- --seed 7 --round N` plays that one again.
test('a small mix of faults: nothing lost, nothing doubled, nothing untrue, nothing leaked', async () => {
	const report = await runChaos({ seed: 7, items: 800, lanes: 8, mostInRound: 12 });
	expect(report.findings).toEqual([]);
	expect(report.items).toBeGreaterThanOrEqual(800);
	expect(report.faultKinds).toBeGreaterThanOrEqual(50);
	expect(report.starts).toBeGreaterThan(250);
}, 120_000);
