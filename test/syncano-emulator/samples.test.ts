import { addSyncanoSamples, type SyncanoSamples } from '../../emulator/samples/syncano';
import { type Running, record, start } from './harness';

let running: Running;
let samples: SyncanoSamples;

beforeAll(async () => {
	running = await start();
	samples = addSyncanoSamples(running.syncano);
});
afterAll(() => running.stop());

const printed = (trace: unknown): unknown => JSON.parse(String(record(record(trace).result).stdout));
const endpoint = (name: string, query = '') => `/v1.1/instances/${samples.instance}/endpoints/scripts/${name}/run/${query}`;

it('scripts', async () => {
	const items = [
		{ name: 'Sencha', price: 8.5, quantity: 2 },
		{ name: 'Cup', price: 12.25, quantity: 1 },
	];
	const [totals, slug, good, missing, negative, slow] = await Promise.all([
		running.run(samples.instance, samples.scripts.orderTotals, { items }),
		running.run(samples.instance, samples.scripts.slug, { text: 'Grüner Tee & Co.' }),
		running.run(samples.instance, samples.scripts.checkOrder, { id: 7, quantity: 3 }),
		running.run(samples.instance, samples.scripts.checkOrder, { id: 7 }),
		running.run(samples.instance, samples.scripts.checkOrder, { id: 7, quantity: -1 }),
		running.run(samples.instance, samples.scripts.slowReport, { seconds: 0.2 }),
	]);
	expect(printed(totals)).toEqual({ lines: 2, total: 29.25, currency: 'EUR' });
	expect(printed(slug)).toEqual({ slug: 'gruner-tee-co' });
	expect(printed(good)).toEqual({ id: 7, ok: true });
	expect(missing).toMatchObject({ status: 'failure', result: { stderr: 'quantity is missing or no number' } });
	expect(negative).toMatchObject({ status: 'failure', result: { stderr: expect.stringContaining('ValueError: quantity must be positive, got -1') as string } });
	expect(slow).toMatchObject({ status: 'success', result: { stdout: 'working\n{"rows":42,"seconds":0.2}' } });
});

it('endpoints', async () => {
	const totals = await running.call(endpoint(samples.endpoints.orderTotals), { body: { items: [] } });
	expect(printed(totals.json)).toEqual({ lines: 0, total: 0, currency: 'EUR' });

	const order = await running.call(endpoint(samples.endpoints.orderJson), { body: { customer: 'Ada' } });
	expect([order.status, order.json, order.headers.get('x-order-source')]).toEqual([201, { accepted: true, customer: 'Ada' }, 'order-json']);
	const refused = await running.call(endpoint(samples.endpoints.orderJson), { body: {} });
	expect([refused.status, refused.json]).toEqual([422, { accepted: false, missing: ['customer'] }]);

	const receipt = await running.call(endpoint(samples.endpoints.orderReceipt, '?customer=Ada'));
	expect([receipt.status, receipt.headers.get('content-type')]).toEqual([200, 'application/pdf']);
	// A reader of PDF goes from the last line to the table, and from there to each object.
	const table = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(receipt.text)?.[1]);
	const offsets = [...receipt.text.slice(table).matchAll(/^(\d{10}) 00000 n $/gm)].map((match) => Number(match[1]));
	expect(offsets.map((offset, index) => receipt.text.startsWith(`${index + 1} 0 obj`, offset))).toEqual([true, true, true, true, true]);
	expect(receipt.text).toContain('(Receipt for Ada)');
});

it('the public link, which is always the same', async () => {
	const answer = await running.call(samples.publicPaths.slugPublic, { key: null, body: { text: 'Earl Grey' } });
	expect(printed(answer.json)).toEqual({ slug: 'earl-grey' });
	const again = await start();
	expect(addSyncanoSamples(again.syncano)).toEqual(samples);
	await again.stop();
});
