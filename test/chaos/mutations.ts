import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/*
 * Proves that the properties and detectors can fail: spoils a copy of the sources in one place after the other, and runs the test that has to notice.
 * `npx tsx test/chaos/mutations.ts [part of a mutation's name]`; some minutes. Ends with 1 where a mutation went unnoticed.
 */

interface Mutation {
	readonly name: string;
	/** What stands in the file, once, and what is put in its place. */
	readonly edits: ReadonlyArray<readonly [file: string, from: string, to: string]>;
	/** Arguments for jest. */
	readonly test: readonly string[];
}

const CHAOS = ['test/chaos/chaos.test.ts'];
const TRIED_AGAIN = ['test/chaos/triedAgain.test.ts'];
const OUTCOMES = ['test/property/outcomes.test.ts'];
const ROUTING = ['test/property/routing.test.ts'];
const TRIES = ['test/property/tries.test.ts'];
const SECRETS = ['test/secrets/secrets.test.ts'];
const IMITATION = ['test/secrets/imitation.test.ts'];
const SERVICE = ['test/fuzz/service.test.ts'];
const JSON_VALUES = ['test/unit/json.test.ts'];

const MUTATIONS: readonly Mutation[] = [
	// Never twice
	{ name: 'retry after a 5xx', edits: [['nodes/shared/httpMeaning.ts', "{ outcome: 'notFinished', reason: 'serverError' }", "{ outcome: 'requestError', reason: 'throttled' }"]], test: CHAOS },
	{ name: 'half an answer counts as a refusal', edits: [['nodes/AppsScript/outcome.ts', "return { outcome: 'notFinished', reason: 'badAnswer', message: `Apps Script", "return { outcome: 'requestError', reason: 'rejected', message: `Apps Script"]], test: CHAOS },
	{ name: 'a reset connection counts as not sent', edits: [['nodes/shared/answer.ts', "	'ECONNREFUSED',\n", "	'ECONNREFUSED',\n	'ECONNRESET',\n"]], test: CHAOS },
	{ name: 'Retry On Fail forgets what ran', edits: [['nodes/shared/earlierTries.ts', 'taken: (itemIndex) => kept.taken.get(itemIndex)', 'taken: () => undefined']], test: CHAOS },
	{ name: 'halving a batch after any time-out', edits: [['nodes/shared/batch.ts', 'return safeToRepeat && (outcome.reason', 'return (outcome.reason']], test: TRIES },
	{ name: 'what may have run is tried again without leave', edits: [['nodes/shared/outcome.ts', 'return safeToRepeat && outcome.outcome', 'return outcome.outcome']], test: CHAOS },

	// What is said of a run
	{ name: 'mayHaveRun false for what was not finished', edits: [['nodes/shared/outcome.ts', "return outcome.outcome !== 'requestError';", "return outcome.outcome !== 'requestError' && outcome.outcome !== 'notFinished';"]], test: CHAOS },
	{ name: 'a later refusal hides that an earlier try ran', edits: [['nodes/shared/outcome.ts', 'if (earlier === undefined || mayHaveRun(last)) return last;', 'if (earlier === undefined || last !== undefined) return last;']], test: TRIES },
	{ name: 'the same, outside of batches', edits: [['nodes/shared/pipeline.ts', 'const share = standing(run.earlier, outcome);', 'const share = outcome;']], test: TRIED_AGAIN },
	{ name: 'the same, from try to try of the node', edits: [['nodes/shared/earlierTries.ts', 'failed: (itemIndex) => kept.failed.get(itemIndex)', 'failed: () => undefined']], test: TRIED_AGAIN },
	{ name: 'halves that are done are forgotten when the sign-in is refused', edits: [['nodes/shared/pipeline.ts', 'run.batch?.ended(refused) ?? whole(refused, run)', 'whole(refused, run)']], test: TRIED_AGAIN },
	{ name: 'a throttling sentence with a stack proves that nothing ran', edits: [['nodes/AppsScript/outcome.ts', 'error.code === CODE.INVALID_ARGUMENT && stack.length === 0', 'error.code === CODE.INVALID_ARGUMENT']], test: IMITATION },
	{ name: 'any sentence with the known words in it does', edits: [['nodes/AppsScript/outcome.ts', 'THROTTLED_TEXTS.has(text)', "text.includes('exec qps')"]], test: IMITATION },
	{ name: "an endpoint's own error counts as the server's", edits: [['nodes/Syncano/serverErrors.ts', 'if (keys.length !== 1) return undefined;', 'if (keys.length < 1) return undefined;']], test: IMITATION },
	{ name: 'a judgement that throws on odd JSON', edits: [['nodes/AppsScript/outcome.ts', 'const detail = Array.isArray(error.details) ? (error.details as unknown[]).find(isRecord)', 'const detail = error.details !== undefined ? (error.details as unknown[]).find(isRecord)']], test: OUTCOMES },
	{ name: 'a reason that nobody knows', edits: [['nodes/Syncano/trace.ts', "reason: 'queueTimeout'", "reason: 'queue_timeout' as 'queueTimeout'"]], test: OUTCOMES },

	// Nothing lost
	{ name: 'the last item is dropped', edits: [['nodes/shared/pipeline.ts', 'for (const items of routed) {', 'for (const items of routed.slice(0, Math.max(1, routed.length - 1))) {']], test: CHAOS },
	{ name: 'items leave in another order', edits: [['nodes/shared/pipeline.ts', 'for (const items of routed) {', 'for (const items of routed.reverse()) {']], test: CHAOS },
	{ name: 'items are paired to their neighbour', edits: [['nodes/shared/pipeline.ts', 'input[itemIndex] as INodeExecutionData, itemIndex,', 'input[itemIndex] as INodeExecutionData, itemIndex ^ 1,']], test: CHAOS },
	{ name: 'results are given to the wrong item of a batch', edits: [['nodes/AppsScript/batchRules.ts', '(result as unknown[]).map(', '(result as unknown[]).slice().reverse().map(']], test: CHAOS },
	{ name: 'a failure leaves on the success output', edits: [['nodes/shared/items.ts', "return { output: form.failures === 'outputs' ? OUTPUT_OF[outcome.outcome] : 0, items: [withBinary({ json, pairedItem }", 'return { output: 0, items: [withBinary({ json, pairedItem }']], test: CHAOS },
	{ name: 'the error of a stopped node leaves items out', edits: [['nodes/shared/pipeline.ts', 'for (const index of report.notStarted) itemsOf(index).forEach(accountNotSent);', '']], test: CHAOS },
	{ name: 'an interrupted run is forgotten by the next try', edits: [['nodes/shared/pipeline.ts', 'earlier.interrupted(itemIndex);', '']], test: TRIED_AGAIN },

	// What n8n routes
	{ name: 'an error item with a second key', edits: [['nodes/shared/items.ts', 'json: { error: errorData(outcome, run) }', 'json: { error: errorData(outcome, run), code: outcome.reason }']], test: ROUTING },
	{ name: 'an error on the item itself', edits: [['nodes/shared/items.ts', 'withBinary({ json: { error: errorData(outcome, run) }, pairedItem }', "withBinary({ json: { error: errorData(outcome, run) }, error: { message: 'x' } as never, pairedItem }"]], test: ROUTING },
	{ name: 'results with an error are spread at the root', edits: [['nodes/shared/items.ts', "isRecord(value) && !('error' in value)", 'isRecord(value)']], test: ROUTING },
	{ name: "the input's error stays on a success", edits: [['nodes/shared/items.ts', '{ ...rest, inputError: error }', '{ ...rest, error }']], test: ROUTING },
	{ name: 'pairedItem as a number', edits: [['nodes/shared/items.ts', 'const pairedItem = { item: itemIndex };\n	if (outcome', 'const pairedItem = itemIndex as unknown as { item: number };\n	if (outcome']], test: ROUTING },

	// Tries end
	{ name: 'waits without an end', edits: [['nodes/shared/retry.ts', ' || remaining <= 0 || minimum > remaining', '']], test: TRIES },

	// Secrets
	{ name: 'no redaction', edits: [['nodes/shared/secrets.ts', 'clean = clean.replaceAll(form, REMOVED)', 'clean = clean.slice()']], test: SECRETS },
	{ name: 'no redaction, seen by the chaos', edits: [['nodes/shared/secrets.ts', 'clean = clean.replaceAll(form, REMOVED)', 'clean = clean.slice()']], test: CHAOS },
	{ name: 'the headers of requests are not looked at', edits: [['nodes/shared/egress.ts', 'secrets.add(headers);', '']], test: SECRETS },
	{ name: 'the headers of answers are not redacted', edits: [['nodes/shared/egress.ts', '[name, secrets.inText(value)]', '[name, value]']], test: SECRETS },
	{ name: 'failures of the sign-in are not redacted', edits: [['nodes/shared/egress.ts', 'message: secrets.inText(failure.message)', 'message: failure.message']], test: SECRETS },
	{
		name: 'redirects are followed',
		edits: [
			['nodes/shared/egress.ts', 'disableFollowRedirect: true', 'disableFollowRedirect: false'],
			['credentials/SyncanoApi.credentials.ts', 'disableFollowRedirect: true', 'disableFollowRedirect: false'],
		],
		test: SECRETS,
	},
	{
		name: 'the key goes to any public link',
		edits: [
			['nodes/Syncano/runEndpoint.ts', 'new URL(connection.baseUrl).origin !== new URL(url).origin', 'url === ""'],
			['credentials/SyncanoApi.credentials.ts', '.origin !== own', '.origin === ""'],
		],
		test: SECRETS,
	},
	{ name: 'IDs are put into addresses as they are', edits: [['nodes/AppsScript/request.ts', 'encodeURIComponent(run.id)', 'run.id']], test: SECRETS },
	{ name: 'names of any characters', edits: [['nodes/Syncano/connection.ts', '[\\s/\\\\?#%]|^\\.+$', '[\\s]'], ['nodes/Syncano/planning.ts', 'encodeURIComponent(name)', 'name']], test: SECRETS },
	{ name: 'texts of any length', edits: [['nodes/shared/text.ts', 'if (clean.length <= longest) return clean;', 'if (clean.length >= 0) return clean;']], test: IMITATION },
	{ name: 'unseen characters stay', edits: [['nodes/shared/text.ts', "head.replace(UNSEEN, '')", 'head']], test: OUTCOMES },

	// Fuzz
	{ name: 'answers of any depth', edits: [['nodes/shared/json.ts', 'isDeeperThan(value, DEEPEST) ? undefined : { value }', 'isDeeperThan(value, DEEPEST) ? { value } : { value }']], test: SERVICE },
	{ name: 'parameters of any depth', edits: [['nodes/shared/json.ts', 'if (above.size >= DEEPEST) throw', 'if (above.size < 0) throw']], test: JSON_VALUES },
	{ name: 'cycles are not looked for', edits: [['nodes/shared/json.ts', 'if (above.has(object)) throw', 'if (above.size < 0) throw'], ['nodes/shared/json.ts', 'if (above.size >= DEEPEST) throw', 'if (above.size < -1) throw']], test: JSON_VALUES },
];

