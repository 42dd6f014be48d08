import { jsonOf, startBench, type SyncanoBench } from './syncanoBench';

/**
 * Public links belong to others, and any script can print what it likes. A text whose reading takes minutes would hold all of n8n for as long; a test here
 * that ends within jest's own time has read it quickly.
 */
describe('text that is slow to read', () => {
	let bench: SyncanoBench;
	beforeAll(async () => {
		bench = await startBench();
	});
	afterAll(() => bench.stop());

	test.each<[string, string]>([
		['many headings that are never closed', `${'<h1'.repeat(333)}>${' '.repeat(1_000)}`],
		['a heading of nothing but space', `<h1>${' '.repeat(1_990)}`],
	])('a page with %s is the reply of the script', async (_what, content) => {
		const items = Array.from({ length: 20 }, () => ({ status: 404, type: 'text/html', content }));
		const result = await bench.endpoint('answer', items);
		expect(jsonOf(result.outputs)[0]).toEqual(items.map(() => ({ result: expect.objectContaining({ status: 404, content }) as unknown })));
	});

	test.each<[string, string]>([
		['Node.js', `TypeError: mine\n    at ${' (/'.repeat(33_000)}`],
		['Python', `Traceback (most recent call last):\n  File "${'/main.py", line 1, in '.repeat(4_500)}\u2028\nTypeError: mine`],
	])('an error with a line that begins like many frames of %s', async (_what, stderr) => {
		const trace = bench.emulator.syncano.instance('mine').traces.scripts.add('scripts/1', { status: 'failure', executedAt: 0, duration: 1, result: { stdout: '', stderr } });
		const items = Array.from({ length: 100 }, () => ({}));
		const result = await bench.run({ resource: 'trace', operation: 'get', scriptId: '1', traceId: String(trace.id), routing: 'byOutcome' }, items);
		expect(jsonOf(result.outputs)[1]).toHaveLength(100);
		expect(jsonOf(result.outputs)[1]?.[0]).toMatchObject({ error: { message: 'TypeError: mine', type: 'TypeError' } });
	});
});
