import type { VirtualClock } from './virtual-clock';

/** What a simulated service answers: the run's end, or a refusal with the milliseconds of its `Retry-After`, if it names any. */
export type Answer = { readonly ran: true } | { readonly ran: false; readonly retryAfter?: number };

export interface ServiceSettings {
	/** Runs that the service lets one user have at a time, at a given time. */
	readonly slots?: (now: number) => number;
	/** Runs that it lets start in any second (a sliding window, as Django REST framework's throttles have). */
	readonly startsPerSecond?: number;
	/** Milliseconds on the way there, and again on the way back. */
	readonly latencyMs: number;
	/** Milliseconds that it takes to refuse. */
	readonly refusalMs: number;
}

/** A service with a limit, shared by all workers of a simulation. A refused run does not start and takes no slot. */
export class SimulatedService {
	private running = 0;

	private readonly recentStarts: number[] = [];

	constructor(
		private readonly clock: VirtualClock,
		private readonly settings: ServiceSettings,
	) {}

	async run(durationMs: number): Promise<Answer> {
		const { clock, settings } = this;
		if (settings.latencyMs > 0) await clock.wait(settings.latencyMs);
		const refusal = this.refusal();
		if (refusal !== undefined) {
			await clock.wait(settings.refusalMs + settings.latencyMs);
			return refusal;
		}
		this.running++;
		this.recentStarts.push(clock.now());
		await clock.wait(durationMs);
		this.running--;
		if (settings.latencyMs > 0) await clock.wait(settings.latencyMs);
		return { ran: true };
	}

	private refusal(): Answer | undefined {
		const { slots, startsPerSecond } = this.settings;
		const now = this.clock.now();
		if (slots !== undefined && this.running >= slots(now)) return { ran: false };
		while (this.recentStarts.length > 0 && (this.recentStarts[0] as number) <= now - 1000) this.recentStarts.shift();
		if (startsPerSecond !== undefined && this.recentStarts.length >= startsPerSecond) return { ran: false, retryAfter: 1000 };
		return undefined;
	}
}
