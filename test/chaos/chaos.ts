import { parseArgs } from 'node:util';

import { runChaos } from './mix';

/** `npm run chaos [-- --seed N --items N]` */
async function main(): Promise<void> {
	const { values } = parseArgs({ options: { seed: { type: 'string' }, items: { type: 'string', default: '3000' }, round: { type: 'string' } } });
	const seed = values.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(values.seed);
	const items = Number(values.items);
	if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(items) || items < 1) throw new Error('--seed and --items have to be whole numbers');
	const say = (line: string): void => void process.stdout.write(`${line}\n`);
	say(`Chaos with the seed ${seed}, ${items} items …`);
	const only = values.round === undefined ? undefined : Number(values.round);
	const report = await runChaos({ seed, items, lanes: 16, only, say });
	for (const { round, kind, text } of report.findings.slice(0, 40)) say(`round ${round}: ${kind}: ${text}`);
	const count = (kind: string): number => report.findings.filter((finding) => finding.kind === kind).length;
	say(
		[
			`items ${report.items} in ${report.rounds} runs of a node`,
			`faults ${report.faultsMet} of ${report.faultKinds} kinds`,
			`outcomes ${Object.entries(report.outcomes)
				.map(([name, times]) => `${name} ${times}`)
				.join(', ')}`,
			`script starts ${report.starts}`,
			`lost ${count('lost')}`,
			`doubled ${count('doubled')}`,
			`untrue ${count('untrue')}`,
			`leaked ${count('leaked')}`,
			`seed ${seed}`,
		].join('\n'),
	);
	process.exitCode = report.findings.length === 0 ? 0 : 1;
}

void main();
