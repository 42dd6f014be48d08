import { toJsonValue } from '../../nodes/shared/json';

/** Arrays within arrays. */
function nested(levels: number): unknown[] {
	let value: unknown[] = [];
	for (let level = 1; level < levels; level += 1) value = [value];
	return value;
}

describe('values that JSON cannot carry are refused with where they are', () => {
	test('what contains itself', () => {
		const order: Record<string, unknown> = { lines: [{}] };
		(order.lines as unknown[])[1] = order;
		expect(() => toJsonValue({ order })).toThrow(/order\.lines\[1\].*contains it/);
	});

	test('the same object twice is no cycle', () => {
		const address = { city: 'Turin' };
		expect(toJsonValue({ from: address, to: address })).toEqual({ from: { city: 'Turin' }, to: { city: 'Turin' } });
	});

	test.each([5_000, 100_000])('%i levels', (levels) => {
		expect(() => toJsonValue(nested(levels))).toThrow(/nested more than \d+ levels deep/);
	});
});
