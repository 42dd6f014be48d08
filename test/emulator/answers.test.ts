import { request } from 'node:http';
import { emulatorOfThisFile, projectOf, run } from './support';

const emulator = emulatorOfThisFile();
const RETURNED = { '@type': 'type.googleapis.com/google.apps.script.v1.ExecutionResponse', result: { a: { x: 1, y: 2 }, b: [{ x: 3, z: 4 }] } };

describe('partial responses', () => {
	test.each([
		['done', { done: true }],
		['done,response', { done: true, response: RETURNED }],
		['done,error,response(result)', { done: true, response: { result: RETURNED.result } }],
		['response/result', { response: { result: RETURNED.result } }],
		['response.result', { response: { result: RETURNED.result } }],
		['response/result(a/x,b(z))', { response: { result: { a: { x: 1 }, b: [{ z: 4 }] } } }],
		['response/result/a/x,response/result/a/y', { response: { result: { a: { x: 1, y: 2 } } } }],
		['error', {}],
		['*', { done: true, response: RETURNED }],
	])('fields=%s', async (fields, expected) => {
		const project = projectOf(emulator(), `function main() { return ${JSON.stringify(RETURNED.result)}; }`);
		const { body } = await run(emulator(), project, { query: `fields=${encodeURIComponent(fields)}` });
		expect(body).toEqual(expected);
	});
});

describe('transport', () => {
	test('prettyPrint', async () => {
		const project = projectOf(emulator(), 'function main() { return 1; }');
		expect((await run(emulator(), project)).text).toMatch(/^{\n {2}"done": true,\n/);
		expect((await run(emulator(), project, { query: 'prettyPrint=false' })).text).toMatch(/^{"done":true,.*}\n$/);
	});

	test('long answers are compressed for clients that take gzip, and only for them', async () => {
		const project = projectOf(emulator(), 'function main(n) { return "x".repeat(n); }');
		const encodingOf = (accept: string, length: number): Promise<string | undefined> =>
			new Promise((resolve, reject) => {
				const sent = request(
					`${emulator().address}/v1/scripts/${project.deploymentId}:run`,
					{ method: 'POST', headers: { authorization: `Bearer ${emulator().google.issueToken()}`, 'accept-encoding': accept } },
					(response) => {
						response.resume().once('end', () => {
							resolve(response.headers['content-encoding']);
						});
					},
				);
				sent.once('error', reject);
				sent.end(JSON.stringify({ function: 'main', parameters: [length] }));
			});
		expect(await encodingOf('gzip, deflate', 5000)).toBe('gzip');
		expect(await encodingOf('identity', 5000)).toBeUndefined();
		expect(await encodingOf('gzip', 5)).toBeUndefined();
	});

	test('the journal has what was sent', async () => {
		const project = projectOf(emulator(), 'function main() {}');
		await run(emulator(), project, { query: 'quotaUser=me&$.xgafv=2' });
		expect(emulator().journal.requests).toMatchObject([
			{ method: 'POST', url: `/v1/scripts/${project.deploymentId}:run?quotaUser=me&$.xgafv=2`, body: '{"function":"main"}', status: 200 },
		]);
	});
});

describe('pages for people', () => {
	const page = (name: string) => `${emulator().address}/__emulator__/${name}`;

	test('faults are switched on and off over HTTP', async () => {
		const project = projectOf(emulator(), 'function main() {}');
		const post = (rule: unknown) => fetch(page('faults'), { method: 'POST', body: JSON.stringify(rule) });
		expect((await post({ fault: 'http503', times: 1, service: 'appsScript' })).status).toBe(200);
		expect((await run(emulator(), project)).status).toBe(503);
		expect((await run(emulator(), project)).status).toBe(200);
		expect((await post({ fault: 'noSuchFault' })).status).toBe(400);
		expect((await post({ fault: 'http503', unknown: 1 })).status).toBe(400);
		await post({ fault: 'http503' });
		await fetch(page('faults'), { method: 'DELETE' });
		expect(emulator().faults.list()).toEqual([]);
	});

	test('the journal and the help', async () => {
		await run(emulator(), projectOf(emulator(), 'function main() {}'));
		const journal = (await (await fetch(page('journal'))).json()) as { requests: unknown[]; executions: unknown[] };
		expect([journal.requests.length, journal.executions.length]).toEqual([1, 1]);
		const help = await (await fetch(page(''))).text();
		for (const name of Object.keys(emulator().faults.catalogue)) expect(help).toContain(name);
		expect(emulator().journal.requests).toHaveLength(1);
	});
});
