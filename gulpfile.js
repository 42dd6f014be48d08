'use strict';

// Builds `dist`: what n8n loads, and nothing else. `gulp build` = clean, compile, prune, assets, bundle.
// There are no declarations (nobody imports the package) and no source maps (their sources would not be in the tarball).

const { spawn } = require('node:child_process');
const { readFile, readdir, rm } = require('node:fs/promises');
const path = require('node:path');

const esbuild = require('esbuild');
const gulp = require('gulp');

const OUT = 'dist';

/** Development dependency that ships inside `dist` instead of as a runtime dependency, and the licence that has to travel with it. */
const INLINED = 'acorn';

/** What n8n reads beside the compiled classes: icons, and each node's codex (`X.node.json` next to `X.node.js`). */
const ASSETS = ['nodes/**/*.svg', 'nodes/**/*.node.json'];

function clean() {
	return rm(OUT, { recursive: true, force: true });
}

/** One `dist/….js` for each `nodes/**` and `credentials/**` source; a type error fails the build. */
function compile() {
	return new Promise((resolve, reject) => {
		const tsc = spawn(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', 'tsconfig.json'], { stdio: 'inherit' });
		tsc.once('error', reject);
		tsc.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`tsc ended with exit code ${code}`))));
	});
}

/** Removes the compiled form of sources that hold nothing but types: an empty module that no other one requires. */
async function prune() {
	for (const file of await compiledFiles()) {
		const { code } = await esbuild.transform(await readFile(file, 'utf8'), { minify: true });
		if (/^"use strict";Object\.defineProperty\(exports,"__esModule",\{value:!0\}\);\s*$/.test(code)) await rm(file);
	}
}

/** One stream, returned, so that the task ends when the last file is written; `encoding: false` copies bytes as they are. */
function assets() {
	return gulp.src(ASSETS, { base: '.', encoding: false }).pipe(gulp.dest(OUT));
}

/**
 * Compiles each source that imports acorn once more, with acorn's ESM build inside. Everything else such a source imports
 * stays a `require`, so that no module of the package exists twice.
 */
async function bundle() {
	const sources = await sourcesThatImport(INLINED);
	if (sources.length === 0) return;
	const license = await readFile(path.join(path.dirname(require.resolve(`${INLINED}/package.json`)), 'LICENSE'), 'utf8');
	await esbuild.build({
		entryPoints: sources,
		outdir: OUT,
		outbase: '.',
		allowOverwrite: true,
		bundle: true,
		format: 'cjs',
		platform: 'node',
		target: 'es2021',
		mainFields: ['module', 'main'],
		// acorn can warn on the console, which is n8n's log. Without a console it does not try.
		define: { console: 'undefined' },
		banner: { js: `/*\nThis file contains ${INLINED}, which comes with this licence:\n\n${license.trim()}\n*/` },
		plugins: [keepOtherImports],
		logLevel: 'warning',
	});
}

const keepOtherImports = {
	name: 'keep-other-imports',
	setup(build) {
		build.onResolve({ filter: /.*/ }, ({ kind, path: specifier }) =>
			kind === 'entry-point' || specifier === INLINED ? undefined : { path: specifier, external: true },
		);
	},
};

/** The TypeScript sources, relative to the package, whose compiled form in `dist` still requires `name`. */
async function sourcesThatImport(name) {
	const found = [];
	const required = new RegExp(`require\\(["']${name}["']\\)`);
	for (const file of await compiledFiles()) {
		if (required.test(await readFile(file, 'utf8'))) found.push(path.relative(OUT, file).replace(/\.js$/, '.ts'));
	}
	return found;
}

async function compiledFiles() {
	const files = await readdir(OUT, { recursive: true });
	return files.filter((file) => file.endsWith('.js')).map((file) => path.join(OUT, file));
}

exports.clean = clean;
exports.compile = compile;
exports.prune = prune;
exports.assets = assets;
exports.bundle = bundle;
exports.build = gulp.series(clean, gulp.parallel(gulp.series(compile, prune), assets), bundle);
exports.default = exports.build;
