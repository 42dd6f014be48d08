import { startBench, type AppsScriptBench } from './appsScriptBench';

let bench: AppsScriptBench;
beforeAll(async () => {
	bench = await startBench();
});
afterAll(async () => {
	await bench.stop();
});

test('an answer that comes byte by byte has to be whole within the time-out; the run that sends it may have been', async () => {
	// n8n's own time-out only says how long nothing at all may come, once the answer has begun.
	bench.emulator.faults.add({ fault: 'slowDrip', bodyIncludes: 'dripping', parameters: { intervalMilliseconds: 400 } });
	const result = await bench.run('give', [{ value: 'dripping' }, { value: 'quick' }], {
		parametersFrom: 'json',
		parametersJson: '={{ [$json.value] }}',
		routing: 'byOutcome',
		options: { timeout: 1, concurrency: 'fixed', maxConcurrency: 2 },
	});
	expect(result.outputs.map((items) => items.length)).toEqual([1, 0, 1, 0]);
	expect(result.outputs[0]?.[0]?.json).toEqual({ result: 'quick' });
	expect(result.outputs[2]?.[0]?.json).toMatchObject({ value: 'dripping', outcome: 'notFinished', error: { reason: 'noAnswer', mayHaveRun: true } });
	expect(bench.emulator.journal.executions).toHaveLength(2);
});
