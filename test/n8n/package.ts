/**
 * The package as its users get it: packed by npm, unpacked, its runtime dependencies installed the way n8n's own installer does.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runToEnd, temporaryFolder } from './cleanUp';
import { npm } from './npm';

export const REPOSITORY = dirname(dirname(__dirname));

/** A package that was packed and unpacked again. */
export interface PackedPackage {
	/** Its name on the registry, which is also the first part of its node types' names. */
	readonly name: string;
	/** The folder that holds its package.json. */
	readonly folder: string;
	/** The tarball. */
	readonly tarball: string;
}

/**
 * Packs a package and unpacks it into a temporary folder, ready to be put into n8n's folder of community packages.
 * What n8n's installer (2.40.7, community-packages.service.js, `downloadPackage`) does is done here in the same way: development, peer and
 * optional dependencies are struck out, the others installed from the registry with the same options.
 * @param source the folder of the package's source; `dist` must be built
 */
export async function packPackage(source: string = REPOSITORY): Promise<PackedPackage> {
	const workFolder = await temporaryFolder('package');
	const folder = join(workFolder, 'package');
	const { tarball } = await packInto(folder, workFolder, source);

	const manifestFile = join(folder, 'package.json');
	const manifest = JSON.parse(readFileSync(manifestFile, 'utf8')) as { name: string } & Record<string, unknown>;
	delete manifest.devDependencies;
	delete manifest.peerDependencies;
	delete manifest.optionalDependencies;
	writeFileSync(manifestFile, JSON.stringify(manifest, null, 2));
	await npm(
		[
			'install',
			'--audit=false',
			'--fund=false',
			'--bin-links=false',
			'--install-strategy=shallow',
			'--ignore-scripts=true',
			'--package-lock=false',
			'--legacy-peer-deps=false',
		],
		{ cwd: folder },
	);
	return { name: manifest.name, folder, tarball };
}

/** What npm put into a tarball. Sizes in bytes. */
export interface PackedFiles {
	readonly tarball: string;
	readonly files: ReadonlyArray<{ readonly path: string; readonly size: number }>;
	readonly packedSize: number;
	readonly unpackedSize: number;
}

/**
 * Packs a package and unpacks it.
 * @param folder where its package.json shall be; made
 * @param workFolder where the tarball shall be
 * @param source the folder of the package's source; `dist` must be built
 */
export async function packInto(folder: string, workFolder: string, source: string = REPOSITORY): Promise<PackedFiles> {
	const [{ filename, files, size, unpackedSize }] = JSON.parse(
		await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', workFolder], { cwd: source }),
	) as [{ filename: string; files: PackedFiles['files']; size: number; unpackedSize: number }];
	const tarball = join(workFolder, filename);
	await mkdir(folder, { recursive: true });
	const { code, errors } = await runToEnd('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);
	if (code !== 0) throw new Error(`The tarball could not be unpacked:\n${errors}`);
	return { tarball, files, packedSize: size, unpackedSize };
}

/** Puts a copy of the package where an n8n with this user folder finds it. */
export async function placePackage(packed: PackedPackage, userFolder: string): Promise<void> {
	await cp(packed.folder, join(userFolder, '.n8n', 'nodes', 'node_modules', packed.name), { recursive: true });
}
