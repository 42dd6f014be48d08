import type { INodeParameters } from 'n8n-workflow';

import { jsonOf, startBench, type SyncanoBench } from './syncanoBench';

/**
 * The editor keeps a date and time as it was picked, without a zone: it is that of the workflow, whatever zone n8n itself runs in. (At most one of the
 * zones here can be that of the process.)
 */
describe('points in time without a zone', () => {
	let bench: SyncanoBench;
	beforeAll(async () => {
		bench = await startBench();
	});
	afterAll(() => bench.stop());

	const run = (timezone: string, parameters: INodeParameters) =>
		bench.engine.run({
			workflow: {
				nodes: [
					{ id: 'start', name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, position: [0, 0], parameters: {} },
					{
						id: 'traces',
						name: 'Traces',
						type: 'n8n-nodes-cloud-scripts.syncanoScript',
						typeVersion: 1,
						position: [200, 0],
						parameters: { resource: 'trace', scriptId: '1', routing: 'byOutcome', ...parameters },
						credentials: { syncanoApi: { id: 'syncano', name: 'Syncano' } },
					},
				],
				connections: { Start: { main: [[{ node: 'Traces', type: 'main', index: 0 }]] } },
				settings: { timezone },
			},
		});
	/** A trace of a run that began then; its ID. */
	const traceAt = (executedAt: number): number => bench.emulator.syncano.instance('mine').traces.scripts.add('scripts/1', { status: 'success', executedAt, duration: 1, result: { stdout: '', stderr: '' } }).id;

	test.each<[string, string, string]>([
		['Asia/Tokyo', '2026-01-03T09:00:00', '2026-01-03T00:00:00Z'],
		['America/New_York', '2026-01-03T09:00:00', '2026-01-03T14:00:00Z'],
		['America/New_York', '2026-07-03T09:00:00', '2026-07-03T13:00:00Z'],
		['Asia/Kathmandu', '2026-01-03 09:00:00.250', '2026-01-03T03:15:00.250Z'],
		['Asia/Tokyo', '2026-01-03T09:00', '2026-01-03T00:00:00Z'],
		['Asia/Tokyo', '2026-01-03', '2026-01-02T15:00:00Z'],
		// On the day of the change itself, before and after it.
		['America/New_York', '2026-03-08T01:59:59', '2026-03-08T06:59:59Z'],
		['America/New_York', '2026-03-08T03:00:00', '2026-03-08T07:00:00Z'],
		['Australia/Lord_Howe', '2026-04-05T12:00:00', '2026-04-05T01:30:00Z'],
		// An hour that the change leaves out: counted on from before it. An hour that comes twice: the first.
		['America/New_York', '2026-03-08T02:30:00', '2026-03-08T07:30:00Z'],
		['America/New_York', '2026-11-01T01:30:00', '2026-11-01T05:30:00Z'],
		// What names its zone keeps it.
		['Asia/Tokyo', '2026-01-03T09:00:00Z', '2026-01-03T09:00:00Z'],
		['Asia/Tokyo', '2026-01-03T09:00:00+01:00', '2026-01-03T08:00:00Z'],
		['Asia/Tokyo', '={{ DateTime.fromISO("2026-01-03T09:00:00") }}', '2026-01-03T00:00:00Z'],
		['Asia/Tokyo', '={{ 1767402000000 }}', '2026-01-03T01:00:00Z'],
	])('Executed After and Executed Before: in %s, %s is %s', async (timezone, text, expected) => {
		const time = Date.parse(expected);
		const [before, at, after] = [traceAt(time - 1), traceAt(time), traceAt(time + 1)];
		const result = await run(timezone, { operation: 'getAll', returnAll: true, filters: { executedAfter: text, executedBefore: text } });
		const ids = jsonOf(result.outputs)[0]?.map(({ id }) => id);
		expect(ids).toContain(at);
		expect(ids).not.toContain(before);
		expect(ids).not.toContain(after);
	});

	test.each([
		['Asia/Tokyo', '2026-01-03T00:00:00Z'],
		['America/New_York', '2026-01-03T14:00:00Z'],
	])('Started At in %s', async (timezone, startedAt) => {
		const get = (id: number) => run(timezone, { operation: 'get', traceId: String(id), options: { startedAt: '2026-01-03T09:00:00' } });
		// So long no ID is given to another run.
		const last = Date.parse(startedAt) + 47 * 3_600_000;
		expect(jsonOf((await get(traceAt(last))).outputs)[0]).toHaveLength(1);
		expect(jsonOf((await get(traceAt(last + 1))).outputs)[3]).toMatchObject([{ error: { reason: 'notFound', message: expect.stringMatching(/another run/) as unknown } }]);
	});

	test.each(['soon', '2026-13-03T09:00:00', '2026-01-03T9'])('%s is refused', async (text) => {
		const result = await run('Asia/Tokyo', { operation: 'getAll', filters: { executedAfter: text } });
		expect(jsonOf(result.outputs)[3]).toMatchObject([{ error: { reason: 'invalidInput', message: 'Executed After is not a point in time', hint: expect.stringMatching(/ISO 8601/) as unknown } }]);
	});
});
