'use strict';
// Runs one script of a `nodejs*` runtime. The emulator hands this file's text to `node -e`, and the whole task on stdin:
// { source, ARGS, CONFIG, META, _OUTPUT_SEPARATOR, _TIMEOUT (seconds) }.

const vm = require('node:vm');
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { format } = require('node:util');

const task = JSON.parse(readFileSync(0, 'utf8'));
const limit = Math.max(1, Math.floor(task._TIMEOUT * 1000));
let response;

class HttpResponse {
	constructor(status, content, contentType, headers) {
		this.status = Number.parseInt(status === undefined ? 200 : status, 10);
		this.content = content === undefined || content === null ? '' : String(content);
		this.contentType = contentType === undefined ? 'application/json' : contentType;
		this.headers = headers === undefined ? {} : headers;
	}
}

// The emulator ends a run that outlives its limit by five seconds; this is for the case that the emulator itself is gone by then.
setTimeout(() => process.reallyExit(124), limit + 10_000).unref();

process.on('exit', (code) => {
	if (code !== 0 || !(response instanceof HttpResponse)) return;
	const { status, contentType, content, headers } = response;
	process.stdout.write(task._OUTPUT_SEPARATOR + JSON.stringify([status, contentType, content, headers]));
});

const globals = {
	ARGS: task.ARGS,
	CONFIG: task.CONFIG,
	META: task.META,
	HttpResponse,
	setResponse: (value) => {
		response = value;
	},
	process,
	console,
	Buffer,
	require: createRequire(join(process.cwd(), 'main.js')),
	setTimeout,
	clearTimeout,
	setInterval,
	clearInterval,
	setImmediate,
	clearImmediate,
};
globals.global = globals;

const script = new vm.Script(task.source, { filename: 'main.js' });
try {
	script.runInNewContext(globals, { timeout: limit, displayErrors: false });
} catch (error) {
	if (error !== null && typeof error === 'object' && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
		process.stderr.write('Error: Script execution timed out.\n');
		process.exit(124);
	}
	// The service calls a script that throws synchronously a success, and what it has scheduled by then still runs.
	process.stderr.write(`${format(error !== null && typeof error === 'object' && error.stack ? error.stack : error)}\n`);
}
