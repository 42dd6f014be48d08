import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { FaultDefinition, FaultParameters } from '../faults';
import type { EmulatedAnswer } from '../service';

/** An answer as bytes. */
export interface EncodedAnswer {
	readonly status: number;
	readonly headers: Record<string, string>;
	readonly body: Buffer;
}

/** Answers shorter than this are not worth compressing. */
const GZIP_FROM_BYTES = 1024;

/** How long bytes that were written get before the connection is cut, so that they arrive first. Real time. */
const BEFORE_CUT_MILLISECONDS = 30;

/** Turns an answer's body into bytes: text and bytes as they are, everything else as JSON, nothing for `undefined`. */
export function encodeAnswer(answer: EmulatedAnswer): EncodedAnswer {
	const headers: Record<string, string> = {};
	for (const [name, value] of Object.entries(answer.headers ?? {})) headers[name.toLowerCase()] = value;
	let body: Buffer;
	if (answer.body === undefined) body = Buffer.alloc(0);
	else if (Buffer.isBuffer(answer.body)) body = answer.body;
	else if (answer.body instanceof Uint8Array) body = Buffer.from(answer.body);
	else if (typeof answer.body === 'string') {
		body = Buffer.from(answer.body, 'utf8');
		headers['content-type'] ??= 'text/plain; charset=utf-8';
	} else {
		body = Buffer.from(JSON.stringify(answer.body), 'utf8');
		headers['content-type'] ??= 'application/json; charset=UTF-8';
	}
	return { status: answer.status, headers, body };
}

/** Sends an answer in full, compressed where the client takes gzip and it is worth it. */
export function sendWhole(incoming: IncomingMessage, response: ServerResponse, answer: EncodedAnswer): void {
	const acceptsGzip = /\bgzip\b/.test(String(incoming.headers['accept-encoding'] ?? ''));
	const headers = { ...answer.headers };
	let body = answer.body;
	if (acceptsGzip && body.length >= GZIP_FROM_BYTES && headers['content-encoding'] === undefined) {
		body = gzipSync(body);
		headers['content-encoding'] = 'gzip';
		headers['vary'] = 'Accept-Encoding';
	}
	if (answer.status !== 204) headers['content-length'] = String(body.length);
	response.writeHead(answer.status, headers);
	response.end(incoming.method === 'HEAD' ? undefined : body);
}

/** Resolves after this many real milliseconds, or as soon as the signal aborts. */
function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal?.aborted) {
			resolve();
			return;
		}
		const end = () => {
			clearTimeout(timer);
			signal?.removeEventListener('abort', end);
			resolve();
		};
		const timer = setTimeout(end, milliseconds);
		signal?.addEventListener('abort', end, { once: true });
	});
}

function writePart(response: ServerResponse, part: Buffer): Promise<void> {
	return new Promise((resolve) => {
		response.write(part, () => {
			resolve();
		});
	});
}

/**
 * Sends an answer in the way a fault asks for; see {@link FaultDefinition.socket}.
 * `slowDrip` reads the parameter `intervalMilliseconds` (real time between two bytes, default 25).
 */
export async function spoilConnection(
	behaviour: NonNullable<FaultDefinition['socket']>,
	response: ServerResponse,
	answer: EncodedAnswer,
	closed: AbortSignal,
	parameters: FaultParameters,
): Promise<void> {
	const socket = response.socket;
	const headers = { ...answer.headers, 'content-length': String(answer.body.length) };
	switch (behaviour) {
		case 'reset':
			socket?.resetAndDestroy();
			return;
		case 'noAnswer':
			return;
		case 'resetHalfway':
		case 'endHalfway': {
			response.writeHead(answer.status, headers);
			await writePart(response, answer.body.subarray(0, Math.floor(answer.body.length / 2)));
			await pause(BEFORE_CUT_MILLISECONDS, closed);
			if (behaviour === 'resetHalfway') socket?.resetAndDestroy();
			else socket?.end(() => socket.destroy());
			return;
		}
		case 'slowDrip': {
			const interval = typeof parameters['intervalMilliseconds'] === 'number' ? parameters['intervalMilliseconds'] : 25;
			response.writeHead(answer.status, headers);
			response.flushHeaders();
			for (let index = 0; index < answer.body.length && !closed.aborted; index += 1) {
				await writePart(response, answer.body.subarray(index, index + 1));
				await pause(interval, closed);
			}
			if (!closed.aborted) response.end();
		}
	}
}
