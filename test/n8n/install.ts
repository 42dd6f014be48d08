/**
 * Installs the real n8n and the Node it needs, once, into a folder that git ignores. What is asked for stands in `app/package.json`
 * (Node under `engines`), for other versions in what the caller gives; npm brings both.
 *
 * Each step leaves a mark, so that an installation that was interrupted goes on where it stopped, and one that is complete costs nothing.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { runToEnd } from './cleanUp';
import { npm } from './npm';

/** An n8n that is ready to be started. All paths are absolute. */
export interface N8nInstallation {
	/** n8n's version, e.g. `2.40.7`. */
	readonly version: string;
	/** The Node binary that n8n runs on. */
	readonly node: string;
	/** n8n's own command (a JavaScript file). */
	readonly n8n: string;
	/** The folder whose `node_modules` holds n8n and its dependencies. */
	readonly folder: string;
}

/** Where the versions are written down. */
const MANIFEST_FOLDER = join(__dirname, 'app');
/** Where everything is installed; other versions than that of the manifest in folders of their own within it. */
const INSTALL_FOLDER = join(__dirname, '.app');

/** Dependencies of n8n with C++ parts that it cannot start without. npm compiles them; their ready-made files are not on the registry. */
const NATIVE_PACKAGES = ['sqlite3', 'isolated-vm'];

const STEPS = ['node', 'packages', 'native'] as const;
type Step = (typeof STEPS)[number];

/** Another n8n than the one of the manifest. It has no lock file: npm takes the newest of its dependencies that it allows. */
export interface OtherVersion {
	/** Exact versions. */
	readonly n8n: string;
	readonly node: string;
	/** Versions of dependencies in place of those that n8n asks for, where those are not on the registry. */
	readonly overrides?: Readonly<Record<string, string>>;
	/** The packages with C++ parts that are compiled; those of the manifest's version by default. */
	readonly native?: readonly string[];
}

/** What is installed, and the files by which npm knows it: contents by name. */
interface Manifest {
	readonly node: string;
	readonly n8n: string;
	readonly files: Readonly<Record<string, string>>;
}

function readManifest(folder: string): Manifest {
	const names = ['package.json', 'package-lock.json'].filter((name) => existsSync(join(folder, name)));
	const files = Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
	const manifest = JSON.parse(files['package.json'] ?? '') as {
		engines: { node: string };
		dependencies: { n8n: string };
	};
	return { node: manifest.engines.node, n8n: manifest.dependencies.n8n, files };
}

function manifestOf({ n8n, node, overrides }: OtherVersion): Manifest {
	const content = { name: 'n8n-for-tests', version: '1.0.0', private: true, dependencies: { n8n }, overrides };
	return { n8n, node, files: { 'package.json': JSON.stringify(content, null, 2) } };
}

/** The npm package that holds Node's binary and headers for this machine (the npm package `node` installs the same one by a script). */
function nodePackageName(): string {
	const platform = process.platform === 'win32' ? 'win' : process.platform;
	const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
	return `${prefix}-${platform}-${process.arch}`;
}

/** Says plainly what is missing to compile the native packages. */
function checkCompiler(): void {
	const missing = ['g++', 'make', 'python3'].filter((command) => spawnSync(command, ['--version']).status !== 0);
	if (missing.length > 0) {
		throw new Error(
			`n8n's dependencies ${NATIVE_PACKAGES.join(' and ')} are compiled here, and this machine has no ${missing.join(', no ')}. ` +
				'On Debian: apt-get install g++ make python3',
		);
	}
}

/**
 * The real n8n, installed where it is not yet.
 * @param report receives a line whenever there is something to say; nothing when all is there already
 * @param other another version than that of the manifest
 * @throws when a compiler is missing or npm fails; the message holds the end of npm's output
 */