const repository = resolve(__dirname, '..', '..');

/** A copy of what the tests need, with the repository's own node_modules. */
async function copySources(): Promise<string> {
	const copy = mkdtempSync(join(tmpdir(), 'mutations-'));
	const tracked = execFileSync('git', ['ls-files', '-z', 'nodes', 'credentials', 'emulator', 'bench', 'test', 'package.json', 'jest.config.js', 'tsconfig.json', 'tsconfig.dev.json'], { cwd: repository, encoding: 'utf8' });
	for (const file of tracked.split('\0').filter((path) => path !== '' && !path.startsWith('test/n8n/app/') && !path.startsWith('test/browser/'))) {
		const target = join(copy, file);
		await mkdir(dirname(target), { recursive: true });
		cpSync(join(repository, file), target);
	}
	symlinkSync(join(repository, 'node_modules'), join(copy, 'node_modules'), 'dir');
	return copy;
}

/** The first test that failed, or undefined where all passed. */
function firstFailure(copy: string, test: readonly string[]): string | undefined {
	const run = spawnSync(process.execPath, [join(repository, 'node_modules', 'jest', 'bin', 'jest.js'), '--bail=1', ...test], { cwd: copy, encoding: 'utf8', env: { ...process.env, CI: 'true' }, timeout: 600_000 });
	if (run.status === 0) return undefined;
	return /●\s+(.*)/.exec(run.stderr)?.[1] ?? 'the test file';
}

