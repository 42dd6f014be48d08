import { addSamples, ORDER_SHEET_SCOPES, type Samples } from '../../emulator/samples';
import { emulatorOfThisFile, errorOf, resultOf } from './support';

const emulator = emulatorOfThisFile();
let samples: Samples;
beforeAll(() => {
	samples = addSamples(emulator());
});

const settings = (name: string, ...parameters: unknown[]) => ({ function: name, parameters, token: emulator().google.issueToken({ scopes: ORDER_SHEET_SCOPES }) });
const result = (name: string, ...parameters: unknown[]) => resultOf(emulator(), samples.orderSheet.project, settings(name, ...parameters));
const failure = (name: string, ...parameters: unknown[]) => errorOf(emulator(), samples.orderSheet.project, settings(name, ...parameters));

test('the order sheet takes orders one by one and in batches, lists and sums them up', async () => {
	expect(await result('addRow', { customer: 'Ada', product: 'Tea', quantity: 3, price: 2.1 })).toEqual({ row: 2, total: 6.3 });
	expect(await result('addRows', [{ customer: 'Bob', product: 'Cake', quantity: 1, price: 4 }, { product: 'Cake' }, { customer: 'Ada', product: 'Tea', quantity: 0 }])).toEqual([
		{ row: 3, total: 4 },
		{ error: 'The order has no customer' },
		{ error: 'The quantity must be more than 0, not 0' },
	]);
	expect(await result('listRows', 'Bob')).toEqual([
		{ date: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/) as unknown, customer: 'Bob', product: 'Cake', quantity: 1, price: 4, total: 4 },
	]);
	expect(await result('summarize')).toEqual({ orders: 2, turnover: 10.3, byCustomer: { Ada: 6.3, Bob: 4 } });
	expect(await result('slowReport', 0.01)).toMatchObject({ orders: 2 });
	expect(await result('importFile', { fileName: 'a.csv', mimeType: 'text/csv', base64: Buffer.from('a\nb\n').toString('base64') })).toEqual({ name: 'a.csv', bytes: 4, lines: 2 });
	expect(await result('confirmOrder', 'ada@example.com', 2)).toBeUndefined();
});

test('the order sheet fails in the ways in which scripts fail', async () => {
	expect(await failure('addRow', { product: 'Tea' })).toMatchObject({
		errorMessage: 'Error: The order has no customer',
		scriptStackTraceElements: [{ function: 'checkOrder_' }, { function: 'addRow' }],
	});
	expect((await failure('addRow', { customer: 'Ada', product: 'Tea', quantity: 'many' })).errorMessage).toBe('RangeError: The quantity must be more than 0, not many');
	expect((await failure('customerOf')).errorMessage).toMatch(/^TypeError: /);
	expect((await failure('lastOrderDate')).errorMessage).toMatch(/not a supported return type/);
	expect((await failure('askForName')).errorMessage).toMatch(/^Script has attempted to perform an action that is not allowed/);
	expect((await failure('addrow')).errorMessage).toBe('Script function not found: addrow');
});