export async function installN8n(report: (line: string) => void = console.log, other?: OtherVersion): Promise<N8nInstallation> {
	const manifest = other === undefined ? readManifest(MANIFEST_FOLDER) : manifestOf(other);
	const installFolder = other === undefined ? INSTALL_FOLDER : join(INSTALL_FOLDER, other.n8n);
	const nodeFolder = join(installFolder, 'node');
	const n8nFolder = join(installFolder, 'n8n');
	const nodeHome = join(nodeFolder, 'node_modules', nodePackageName());
	const node = process.platform === 'win32' ? join(nodeHome, 'bin', 'node.exe') : join(nodeHome, 'bin', 'node');
	const installation: N8nInstallation = {
		version: manifest.n8n,
		node,
		n8n: join(n8nFolder, 'node_modules', 'n8n', 'bin', 'n8n'),
		folder: n8nFolder,
	};

	const manifestHash = createHash('sha256');
	for (const content of Object.values(manifest.files)) manifestHash.update(content);
	const wanted = `${manifestHash.digest('hex')} ${process.platform}-${process.arch}`;

	/** Runs a step unless its mark says that it was done for this very manifest. The marks of the steps after it fall. */
	const step = async (name: Step, what: string, work: () => Promise<void>) => {
		const mark = join(installFolder, `${name}.done`);
		if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return;
		for (const later of STEPS.slice(STEPS.indexOf(name))) rmSync(join(installFolder, `${later}.done`), { force: true });
		const startedAt = Date.now();
		const seconds = () => Math.round((Date.now() - startedAt) / 1000);
		report(`${what} …`);
		const ticker = setInterval(() => report(`${what} … ${seconds()} s`), 15_000);
		try {
			await work();
		} finally {
			clearInterval(ticker);
		}
		report(`${what}: done after ${seconds()} s`);
		mkdirSync(installFolder, { recursive: true });
		writeFileSync(mark, wanted);
	};

	// The settings of this repository's .npmrc reach npm's children through the environment; what differs here is said on the command line.
	const npmFlags = ['--no-audit', '--no-fund', '--legacy-peer-deps=false', '--omit-lockfile-registry-resolved'];
	const underNode: NodeJS.ProcessEnv = {
		...process.env,
		PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`,
		// A user's npm configuration may name another Node's headers.
		npm_config_nodedir: nodeHome,
	};
	const npmForN8n = (args: string[]) => npm([...args, ...npmFlags], { cwd: n8nFolder, env: underNode, node });

	await step('node', `Installing Node ${manifest.node} for n8n`, async () => {
		checkCompiler();
		rmSync(nodeFolder, { recursive: true, force: true });
		mkdirSync(nodeFolder, { recursive: true });
		writeFileSync(join(nodeFolder, 'package.json'), '{ "private": true }\n');
		await npm(['install', `${nodePackageName()}@${manifest.node}`, '--ignore-scripts', '--no-package-lock', ...npmFlags], { cwd: nodeFolder });
	});
	await step('packages', `Installing n8n ${manifest.n8n} (some 2,100 packages, 2 GB; once)`, async () => {
		mkdirSync(n8nFolder, { recursive: true });
		for (const [name, content] of Object.entries(manifest.files)) writeFileSync(join(n8nFolder, name), content);
		// Not `npm ci`; see scripts/setup.mjs.
		await npmForN8n(['install', '--ignore-scripts']);
	});
	const native = other?.native ?? NATIVE_PACKAGES;
	await step('native', `Compiling ${native.join(' and ')}`, async () => {
		checkCompiler();
		await npmForN8n(['rebuild', ...native, '--ignore-scripts=false']);
		// What cannot be loaded is better known now than from n8n's log.
		const load = native.map((name) => `require(${JSON.stringify(name)});`).join(' ');
		const { code, errors } = await runToEnd(node, ['-e', load], { cwd: join(n8nFolder, 'node_modules', 'n8n') });
		if (code !== 0) throw new Error(`${native.join(' or ')} cannot be loaded:\n${errors}`);
	});
	return installation;
}

if (require.main === module) {
	installN8n().then(
		({ version, folder }) => console.log(`n8n ${version} is installed in ${folder}`),
		(error: unknown) => {
			console.error(error instanceof Error ? error.message : error);
			process.exitCode = 1;
		},
	);
}
