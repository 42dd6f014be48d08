import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from './clock';
import type { FaultSwitchboard } from './faults';
import type { Journal } from './journal';

/** What every emulated service is made with. */
export interface EmulatorContext {
	readonly clock: Clock;
	/** The server keeps the requests; a service adds the executions. */
	readonly journal: Journal;
	/** The server applies the faults; a service only contributes its own to the catalogue. */
	readonly faults: FaultSwitchboard;
	/** Where the emulator listens, `http://127.0.0.1:port`, without a slash at the end. */
	readonly address: string;
}

/** A request as it came over the wire, its body read whole. */
export interface EmulatedRequest {
	/** Counts from 1 over the whole emulator; the journal's entries refer to it. */
	readonly id: number;
	readonly method: string;
	/** Path and query, resolved against the emulator's own address. */
	readonly url: URL;
	readonly headers: IncomingHttpHeaders;
	readonly body: Buffer;
	/** Aborts when the client closes the connection before the answer is complete. */
	readonly closed: AbortSignal;
}

/** What a service answers. An object or array as body is sent as JSON; text and bytes are sent as they are. */
export interface EmulatedAnswer {
	readonly status: number;
	readonly headers?: Record<string, string>;
	readonly body?: unknown;
}

/** One of the emulated services. The server asks each in turn; the first that knows the path answers. */
export interface EmulatedService {
	readonly name: 'appsScript' | 'google' | 'syncano';
	/**
	 * Whether this path belongs to the service. The server asks before it looks for a fault, so that a fault for one service
	 * meets that service's requests only. A service without it owns what no service before it owns.
	 */
	owns?(request: EmulatedRequest): boolean;
	/** Resolves with `undefined` where the path is not this service's. */
	handle(request: EmulatedRequest): Promise<EmulatedAnswer | undefined>;
	/** Ends child processes and timers. */
	stop(): Promise<void>;
}
