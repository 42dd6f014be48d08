/** `npm run demo`: the main job on n8n's own engine, against the emulator, as a table. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INodeExecutionData } from 'n8n-workflow';

import { startEmulator, type Emulator } from '../emulator';
import { addSamples } from '../emulator/samples';
import { addSyncanoSamples } from '../emulator/samples/syncano';
import { signedInCredentials } from '../test/n8n/emulatorCredentials';
import { createEngine, type Engine, type WorkflowUnderTest } from '../test/engine/harness';
import { table } from './table';

const OUTPUTS = ['Success', 'Script Error', 'Not Finished', 'Request Error'];

/** What each output says of whether the script ran. */
const RAN = ['yes', 'yes', 'perhaps', 'no'];

/** What goes wrong on the way, besides what the script itself refuses: by the customer in whose order it happens. */
const ACCIDENTS: ReadonlyArray<{ customer: string; fault: string; times?: number; what: string }> = [
	{ customer: 'Eva Marsh', fault: 'execQps', times: 1, what: 'throttled once, then let in' },
	{ customer: 'Greta Solberg', fault: 'resetAfterRun', what: 'the connection breaks after the row was written' },
	{ customer: 'Ines Duarte', fault: 'htmlPage', what: "a proxy's error page instead of an answer" },
	{ customer: 'Kaja Nowak', fault: 'permissionDenied403', what: 'the API refuses the caller' },
];

interface Order {
	readonly customer?: string;
	readonly product: string;
	readonly quantity: number;
}

/** What an item holds after *Add Row*: the order, and beside it the record of its run, or its error and run. */
interface Answer {
	readonly sheet?: { readonly result: { readonly row: number; readonly total: number }; readonly run: Run };
	readonly error?: { readonly message: string; readonly mayHaveRun: boolean };
	readonly run?: Run;
}

interface Run {
	readonly durationMs: number;
	readonly attempts: number;
}

function row(item: INodeExecutionData, output: number, orders: readonly Order[]): Array<string | number> {
	const index = (item.pairedItem as { item: number }).item;
	const order = orders[index] as Order;
	const { sheet, error, run } = item.json as Answer;
	const { durationMs, attempts } = (sheet?.run ?? run) as Run;
	return [
		index,
		`${order.customer ?? '(no customer)'}: ${order.quantity} × ${order.product}`,
		OUTPUTS[output] ?? '',
		sheet === undefined ? (error?.message ?? '') : `row ${sheet.result.row}, total ${sheet.result.total}`,
		RAN[output] ?? '',
		attempts,
		durationMs,
	];
}

const example = (name: string): WorkflowUnderTest => JSON.parse(readFileSync(join(__dirname, '..', 'examples', `${name}.json`), 'utf8')) as WorkflowUnderTest;

/** Fourteen orders, each handed to a function; returns whether every promise was kept. */
async function orders(emulator: Emulator, engine: Engine): Promise<boolean> {
	const workflow = example('orders-by-outcome');
	// The table tells how often and how long each script ran, which the record has beside the result.
	for (const node of workflow.nodes) if (node.name === 'Add Row') node.parameters.output = 'record';
	for (const { customer, fault, times } of ACCIDENTS) emulator.faults.add({ fault, times, urlIncludes: ':run', bodyIncludes: customer });
	console.log(`1. "${workflow.name ?? ''}": Apps Script Run on n8n's own engine; the emulator really runs the script.\n`);
	const started = Date.now();
	const result = await engine.run({ workflow, startAt: 'When clicking Execute' });
	const elapsed = Date.now() - started;
	emulator.faults.clear();

	const outputs = result.nodes['Add Row']?.outputs ?? [];
	const given = (result.nodes['One item an order']?.outputs[0] ?? []).map(({ json }) => json as unknown as Order);
	const rows = outputs.flatMap((items, output) => items.map((item) => row(item, output, given))).sort((a, b) => Number(a[0]) - Number(b[0]));
	console.log(table(['item', 'order', 'output', 'what came back', 'did it run', 'tries', 'ms'], rows));
	console.log('\nWhat the emulator did on the way:');
	for (const { customer, what } of ACCIDENTS) console.log(`  item ${String(given.findIndex((order) => order.customer === customer)).padStart(2)}: ${what}`);

	const inputs = emulator.journal.executions.map(({ input }) => JSON.stringify(input));
	const twice = inputs.length - new Set(inputs).size;
	const lost = given.length - new Set(rows.map(([index]) => index)).size;
	console.log(`\n${OUTPUTS.map((name, output) => `${name} ${outputs[output]?.length ?? 0}`).join(' · ')}`);
	console.log(`${given.length} orders in ${(elapsed / 1_000).toFixed(1)} s; the emulator's journal: ${inputs.length} scripts started, ${twice} of them twice; ${lost} items lost.`);
	return result.status === 'success' && lost === 0 && twice === 0;
}

/** One of the smaller examples: the items of its last nodes, a line each. */
async function smaller(engine: Engine, number: number, name: string, lastNodes: readonly string[], what: string): Promise<boolean> {
	const workflow = example(name);
	console.log(`\n${number}. "${workflow.name ?? ''}": ${what}\n`);
	const result = await engine.run({ workflow, startAt: 'When clicking Execute' });
	for (const node of lastNodes) {
		for (const { json } of result.nodes[node]?.outputs.flat() ?? []) console.log(`  ${node.padEnd(13)} ${JSON.stringify(json).slice(0, 120)}`);
	}
	return result.status === 'success';
}

async function main(): Promise<void> {
	const emulator = await startEmulator();
	try {
		addSamples(emulator);
		addSyncanoSamples(emulator.syncano);
		const engine = createEngine({ package: 'dist', credentials: signedInCredentials(emulator) });
		const kept = [
			await orders(emulator, engine),
			await smaller(engine, 2, 'syncano-script', ['Totals'], 'a script with a payload from fields, its result awaited'),
			await smaller(engine, 3, 'syncano-endpoint', ['Accepted', 'To complete'], 'a Script Endpoint that answers by itself'),
			await smaller(engine, 4, 'both-services', ['Fine', 'Note Refusal'], 'rows of the sheet, each checked by a Syncano script, the refused ones noted'),
		];
		console.log('\nNext: `npm start` opens the same in the real n8n; README.md tells the rest.');
		if (kept.includes(false)) process.exitCode = 1;
	} finally {
		await emulator.stop();
	}
}

main().catch((error: unknown) => {
	console.error(error);
	process.exitCode = 1;
});
