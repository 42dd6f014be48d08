'use strict';
/*
 * Logger and console. What is logged arrives in the emulator's list `appsScript.logs`.
 * Not here: console.time, and Cloud Logging's structure of logged objects.
 */
module.exports = (kit) => {
	const show = (value) => {
		if (typeof value === 'string') return value;
		try {
			return typeof value === 'object' && value !== null && Object.prototype.toString.call(value) !== '[object Error]' ? JSON.stringify(value) : String(value);
		} catch {
			return String(value);
		}
	};
	/** `%s`, `%d` and `%f` are replaced by the values behind the text. */
	const format = (values) => {
		const [first, ...rest] = values;
		if (typeof first !== 'string' || rest.length === 0) return values.map(show).join(' ');
		const text = first.replace(/%[sdifoO]/g, (mark) => (rest.length > 0 ? show(rest.shift()) : mark));
		return [text, ...rest.map(show)].join(' ');
	};

	let lines = '';
	const Logger = kit.hostObject('Logger', {
		log(...values) {
			const text = format(values);
			lines += `${text}\n`;
			kit.host.log('INFO', text);
			return Logger;
		},
		getLog: () => lines,
		clear() {
			lines = '';
		},
	});
	const at =
		(level) =>
		(...values) =>
			kit.host.log(level, format(values));
	return {
		Logger,
		console: kit.hostObject('console', { log: at('INFO'), info: at('INFO'), warn: at('WARNING'), error: at('ERROR'), debug: at('DEBUG') }),
	};
};
