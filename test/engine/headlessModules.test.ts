import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { startEmulator } from '../../emulator';
import { repository } from './harness';
import { refreshTokenData, serviceAccountData } from './headlessBench';

// In a process of its own, where google-auth-library sends as it does in n8n.
it.each([
	['a refresh token', refreshTokenData],
	['a service account', serviceAccountData],
])('google-auth-library is not in the process until the first sign-in, with %s', async (_how, dataOf) => {
	const emulator = await startEmulator();
	try {
		const program = join(repository, 'test', 'engine', 'headlessModules.cjs');
		const { stdout } = await promisify(execFile)(process.execPath, [program, repository, JSON.stringify(dataOf(emulator)), emulator.address]);
		const { before, after, authorization } = JSON.parse(stdout) as { before: number; after: number; authorization: string };
		expect(before).toBe(0);
		expect(after).toBeGreaterThan(0);
		expect(emulator.google.findToken(authorization.slice('Bearer '.length))?.owner).toMatchObject({ kind: 'user', user: { email: 'owner@example.com' } });
	} finally {
		await emulator.stop();
	}
});
