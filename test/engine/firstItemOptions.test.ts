import type { IDataObject } from 'n8n-workflow';

import { jsonOf, pairsOf, startBench, type AppsScriptBench } from './appsScriptBench';

let bench: AppsScriptBench;
beforeAll(async () => {
	bench = await startBench();
});
beforeEach(() => bench.emulator.journal.clear());
afterAll(() => bench.stop());

const items = [{ n: 0, since: 'long ago' }, { n: 1, since: '2026-01-02' }, { n: 2, since: '2026-01-03' }];
/** An expression that fails for the first item. */
const FAILING = '={{ $json.since.toDateTime().toISODate() }}';
const give = (options: IDataObject) =>
	bench.run('give', items, { parametersFrom: 'json', parametersJson: '={{ [$json.n] }}', routing: 'byOutcome', options: options as never });
const errorsOf = (list: IDataObject[] | undefined) => (list ?? []).map(({ error }) => error as IDataObject);

describe('a mistake in the options of the first item', () => {
	it('is its own where each item has the option for itself', async () => {
		const result = await give({ quotaUser: FAILING, concurrency: 'fixed', maxConcurrency: 2 });
		expect(pairsOf(result.outputs)).toEqual([[1, 2], [], [], [0]]);
		expect(errorsOf(jsonOf(result.outputs)[3])).toEqual([expect.objectContaining({ reason: 'invalidInput', message: expect.stringMatching(/^"Options" could not be read: /) as unknown })]);
		expect(bench.emulator.journal.requests.map(({ url }) => new URL(url, 'http://x').searchParams.get('quotaUser')).sort()).toEqual(['2026-01-02', '2026-01-03']);
	});

	it.each([
		['concurrency', 'Concurrency'],
		['maxConcurrency', 'Max Concurrency'],
		['maxRetries', 'Max Retries'],
	])('is that of all where the option holds for all: %s', async (name, label) => {
		const result = await give({ [name]: FAILING });
		expect(pairsOf(result.outputs)).toEqual([[], [], [], [0, 1, 2]]);
		for (const error of errorsOf(jsonOf(result.outputs)[3])) {
			expect(error).toMatchObject({ reason: 'invalidInput', hint: 'This field holds for all items, and is read with the first one. Check its expression for that item.' });
			expect(error.message).toMatch(new RegExp(`^"${label}" could not be read: `));
		}
		expect(bench.emulator.journal.requests).toEqual([]);
	});
});

test('what holds for all may come from the first item', async () => {
	const result = await give({ concurrency: '={{ $json.n === 0 ? "fixed" : "inOrder" }}', maxConcurrency: '={{ $json.n + 2 }}', maxRetries: '={{ $json.n }}' });
	expect(pairsOf(result.outputs)).toEqual([[0, 1, 2], [], [], []]);

	bench.emulator.faults.add({ fault: 'execQps', urlIncludes: ':run', times: 1 });
	const refused = await give({ maxRetries: '={{ $json.n }}' });
	expect(pairsOf(refused.outputs)).toEqual([[1, 2], [], [], [0]]);
});
