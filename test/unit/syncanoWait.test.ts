import { traceOrFailure, type AnsweredTrace } from '../../nodes/Syncano/outcome';
import { LookPace } from '../../nodes/Syncano/pace';
import { waitForTrace } from '../../nodes/Syncano/waitForTrace';
import type { Answer } from '../../nodes/shared/answer';

const REQUEST = { target: 'script', sentKey: 'account', wrapped: false } as const;
/** What a request takes on the way, in milliseconds. */
const LATENCY = 10;
const START = Date.parse('2026-11-21T08:00:00Z');

const answered = (statusCode: number, body: unknown, headers: Record<string, string> = {}): Answer => ({
	kind: 'answered',
	statusCode,
	headers,
	body: Buffer.from(JSON.stringify(body)),
});
const trace = (status: string, duration: number | null = null, executedAt: string | null = null): Answer =>
	answered(200, { id: 7, status, executed_at: executedAt, duration, result: { stdout: 'out', stderr: '' } }, { date: new Date(START).toUTCString() });
const started = (): AnsweredTrace => {
	const read = traceOrFailure(trace('pending'), REQUEST, START);
	if (!('trace' in read)) throw new Error('No trace');
	return read;
};

/** A run of one script in virtual time that has ended after `takes` milliseconds; `spoiled` may answer in place of a look. */
async function run(takes: number, pace: LookPace, { spoiled, limitMs = 330_000, ending }: { spoiled?: (at: number, look: number) => Answer | undefined; limitMs?: number; ending?: Answer } = {}) {
	let now = 0;
	const looks: number[] = [];
	const clock = { now: () => now, wait: (milliseconds: number) => Promise.resolve(void (now += milliseconds)) };
	const look = (): Promise<Answer> => {
		looks.push(now);
		now += LATENCY;
		const real = now >= takes ? (ending ?? trace('success', takes)) : trace('processing');
		return Promise.resolve(spoiled?.(looks[looks.length - 1] as number, looks.length) ?? real);
	};
	const outcome = await waitForTrace(started(), look, REQUEST, { limitMs, pace, clock });
	return { outcome, looks, wall: now };
}

/** One request a second, the first after a second. */
const naive = (takes: number) => ({ wall: Math.ceil(takes / 1_000) * 1_000, looks: Math.ceil(takes / 1_000) });

describe('the pace of looks', () => {
	test.each([40, 200, 220, 700])('200 runs of about %i ms: less time than one look a second, and hardly more than one look each', async (takes) => {
		const pace = new LookPace();
		let wall = 0;
		let looks = 0;
		for (let n = 0; n < 200; n += 1) {
			const ended = await run(takes + (n * 7) % 20, pace);
			wall += ended.wall;
			looks += ended.looks.length;
		}
		expect(wall / 200).toBeLessThan(takes + 80);
		expect(wall).toBeLessThan(naive(takes).wall * 200);
		expect(looks / 200).toBeLessThan(1.15);
	});

	test.each([30_000, 300_000])('a single run of %i ms: at most a third over its time, with far fewer looks than one a second', async (takes) => {
		const { wall, looks } = await run(takes, new LookPace());
		expect(wall).toBeLessThanOrEqual((takes * 4) / 3 + 2 * LATENCY);
		expect(looks.length).toBeLessThan(naive(takes).looks * 0.7);
		for (let n = 1; n < looks.length; n += 1) expect((looks[n] as number) - (looks[n - 1] as number)).toBeLessThanOrEqual(10_000 + LATENCY);
	});

	test.each([2_500, 5_000, 60_000])('runs of %i ms, from the second on: fewer looks than one a second', async (takes) => {
		const pace = new LookPace();
		await run(takes, pace);
		expect((await run(takes, pace)).looks.length).toBeLessThan(naive(takes).looks);
	});

	test('a run that stood in the queue does not keep those after it waiting', async () => {
		const pace = new LookPace();
		for (let n = 0; n < 5; n += 1) await run(200, pace);
		await run(800, pace);
		let wall = 0;
		for (let n = 0; n < 20; n += 1) wall += (await run(200, pace)).wall;
		expect(wall / 20).toBeLessThan(320);
	});

	test('after long runs a short one is not kept waiting for long', async () => {
		const pace = new LookPace();
		for (let n = 0; n < 5; n += 1) await run(60_000, pace);
		expect((await run(100, pace)).wall).toBeLessThanOrEqual(3_000 + LATENCY);
	});
});

