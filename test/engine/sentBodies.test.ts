import type { INodeParameters } from 'n8n-workflow';

import * as appsScript from './appsScriptBench';
import * as syncano from './syncanoBench';

/** Keys that libraries leave out for fear of prototype pollution, at two depths and in an array; a lone surrogate; nothing that JSON would change. */
const TEXT = '{"driver":"A","constructor":"Ferrari","__proto__":{"no":1},"car":{"prototype":true,"__proto__":"x","no":7,"list":[{"constructor":null}]},"half":"\\ud83d","empty":{}}';
const json: INodeParameters = { payloadFrom: 'json', payloadJson: TEXT };

/** The text of a key's value, which a parser would not give back as it was sent. */
const after = (key: string, body: string | undefined): string => (body ?? '').slice((body ?? '').indexOf(`"${key}":`) + key.length + 3);

describe('Syncano: the payload arrives as it is', () => {
	let bench: syncano.SyncanoBench;
	beforeAll(async () => {
		bench = await syncano.startBench();
	});
	beforeEach(() => bench.emulator.journal.clear());
	afterAll(() => bench.stop());
	const starts = () => bench.sent().filter(({ method }) => method === 'POST');

	it('of a script', async () => {
		const result = await bench.script('echo', [{}], json);
		expect(after('payload', starts()[0]?.body)).toBe(`${TEXT}}`);
		expect(starts()[0]?.headers['content-type']).toBe('application/json');
		expect(JSON.stringify((result.outputs[0]?.[0]?.json.result as { stdout: unknown }).stdout)).toBe(TEXT);
	});

	it('of an endpoint and of a public link', async () => {
		await bench.endpoint('echo', [{}], json);
		await bench.run({ resource: 'scriptEndpoint', operation: 'runPublic', publicUrl: bench.publicLink('echo'), ...json });
		expect(starts().map(({ body, headers }) => [body, headers['content-type']])).toEqual([
			[TEXT, 'application/json'],
			[TEXT, 'application/json'],
		]);
	});

	it('a key that is called constructor and holds nothing', async () => {
		const result = await bench.endpoint('echo', [{}], { payloadFrom: 'json', payloadJson: '{"constructor":null}' });
		expect(starts().map(({ body }) => body)).toEqual(['{"constructor":null}']);
		expect(result.status).toBe('success');
	});

	it('where there is none, nothing is sent', async () => {
		await bench.script('echo', [{}], { payloadFrom: 'none' });
		await bench.endpoint('echo', [{}], { payloadFrom: 'json', payloadJson: '{}' });
		await bench.endpoint('echo', [{}], { payloadFrom: 'json', payloadJson: '[]' });
		expect(starts().map(({ body, headers }) => [body, headers['content-length']])).toEqual(Array.from({ length: 3 }, () => ['', '0']));
	});
});

describe('Apps Script: the parameters arrive as they are', () => {
	let bench: appsScript.AppsScriptBench;
	beforeAll(async () => {
		bench = await appsScript.startBench();
	});
	beforeEach(() => bench.emulator.journal.clear());
	afterAll(() => bench.stop());
	const bodies = () => bench.emulator.journal.requests.filter(({ url }) => url.includes(':run')).map(({ body }) => body);

	it('an object', async () => {
		const result = await bench.run('give', [{}], { parametersFrom: 'json', parametersJson: TEXT });
		expect(bodies()).toEqual([`{"function":"give","parameters":[${TEXT}]}`]);
		expect(result.status).toBe('success');
	});

	it('also when the token had to be refreshed in between', async () => {
		bench.emulator.google.revokeAllAccessTokens();
		await bench.run('give', [{}], { parametersFrom: 'json', parametersJson: TEXT });
		expect(bodies()).toEqual(Array.from({ length: 2 }, () => `{"function":"give","parameters":[${TEXT}]}`));
	});
});
