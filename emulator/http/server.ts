import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../clock';
import type { FaultDefinition, FaultParameters, FaultSwitchboard } from '../faults';
import type { Journal, RequestEntry } from '../journal';
import type { EmulatedAnswer, EmulatedRequest, EmulatedService } from '../service';
import { encodeAnswer, sendWhole, spoilConnection } from './send';

/** What does not count as a request to an emulated service: the emulator's own pages for people. */
export interface ControlPages {
	/** Resolves with `undefined` where the path is none of theirs. */
	handle(request: EmulatedRequest): Promise<EmulatedAnswer | undefined>;
}

/** Google answers paths it does not know with a page; Syncano's service answers its own. */
const UNKNOWN_PATH: EmulatedAnswer = {
	status: 404,
	headers: { 'content-type': 'text/html; charset=UTF-8' },
	body: '<!DOCTYPE html>\n<html lang=en>\n  <title>Error 404 (Not Found)!!1</title>\n  <p><b>404.</b> <ins>That’s an error.</ins>\n  <p>The requested URL was not found on this server.  <ins>That’s all we know.</ins>\n',
};

/**
 * One HTTP server for all emulated services: reads requests whole, keeps the journal, applies the faults that are switched on,
 * and sends what the service answered.
 */
export class EmulatorServer {
	private readonly server: Server;
	private readonly services: EmulatedService[] = [];
	private control: ControlPages | undefined;
	private requests = 0;
	private closing = false;
	private baseUrl = 'http://127.0.0.1';

	constructor(
		private readonly clock: Clock,
		private readonly journal: Journal,
		private readonly faults: FaultSwitchboard,
	) {
		this.server = createServer((incoming, response) => {
			void this.serve(incoming, response);
		});
		// A client that takes a kept connection up again just when the server closes it would see a reset that nobody asked for.
		this.server.keepAliveTimeout = 10 * 60_000;
		this.server.headersTimeout = 11 * 60_000;
		this.server.requestTimeout = 0;
	}

	/** Adds a service; they are asked in the order of adding. */
	add(...services: EmulatedService[]): void {
		this.services.push(...services);
	}

	setControl(control: ControlPages): void {
		this.control = control;
	}

	/**
	 * Listens on 127.0.0.1.
	 * @param port 0 takes any free one
	 * @returns the address, `http://127.0.0.1:port`
	 */
	listen(port: number): Promise<string> {
		return new Promise((resolve, reject) => {
			this.server.once('error', reject);
			this.server.listen(port, '127.0.0.1', () => {
				this.server.off('error', reject);
				this.baseUrl = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
				resolve(this.baseUrl);
			});
		});
	}

	/** Stops listening and closes every connection, also those with a request under way. */
	close(): Promise<void> {
		this.closing = true;
		return new Promise((resolve) => {
			this.server.close(() => {
				resolve();
			});
			this.server.closeAllConnections();
		});
	}

	private async serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
		const closed = new AbortController();
		const at = this.clock.now();
		this.requests += 1;
		const id = this.requests;
		const chunks: Buffer[] = [];
		let complete = true;
		try {
			for await (const chunk of incoming) chunks.push(chunk as Buffer);
		} catch {
			complete = false;
		}
		const body = Buffer.concat(chunks);
		const request: EmulatedRequest = {
			id,
			method: incoming.method ?? 'GET',
			url: new URL(incoming.url ?? '/', this.baseUrl),
			headers: incoming.headers,
			body,
			closed: closed.signal,
		};

		const control = complete ? await this.control?.handle(request) : undefined;
		if (control !== undefined) {
			sendWhole(incoming, response, encodeAnswer(control));
			return;
		}

		const entry: RequestEntry = {
			id,
			method: request.method,
			url: incoming.url ?? '/',
			headers: incoming.headers,
			body: body.toString('utf8'),
			at,
		};
		this.journal.requests.push(entry);
		if (!complete) {
			entry.closedByClient = true;
			entry.endedAt = this.clock.now();
			return;
		}

		let cutHere = false;
		response.once('close', () => {
			entry.endedAt = this.clock.now();
			if (!response.writableFinished && !cutHere && !this.closing) entry.closedByClient = true;
			if (!response.writableFinished) closed.abort(new Error('The client closed the connection'));
		});

		const service = this.services.find((candidate) => candidate.owns?.(request) ?? true);
		const taken = service === undefined ? undefined : this.faults.take(service.name, request);
		if (taken !== undefined) entry.fault = taken.name;
		const answer = await this.answer(request, service, taken);
		if (response.destroyed || closed.signal.aborted || this.closing) return;

		const socketBehaviour = taken?.fault.socket;
		const encoded = encodeAnswer(answer ?? { status: 200, body: {} });
		if (socketBehaviour === undefined) {
			entry.status = encoded.status;
			sendWhole(incoming, response, encoded);
			return;
		}
		if (socketBehaviour === 'slowDrip') entry.status = encoded.status;
		if (socketBehaviour !== 'slowDrip' && socketBehaviour !== 'noAnswer') cutHere = true;
		await spoilConnection(socketBehaviour, response, encoded, closed.signal, taken?.parameters ?? {});
	}

	/** The real answer, a fault's, or a fault's made of the real one. */
	private async answer(
		request: EmulatedRequest,
		service: EmulatedService | undefined,
		taken: { readonly fault: FaultDefinition; readonly parameters: FaultParameters } | undefined,
	): Promise<EmulatedAnswer | undefined> {
		try {
			if (taken?.fault.stage === 'instead') return taken.fault.answer?.(request, undefined, taken.parameters);
			const real = (await service?.handle(request)) ?? UNKNOWN_PATH;
			return taken?.fault.answer === undefined ? real : taken.fault.answer(request, real, taken.parameters);
		} catch (error) {
			// A mistake in the emulator itself must look like nothing that a live service says.
			return {
				status: 500,
				headers: { 'content-type': 'text/plain; charset=utf-8' },
				body: `The emulator itself failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
			};
		}
	}
}