describe('waiting for a trace', () => {
	test('a run that has ended by the time it is taken on needs no look', async () => {
		const blocked = traceOrFailure(trace('blocked'), REQUEST, START) as AnsweredTrace;
		const look = () => Promise.reject(new Error('looked'));
		await expect(waitForTrace(blocked, look, REQUEST, { limitMs: 1, pace: new LookPace(), clock: { now: () => 0, wait: () => Promise.resolve() } })).resolves.toBe(blocked);
	});

	test.each<[string, Answer]>([
		['5xx', answered(503, '')],
		['no connection', { kind: 'notSent', code: 'ECONNREFUSED' }],
		['a broken connection', { kind: 'lost', how: 'connection' }],
		['no answer in time', { kind: 'lost', how: 'timeout' }],
		['a page of somebody else', { kind: 'answered', statusCode: 200, headers: {}, body: Buffer.from('<html></html>') }],
	])('%s for a minute does not lose the run, and is not hammered', async (_what, answer) => {
		const { outcome, looks } = await run(1_000, new LookPace(), { spoiled: (at) => (at < 60_000 ? answer : undefined) });
		expect(outcome).toMatchObject({ trace: { status: 'success' } });
		expect(looks.length).toBeLessThan(15);
	});

	test.each<[string, Answer]>([
		['404', answered(404, { detail: 'Not found.' })],
		['403', answered(403, { detail: 'No such API Key.' })],
		['the trace of another run', trace('success', 12, new Date(START + 49 * 3_600_000).toISOString())],
		['a trace with another ID', answered(200, { id: 8, status: 'success', result: {} })],
	])('%s for ten seconds does not lose the run; for good, it is not finished, with its trace ID', async (_what, answer) => {
		const passing = await run(1_000, new LookPace(), { spoiled: (at) => (at < 10_000 ? answer : undefined) });
		expect(passing.outcome).toMatchObject({ trace: { status: 'success' } });
		const forGood = await run(1_000, new LookPace(), { spoiled: () => answer });
		expect(forGood.outcome).toMatchObject({ outcome: 'notFinished', reason: 'noAnswer', traceId: 7 });
		expect(forGood.wall).toBeLessThan(40_000);
	});

	test('Retry-After is obeyed', async () => {
		const { looks } = await run(1_000, new LookPace(), { spoiled: (_at, look) => (look === 2 ? answered(429, { detail: 'Request was throttled.' }, { 'retry-after': '17' }) : undefined) });
		expect((looks[2] as number) - (looks[1] as number)).toBeGreaterThanOrEqual(17_000);
	});

	test('a status that nobody knows is waited for', async () => {
		const { outcome } = await run(5_000, new LookPace(), { spoiled: (at) => (at < 4_000 ? trace('paused') : undefined) });
		expect(outcome).toMatchObject({ trace: { status: 'success' } });
	});

	test('at the limit there is a last look, then the run is pending, with its trace ID', async () => {
		const justInTime = await run(9_995, new LookPace(), { limitMs: 10_000 });
		expect(justInTime.outcome).toMatchObject({ trace: { status: 'success' } });
		const tooLate = await run(20_000, new LookPace(), { limitMs: 10_000 });
		expect(tooLate.outcome).toMatchObject({ outcome: 'notFinished', reason: 'pending', traceId: 7, hint: expect.stringMatching(/Trace > Get/) as unknown });
		expect(tooLate.wall).toBeLessThan(10_100);
	});

	test('Stop ends the wait', async () => {
		const controller = new AbortController();
		controller.abort(new Error('stopped'));
		const clock = { now: () => 0, wait: (_milliseconds: number, signal?: AbortSignal) => Promise.reject(signal?.reason as Error) };
		const waiting = waitForTrace(started(), () => Promise.resolve(trace('success')), REQUEST, { limitMs: 1, pace: new LookPace(), clock, signal: controller.signal });
		await expect(waiting).rejects.toThrow('stopped');
	});
});