async function main(): Promise<void> {
	const wanted = process.argv[2] ?? '';
	const mutations = MUTATIONS.filter(({ name }) => name.includes(wanted));
	const copy = await copySources();
	const say = (line: string): void => void process.stdout.write(`${line}\n`);
	let unnoticed = 0;
	try {
		for (const test of new Set(mutations.map((mutation) => mutation.test.join(' ')))) {
			const failure = firstFailure(copy, test.split(' '));
			if (failure !== undefined) throw new Error(`${test} fails without any mutation: ${failure}`);
		}
		say('| mutation | noticed by |\n| --- | --- |');
		for (const { name, edits, test } of mutations) {
			const originals = new Map<string, string>();
			for (const [file, from, to] of edits) {
				const path = join(copy, file);
				const text = readFileSync(path, 'utf8');
				if (!originals.has(path)) originals.set(path, text);
				if (text.split(from).length !== 2) throw new Error(`"${name}": ${file} does not have this once: ${from}`);
				writeFileSync(path, text.replace(from, () => to));
			}
			const failure = firstFailure(copy, test);
			if (failure === undefined) unnoticed += 1;
			say(`| ${name} | ${failure === undefined ? '**nobody**' : `${test.join(' ').replace(/^test\//, '')}: ${failure}`} |`);
			for (const [path, text] of originals) writeFileSync(path, text);
		}
	} finally {
		rmSync(copy, { recursive: true, force: true });
	}
	say(`${mutations.length} mutations, ${unnoticed} unnoticed`);
	process.exitCode = unnoticed === 0 ? 0 : 1;
}

void main();
