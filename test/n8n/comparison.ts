import type { INodeExecutionData } from 'n8n-workflow';

/** A time as JavaScript and as HTTP's headers write it. */
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z|\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT)$/;

/** What differs from run to run besides times: keys of a run's record, and what must hold of their values. */
const VOLATILE: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
	['durationMs', (value: unknown) => typeof value === 'number' && value >= 0],
	['traceId', (value: unknown) => typeof value === 'number' && Number.isInteger(value)],
]);

function masked(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(masked);
	if (typeof value === 'string' && TIME.test(value)) return '<time>';
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).map(([key, inner]) => {
			return [key, VOLATILE.get(key)?.(inner) === true ? `<${key}>` : masked(inner)];
		}),
	);
}

/**
 * A node's outputs in a form that two runs can be compared by: json, binary data and pairing of every item; times, durations and trace
 * numbers replaced by their names. What n8n adds to an item for its own use is left out.
 * @param length how many outputs there are at least; n8n keeps none of a node that failed
 */
export function comparable(outputs: ReadonlyArray<readonly INodeExecutionData[]>, length = 0): unknown {
	const all = [...outputs, ...Array.from({ length: Math.max(0, length - outputs.length) }, () => [])];
	return all.map((items) =>
		items.map(({ json, binary, pairedItem }) => ({
			json: masked(json),
			pairedItem,
			binary:
				binary === undefined
					? undefined
					: Object.entries(binary).map(([name, { fileName, mimeType, fileSize }]) => ({ name, fileName, mimeType, fileSize })),
		})),
	);
}
