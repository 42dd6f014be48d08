/**
 * Makes a fresh clone ready: installs the development dependencies where they are missing or not those of package-lock.json, and with
 * `--build` compiles the package where `dist` is not that of the present sources. Says nothing when there is nothing to do.
 *
 * Plain Node, no dependencies: it runs before anything is installed.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const LOCK_FILE = join(ROOT, 'package-lock.json');
const DIST = join(ROOT, 'dist');
const BUILD_STAMP = join(ROOT, 'node_modules', '.cache', 'cloud-scripts-build');
/** What `dist` is made from. */
const BUILD_SOURCES = ['nodes', 'credentials', 'gulpfile.js', 'tsconfig.json', 'package.json', 'package-lock.json'];
const OLDEST_NODE = [20, 19];

/**
 * The lock file was written on Linux, where npm leaves out the native parts (of @swc/core, for one) for systems that its registry did not offer.
 * Elsewhere the versions of package.json, which are exact, are installed without it.
 */
const FOLLOWS_LOCK_FILE = process.platform === 'linux';

class SetupError extends Error {}

function checkNodeVersion() {
	const [major, minor] = process.versions.node.split('.').map(Number);
	if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
		throw new SetupError(`Node ${OLDEST_NODE.join('.')} or newer is needed; this is ${process.versions.node}.`);
	}
}

/** All files below a path (or the file itself), sorted. */
function filesBelow(path) {
	if (!existsSync(path)) return [];
	if (!statSync(path).isDirectory()) return [path];
	return readdirSync(path, { withFileTypes: true })
		.flatMap((entry) => (entry.isDirectory() ? filesBelow(join(path, entry.name)) : [join(path, entry.name)]))
		.sort();
}

/**
 * Whether node_modules holds what package-lock.json asks for. npm keeps what it installed in node_modules/.package-lock.json and writes
 * that file last, so an installation that was interrupted, or that belongs to another lock file, is recognized without a mark of our own.
 */
function dependenciesAreInstalled() {
	const installedFile = join(ROOT, 'node_modules', '.package-lock.json');
	if (!existsSync(installedFile)) return false;
	const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
	if (!FOLLOWS_LOCK_FILE) {
		const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
		return Object.keys({ ...dependencies, ...devDependencies }).every((name) => installed[`node_modules/${name}`] !== undefined);
	}
	const wanted = JSON.parse(readFileSync(LOCK_FILE, 'utf8')).packages;
	return Object.entries(wanted).every(([path, { version, integrity, optional, devOptional }]) => {
		if (path === '') return true;
		const present = installed[path];
		// Optional packages are those of other platforms.
		if (present === undefined) return Boolean(optional || devOptional);
		return present.version === version && present.integrity === integrity;
	});
}

/** Runs a command with its output shown, and says every ten seconds that it is still at work. */
async function run(what, command, args) {
	const startedAt = Date.now();
	const seconds = () => Math.round((Date.now() - startedAt) / 1000);
	console.log(`${what} …`);
	const ticker = setInterval(() => console.log(`${what} … ${seconds()} s`), 10_000);
	try {
		await new Promise((resolve, reject) => {
			const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
			child.on('error', reject);
			child.on('exit', (code, signal) =>
				code === 0 ? resolve() : reject(new SetupError(`${what} failed (${signal ?? `exit code ${code}`}).`)),
			);
		});
	} finally {
		clearInterval(ticker);
	}
	console.log(`${what}: done after ${seconds()} s`);
}

async function installDependencies() {
	if (dependenciesAreInstalled()) return;
	// Under `npm run` the very npm that was called; it may not be the one in the path.
	const npm = process.env.npm_execpath;
	const [command, prefix] = npm !== undefined && basename(npm).startsWith('npm-cli') ? [process.execPath, [npm]] : ['npm', []];
	// What the lock file says, and nothing written to it. `npm ci` would refuse a lock file that lacks optional packages of other platforms,
	// as one does that was made where the registry did not have them.
	await run('Installing the development dependencies', command, [...prefix, 'install', '--no-save', '--no-audit', '--no-fund', ...(FOLLOWS_LOCK_FILE ? [] : ['--no-package-lock'])]);
}

/** A fingerprint of what goes into the build, by content. */
function sourcesFingerprint() {
	const hash = createHash('sha256');
	for (const path of BUILD_SOURCES.flatMap((source) => filesBelow(join(ROOT, source)))) {
		hash.update(`${relative(ROOT, path)}\0`).update(readFileSync(path)).update('\0');
	}
	return hash.digest('hex');
}

/** A fingerprint of what came out, by name, size and time. */
function distFingerprint() {
	const hash = createHash('sha256');
	for (const path of filesBelow(DIST)) {
		const { size, mtimeMs } = statSync(path);
		hash.update(`${relative(DIST, path)}\0${size}\0${mtimeMs}\0`);
	}
	return hash.digest('hex');
}

async function build() {
	// Taken before the build, so that what is edited meanwhile is built the next time.
	const sources = sourcesFingerprint();
	if (existsSync(BUILD_STAMP) && readFileSync(BUILD_STAMP, 'utf8') === `${sources}\n${distFingerprint()}\n`) return;
	rmSync(BUILD_STAMP, { force: true });
	await run('Compiling the package (gulp build)', process.execPath, [join(ROOT, 'node_modules', 'gulp', 'bin', 'gulp.js'), 'build']);
	mkdirSync(dirname(BUILD_STAMP), { recursive: true });
	writeFileSync(BUILD_STAMP, `${sources}\n${distFingerprint()}\n`);
}

try {
	checkNodeVersion();
	await installDependencies();
	if (process.argv.includes('--build')) await build();
} catch (error) {
	console.error(error instanceof SetupError ? error.message : error);
	process.exitCode = 1;
}
