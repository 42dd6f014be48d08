import type { INodeExecutionData } from 'n8n-workflow';

/** What differs from run to run, wherever it stands: keys of a run's record, and what must hold of their values. */
const VOLATILE: Readonly<Record<string, (value: unknown) => boolean>> = {
	startedAt: (value) => typeof value === 'string' && new Date(value).toISOString() === value,
	durationMs: (value) => typeof value === 'number' && value >= 0,
	traceId: (value) => typeof value === 'number' && Number.isInteger(value),
};

function masked(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(masked);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).map(([key, inner]) => {
			const isPlausible = VOLATILE[key];
			return [key, isPlausible?.(inner) === true ? `<${key}>` : masked(inner)];
		}),
	);
}

/**
 * A node's outputs in a form that two runs can be compared by: json, binary data and pairing of every item; times, durations and trace
 * numbers replaced by their names. What n8n adds to an item for its own use is left out.
 */
export function comparable(outputs: ReadonlyArray<readonly INodeExecutionData[]>): unknown {
	return outputs.map((items) =>
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
