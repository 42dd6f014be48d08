import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { startEmulator, type Emulator } from '../../emulator';
import { addSamples } from '../../emulator/samples';
import { addSyncanoSamples } from '../../emulator/samples/syncano';
import { createEngine, type EngineResult, type WorkflowUnderTest } from '../engine/harness';
import { signedInCredentials } from '../n8n/emulatorCredentials';

const FOLDER = join(__dirname, '..', '..', 'examples');
const example = (name: string): WorkflowUnderTest => JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as WorkflowUnderTest;

/** Each importable workflow, run as it is on n8n's engine against the emulator with its samples. The agent's runs in the real n8n. */
describe('examples', () => {
	let emulator: Emulator;
	let run: (name: string) => Promise<EngineResult>;
	beforeEach(async () => {
		emulator = await startEmulator();
		addSamples(emulator);
		addSyncanoSamples(emulator.syncano);
		const engine = createEngine({ credentials: signedInCredentials(emulator) });
		run = async (name) => await engine.run({ workflow: example(name), startAt: 'When clicking Execute' });
	});
	afterEach(() => emulator.stop());

	const items = (result: EngineResult, node: string, output = 0): IDataObject[] => (result.nodes[node]?.outputs[output] ?? []).map(({ json }: INodeExecutionData) => json);

	it('orders-by-outcome: each order leaves on the output of its outcome', async () => {
		emulator.faults.add({ fault: 'resetAfterRun', urlIncludes: ':run', bodyIncludes: 'Greta Solberg' });
		emulator.faults.add({ fault: 'permissionDenied403', urlIncludes: ':run', bodyIncludes: 'Kaja Nowak' });
		const result = await run('orders-by-outcome');
		expect(result.status).toBe('success');
		const customers = (node: string) => items(result, node).map(({ customer }) => customer ?? null);
		expect(customers('Added')).toEqual(['Ada Reed', 'Ben Okafor', 'Chiara Lenz', 'Eva Marsh', 'Hugo Castel', 'Ines Duarte', 'Jonas Weber', 'Liam Byrne', 'Maya Ito']);
		expect(customers('Refused by the script')).toEqual([null, 'Dilan Aydin', 'Farid Haddad']);
		expect(customers('Look before running again')).toEqual(['Greta Solberg']);
		expect(customers('Mend and run again')).toEqual(['Kaja Nowak']);
	});

	it('nightly-batch: one run for all rows', async () => {
		const result = await run('nightly-batch');
		expect(emulator.journal.executions).toHaveLength(1);
		expect(items(result, 'Added')).toHaveLength(24);
		expect(items(result, 'Rows to mend').map(({ error }) => (error as IDataObject).message)).toEqual(Array.from({ length: 6 }, () => expect.stringMatching(/quantity must be more than 0/) as unknown));
	});

	it('error-branch-to-sheet: what was refused stands in the other sheet', async () => {
		emulator.faults.add({ fault: 'resetAfterRun', urlIncludes: ':run', bodyIncludes: 'Eva Marsh', times: 1 });
		const result = await run('error-branch-to-sheet');
		expect(result.status).toBe('success');
		expect(items(result, 'Added')).toHaveLength(4);
		expect(items(result, 'Note Refusal').map(({ result: noted }) => (noted as IDataObject).row)).toEqual([2, 3, 4, 5]);
		const notes = emulator.journal.executions.filter((execution) => execution.function === 'noteRefusal').map(({ input }) => (input as unknown[])[2]);
		expect(notes).toEqual([false, false, true, false]);
	});

	it('retry-later: what may have run is looked for before it is added again', async () => {
		emulator.faults.add({ fault: 'resetAfterRun', urlIncludes: ':run', bodyIncludes: 'Greta Solberg', times: 1 });
		emulator.faults.add({ fault: 'resetBeforeRun', urlIncludes: ':run', bodyIncludes: 'Hugo Castel', times: 1 });
		emulator.faults.add({ fault: 'execQps', urlIncludes: ':run', bodyIncludes: 'Maya Ito', times: 1 });
		const result = await run('retry-later');
		expect(result.status).toBe('success');
		const added = emulator.journal.executions.filter((execution) => execution.function === 'addRow').map(({ input }) => (input as Array<{ customer: string }>)[0]?.customer);
		expect([...added].sort()).toEqual([...new Set(added)].sort());
		expect(added).toHaveLength(7);
	});

	it('syncano-script: printed JSON comes back parsed', async () => {
		const result = await run('syncano-script');
		expect(items(result, 'Totals')).toEqual([
			{ result: { stdout: { lines: 1, total: 12.8, currency: 'EUR' }, stderr: '' } },
			{ result: { stdout: { lines: 2, total: 25.7, currency: 'EUR' }, stderr: '' } },
			{ result: { stdout: { lines: 0, total: 0, currency: 'EUR' }, stderr: '' } },
		]);
	});

	it('syncano-endpoint: its own answers are told apart by their status', async () => {
		const result = await run('syncano-endpoint');
		expect(items(result, 'Accepted').map(({ result: reply }) => (reply as IDataObject).content)).toEqual([{ accepted: true, customer: 'Ada Reed' }, { accepted: true, customer: 'Ben Okafor' }]);
		expect(items(result, 'To complete')).toHaveLength(1);
	});

	it('both-services: rows of one service checked by the other', async () => {
		const result = await run('both-services');
		expect(result.status).toBe('success');
		expect(items(result, 'Fine')).toHaveLength(2);
		expect(items(result, 'Note Refusal')).toEqual([{ result: { row: 2 } }]);
	});

	it('there is a test for each of them', () => {
		const tested = readFileSync(__filename, 'utf8');
		const missing = readdirSync(FOLDER)
			.map((file) => file.replace('.json', ''))
			.filter((name) => name !== 'agent-with-a-tool' && !tested.includes(`run('${name}')`));
		expect(missing).toEqual([]);
	});
});
