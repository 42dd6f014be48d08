import type { Clock } from '../clock';
import { limits } from './limits';
import type { EndpointArguments } from './payload';
import type { ScriptResult } from './runner';

/** Every status of a trace; the first two are not final. */
export type TraceStatus = 'pending' | 'processing' | 'success' | 'failure' | 'timeout' | 'blocked' | 'queue_timeout';

/** What is remembered of a run. */
export interface Trace {
	readonly id: number;
	/** `scripts/<id>` or `endpoints/<name>`: in whose list it is. */
	readonly owner: string;
	status: TraceStatus;
	/** When the run began, in milliseconds since the epoch; null until it has ended. */
	executedAt: number | null;
	/** Milliseconds; null until it has ended, and for a run that never began. */
	duration: number | null;
	result: ScriptResult | Record<string, never>;
	/** Endpoints only. */
	readonly meta?: unknown;
	/** Endpoints only. */
	readonly args?: EndpointArguments;
}

/**
 * The traces of one instance, of its scripts or of its endpoints. Ids count per store, and begin again at 1 after 48 hours without a run.
 * (That scripts and endpoints count apart is a guess, from the names under which the service stores them.)
 */
export class TraceStore {
	private readonly traces = new Map<number, { readonly trace: Trace; expiresAt: number }>();
	private readonly lists = new Map<string, number[]>();
	private counter = 0;
	private counterExpiresAt = 0;

	constructor(private readonly clock: Clock) {}

	/** Begins a trace as `pending` (or as `fields` says) under the next id, and pushes the oldest of its list out where there are 100. */
	add(owner: string, fields: Partial<Omit<Trace, 'id' | 'owner'>> = {}): Trace {
		const now = this.clock.now();
		if (now >= this.counterExpiresAt) this.counter = 0;
		this.counter += 1;
		this.counterExpiresAt = now + limits.traceCounterLife;
		const trace: Trace = { id: this.counter, owner, status: 'pending', executedAt: null, duration: null, result: {}, ...fields };
		this.traces.set(trace.id, { trace, expiresAt: now + limits.traceLife });
		const list = this.lists.get(owner) ?? [];
		this.lists.set(owner, list);
		list.unshift(trace.id);
		for (const id of list.splice(limits.traceList)) {
			const trimmed = this.traces.get(id);
			if (trimmed !== undefined) trimmed.expiresAt = Math.min(trimmed.expiresAt, now + limits.traceLifeOnceTrimmed);
		}
		return trace;
	}

	/** The trace, unless there is none or it has expired. Whose it is does not matter, as on the service. */
	get(id: number): Trace | undefined {
		const entry = this.traces.get(id);
		if (entry === undefined) return undefined;
		if (this.clock.now() < entry.expiresAt) return entry.trace;
		this.traces.delete(id);
		return undefined;
	}

	/** The latest 100 of a script or an endpoint, oldest first. */
	list(owner: string): Trace[] {
		const alive: Trace[] = [];
		for (const id of this.lists.get(owner) ?? []) {
			const trace = this.get(id);
			// An id that has begun anew may belong to another owner by now.
			if (trace !== undefined && trace.owner === owner && !alive.includes(trace)) alive.unshift(trace);
		}
		return alive.sort((one, other) => one.id - other.id);
	}

	/** Lets a trace expire now. */
	expire(id: number): void {
		this.traces.delete(id);
	}

	/** Lets ids begin again at 1, as 48 hours without a run would. What is still remembered stays until its id is used again. */
	restartIds(): void {
		this.counterExpiresAt = 0;
	}
}
