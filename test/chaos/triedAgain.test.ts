import { jsonOf, startBench, type AppsScriptBench } from '../engine/appsScriptBench';

// Found by the chaos: with Safe to Repeat, the refusal of a later try hid that an earlier one had run.
describe('what may have run stays so, whatever becomes of the tries after it', () => {
	let bench: AppsScriptBench;
	beforeEach(async () => {
		bench = await startBench();
	});
	afterEach(() => bench.stop());

	const safe = { parametersFrom: 'item', options: { safeToRepeat: true, maxRetries: 1 } };
	const runThenRefuse = (): void => {
		bench.emulator.faults.add({ fault: 'http500AfterRun', urlIncludes: ':run', times: 1 });
		bench.emulator.faults.add({ fault: 'notFound404', urlIncludes: ':run' });
	};
	const standing = { message: /Tried again, it did not run: Requested entity was not found/, reason: 'serverError', mayHaveRun: true };

	it('one item', async () => {
		runThenRefuse();
		const result = await bench.run('echo', [{ n: 1 }], { ...safe, routing: 'byOutcome' });
		expect(bench.emulator.journal.executions).toHaveLength(1);
		expect(jsonOf(result.outputs)[2]).toEqual([expect.objectContaining({ error: expect.objectContaining({ ...standing, message: expect.stringMatching(standing.message) as string }) as unknown })]);
	});

	it('a batch', async () => {
		runThenRefuse();
		const result = await bench.run('doubleAll', [{ n: 1 }, { n: 2 }], { ...safe, runMode: 'batch', routing: 'byOutcome' });
		expect(result.outputs.map((items) => items.length)).toEqual([0, 0, 2, 0]);
	});

	it('a batch whose sign-in was refused after one half was done', async () => {
		bench.emulator.faults.add({ fault: 'http413', urlIncludes: ':run', times: 1 });
		bench.emulator.faults.add({ fault: 'execQps', bodyIncludes: '"n":2', times: 1 });
		bench.emulator.faults.add({ fault: 'unauthenticated401', bodyIncludes: '"n":3' });
		const result = await bench.run('doubleAll', [{ n: 1 }, { n: 2 }, { n: 3 }], {
			parametersFrom: 'item',
			runMode: 'batch',
			batchSize: 2,
			routing: 'byOutcome',
			options: { concurrency: 'fixed', maxConcurrency: 2 },
		});
		expect(result.outputs.map((items) => items.length)).toEqual([1, 0, 0, 2]);
		expect(bench.emulator.journal.executions).toHaveLength(1);
	});

	it('a Stop while a script runs, after which Retry On Fail goes on', async () => {
		bench.emulator.faults.add({ fault: 'noAnswerAfterRun', urlIncludes: ':run' });
		const run = bench.run('echo', [{ n: 1 }, { n: 2 }], { parametersFrom: 'item' }, { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 });
		while (bench.emulator.journal.executions.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
		run.cancel();
		const result = await run;
		expect(result.tries.length).toBeGreaterThan(1);
		expect(result.error).toMatchObject({ context: { runs: { ran: '', mayHaveRun: '0', notStarted: '1' } } });
		expect(bench.emulator.journal.executions).toHaveLength(1);
	});

	it('n8n’s Retry On Fail', async () => {
		runThenRefuse();
		const again = { onError: 'continueErrorOutput', retryOnFail: true, maxTries: 2, waitBetweenTries: 1 } as const;
		const result = await bench.run('echo', [{ n: 1 }], { ...safe, options: { safeToRepeat: true, maxRetries: 0 } }, again);
		expect(bench.emulator.journal.executions).toHaveLength(1);
		expect(jsonOf(result.outputs)[1]).toEqual([expect.objectContaining({ error: expect.objectContaining({ mayHaveRun: true, outcome: 'notFinished' }) as unknown })]);
	});
});
