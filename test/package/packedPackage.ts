import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { packInto, REPOSITORY, type PackedFiles } from '../n8n/package';

/** The repository. */
export const ROOT = REPOSITORY;

/** What `npm pack` made of the repository, unpacked as n8n's installer would have it. */
export interface PackedPackage extends PackedFiles {
	/** The unpacked package, in a folder `node_modules`. */
	readonly directory: string;
}

/** Builds if `dist` is not that of the present sources, packs, and unpacks below `folder`. */
export async function packPackage(folder: string): Promise<PackedPackage> {
	node(join(ROOT, 'scripts', 'setup.mjs'), '--build');
	const directory = join(folder, 'node_modules', 'n8n-nodes-cloud-scripts');
	return { directory, ...(await packInto(directory, folder)) };
}

/**
 * Runs a program of this folder (or any other) with Node, outside of Jest, and returns what it printed. Packages that the unpacked
 * package needs from its host (n8n-workflow) or from its own installation (google-auth-library) are found in the repository.
 */
export function node(program: string, ...parameters: string[]): string {
	const { JEST_WORKER_ID: _worker, NODE_ENV: _environment, FORCE_COLOR: _color, ...environment } = process.env;
	const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...parameters], {
		cwd: ROOT,
		encoding: 'utf8',
		env: { ...environment, NODE_PATH: join(ROOT, 'node_modules'), NO_COLOR: '1', N8N_USER_FOLDER: tmpdir(), N8N_ENCRYPTION_KEY: 'for tests only' },
	});
	if (status !== 0) throw new Error(`${basename(program)} failed:\n${stdout}${stderr}`);
	return stdout;
}
