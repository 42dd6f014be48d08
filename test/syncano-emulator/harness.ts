import { request as httpRequest } from 'node:http';
import { type Emulator, startEmulator } from '../../emulator';
import { AdjustableClock } from '../../emulator/clock';
import type { SyncanoOptions } from '../../emulator/syncano';

/** An answer as a client sees it. */
export interface Answer {
	readonly status: number;
	readonly headers: Headers;
	readonly text: string;
	/** The body parsed; undefined where it is no JSON. */
	readonly json: unknown;
}

/** What a test says of a request; by default with the owner's Account Key. */
export interface Call {
	readonly method?: string;
	/** Null: none. */
	readonly key?: string | null;
	readonly headers?: Record<string, string>;
	/** An object is sent as JSON, a text as it is. */
	readonly body?: unknown;
	readonly contentType?: string | null;
}

/** A running emulator, with what tests need of it. */
export interface Running extends Pick<Emulator, 'journal' | 'faults' | 'syncano' | 'stop'> {
	readonly url: string;
	call(path: string, call?: Call): Promise<Answer>;
	/** Gets a trace again and again until its status is final. */
	finished(path: string): Promise<Record<string, unknown>>;
	/** Starts a script with this payload and waits for its trace. */
	run(instance: string, script: number, payload?: unknown): Promise<Record<string, unknown>>;
}

/** One request by Node's own client: unlike `fetch` it sends a body with a GET, as clients of this service do. */
async function send(url: string, method: string, headers: Record<string, string>, body: string | undefined): Promise<Answer> {
	const bytes = body === undefined ? undefined : Buffer.from(body);
	return await new Promise((resolve, reject) => {
		const outgoing = httpRequest(url, { method, headers: bytes === undefined ? headers : { 'content-length': String(bytes.length), ...headers } }, (incoming) => {
			const chunks: Buffer[] = [];
			incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
			incoming.on('error', reject);
			incoming.on('end', () => {
				const text = Buffer.concat(chunks).toString('utf8');
				let json: unknown;
				try {
					json = JSON.parse(text);
				} catch {
					json = undefined;
				}
				const received = new Headers();
				for (const [name, value] of Object.entries(incoming.headers)) if (value !== undefined) received.set(name, String(value));
				resolve({ status: incoming.statusCode ?? 0, headers: received, text, json });
			});
		});
		outgoing.on('error', reject);
		outgoing.end(bytes);
	});
}

/** Starts the emulator on a free port. Requests are not throttled unless the options say so. */
export async function start(options: SyncanoOptions = {}, clock = new AdjustableClock()): Promise<Running> {
	const emulator = await startEmulator({ clock, syncano: { rates: { instance: 1e6, administrator: 1e6 }, ...options } });
	const { address: url, journal, faults, syncano } = emulator;

	const call: Running['call'] = async (path, { method, key = syncano.accountKey, headers = {}, body, contentType } = {}) => {
		const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
		const type = contentType === undefined && text !== undefined ? 'application/json' : contentType;
		const answer = await send(`${url}${path}`, method ?? (text === undefined ? 'GET' : 'POST'), {
			...(key === null ? {} : { 'x-api-key': key }),
			...(type ? { 'content-type': type } : {}),
			...headers,
		}, text);
		return answer;
	};
	const finished: Running['finished'] = async (path) => {
		for (;;) {
			const { status, json } = await call(path);
			const trace = record(json);
			if (status !== 200) throw new Error(`HTTP ${status}: ${JSON.stringify(json)}`);
			if (trace.status !== 'pending' && trace.status !== 'processing') return trace;
			await new Promise((resolve) => setTimeout(resolve, 10));
		}
	};
	return {
		url,
		journal,
		faults,
		syncano,
		call,
		finished,
		run: async (instance, script, payload = {}) => {
			const { status, json } = await call(`/v1.1/instances/${instance}/snippets/scripts/${script}/run/`, { body: { payload } });
			if (status !== 200) throw new Error(`HTTP ${status}: ${JSON.stringify(json)}`);
			return await finished(String(record(record(json).links).self));
		},
		stop: () => emulator.stop(),
	};
}

/** A JSON object; throws for anything else, so that a test fails at the right place. */
export function record(value: unknown): Record<string, unknown> {
	if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`No object: ${JSON.stringify(value)}`);
	return value as Record<string, unknown>;
}

/** The `objects` of a list's page. */
export function objects(answer: Answer): Record<string, unknown>[] {
	const found = record(answer.json).objects;
	if (!Array.isArray(found)) throw new Error(`No list: ${answer.text}`);
	return found.map(record);
}
