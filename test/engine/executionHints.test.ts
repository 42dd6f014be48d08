import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { executionHints, type HintFacts } from '../../nodes/shared/executionHints';
import { jsonOf, locator, startBench, type AppsScriptBench } from './appsScriptBench';
import type { EngineResult } from './harness';

const numbers = (count: number): IDataObject[] => Array.from({ length: count }, (_, n) => ({ n }));
const json = (text: string) => ({ parametersFrom: 'json', parametersJson: text });
const textsOf = ({ hints }: Pick<EngineResult, 'hints'>) => hints.map(({ message }) => message);

describe('Execution hints', () => {
	describe('In Order or Automatic', () => {
		const facts = (more: Partial<HintFacts>): HintFacts => ({
			sent: 60,
			elapsedMs: 60_000,
			runTimeMs: 60_000,
			leftAlone: 0,
			fileBytes: 0,
			throttled: 0,
			concurrency: { mode: 'inOrder' },
			ceiling: 30,
			batches: false,
			answerBytes: 1_000,
			...more,
		});

		it.each<[Partial<HintFacts>, string]>([
			// 1 alone, then 8, 24, 27 at the same time.
			[{}, '60 runs, one after the other, took 60 s. With Concurrency set to Automatic (under Options) they would have taken about 4 s, by an estimate'],
			[{ sent: 10, elapsedMs: 10_000, runTimeMs: 10_000 }, 'took 10 s. With Concurrency set to Automatic (under Options) they would have taken about 3 s'],
			// What the runs did not take, Automatic does not save.
			[{ elapsedMs: 70_000 }, 'about 14 s'],
			[{ ceiling: 4 }, 'about 16 s'],
			[{ sent: 3_000, elapsedMs: 7_200_000, runTimeMs: 7_200_000 }, 'took 2 h. With Concurrency set to Automatic (under Options) they would have taken about 4 min'],
		])('says what it would have been with %j', (given, text) => {
			expect(executionHints(facts(given)).map(({ message }) => message)).toEqual([expect.stringContaining(text)]);
		});

		it.each<[string, Partial<HintFacts>]>([
			['few runs', { sent: 9 }],
			['a short time', { elapsedMs: 9_999, runTimeMs: 9_999 }],
			['Automatic already', { concurrency: { mode: 'automatic', ceiling: 30 } }],
			['a number of its own', { concurrency: { mode: 'fixed', maximum: 2 } }],
			['batches', { batches: true }],
			['a service that was too busy for one at a time', { throttled: 1 }],
			['little to gain', { elapsedMs: 200_000 }],
			['no room for more than one', { ceiling: 1 }],
		])('says nothing with %s', (_what, given) => {
			expect(executionHints(facts(given))).toEqual([]);
		});

		it('reaches the node of a real run: a clock that runs fast stands for scripts that take long', async () => {
			const bench = await startBench();
			await bench.run('slow', [{}], json('[1]'));
			const { now } = Date;
			const start = now();
			// The node's own clock and the emulator's go 200 times as fast.
			Date.now = () => start + (now() - start) * 200;
			try {
				const [slow, quick] = [await bench.run('slow', numbers(12), json('[20]')), await bench.run('slow', numbers(12), { ...json('[20]'), options: { concurrency: 'automatic' } })];
				expect(slow.hints).toEqual([{ message: expect.stringMatching(/^12 runs, one after the other, took \d+ (s|min)\. .*about \d+ (s|min), by an estimate/) as unknown, type: 'info', location: 'outputPane' }]);
				expect(quick.hints).toEqual([]);
			} finally {
				Date.now = now;
				await bench.stop();
			}
		});
	});

	describe('of Apps Script Run, through n8n-core', () => {
		let bench: AppsScriptBench;
		beforeEach(async () => {
			bench = await startBench();
		});
		afterEach(() => bench.stop());

		it('none where there is nothing to say', async () => {
			expect((await bench.run('give', numbers(3), json('[1]'))).hints).toEqual([]);
		});

		it('results of a size that slows the editor, and not below', async () => {
			const text = `={{ ["x".repeat(${1024 * 1024})] }}`;
			expect(textsOf(await bench.run('give', numbers(5), json(text)))).toEqual([expect.stringMatching(/^The answers hold 5 MB in all\..*Loop Over Items/)]);
			expect(textsOf(await bench.run('give', numbers(3), json(text)))).toEqual([]);
		});

		const deployed = async (options: Parameters<AppsScriptBench['emulator']['appsScript']['addProject']>[0], parameters: INodeParameters = {}): Promise<EngineResult> => {
			const project = bench.emulator.appsScript.addProject({ files: [{ name: 'Code', type: 'SERVER_JS', source: 'function f() { return 1; }' }], ...options });
			return await bench.run('f', numbers(2), { script: locator('list', project.scriptId), deployment: locator('list', 'auto'), ...parameters });
		};
		const versions = [{}, {}, {}];

		it('an API executable that is older than another deployment', async () => {
			const result = await deployed({ versions, deployments: [{}, { versionNumber: 2 }, { versionNumber: 1 }, { versionNumber: 3, entryPoints: ['WEB_APP'] }] });
			expect(jsonOf(result.outputs)[0]).toEqual([{ result: 1 }, { result: 1 }]);
			expect(result.hints).toEqual([{ message: expect.stringMatching(/^Version 2 of the script was run.*Version 3 is deployed too/) as unknown, type: 'warning', location: 'outputPane' }]);
		});

		it('none for the newest, and none where the list is not read', async () => {
			expect((await deployed({ versions, deployments: [{}, { versionNumber: 3 }, { versionNumber: 1, entryPoints: ['WEB_APP'] }] })).hints).toEqual([]);
			const own = { versions, deployments: [{ id: 'AKfycbOld', versionNumber: 1 }, { versionNumber: 3 }] };
			expect((await deployed(own, { deployment: locator('id', 'AKfycbOld') })).hints).toEqual([]);
		});

		describe('Retry On Fail', () => {
			const retry = { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 };

			it('says what it left alone, and how to have it run again', async () => {
				const result = await bench.run('choosy', [{ n: 1 }, { n: 2 }, { n: 3 }], json('={{ [$json.n] }}'), { ...retry, onError: 'continueRegularOutput' });
				expect(result.tries).toHaveLength(2);
				expect(bench.emulator.journal.executions).toHaveLength(3);
				expect(textsOf(result)).toEqual([expect.stringMatching(/^Retry On Fail did not run 2 failed items again.*Safe to Repeat/)]);
			});

			it('says so in the error where the node stops', async () => {
				const result = await bench.run('choosy', [{ n: 1 }], json('={{ [$json.n] }}'), retry);
				expect(result.status).toBe('error');
				expect(bench.emulator.journal.executions).toHaveLength(1);
				expect(result.error?.description).toMatch(/Retry On Fail did not run it again, because it may have run/);
			});

			it('runs it again, and says nothing, where that is safe', async () => {
				const result = await bench.run('choosy', [{ n: 1 }], { ...json('={{ [$json.n] }}'), options: { safeToRepeat: true } }, { ...retry, onError: 'continueRegularOutput' });
				expect(bench.emulator.journal.executions).toHaveLength(2);
				expect(result.hints).toEqual([]);
			});
		});

		it('none for a tool', async () => {
			const text = `={{ ["x".repeat(${5 * 1024 * 1024})] }}`;
			const parameters = { deployment: locator('id', bench.deploymentId), function: locator('name', 'give'), ...json(text) };
			const node = { type: 'appsScriptRun', credentials: { googleAppsScriptOAuth2Api: 'google' }, parameters };
			for (const caller of ['agent', 'engine'] as const) {
				const result = await bench.engine.runAsTool({ node, caller });
				expect(result.answers[0]?.failed).toBe(false);
				expect(Object.values(result.nodes).flatMap(({ hints }) => hints)).toEqual([]);
			}
		});
	});
});
