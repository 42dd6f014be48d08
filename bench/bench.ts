/**
 * `npm run bench [-- --quick] [--only a,b,c,d,e]`: what the nodes cost and how fast they are, in the real n8n, against n8n's own HTTP Request node. Prints
 * tables; a whole run writes `bench/results/latest.json` and plots beside it. Ends with a line that says how many targets were reached; one that was not
 * is no failure of the command.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { endAll, isEnding } from '../test/n8n/cleanUp';
import { installN8n } from '../test/n8n/install';
import { packPackage, REPOSITORY } from '../test/n8n/package';
import { chartSvg } from './chart';
import type { Context } from './context';
import { benchPackage, Host } from './host';
import { batch } from './parts/batch';
import { costPerItem } from './parts/costPerItem';
import { loading } from './parts/loading';
import { syncanoWait } from './parts/syncanoWait';
import { underLimit } from './parts/underLimit';
import { isReached, partText, type Part } from './report';
import { ServiceProcess } from './serviceProcess';

const PARTS = new Map<string, (context: Context) => Promise<Part>>([
	['a', underLimit],
	['b', costPerItem],
	['c', batch],
	['d', syncanoWait],
	['e', loading],
]);
const RESULTS = join(__dirname, 'results');
const ALL = [...PARTS.keys()].join(',');

const startedAt = Date.now();
const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, only: { type: 'string', default: ALL } } });

function progress(text: string): void {
	const seconds = Math.round((Date.now() - startedAt) / 1000);
	console.log(`${String(seconds).padStart(4)} s  ${text}`);
}

/** The machine and versions, so that figures can be read later. */
function circumstances(node: string, n8nVersion: string): Record<string, unknown> {
	const [cpu] = cpus();
	return {
		date: new Date(startedAt).toISOString(),
		quick: values.quick,
		n8n: n8nVersion,
		node: execFileSync(node, ['--version'], { encoding: 'utf8' }).trim(),
		machine: `${cpus().length} × ${cpu?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform}`,
		loadAtStart: loadavg()[0],
	};
}

async function main(): Promise<void> {
	const chosen = values.only.split(',').map((key) => {
		const part = PARTS.get(key);
		if (part === undefined) throw new Error(`There is no part "${key}"; there are ${[...PARTS.keys()].join(', ')}`);
		return part;
	});
	const installation = await installN8n();
	const facts = circumstances(installation.node, installation.version);
	progress('packing the package, starting the services and n8n');
	const service = await ServiceProcess.start();
	const address = await service.address();
	const packed = await packPackage();
	const host = await Host.start(installation, [packed, await benchPackage()], address);
	const context: Context = { host, service, address, installation, packed, quick: values.quick, progress };

	const parts: Part[] = [];
	for (const part of chosen) {
		if (part === loading) await host.stop();
		const found = await part(context);
		parts.push(found);
		console.log(`${partText(found)}\n`);
	}
	const load = loadavg()[0] ?? 0;
	// What the README shows is a whole run.
	const whole = values.only === ALL && !values.quick;
	if (whole) write(parts, { ...facts, loadAtEnd: load, seconds: Math.round((Date.now() - startedAt) / 1000) });
	const withTarget = parts.flatMap(({ ratios }) => ratios.filter((ratio) => isReached(ratio) !== undefined));
	const reached = withTarget.filter((ratio) => isReached(ratio) === true);
	console.log(Object.entries(facts).map(([name, value]) => `${name} ${String(value)}`).join(' · '));
	if (load > cpus().length * 1.5) console.log(`The machine had other work (load ${load.toFixed(1)} on ${cpus().length} processors); figures of time are worth less than those of CPU.`);
	console.log(`${reached.length} of ${withTarget.length} targets reached, in ${Math.round((Date.now() - startedAt) / 1000)} s${whole ? `; written to ${RESULTS.slice(REPOSITORY.length + 1)}` : ''}`);
}

function write(parts: readonly Part[], facts: Record<string, unknown>): void {
	mkdirSync(RESULTS, { recursive: true });
	const found = parts.map(({ name, title, rows, ratios }) => ({ name, title, rows, ratios: ratios.map((ratio) => ({ ...ratio, reached: isReached(ratio) })) }));
	writeFileSync(join(RESULTS, 'latest.json'), `${JSON.stringify({ ...facts, parts: found }, undefined, '\t')}\n`);
	for (const chart of parts.flatMap(({ charts }) => charts)) writeFileSync(join(RESULTS, chart.file), chartSvg(chart));
}

main()
	.catch((error: unknown) => {
		if (isEnding()) return;
		console.error(error);
		process.exitCode = 1;
	})
	.finally(() => void endAll());
