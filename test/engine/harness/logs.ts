import './environment';
import { AsyncLocalStorage } from 'node:async_hooks';
import { Logger } from '@n8n/backend-common';
import { Container } from '@n8n/di';
import { LoggerProxy } from 'n8n-workflow';

/** One line that n8n would have written to its log. */
export interface LogLine {
	readonly level: 'error' | 'warn' | 'info' | 'debug';
	readonly message: string;
	readonly metadata?: unknown;
}

const current = new AsyncLocalStorage<LogLine[]>();

function collect(level: LogLine['level']) {
	return (message: string, metadata?: unknown): void => {
		current.getStore()?.push({ level, message, ...(metadata === undefined ? {} : { metadata }) });
	};
}

// n8n-core and its packages ask the container for their logger, n8n-workflow its LoggerProxy. Both are replaced by one that
// hands the lines to the run that caused them: a failing node would otherwise fill the console of every test.
const logger = Object.assign(Object.create(Logger.prototype) as Logger, {
	error: collect('error'),
	warn: collect('warn'),
	info: collect('info'),
	debug: collect('debug'),
	scoped: () => logger,
});
Container.set(Logger, logger);
LoggerProxy.init(logger);

/** Runs `task`; everything that n8n logs in it, debug lines included, goes to `lines`. */
export function collectingLogs<T>(lines: LogLine[], task: () => T): T {
	return current.run(lines, task);
}
