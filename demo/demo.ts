/** `npm run demo`: the main job on n8n's own engine, against the emulator, as a table. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INodeExecutionData } from 'n8n-workflow';

import { startEmulator, type Emulator } from '../emulator';
import { addSamples, LIST_SCOPES, ORDER_SHEET_SCOPES } from '../emulator/samples';
import { createEngine, type WorkflowUnderTest } from '../test/engine/harness';
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

function savedCredential(emulator: Emulator) {
	const scopes = [...ORDER_SHEET_SCOPES, ...LIST_SCOPES];
	return {
		name: 'Apps Script (emulator)',
		type: 'googleAppsScriptOAuth2Api',
		data: {
			otherAddresses: true,
			apiBaseUrl: emulator.address,
			driveBaseUrl: emulator.address,
			tokenInfoUrl: emulator.google.urls.tokenInfo,
			tokenUrl: emulator.google.urls.token,
			clientId: emulator.google.defaultClient.id,
			clientSecret: emulator.google.defaultClient.secret,
			oauthTokenData: {
				access_token: emulator.google.issueToken({ scopes }),
				refresh_token: emulator.google.issueRefreshToken({ scopes }),
				token_type: 'Bearer',
			},
		},
	};
}

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

async function main(): Promise<void> {
	const workflow = JSON.parse(readFileSync(join(__dirname, '..', 'examples', 'orders-by-outcome.json'), 'utf8')) as WorkflowUnderTest;
	const emulator = await startEmulator();
	try {
		// The table tells how often and how long each script ran, which the record has beside the result.
		for (const node of workflow.nodes) if (node.name === 'Add Row') node.parameters.output = 'record';
		const { orderSheet } = addSamples(emulator);
		for (const { customer, fault, times } of ACCIDENTS) emulator.faults.add({ fault, times, urlIncludes: ':run', bodyIncludes: customer });
		console.log(`Example workflow "${workflow.name ?? ''}", on n8n's own engine, with an emulated Apps Script that really runs ${orderSheet.project.title}:\n`);
		const engine = createEngine({ package: 'dist', credentials: { emulatorOAuth200: savedCredential(emulator) } });
		const started = Date.now();
		const result = await engine.run({ workflow, startAt: 'When clicking Execute' });
		const elapsed = Date.now() - started;

		const outputs = result.nodes['Add Row']?.outputs ?? [];
		const orders = (result.nodes['One item an order']?.outputs[0] ?? []).map(({ json }) => json as unknown as Order);
		const rows = outputs.flatMap((items, output) => items.map((item) => row(item, output, orders))).sort((a, b) => Number(a[0]) - Number(b[0]));
		console.log(table(['item', 'order', 'output', 'what came back', 'did it run', 'tries', 'ms'], rows));

		console.log('\nWhat the emulator did on the way:');
		for (const { customer, what } of ACCIDENTS) console.log(`  item ${String(orders.findIndex((order) => order.customer === customer)).padStart(2)}: ${what}`);

		const inputs = emulator.journal.executions.map(({ input }) => JSON.stringify(input));
		const twice = inputs.length - new Set(inputs).size;
		const lost = orders.length - new Set(rows.map(([index]) => index)).size;
		console.log(`\n${OUTPUTS.map((name, output) => `${name} ${outputs[output]?.length ?? 0}`).join(' · ')}`);
		console.log(`${orders.length} orders in ${(elapsed / 1_000).toFixed(1)} s; the emulator's journal: ${inputs.length} scripts started, ${twice} of them twice; ${lost} items lost.`);
		console.log('\nNext: `npm start` opens the same in the real n8n; README.md tells the rest.');
		if (result.status !== 'success' || lost > 0 || twice > 0) process.exitCode = 1;
	} finally {
		await emulator.stop();
	}
}

main().catch((error: unknown) => {
	console.error(error);
	process.exitCode = 1;
});
