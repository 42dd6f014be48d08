import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Trace } from '../../emulator/syncano';
import { type ScriptOutcome, ScriptRunner } from '../../emulator/syncano/runner';
import { differencesOf, meantDifferences, type RecordedRun } from './differences';
import { type Running, record, start } from './harness';

const read = (name: string): unknown => JSON.parse(readFileSync(join(__dirname, '..', 'contract', 'syncano-recordings', name), 'utf8'));

interface PayloadRules {
	readonly script_run: ReadonlyArray<{ content_type: string; body: string; status: number; ARGS?: unknown; error_body?: unknown }>;
	readonly endpoint_run: ReadonlyArray<{
		method: string;
		query: string;
		content_type: string | null;
		body: string | null;
		status: number;
		ARGS_instance_since_2017?: unknown;
		ARGS_instance_before_2017?: unknown;
		trace_args?: unknown;
		error_body?: unknown;
	}>;
}

interface Pagination {
	readonly path: string;
	readonly traces_in_store: readonly number[];
	readonly cases: ReadonlyArray<{ query: string; status: number; body: { next: string | null; prev: string | null; ids: number[] } }>;
}

let running: Running;

beforeAll(async () => {
	running = await start();
	for (const [instance, createdYear] of [
		['since', 2017],
		['before', 2016],
	] as const) {
		running.syncano.addInstance({ name: instance, createdYear });
		const native = { run: ({ ARGS }: { ARGS: unknown }) => JSON.stringify(ARGS), duration: 0 };
		running.syncano.addScript({ instance, id: 7, label: 'echo', runtime_name: 'nodejs', source: '', native });
		running.syncano.addEndpoint({ instance, name: 'echo', script: 7 });
	}
});

afterAll(() => running.stop());

describe('payload-rules.json: a script', () => {
	const cases = (read('payload-rules.json') as PayloadRules).script_run;

	it.each(cases.map((one) => [`${one.content_type} ${one.body}`, one] as const))('%s', async (_name, recorded) => {
		const answer = await running.call('/v1.1/instances/since/snippets/scripts/7/run/', {
			method: 'POST',
			body: recorded.body,
			contentType: recorded.content_type,
		});
		expect(answer.status).toBe(recorded.status);
		if (recorded.error_body !== undefined) {
			expect(answer.json).toEqual(recorded.error_body);
			return;
		}
		const trace = await running.finished(String(record(record(answer.json).links).self));
		expect(JSON.parse(String(record(trace.result).stdout))).toEqual(recorded.ARGS);
		expect(running.journal.executions.at(-1)?.input).toEqual(recorded.ARGS);
	});
});

describe('payload-rules.json: an endpoint', () => {
	const cases = (read('payload-rules.json') as PayloadRules).endpoint_run;

	it.each(cases.map((one) => [`${one.method} ${one.query} ${String(one.content_type)} ${String(one.body)}`, one] as const))('%s', async (_name, recorded) => {
		for (const instance of ['since', 'before']) {
			const path = `/v1.1/instances/${instance}/endpoints/scripts/echo/`;
			const answer = await running.call(`${path}run/${recorded.query}`, {
				method: recorded.method,
				body: recorded.body ?? undefined,
				contentType: recorded.content_type,
			});
			expect(answer.status).toBe(recorded.status);
			if (recorded.error_body !== undefined) {
				expect(answer.json).toEqual(recorded.error_body);
				continue;
			}
			const reply = record(answer.json);
			const expected = instance === 'since' ? recorded.ARGS_instance_since_2017 : recorded.ARGS_instance_before_2017;
			expect(JSON.parse(String(record(reply.result).stdout))).toEqual(expected);
			const trace = await running.call(`${path}traces/${String(reply.id)}/`);
			expect(record(trace.json).args).toEqual(recorded.trace_args);
		}
	});
});

describe('trace-pagination.json', () => {
	const recorded = read('trace-pagination.json') as Pagination;

	beforeAll(() => {
		const { traces } = running.syncano.addInstance({ name: 'rivia' });
		running.syncano.addScript({ instance: 'rivia', id: 7, label: 'seven', runtime_name: 'nodejs', source: '' });
		const stored: Trace[] = recorded.traces_in_store.map(() => traces.scripts.add('scripts/7', { status: 'success' }));
		expect(stored.map(({ id }) => id).reverse()).toEqual(recorded.traces_in_store);
	});

	it.each(recorded.cases.map((one) => [one.query, one] as const))('%s', async (_query, { query, status, body }) => {
		const answer = await running.call(`${recorded.path}${query}`);
		expect(answer.status).toBe(status);
		const { next, prev, objects } = record(answer.json);
		expect({ next, prev, ids: (objects as { id: number }[]).map(({ id }) => id) }).toEqual(body);
	});
});

describe.each([
	['runner-nodejs-6.10.3.json', 'nodejs'],
	['runner-python-2.7.18.json', 'python'],
	['runner-python-3.7.16.json', 'python3'],
])('%s', (file, runtime) => {
	const cases = read(file) as readonly RecordedRun[];
	const runner = new ScriptRunner();
	const outcomes = new Map<string, Promise<ScriptOutcome>>();

	beforeAll(() => {
		// All at once: some of them are about time limits and take seconds.
		for (const { name, source, ARGS, CONFIG, META, timeout_s } of cases) {
			const outcome = runner.run({ runtime, source, ARGS, CONFIG, META, timeoutSeconds: timeout_s });
			outcome.catch(() => undefined);
			outcomes.set(name, outcome);
		}
	});
	afterAll(() => runner.stop());

	it('has a case for each difference that is meant', () => {
		const names = cases.map(({ name }) => name);
		for (const { name } of meantDifferences[file] ?? []) expect(names).toContain(name);
	});

	it.each(cases.map((one) => [one.name, one] as const))('%s', async (name, recorded) => {
		const outcome = await outcomes.get(name);
		if (outcome === undefined) throw new Error('It was not run.');
		differencesOf(file, recorded, outcome);
	});
});
