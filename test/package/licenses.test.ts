import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { ROOT } from './packedPackage';

interface InstalledPackage {
	name: string;
	license?: string;
	dependencies?: Record<string, string>;
	scripts?: Record<string, string>;
}

const PERMISSIVE = ['MIT', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC'];

/** What a user's machine gets: acorn inside the compiled code, and the runtime dependencies with all that they need. */
function shippedPackages(): InstalledPackage[] {
	const { dependencies = {} } = read(join(ROOT, 'package.json'));
	const found = new Map<string, InstalledPackage>();
	const visit = (name: string, from: string): void => {
		const file = manifestOf(name, from);
		if (found.has(file)) return;
		const installed = read(file);
		found.set(file, installed);
		for (const dependency of Object.keys(installed.dependencies ?? {})) visit(dependency, dirname(file));
	};
	for (const name of ['acorn', ...Object.keys(dependencies)]) visit(name, ROOT);
	return [...found.values()];
}

/** The package.json that Node would find for `name` from a folder; read without `exports`, which may hide it. */
function manifestOf(name: string, from: string): string {
	for (let folder = from; ; folder = dirname(folder)) {
		const candidate = join(folder, 'node_modules', name, 'package.json');
		if (existsSync(candidate)) return candidate;
		if (folder === dirname(folder)) throw new Error(`${name} is not installed`);
	}
}

function read(file: string): InstalledPackage {
	return JSON.parse(readFileSync(file, 'utf8')) as InstalledPackage;
}

it('ships only packages under permissive licences: these', () => {
	const licenses = shippedPackages()
		.map(({ name, license }) => `${name}: ${String(license)}`)
		.sort();
	// The list is written out so that a new package among them is seen in review.
	expect(licenses).toEqual([
		'acorn: MIT',
		'agent-base: MIT',
		'base64-js: MIT',
		'bignumber.js: MIT',
		'buffer-equal-constant-time: BSD-3-Clause',
		'data-uri-to-buffer: MIT',
		'debug: MIT',
		'ecdsa-sig-formatter: Apache-2.0',
		'extend: MIT',
		'fetch-blob: MIT',
		'formdata-polyfill: MIT',
		'gaxios: Apache-2.0',
		'gcp-metadata: Apache-2.0',
		'google-auth-library: Apache-2.0',
		'google-logging-utils: Apache-2.0',
		'https-proxy-agent: MIT',
		'json-bigint: MIT',
		'jwa: MIT',
		'jws: MIT',
		'ms: MIT',
		'node-domexception: MIT',
		'node-fetch: MIT',
		'safe-buffer: MIT',
		'web-streams-polyfill: MIT',
	]);
	expect(licenses.filter((entry) => !PERMISSIVE.includes(entry.split(': ')[1] ?? ''))).toEqual([]);
});

it('ships nothing that runs a script when it is installed', () => {
	const hooks = ['preinstall', 'install', 'postinstall'];
	const installed = [read(join(ROOT, 'package.json')), ...shippedPackages()];
	const found = installed.flatMap(({ name, scripts = {} }) => hooks.filter((hook) => hook in scripts).map((hook) => `${name}: ${hook}`));
	expect(found).toEqual([]);
});
