import type { Clock } from '../clock';
import { SENTENCES } from './bodies';
import type { AppsScriptSettings } from './settings';

const DAY_MILLISECONDS = 24 * 3600 * 1000;

/** Counts runs per user and script, and says what a further one is refused with. */
export class RunLimits {
	private readonly runningByUser = new Map<string, number>();
	private readonly runningByScript = new Map<string, number>();
	private readonly startsByUser = new Map<string, number[]>();
	/** The most runs that ever ran at once. */
	peak = 0;
	private running = 0;

	constructor(
		private readonly settings: AppsScriptSettings,
		private readonly clock: Clock,
	) {}

	/** Takes a place, to be given back with `end`; or answers with the sentence of the refusal. */
	start(userEmail: string, scriptId: string): { readonly end: () => void } | { readonly refusal: string } {
		const byUser = this.runningByUser.get(userEmail) ?? 0;
		const byScript = this.runningByScript.get(scriptId) ?? 0;
		if (byUser >= this.settings.simultaneousPerUser || byScript >= this.settings.simultaneousPerScript) {
			return { refusal: SENTENCES.tooManySimultaneous };
		}
		if (Number.isFinite(this.settings.startsPerSecond) || Number.isFinite(this.settings.startsPerDay)) {
			const now = this.clock.now();
			const starts = (this.startsByUser.get(userEmail) ?? []).filter((start) => start > now - DAY_MILLISECONDS);
			this.startsByUser.set(userEmail, starts);
			if (starts.length >= this.settings.startsPerDay) return { refusal: SENTENCES.dailyLimit };
			if (starts.filter((start) => start > now - 1000).length >= this.settings.startsPerSecond) return { refusal: SENTENCES.execQps };
			starts.push(now);
		}
		this.runningByUser.set(userEmail, byUser + 1);
		this.runningByScript.set(scriptId, byScript + 1);
		this.running += 1;
		this.peak = Math.max(this.peak, this.running);
		return {
			end: () => {
				this.running -= 1;
				this.runningByUser.set(userEmail, (this.runningByUser.get(userEmail) ?? 1) - 1);
				this.runningByScript.set(scriptId, (this.runningByScript.get(scriptId) ?? 1) - 1);
			},
		};
	}
}
