import type { IDataObject } from 'n8n-workflow';

import { startBench, type AppsScriptBench } from './appsScriptBench';

describe('a service that is out of reach', () => {
	let bench: AppsScriptBench;
	afterEach(() => bench.stop());

	const attemptsOf = async (count: number): Promise<unknown[]> => {
		const result = await bench.run(
			'give',
			Array.from({ length: count }, (_, n) => ({ n })),
			{ parametersFrom: 'json', parametersJson: '={{ [$json.n] }}', routing: 'byOutcome', output: 'record', options: { maxRetries: 2 } },
		);
		expect(result.outputs[3]?.map(({ json }) => (json.error as IDataObject).reason)).toEqual(Array.from({ length: count }, () => 'noConnection'));
		return (result.outputs[3] ?? []).map(({ json }) => (json.run as IDataObject).attempts);
	};

	it('is tried again for the first item, and once for each of the others', async () => {
		bench = await startBench(undefined, { apiBaseUrl: 'http://127.0.0.1:1' });
		expect(await attemptsOf(4)).toEqual([3, 1, 1, 1]);
	});

	it('the same for the token address', async () => {
		bench = await startBench();
		bench.emulator.google.revokeAllAccessTokens();
		bench.emulator.faults.add({ fault: 'http503', urlIncludes: '/token' });
		expect(await attemptsOf(4)).toEqual([3, 1, 1, 1]);
	});

	it('and retried again after one has got through', async () => {
		bench = await startBench();
		bench.emulator.google.revokeAllAccessTokens();
		// The first item's three tries, the second's only one; the third gets through.
		bench.emulator.faults.add({ fault: 'http503', urlIncludes: '/token', times: 4 });
		const result = await bench.run('give', [{ n: 0 }, { n: 1 }, { n: 2 }, { n: 3 }], { parametersFrom: 'json', parametersJson: '={{ [$json.n] }}', routing: 'byOutcome', options: { maxRetries: 2 } });
		expect(result.outputs.map((items) => items.length)).toEqual([2, 0, 0, 2]);
	});
});
