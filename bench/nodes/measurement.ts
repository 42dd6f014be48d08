import { performance, type EventLoopUtilization } from 'node:perf_hooks';
import { Session } from 'node:inspector';
import { writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What the process of n8n spent between two nodes of a workflow. Times in milliseconds, memory in bytes. */
export interface Measured {
	readonly wallMs: number;
	/** User and system time of the whole process, its threads for garbage collection and encryption included. */
	readonly cpuMs: number;
	/** Share of the time in which the one thread that runs JavaScript was busy, 0 to 1. */
	readonly busy: number;
	/** Heap after a full collection at the end, less the heap after one at the beginning. */
	readonly keptBytes: number;
	/** The highest heap that was seen (looked at fifty times a second), less the heap at the beginning. */
	readonly peakBytes: number;
}

const PEAK_INTERVAL_MS = 20;
const MOST_COLLECTIONS = 6;
const COLLECTION_PAUSE_MS = 50;
const STILL = 0.999;

setFlagsFromString('--expose-gc');
// Code that is thrown away and compiled again is megabytes; it would be taken for what the items keep, or hide it.
setFlagsFromString('--no-flush-bytecode');
const collect = runInNewContext('gc') as () => void;

/** Collected until it gets no smaller: connections that are closing and finalizers hold on to memory for some turns of the event loop. */
async function heapAfterCollection(): Promise<number> {
	let heap = Infinity;
	for (let round = 0; round < MOST_COLLECTIONS; round += 1) {
		collect();
		const now = process.memoryUsage().heapUsed;
		if (now > heap * STILL) return Math.min(now, heap);
		heap = now;
		await new Promise((resolve) => setTimeout(resolve, COLLECTION_PAUSE_MS));
	}
	return heap;
}

/** One measurement under way; the nodes of one workflow run hand it on by its key. */
class Measurement {
	private constructor(
		private readonly heapBytes: number,
		private readonly profile: { readonly session: Session; readonly file: string } | undefined,
	) {}

	private peak = 0;
	private readonly sampler = setInterval(() => {
		this.peak = Math.max(this.peak, process.memoryUsage().heapUsed);
	}, PEAK_INTERVAL_MS).unref();
	private readonly loop: EventLoopUtilization = performance.eventLoopUtilization();
	private readonly cpu = process.cpuUsage();
	private readonly startedAt = performance.now();

	static async begin(profileFile: string | undefined): Promise<Measurement> {
		const heapBytes = await heapAfterCollection();
		if (profileFile === undefined) return new Measurement(heapBytes, undefined);
		const session = new Session();
		session.connect();
		session.post('Profiler.enable');
		session.post('Profiler.start');
		return new Measurement(heapBytes, { session, file: profileFile });
	}

	async end(): Promise<Measured> {
		const wallMs = performance.now() - this.startedAt;
		const { user, system } = process.cpuUsage(this.cpu);
		const { utilization } = performance.eventLoopUtilization(this.loop);
		clearInterval(this.sampler);
		this.peak = Math.max(this.peak, process.memoryUsage().heapUsed);
		this.profile?.session.post('Profiler.stop', (_error, { profile }) => {
			writeFileSync(this.profile?.file ?? '', JSON.stringify(profile));
		});
		this.profile?.session.disconnect();
		return {
			wallMs,
			cpuMs: (user + system) / 1_000,
			busy: utilization,
			keptBytes: (await heapAfterCollection()) - this.heapBytes,
			peakBytes: this.peak - this.heapBytes,
		};
	}
}

// Each node of this package is a bundle of its own; what they share stands where all see it.
const shared = globalThis as typeof globalThis & { cloudScriptsMeasurements?: Map<string, Measurement> };
const measurements = (shared.cloudScriptsMeasurements ??= new Map<string, Measurement>());

/** @param profileFile where a CPU profile of the time between is written; without it, none is made */
export async function beginMeasurement(key: string, profileFile?: string): Promise<void> {
	measurements.set(key, await Measurement.begin(profileFile));
}

export async function endMeasurement(key: string): Promise<Measured> {
	const measurement = measurements.get(key);
	if (measurement === undefined) throw new Error(`No measurement "${key}" was begun`);
	measurements.delete(key);
	return await measurement.end();
}
