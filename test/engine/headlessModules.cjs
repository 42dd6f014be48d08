'use strict';

// Usage: node headlessModules.cjs <repository> <credential data as JSON> <address>
// Loads every node and credential of the package from its sources, signs one request with the headless credential, and prints as JSON which modules of
// google-auth-library were in memory before and after, and the header that was signed.

require('tsx/cjs');
const path = require('node:path');

const [repository, data, url] = process.argv.slice(2);
const { n8n } = require(path.join(repository, 'package.json'));
const source = (file) => path.join(repository, file.replace(/^dist\//, '').replace(/\.js$/, '.ts'));
const loaded = () => Object.keys(require.cache).filter((file) => /[\\/]node_modules[\\/](google-auth-library|gaxios|jws|gcp-metadata)[\\/]/.test(file)).length;

const exported = Object.assign({}, ...[...n8n.credentials, ...n8n.nodes].map((file) => require(source(file))));
const before = loaded();
new exported.GoogleAppsScriptHeadlessApi().authenticate(JSON.parse(data), { url }).then(({ headers }) => {
	process.stdout.write(JSON.stringify({ before, after: loaded(), authorization: headers.Authorization }));
});
