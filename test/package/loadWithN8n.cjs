'use strict';

// Usage: node loadWithN8n.cjs <package directory>
// Loads the package with n8n-core's own loader and prints as JSON what n8n then knows of its nodes and credentials.
// A process of its own, because under Jest n8n-core takes another way to load classes.

const { PackageDirectoryLoader } = require('n8n-core');

async function main() {
	const loader = new PackageDirectoryLoader(process.argv[2]);
	await loader.loadAll();
	const classNames = Object.fromEntries(
		Object.entries({ ...loader.known.nodes, ...loader.known.credentials }).map(([name, { className }]) => [name, className]),
	);
	process.stdout.write(
		JSON.stringify({
			packageName: loader.packageName,
			nodes: loader.types.nodes.map(({ name, iconUrl, codex, credentials }) => ({ name, className: classNames[name], iconUrl, codex, credentials })),
			credentials: loader.types.credentials.map(({ name, iconUrl }) => ({ name, className: classNames[name], iconUrl })),
		}),
	);
}

main().catch((error) => {
	process.stderr.write(`${error.stack}\n`);
	process.exitCode = 1;
});
