'use strict';

// Usage: node requireAll.cjs <package directory>
// Requires every file that package.json lists under `n8n`, as n8n does at its start, and prints as JSON: `milliseconds` that took, and
// `loaded`, the files that this put into memory. n8n-workflow comes first and does not count: in n8n it is already there.

const path = require('node:path');

const directory = path.resolve(process.argv[2]);
const { n8n } = require(path.join(directory, 'package.json'));

require('n8n-workflow');
const before = new Set(Object.keys(require.cache));
const startedAt = process.hrtime.bigint();
for (const file of [...n8n.credentials, ...n8n.nodes]) require(path.join(directory, file));
const milliseconds = Number(process.hrtime.bigint() - startedAt) / 1e6;

process.stdout.write(JSON.stringify({ milliseconds, loaded: Object.keys(require.cache).filter((file) => !before.has(file)) }));
