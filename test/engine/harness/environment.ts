/**
 * What n8n-core reads from the environment when it is first required. This module must be imported before n8n-core,
 * in the harness and nowhere else: without it n8n-core writes a random encryption key into the user's own ~/.n8n.
 */
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The repository's root. */
export const repository = resolve(__dirname, '..', '..', '..');

const encryptionKey = 'in-process-engine-of-the-tests';
const userFolder = join(repository, '.cache', 'engine');
const settingsFile = join(userFolder, '.n8n', 'config');

// Several test processes start at once. The file is put in place complete, so that none reads another's half-written one.
if (!existsSync(settingsFile)) {
	mkdirSync(join(userFolder, '.n8n'), { recursive: true });
	const draft = `${settingsFile}.${process.pid}`;
	writeFileSync(draft, JSON.stringify({ encryptionKey }), { mode: 0o600 });
	renameSync(draft, settingsFile);
}

process.env.N8N_USER_FOLDER = userFolder;
process.env.N8N_ENCRYPTION_KEY = encryptionKey;
process.env.N8N_ENFORCE_SETTINGS_FILE_PERMISSIONS = 'false';
process.env.N8N_LOG_LEVEL = 'error';

// n8n's helpers and google-auth-library take a proxy from the environment for loopback addresses too.
for (const name of ['NO_PROXY', 'no_proxy']) {
	process.env[name] = [process.env[name], '127.0.0.1', 'localhost'].filter(Boolean).join(',');
}
