'use strict';

// The built classes by name, each loaded when it is first asked for: `const { AppsScriptRun } = require('.')` in a checkout.
// For tools and tests only. n8n does not load this file (it reads the files that `n8n` in package.json lists), so it is not published.

const path = require('node:path');

const { n8n } = require('./package.json');

for (const file of [...n8n.nodes, ...n8n.credentials]) {
	const [className] = path.basename(file).split('.');
	Object.defineProperty(exports, className, { enumerable: true, get: () => require(`./${file}`)[className] });
}
