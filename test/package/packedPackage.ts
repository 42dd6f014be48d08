import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** The repository. */
export const ROOT = dirname(dirname(__dirname));

/** What `npm pack` made of the repository, unpacked as n8n's installer would have it. Sizes in bytes. */
export interface PackedPackage {
	/** The unpacked package, in a folder `node_modules`. */
	directory: string;
	files: Array<{ path: string; size: number }>;
	packedSize: number;
	unpackedSize: number;
}

/** Builds if `dist` is not that of the present sources, packs, and unpacks below `folder`. */
export function packPackage(folder: string): PackedPackage {
	node(join(ROOT, 'scripts', 'setup.mjs'), '--build');
	const [{ filename, files, size, unpackedSize }] = JSON.parse(npm('pack', '--json', '--pack-destination', folder)) as [
		{ filename: string; files: Array<{ path: string; size: number }>; size: number; unpackedSize: number },
	];
	const directory = join(folder, 'node_modules', 'n8n-nodes-cloud-scripts');
	mkdirSync(directory, { recursive: true });
	execFileSync('tar', ['-xzf', join(folder, filename), '-C', directory, '--strip-components=1']);
	return { directory, files, packedSize: size, unpackedSize };
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

function npm(...parameters: string[]): string {
	const path = process.env.npm_execpath;
	// Under `npm run` the very npm that was called; it may not be the one in the path.
	return path !== undefined && basename(path).startsWith('npm-cli')
		? execFileSync(process.execPath, [path, ...parameters], { cwd: ROOT, encoding: 'utf8' })
		: execFileSync('npm', parameters, { cwd: ROOT, encoding: 'utf8' });
}
