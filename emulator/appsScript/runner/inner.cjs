'use strict';
/*
 * Evaluated anew inside the global scope of every run (see child.cjs): calls the function, describes what it threw, and
 * turns what it returned into JSON. The object `kit` is what the emulated services are made with.
 */
module.exports = (host, info) => {
	Error.stackTraceLimit = 50;
	const toText = Object.prototype.toString;
	const hostObjects = new WeakSet();

	/** What Google's services throw. */
	class Exception extends Error {
		constructor(message) {
			super(message);
			this.name = 'Exception';
		}
	}

	/** Cells and the like may be dates; JSON has none. */
	const encode = (value) => {
		if (Array.isArray(value)) return value.map(encode);
		if (toText.call(value) === '[object Date]') return { $date: value.getTime() };
		return value;
	};
	const decode = (value) => {
		if (Array.isArray(value)) return value.map(decode);
		if (typeof value === 'object' && value !== null) {
			if (typeof value.$date === 'number') return new Date(value.$date);
			return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, decode(entry)]));
		}
		return value;
	};

	const kit = {
		/** Who runs what: scriptId, userEmail, timeZone, locale. */
		info,
		host,
		Exception,
		/** Asks the emulator, which keeps everything that outlives a run, and waits for its answer. */
		call(method, ...parameters) {
			const answer = JSON.parse(host.call(JSON.stringify({ method, parameters: encode(parameters) })));
			if (answer.error !== undefined) throw new Exception(answer.error);
			return decode(answer.value);
		},
		/** An object of Google's: it cannot be returned, and a member that the emulator does not have says so. */
		hostObject(name, members) {
			const object = new Proxy(members, {
				get(target, key) {
					if (key in target || typeof key === 'symbol' || key === 'then' || key === 'toJSON') return target[key];
					throw new Error(`The emulator's ${name} has no "${key}".`);
				},
				set(_target, key) {
					throw new Error(`The emulator's ${name} takes no "${String(key)}".`);
				},
			});
			Object.defineProperty(members, 'toString', { value: () => name, enumerable: false, configurable: true });
			hostObjects.add(object);
			return object;
		},
		/** The sentence for what only works where a person looks at it. (The sentence is recorded; that it comes without a type is a guess.) */
		notAllowed() {
			const error = new Error('Script has attempted to perform an action that is not allowed when invoked through the Google Apps Script Execution API.');
			error.name = '';
			throw error;
		},
	};

	/** The user's own calls, the deepest first. Text, because the live service also tells only name and line. */
	const framesOf = (stack) => {
		if (typeof stack !== 'string') return [];
		const frames = [];
		for (const line of stack.split('\n')) {
			const match = /^\s+at (?:(.*) \()?appsscript:\/.*?:(\d+):\d+\)?$/.exec(line);
			if (match === null) continue;
			const name = (match[1] ?? '')
				.replace(/ \[as .*\]$/, '')
				.replace(/^(?:async |new )+/, '')
				.replace(/^.*\./, '');
			// How Google names a function without a name is a guess.
			frames.push({ function: name === '' || name === '<anonymous>' ? '(anonymous)' : name, lineNumber: Number(match[2]) });
		}
		return frames;
	};

	const describe = (thrown) => {
		let message;
		try {
			message = String(thrown);
		} catch {
			message = toText.call(thrown);
		}
		const isError = thrown instanceof Error || toText.call(thrown) === '[object Error]';
		// What is thrown without being an Error carries no stack here; whether Google adds one is not known.
		return { message, type: isError ? String(thrown.name) : '', stack: isError ? framesOf(thrown.stack) : [] };
	};

	/** Thrown inside `toJson` for a value that scripts.run cannot carry. */
	class Unsupported {
		constructor(path) {
			this.path = path;
		}
	}

	const isPlain = (value) => {
		const prototype = Object.getPrototypeOf(value);
		return prototype === null || (Object.getPrototypeOf(prototype) === null && Object.prototype.hasOwnProperty.call(prototype, 'hasOwnProperty'));
	};

	/*
	 * Documented: primitives, arrays and objects can be returned, Apps Script's own objects cannot; Dates, functions and promises
	 * are reported as refused. Guesses: that Map, class instances, symbols, BigInt and cycles are refused too, that NaN and the infinities
	 * become null, that a missing array element becomes null, that a key whose value is undefined is left out.
	 */
	const toJson = (value, path, above) => {
		switch (typeof value) {
			case 'string':
			case 'boolean':
				return JSON.stringify(value);
			case 'number':
				return Number.isFinite(value) ? String(Object.is(value, -0) ? 0 : value) : 'null';
			case 'undefined':
				return undefined;
			case 'object':
				break;
			default:
				throw new Unsupported(path);
		}
		if (value === null) return 'null';
		if (above.includes(value) || hostObjects.has(value)) throw new Unsupported(path);
		const below = [...above, value];
		if (Array.isArray(value)) {
			const parts = [];
			for (let index = 0; index < value.length; index += 1) parts.push(toJson(value[index], `${path}[${index}]`, below) ?? 'null');
			return `[${parts.join(',')}]`;
		}
		if (toText.call(value) !== '[object Object]' || !isPlain(value)) throw new Unsupported(path);
		const parts = [];
		for (const key of Object.keys(value)) {
			const text = toJson(value[key], `${path}.${key}`, below);
			if (text !== undefined) parts.push(`${JSON.stringify(key)}:${text}`);
		}
		return `{${parts.join(',')}}`;
	};

	return {
		kit,
		describe,
		run(callable, parameters) {
			try {
				const returned = callable(...JSON.parse(parameters));
				return { kind: 'returned', result: toJson(returned, 'result', []) };
			} catch (thrown) {
				if (thrown instanceof Unsupported) return { kind: 'unsupportedReturn', path: thrown.path };
				return { kind: 'threw', ...describe(thrown) };
			}
		},
	};
};
