import type { IDataObject } from 'n8n-workflow';

import * as appsScript from './appsScriptBench';
import * as syncano from './syncanoBench';

// n8n reads them when the first request is sent.
process.env.N8N_SSRF_PROTECTION_ENABLED = 'true';
process.env.N8N_SSRF_ALLOWED_HOSTNAMES = 'localhost';

const errorsOf = (items: IDataObject[] | undefined) => (items ?? []).map(({ error }) => error as IDataObject);
const RESTRICTED = {
	reason: 'noConnection',
	mayHaveRun: false,
	message: 'n8n does not let requests go to this address: 127.0.0.1',
	hint: expect.stringMatching(/N8N_SSRF_ALLOWED_HOSTNAMES.*Nothing was sent/) as unknown,
};

describe('where n8n protects its own network', () => {
	describe('Syncano', () => {
		let bench: syncano.SyncanoBench;
		beforeAll(async () => {
			bench = await syncano.startBench();
		});
		beforeEach(() => bench.emulator.journal.clear());
		afterAll(() => bench.stop());

		it('a public link that is not let through says so, once, and the other items are tried', async () => {
			const link = bench.publicLink('echo');
			const items = [link, link.replace('127.0.0.1', 'localhost'), link].map((publicUrl, n) => ({ n, publicUrl }));
			const result = await bench.run({ resource: 'scriptEndpoint', operation: 'runPublic', publicUrl: '={{ $json.publicUrl }}', payloadFrom: 'none', routing: 'byOutcome' }, items);
			expect(syncano.pairsOf(result.outputs)).toEqual([[1], [], [], [0, 2]]);
			for (const item of result.outputs[3] ?? []) {
				expect(item.json.error).toMatchObject(RESTRICTED);
				expect(item.json.run).toMatchObject({ attempts: 1 });
			}
			expect(bench.sent()).toHaveLength(1);
		});

		it('a server that is not let through: each item says so', async () => {
			const result = await bench.script('echo', [{ n: 0 }, { n: 1 }], { routing: 'byOutcome' });
			expect(errorsOf(syncano.jsonOf(result.outputs)[3])).toEqual(Array.from({ length: 2 }, () => expect.objectContaining(RESTRICTED) as unknown));
			expect(bench.sent()).toEqual([]);
		});

		it('a name that nobody knows is tried again like any other', async () => {
			const link = bench.publicLink('echo').replace('127.0.0.1', `${'x'.repeat(64)}.invalid`);
			const result = await bench.run({ resource: 'scriptEndpoint', operation: 'runPublic', publicUrl: link, payloadFrom: 'none', routing: 'byOutcome', options: { maxRetries: 1 } });
			expect(result.outputs[3]?.[0]?.json).toMatchObject({ error: { reason: 'noConnection', message: expect.stringMatching(/^Syncano could not be reached \(E[A-Z_]+\)$/) as unknown }, run: { attempts: 2 } });
		});
	});

	describe('Apps Script', () => {
		const give = (bench: appsScript.AppsScriptBench, count: number) =>
			bench.run('give', Array.from({ length: count }, (_, n) => ({ n })), { parametersFrom: 'json', parametersJson: '={{ [$json.n] }}', routing: 'byOutcome' });
		let bench: appsScript.AppsScriptBench;
		afterEach(() => bench.stop());

		it('an API that is not let through: each item says so', async () => {
			bench = await appsScript.startBench();
			const result = await give(bench, 2);
			expect(errorsOf(appsScript.jsonOf(result.outputs)[3])).toEqual(Array.from({ length: 2 }, () => expect.objectContaining(RESTRICTED) as unknown));
			expect(bench.emulator.journal.requests).toEqual([]);
		});

		it('what is let through runs', async () => {
			bench = await appsScript.startBench();
			bench.engine.saveCredential('google', { name: 'Google', type: 'googleAppsScriptOAuth2Api', data: { ...bench.credential, apiBaseUrl: bench.emulator.address.replace('127.0.0.1', 'localhost') } });
			expect(appsScript.jsonOf((await give(bench, 2)).outputs)[0]).toEqual([{ result: 0 }, { result: 1 }]);
		});
	});
});
