'use strict';
/*
 * The process in which scripts run. Plain JavaScript, so that Node starts it without a loader.
 *
 * It talks with the emulator over file descriptor 3, in frames of a four-byte length and JSON, and it reads them synchronously:
 * that is what lets `PropertiesService.getProperty()` or `Utilities.sleep()` answer in the middle of a script, as they do at Google's.
 * It ends when the descriptor is closed, that is when the emulator ends.
 *
 * `vm` gives each run a fresh global scope; it is no protection against hostile code.
 */
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const { createHash } = require('node:crypto');
const { Worker } = require('node:worker_threads');

const CHANNEL = 3;
const pauseCell = new Int32Array(new SharedArrayBuffer(4));

function readBytes(count) {
	const bytes = Buffer.allocUnsafe(count);
	let filled = 0;
	while (filled < count) {
		let got;
		try {
			got = fs.readSync(CHANNEL, bytes, filled, count - filled, null);
		} catch (error) {
			if (error.code !== 'EAGAIN') process.exit(0);
			Atomics.wait(pauseCell, 0, 0, 1);
			continue;
		}
		if (got === 0) process.exit(0);
		filled += got;
	}
	return bytes;
}

function receive() {
	return JSON.parse(readBytes(readBytes(4).readUInt32LE(0)).toString('utf8'));
}

function send(message) {
	const text = Buffer.from(JSON.stringify(message), 'utf8');
	const frame = Buffer.allocUnsafe(4 + text.length);
	frame.writeUInt32LE(text.length, 0);
	text.copy(frame, 4);
	let written = 0;
	while (written < frame.length) {
		try {
			written += fs.writeSync(CHANNEL, frame, written, frame.length - written);
		} catch (error) {
			if (error.code !== 'EAGAIN') process.exit(0);
			Atomics.wait(pauseCell, 0, 0, 1);
		}
	}
}

/**
 * A script in a busy loop does not see its channel close; this thread sees that the parent, whose id is the first argument, is gone.
 * The id is not asked for here: the parent could be gone before this line.
 */
const watch = new Worker(
	`const { workerData } = require('node:worker_threads');
	setInterval(() => { if (process.ppid !== workerData) process.kill(process.pid, 'SIGKILL'); }, 500);`,
	{ eval: true, workerData: Number(process.argv[2]) },
);
watch.unref();
process.on('unhandledRejection', () => {});

/** Files of the emulator that are evaluated inside the script's own global scope, so that their objects are the script's own kind. */
function loadInner(file) {
	return new vm.Script(`(function (module) {${fs.readFileSync(file, 'utf8')}\nreturn module.exports; })`, { filename: `emulator:/${path.basename(file)}` });
}
const inner = loadInner(path.join(__dirname, 'inner.cjs'));
const servicesFolder = path.join(__dirname, 'services');
const services = fs
	.readdirSync(servicesFolder)
	.filter((name) => name.endsWith('.cjs'))
	.sort()
	.map((name) => loadInner(path.join(servicesFolder, name)));
const invoke = new vm.Script('__emulatorInvoke__()', { filename: 'emulator:/invoke' });

/** What the code inside may ask of this process; only texts cross the border. */
const host = {
	call(text) {
		send({ type: 'call', request: JSON.parse(text) });
		return JSON.stringify(receive());
	},
	log(level, message) {
		send({ type: 'log', level: String(level), message: String(message) });
	},
	digest(algorithm, base64) {
		return createHash(algorithm).update(Buffer.from(base64, 'base64')).digest('base64');
	},
	base64(direction, text) {
		return direction === 'encode' ? Buffer.from(text, 'latin1').toString('base64') : Buffer.from(text, 'base64').toString('latin1');
	},
	utf8(direction, text) {
		return direction === 'encode' ? Buffer.from(text, 'utf8').toString('latin1') : Buffer.from(text, 'latin1').toString('utf8');
	},
};

/** Compiled files by version; each is compiled once in the life of this process. */
const versions = new Map();

function compile(files) {
	try {
		return { scripts: files.map((file) => new vm.Script(file.source, { filename: `appsscript:/${file.name}` })) };
	} catch (error) {
		return { syntaxError: String(error) };
	}
}

/** A global scope with the services in it. */
function createScope(run) {
	const sandbox = {};
	const context = vm.createContext(sandbox, { microtaskMode: 'afterEvaluate' });
	const evaluate = (script) => script.runInContext(context)({});
	const tools = evaluate(inner)(host, run.info);
	const installed = {};
	for (const service of services) Object.assign(installed, evaluate(service)(tools.kit));
	for (const name of Object.keys(installed)) Object.defineProperty(sandbox, name, { value: installed[name], writable: true, configurable: true, enumerable: false });
	const evaluateInside = (action) => {
		let answer;
		Object.defineProperty(sandbox, '__emulatorInvoke__', {
			configurable: true,
			enumerable: false,
			value: () => {
				delete sandbox.__emulatorInvoke__;
				answer = action();
			},
		});
		invoke.runInContext(context);
		return answer;
	};
	return {
		sandbox,
		installed,
		tools,
		evaluateInside,
		/** Runs the files' top-level code; answers with what was thrown. */
		load(version) {
			const compiled = versions.get(version);
			if (compiled.syntaxError !== undefined) return { message: compiled.syntaxError, type: 'SyntaxError', stack: [] };
			for (const script of compiled.scripts) {
				try {
					script.runInContext(context);
				} catch (error) {
					return evaluateInside(() => tools.describe(error));
				}
			}
			return undefined;
		},
	};
}

/** The function that a script shows to the outside under this name: its own, global, and not private. */
function findFunction(scope, name) {
	if (name.endsWith('_') || !Object.prototype.hasOwnProperty.call(scope.sandbox, name)) return undefined;
	const value = scope.sandbox[name];
	return typeof value === 'function' && value !== scope.installed[name] ? value : undefined;
}

function execute(run) {
	if (run.info.timeZone !== process.env.TZ) process.env.TZ = run.info.timeZone;
	const scope = createScope(run);
	const libraries = new Map();
	for (const library of run.libraries) {
		const own = createScope(run);
		const problem = own.load(library.version);
		if (problem !== undefined) return { kind: 'threw', ...problem };
		libraries.set(library.userSymbol, own);
		const face = {};
		for (const name of Object.keys(own.sandbox)) {
			if (!name.endsWith('_')) face[name] = own.sandbox[name];
		}
		scope.sandbox[library.userSymbol] = face;
	}
	const problem = scope.load(run.version);
	if (problem !== undefined) return { kind: 'threw', ...problem };

	const [first, ...rest] = run.function.split('.');
	const library = rest.length === 1 ? libraries.get(first) : undefined;
	const found = rest.length === 0 ? findFunction(scope, first) : library === undefined ? undefined : findFunction(library, rest[0]);
	if (found === undefined) return { kind: 'functionNotFound' };
	send({ type: 'entered' });
	return scope.evaluateInside(() => scope.tools.run(found, run.parameters));
}

send({ type: 'ready' });
for (;;) {
	const message = receive();
	if (message.type === 'version') {
		versions.set(message.key, compile(message.files));
	} else {
		let outcome;
		try {
			outcome = execute(message);
		} catch (error) {
			outcome = { kind: 'threw', message: String(error), type: 'Error', stack: [] };
		}
		send({ type: 'end', outcome });
	}
}
