import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import type { ICredentialType, INodeType, IVersionedNodeType } from 'n8n-workflow';
import { repository } from './environment';

/**
 * Where nodes and credentials come from: the TypeScript sources, the compiled `dist`, or the folder of an unpacked
 * tarball. The last must lie inside the repository (`.cache/` is ignored by git), so that it finds the one n8n-workflow.
 */
export type PackageSource = 'sources' | 'dist' | { readonly folder: string };

/** The package as n8n's loader sees it: what its package.json lists, loaded when first asked for. */
export interface PackageUnderTest {
	readonly name: string;
	/** The node with this name (without the package's), or `undefined` when the package does not list it. */
	node(name: string): INodeType | IVersionedNodeType | undefined;
	credential(name: string): ICredentialType | undefined;
	/** Names of all listed credential types whose files exist. */
	credentialNames(): string[];
}

interface Manifest {
	name: string;
	n8n: { nodes: string[]; credentials: string[] };
}

const load = createRequire(__filename);

/** `dist/nodes/X/MyNode.node.js` → class `MyNode`, type `myNode`. n8n takes the class name from the file's. */
function namesOf(entry: string): { className: string; typeName: string } {
	const className = basename(entry).split('.')[0] ?? '';
	return { className, typeName: className.charAt(0).toLowerCase() + className.slice(1) };
}

export function packageUnderTest(source: PackageSource): PackageUnderTest {
	const folder = typeof source === 'object' ? source.folder : repository;
	const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

	const own = load.resolve('n8n-workflow');
	if (createRequire(join(folder, 'package.json')).resolve('n8n-workflow') !== own) {
		throw new Error(
			`${folder} would load another copy of n8n-workflow than the engine: instanceof breaks. Unpack it inside the repository.`,
		);
	}

	const fileOf = (entry: string): string =>
		join(folder, source === 'sources' ? entry.replace(/^dist\//, '').replace(/\.js$/, '.ts') : entry);

	function instance<T>(entries: string[], name: string, nameOf: (made: T) => string): T | undefined {
		const entry = entries.find((candidate) => namesOf(candidate).typeName === name);
		if (entry === undefined || !existsSync(fileOf(entry))) return undefined;
		const exported = load(fileOf(entry)) as Record<string, new () => T>;
		const { className } = namesOf(entry);
		const Class = exported[className];
		if (Class === undefined) throw new Error(`${entry} does not export a class ${className}; n8n would not load it.`);
		const made = new Class();
		if (nameOf(made) !== name) throw new Error(`${className} calls itself "${nameOf(made)}" instead of "${name}".`);
		return made;
	}

	return {
		name: manifest.name,
		node: (name) => instance<INodeType | IVersionedNodeType>(manifest.n8n.nodes, name, (made) => made.description.name),
		credential: (name) => instance<ICredentialType>(manifest.n8n.credentials, name, (made) => made.name),
		credentialNames: () => manifest.n8n.credentials.filter((entry) => existsSync(fileOf(entry))).map((entry) => namesOf(entry).typeName),
	};
}
