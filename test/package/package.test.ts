import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, posix, sep } from 'node:path';

import { node, type PackedPackage, packPackage, ROOT } from './packedPackage';

interface Manifest {
	n8n: { nodes: string[]; credentials: string[] };
}
interface ThemedIcon {
	light: string;
	dark: string;
}
interface Codex {
	categories: string[];
	alias: string[];
	resources: { primaryDocumentation: Array<{ url: string }>; credentialDocumentation: Array<{ url: string }> };
}
interface LoadedByN8n {
	packageName: string;
	nodes: Array<{ name: string; className: string; iconUrl: ThemedIcon; codex?: Codex; credentials: Array<{ name: string }> }>;
	credentials: Array<{ name: string; className: string; iconUrl: ThemedIcon }>;
}
interface Verdict {
	passed: boolean;
	message?: string;
	details?: string;
}

const program = (name: string) => join(ROOT, 'test', 'package', name);
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;

/** Outside of the repository, so that nothing is found there by accident. */
const folder = mkdtempSync(join(tmpdir(), 'cloud-scripts-package-'));
let packed: PackedPackage;
let loaded: LoadedByN8n;

const text = (path: string) => readFileSync(join(packed.directory, path), 'utf8');
/** What a compiled file requires, also later (TypeScript makes `import()` a `require`). */
const required = (path: string) => [...text(path).matchAll(/\brequire\((["'])([^"']+)\1\)/g)].map(([, , specifier = '']) => specifier);
const compiledFiles = () => packed.files.map(({ path }) => path).filter((path) => path.endsWith('.js'));

beforeAll(async () => {
	packed = await packPackage(folder);
	loaded = JSON.parse(node(program('loadWithN8n.cjs'), packed.directory)) as LoadedByN8n;
}, 120_000);

afterAll(() => {
	rmSync(folder, { recursive: true, force: true });
});

describe('the tarball', () => {
	it('holds the compiled code, icons, codex files and the four documents, and nothing else', () => {
		const expected = /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/(nodes|credentials)\/.+\.js|dist\/nodes\/[^/]+\/[^/]+\.(svg|node\.json))$/;
		const paths = packed.files.map(({ path }) => path);
		expect(paths.filter((path) => !expected.test(path))).toEqual([]);
		expect(paths).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md']));
	});

	it('holds no compiled file whose source is gone', () => {
		const sources = compiledFiles().map((path) => path.replace(/^dist\//, '').replace(/\.js$/, '.ts'));
		expect(sources.filter((source) => !existsSync(join(ROOT, source)))).toEqual([]);
	});

	it('holds no compiled file that no node and no credential needs', () => {
		const needed = new Set<string>();
		const follow = (path: string): void => {
			if (needed.has(path)) return;
			needed.add(path);
			for (const specifier of required(path)) {
				if (specifier.startsWith('.')) follow(`${posix.join(posix.dirname(path), specifier)}.js`);
			}
		};
		[...manifest.n8n.nodes, ...manifest.n8n.credentials].forEach(follow);
		expect(compiledFiles().sort()).toEqual([...needed].sort());
	});

	it('stays small', () => {
		expect(packed.packedSize).toBeLessThan(250_000);
		expect(packed.unpackedSize).toBeLessThan(1_000_000);
	});

	it('names no source map, because the sources are not there', () => {
		expect(compiledFiles().filter((path) => text(path).includes('sourceMappingURL'))).toEqual([]);
	});

	it('holds acorn once, with its licence, and requires only what the host or its own installation has', () => {
		const withAcorn = compiledFiles().filter((path) => text(path).includes('This file contains acorn'));
		expect(withAcorn).toEqual(['dist/nodes/AppsScript/scriptSource.js']);
		expect(text(withAcorn[0] ?? '')).toContain('Permission is hereby granted, free of charge');

		const packages = new Set(compiledFiles().flatMap((path) => required(path).filter((specifier) => !specifier.startsWith('.'))));
		packages.delete('node:crypto');
		expect([...packages].sort()).toEqual(['google-auth-library', 'n8n-workflow']);
	});
});

it('links to parts of the README that are there', () => {
	const headings = [...text('README.md').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => slug(heading));
	const linked = packed.files
		.filter(({ path }) => path.startsWith('dist/'))
		.flatMap(({ path }) => [...text(path).matchAll(/github\.com\/cloud-scripts\/n8n-nodes-cloud-scripts#([\w-]+)/g)].map(([, anchor = '']) => anchor));
	expect(linked).not.toEqual([]);
	expect(linked.filter((anchor) => !headings.includes(anchor))).toEqual([]);
});

describe("n8n's loader", () => {
	it('finds each listed class under the name of its file', () => {
		const names = (files: string[]) => files.map((file) => basename(file).split('.')[0]);
		expect(loaded.packageName).toBe('n8n-nodes-cloud-scripts');
		expect(loaded.nodes.map(({ className }) => className)).toEqual(names(manifest.n8n.nodes));
		expect(loaded.credentials.map(({ className }) => className).sort()).toEqual(names(manifest.n8n.credentials).sort());
		expect(loaded.nodes.map(({ name }) => name)).toEqual(['appsScriptRun', 'syncanoScript']);
		expect(loaded.credentials.map(({ name }) => name).sort()).toEqual(['googleAppsScriptHeadlessApi', 'googleAppsScriptOAuth2Api', 'syncanoApi']);
	});

	it('has every credential that a node asks for, and no other', () => {
		const used = new Set(loaded.nodes.flatMap(({ credentials }) => credentials.map(({ name }) => name)));
		expect([...used].sort()).toEqual(loaded.credentials.map(({ name }) => name).sort());
	});

	it('resolves a light and a dark icon for each node and credential', () => {
		for (const { iconUrl } of [...loaded.nodes, ...loaded.credentials]) {
			expect(iconUrl.light).not.toBe(iconUrl.dark);
			for (const url of [iconUrl.light, iconUrl.dark]) {
				expect(text(url.replace('icons/n8n-nodes-cloud-scripts/', ''))).toMatch(/^<svg [^>]*viewBox="0 0 60 60"/);
			}
		}
	});

	it('reads the codex beside each node', () => {
		for (const [index, { codex }] of loaded.nodes.entries()) {
			const { categories, alias, resources } = JSON.parse(text(`${manifest.n8n.nodes[index] ?? ''}on`)) as Codex;
			expect(codex).toEqual({ categories, alias, resources });
		}
	});
});

it('does not load google-auth-library before a headless credential signs in', () => {
	const { milliseconds, loaded: files } = JSON.parse(node(program('requireAll.cjs'), packed.directory)) as { milliseconds: number; loaded: string[] };
	const own = files.filter((file) => file.includes(`${sep}n8n-nodes-cloud-scripts${sep}`));
	expect(own).toEqual(expect.arrayContaining(manifest.n8n.nodes.map((file) => expect.stringContaining(file.replaceAll('/', sep)) as string)));
	expect(files.filter((file) => !own.includes(file))).toEqual([]);
	process.stdout.write(
		`The package: ${packed.files.length} files, ${kilobytes(packed.packedSize)} packed, ${kilobytes(packed.unpackedSize)} unpacked, ` +
			`${milliseconds.toFixed(0)} ms to require all nodes and credentials (${own.length} files, google-auth-library not among them)\n`,
	);
});

describe("n8n's scanner of published packages", () => {
	it('finds nothing in the sources but google-auth-library', () => {
		expect(findings(JSON.parse(node(program('scan.mjs'), ROOT)) as Verdict, ROOT)).toEqual([
			'credentials/GoogleAppsScriptHeadlessApi.credentials.ts: @n8n/community-nodes/no-restricted-imports',
			'package.json: @n8n/community-nodes/no-runtime-dependencies',
		]);
	}, 60_000);

	it('finds nothing in the packed package but google-auth-library', () => {
		const verdict = JSON.parse(node(program('scan.mjs'), packed.directory, '**/*.js', 'package.json')) as Verdict;
		expect(findings(verdict, packed.directory)).toEqual([
			'dist/credentials/GoogleAppsScriptHeadlessApi.credentials.js: @n8n/community-nodes/no-restricted-imports',
			'package.json: @n8n/community-nodes/no-runtime-dependencies',
		]);
	}, 60_000);
});

/** The scanner's errors as sorted `file: rule` lines, each once. Its details are ESLint's table for people: a path, then indented findings. */
function findings({ passed, message, details }: Verdict, directory: string): string[] {
	if (passed) return [];
	if (details === undefined) throw new Error(message);
	const found = new Set<string>();
	let file = '';
	for (const line of details.split('\n')) {
		const rule = /^\s+\d+:\d+\s+error\s.*?(\S+)\s*$/.exec(line)?.[1];
		if (rule !== undefined) found.add(`${file}: ${rule}`);
		else if (line.startsWith(directory)) file = line.slice(directory.length + 1).trim().replaceAll(sep, '/');
	}
	return [...found].sort();
}

/** The anchor that GitHub gives a heading. */
function slug(heading: string): string {
	return heading
		.toLowerCase()
		.replace(/[^\p{L}\p{N}\s_-]/gu, '')
		.trim()
		.replace(/\s/g, '-');
}

function kilobytes(bytes: number): string {
	return `${(bytes / 1000).toFixed(0)} kB`;
}
