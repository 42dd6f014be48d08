import type { OtherVersion } from '../install';

/** Two dependencies are not on the registry in the version that n8n asks for, but these are, and take their place. */
const overrides = { linkedom: '0.18.12', xlsx: '0.18.5' };

/**
 * The older versions of n8n that the package is tried on: the last release of each line that is on the registry, on the oldest Node that they run on.
 * n8n 2.40 is that of `../app`.
 */
export const OLDER_VERSIONS: readonly OtherVersion[] = [
	// 1.123 also has isolated-vm, for an expression engine that nobody has who does not choose it; it asks for Node 22.
	{ n8n: '1.123.81', node: '20.20.2', overrides, native: ['sqlite3'] },
	{ n8n: '2.0.3', node: '20.20.2', overrides, native: ['sqlite3'] },
	{ n8n: '2.8.4', node: '20.20.2', overrides, native: ['sqlite3'] },
];
