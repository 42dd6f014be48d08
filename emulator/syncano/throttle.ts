import type { Clock } from '../clock';
import { refuse } from './answers';

/** At most so many requests in any one second, counted for each key by itself. */
export class Throttle {
	private readonly times = new Map<string, number[]>();

	constructor(private readonly clock: Clock) {}

	/** Counts a request; throws the service's 429 where it is one too many. A request that is refused does not count. */
	count(key: string, perSecond: number): void {
		const now = this.clock.now();
		const recent = (this.times.get(key) ?? []).filter((time) => time > now - 1000);
		this.times.set(key, recent);
		if (recent.length < perSecond) {
			recent.push(now);
			return;
		}
		const seconds = Math.max(1, Math.ceil(((recent[0] ?? now) + 1000 - now) / 1000));
		throw refuse(429, `Request was throttled. Expected available in ${seconds} second${seconds === 1 ? '' : 's'}.`, { 'retry-after': String(seconds) });
	}
}
