import type { IncomingHttpHeaders } from 'node:http';

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
	/** Resolves with `undefined` where the path is not this service's. */
	handle(request: EmulatedRequest): Promise<EmulatedAnswer | undefined>;
	/** Ends child processes and timers. */
	stop(): Promise<void>;
}
