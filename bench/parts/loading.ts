import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd, startProcess } from '../../test/n8n/cleanUp';
import { createN8n, untilReady, type N8n } from '../../test/n8n/n8n';
import type { Context } from '../context';
import type { Part } from '../report';
import { figureOf } from '../statistics';

/** Run by n8n's Node, with n8n-workflow in memory as in n8n: prints the milliseconds that requiring the files takes. */
const REQUIRE = `
require('n8n-workflow');
const startedAt = performance.now();
for (const file of process.argv.slice(1)) require(file);
console.log(performance.now() - startedAt);
`;

/** The time to load the package, and what it adds to n8n's start. */
export async function loading({ installation, packed, quick, progress }: Context): Promise<Part> {
	const manifest = JSON.parse(readFileSync(join(packed.folder, 'package.json'), 'utf8')) as { n8n: { nodes: string[]; credentials: string[] } };
	const files = [...manifest.n8n.credentials, ...manifest.n8n.nodes].map((file) => join(packed.folder, file));
	const requireMs: number[] = [];
	for (let round = 0; round < (quick ? 5 : 15); round += 1) {
		progress(`loading: requiring the package, round ${round + 1}`);
		const env = { ...process.env, NODE_PATH: join(installation.folder, 'node_modules') };
		// There, so that the n8n-workflow that is loaded first is the one that the package finds.
		const { output, errors } = await runToEnd(installation.node, ['-e', REQUIRE, ...files], { env, cwd: installation.folder });
		if (errors !== '' && output === '') throw new Error(errors);
		requireMs.push(Number(output));
	}

	const without = await createN8n(installation);
	const withPackage = await createN8n(installation, { packages: [packed] });
	const starts = new Map<N8n, number[]>([
		[without, []],
		[withPackage, []],
	]);
	const rounds = quick ? 1 : 3;
	// The first start of each makes its database.
	for (let round = -1; round < rounds; round += 1) {
		for (const [n8n, seconds] of round % 2 === 0 ? starts : [...starts].reverse()) {
			progress(`loading: starting n8n ${n8n === without ? 'without' : 'with'} the package, ${round < 0 ? 'first start, not counted' : `round ${round + 1} of ${rounds}`}`);
			const taken = await startSeconds(n8n);
			if (round >= 0) seconds.push(taken);
		}
	}
	const seconds = (n8n: N8n) => starts.get(n8n) ?? [];
	return {
		name: 'loading',
		title: '(e) Loading',
		rows: [
			{ what: 'requiring both nodes and the three credentials', figure: figureOf(requireMs), unit: 'ms', note: 'n8n-workflow already loaded; each time a new process' },
			{ what: 'n8n ready to work, without the package', figure: figureOf(seconds(without)), unit: 's' },
			{ what: 'n8n ready to work, with the package', figure: figureOf(seconds(withPackage)), unit: 's' },
		],
		ratios: [{ what: 'n8n’s start: with / without the package', figure: figureOf([figureOf(seconds(withPackage)).median / figureOf(seconds(without)).median]), note: 'of the medians' }],
		charts: [],
	};
}

async function startSeconds(n8n: N8n): Promise<number> {
	const environment = await n8n.environment();
	const startedAt = performance.now();
	const running = await startProcess(n8n.installation.node, [n8n.installation.n8n, 'start'], { env: environment, cwd: n8n.userFolder });
	await untilReady(running, `http://127.0.0.1:${environment.N8N_PORT}/healthz/readiness`);
	const taken = (performance.now() - startedAt) / 1_000;
	await running.stop();
	return taken;
}
