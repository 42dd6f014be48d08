import type { IBinaryData, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { BatchRun, type BatchRules, type Finished } from './batch';
import { earlierTries } from './earlierTries';
import { canceledError, firstFailureError, type RunLedger } from './errors';
import { outputItems, type ItemForm, type RoutedItems } from './items';
import type { Failure, Outcome, ResultFile, RunFacts, Success } from './outcome';
import { mayBeTriedAgain, mayHaveRun, requestError, standing } from './outcome';
import { failureOfPlanning, PlanError } from './parameters';
import type { RetryPolicy } from './retry';
import { schedule, type ConcurrencyRule, type ScheduleReport, type Verdict } from './scheduler';
import { cleanText } from './text';
import { hostClock } from './wait';

/** What a service has to know to run one script; made from an item's parameters, before its first request. */
export interface Plan {
	/** How the script is named in records: no secrets, no addresses. */
	readonly script: string;
	/** Apps Script only. */
	readonly function?: string;
	readonly safeToRepeat: boolean;
	readonly form: ItemForm;
}

/** What one of the nodes brings to the pipeline. */
export interface Service<P extends Plan> {
	readonly name: RunFacts['service'];
	/**
	 * Reads and checks one item's parameters.
	 * @throws {PlanError} for a mistake of the person, or where what the run needs cannot be had; the item's run is not sent then
	 */
	plan(itemIndex: number): Promise<P>;
	/** Sends the run once and says how it ended. Rejects when the execution was stopped; anything else that it throws makes an outcome of the run. */
	send(plan: P, attempt: number): Promise<Outcome>;
	/** Batch mode: how several items are put into one run. */
	readonly batch?: BatchRules<P>;
	/** What the person should know of the runs though nothing failed; asked for after them. */
	notices?(): readonly string[];
}

/** How runs are started and repeated. */
export interface PaceSettings {
	readonly concurrency: ConcurrencyRule;
	readonly retry: RetryPolicy;
}

/** Where items leave. */
export interface RoutingSettings {
	/** Declared outputs: 1, or 4 with `byOutcome`. */
	readonly outputs: number;
	/** Whether a failure ends the node (On Error: Stop Workflow, without `byOutcome`). */
	readonly stopAtFailure: boolean;
	/** The form in which an item leaves whose own parameters could not be read. */
	readonly fallbackForm: ItemForm;
}

/** What the pipeline did. */
export interface PipelineReport {
	/** One array a declared output. */
	readonly outputs: INodeExecutionData[][];
	readonly schedule: ScheduleReport;
	readonly runs: number;
	/** Milliseconds from the first run's start to the last one's end. */
	readonly elapsedMs: number;
	/** The sum of the runs' own durations, in milliseconds. */
	readonly runTimeMs: number;
	/** Runs for which something was sent. */
	readonly sent: number;
	/** Failed items that an earlier try of the node had dealt with, and that were not run again. */
	readonly leftAlone: number;
	/** Bytes of the files that scripts answered with, which n8n keeps apart from the items. */
	readonly fileBytes: number;
}

/** One run, from the moment its parameters are read until its items are written. */
interface Run<P extends Plan> {
	readonly items: readonly number[];
	plans?: readonly P[];
	/** Set where an item's parameters turned out to be wrong. */
	failure?: Failure;
	/** Batch mode: what is done of the run already. */
	batch?: BatchRun<P>;
	/** Outside of batch mode: the last try that failed and may have run. */
	earlier?: Failure;
	startedAt?: number;
	attempts: number;
	/** The file that the script answered with, as n8n stored it. */
	file?: IBinaryData;
}

/**
 * Takes every input item through plan, run, outcome and output. All that comes of one item leaves on one output, paired to it, in item order.
 * Throws for an item only with `stopAtFailure`, and when the execution is stopped; the error then lists what ran.
 */
export async function runItems<P extends Plan>(context: IExecuteFunctions, service: Service<P>, settings: PaceSettings & RoutingSettings): Promise<PipelineReport> {
	const signal = context.getExecutionCancelSignal();
	const input = context.getInputData();
	const earlier = earlierTries(context);
	const routed = new Array<RoutedItems | undefined>(input.length);
	const ledger: RunLedger = { ran: [], mayHaveRun: [], notStarted: [] };
	let firstFailure: { itemIndex: number; failure: Failure; run: RunFacts } | undefined;
	let refusedSignIn: Failure | undefined;
	// From the first run that could not reach its service in spite of its retries until one gets through: with retries for each, a thousand items would take
	// hours to say the same.
	let outOfReach = false;
	let runTimeMs = 0;
	let sent = 0;
	let leftAlone = 0;
	let fileBytes = 0;

	const account = (itemIndex: number, outcome: Outcome, run: RunFacts): void => {
		if (outcome.outcome === 'requestError') ledger.notStarted.push(itemIndex);
		else if (outcome.outcome === 'notFinished') ledger.mayHaveRun.push(itemIndex);
		else ledger.ran.push(itemIndex);
		if (outcome.outcome !== 'success' && settings.stopAtFailure && !(firstFailure && firstFailure.itemIndex < itemIndex)) {
			firstFailure = { itemIndex, failure: outcome, run };
		}
	};

	const accountNotSent = (itemIndex: number): void => {
		const before = earlier.failed(itemIndex);
		if (before === undefined) ledger.notStarted.push(itemIndex);
		else (before.outcome === 'notFinished' ? ledger.mayHaveRun : ledger.ran).push(itemIndex);
	};

	const open: number[] = [];
	for (let itemIndex = 0; itemIndex < input.length; itemIndex += 1) {
		const taken = earlier.taken(itemIndex);
		if (taken === undefined) {
			open.push(itemIndex);
			continue;
		}
		routed[itemIndex] = taken.routed;
		if (taken.outcome.outcome !== 'success') leftAlone += 1;
		account(itemIndex, notRunAgain(taken.outcome), taken.run);
	}
	// Retry On Fail goes on after a Stop, and after a failure that must not be repeated; neither may start anything.
	if (signal?.aborted || firstFailure !== undefined) open.splice(0).forEach(accountNotSent);

	const startedAt = hostClock.now();
	const batches = service.batch === undefined ? undefined : await plannedBatches(service, service.batch, open);
	const count = batches?.length ?? open.length;
	const itemsOf = (index: number): readonly number[] => batches?.[index]?.items ?? [open[index] as number];
	const underWay = new Map<number, Run<P>>();

	// Of a run in several parts: what the other runs, and its own parts, have come to may be the end of it.
	const unsentAfter = (done: readonly Outcome[]): Failure | undefined => {
		const refused = refusedSignIn ?? done.find(isRefusedSignIn);
		if (refused !== undefined) return notStarted(refused);
		const failed = settings.stopAtFailure && (firstFailure !== undefined || done.some(({ outcome }) => outcome !== 'success'));
		return failed ? requestError('notStarted', 'Not started, because an earlier item failed') : undefined;
	};

	const attempt = async (index: number, attemptNumber: number): Promise<Verdict<Finished>> => {
		const run = underWay.get(index) ?? batches?.[index] ?? { items: itemsOf(index), attempts: 0 };
		underWay.set(index, run);
		if (run.plans === undefined && run.failure === undefined) await readPlan(service, run);
		if (run.failure !== undefined) return { kind: 'finished', value: whole(run.failure, run), unsent: true };
		if (refusedSignIn !== undefined) {
			const refused = notStarted(refusedSignIn);
			return { kind: 'finished', value: run.batch?.ended(refused) ?? whole(refused, run), unsent: true };
		}

		const plans = run.plans as readonly P[];
		run.startedAt ??= hostClock.now();
		run.attempts += 1;
		const value = await sendRun((plan) => sendOnce(service, plan, attemptNumber, signal), service.batch, run, plans, unsentAfter);
		const { outcome, again } = value;
		if (outcome.outcome === 'success') {
			if (outcome.file === undefined) return { kind: 'finished', value };
			const stored = await storedFile(context, outcome.file);
			if ('problem' in stored) return { kind: 'finished', value: whole(fileNotKept(stored.problem, outcome), run) };
			run.file = stored.file;
			fileBytes += outcome.file.content.length;
			return { kind: 'finished', value };
		}
		if (isRefusedSignIn(outcome)) refusedSignIn ??= outcome;
		return again && !(outOfReach && outcome.reason === 'noConnection') ? { kind: 'again', value, throttled: outcome.reason === 'throttled', retryAfter: outcome.retryAfter } : { kind: 'finished', value };
	};

	const settled = (index: number, { outcome: runOutcome, shares }: Finished): void => {
		const run = underWay.get(index) as Run<P>;
		underWay.delete(index);
		const facts = factsOf(service, run, runOutcome);
		runTimeMs += facts.durationMs;
		if (run.startedAt !== undefined) {
			sent += 1;
			outOfReach = runOutcome.outcome !== 'success' && runOutcome.reason === 'noConnection';
		}
		run.items.forEach((itemIndex, position) => {
			const outcome = standing(earlier.failed(itemIndex), shares[position] as Outcome);
			const plan = run.plans?.[position];
			const form = plan?.form ?? settings.fallbackForm;
			const items = outputItems({ outcome, run: facts }, input[itemIndex] as INodeExecutionData, itemIndex, form, run.file);
			account(itemIndex, outcome, facts);
			routed[itemIndex] = items;
			earlier.keep(itemIndex, { outcome, run: facts, routed: items }, plan?.safeToRepeat ?? false);
		});
	};

	const report = await schedule<Finished>({
		count,
		attempt,
		settled,
		stopWhen: (_index, { outcome, shares }) => settings.stopAtFailure && (outcome.outcome !== 'success' || shares.some((share) => share.outcome !== 'success')),
		concurrency: settings.concurrency,
		retry: settings.retry,
		signal,
		clock: hostClock,
	});

	for (const index of report.notStarted) itemsOf(index).forEach(accountNotSent);
	for (const itemIndex of report.inFlightAtAbort.flatMap(itemsOf)) {
		ledger.mayHaveRun.push(itemIndex);
		earlier.interrupted(itemIndex);
	}
	if (signal?.aborted) throw canceledError(context.getNode(), ledger);
	if (firstFailure !== undefined) throw firstFailureError(context.getNode(), firstFailure, input.length, ledger);

	const outputs: INodeExecutionData[][] = Array.from({ length: settings.outputs }, () => []);
	for (const items of routed) {
		if (items === undefined) continue;
		const output = outputs[items.output] as INodeExecutionData[];
		for (const item of items.items) output.push(item);
	}
	return { outputs, schedule: report, runs: count, elapsedMs: hostClock.now() - startedAt, runTimeMs, sent, leftAlone, fileBytes };
}

/** An earlier try's outcome; of a failure with the reason why Retry On Fail left it at that. */
function notRunAgain(outcome: Outcome): Outcome {
	if (outcome.outcome === 'success') return outcome;
	const reason = 'Retry On Fail did not run it again, because it may have run; switch on Safe to Repeat (under Options) if running it twice does no harm.';
	return { ...outcome, hint: outcome.hint === undefined ? reason : `${outcome.hint} ${reason}` };
}

/** One outcome for every item of a run. */
function whole<P extends Plan>(outcome: Outcome, run: Run<P>, again = false): Finished {
	const share = standing(run.earlier, outcome);
	return { outcome, shares: run.items.length === 1 ? [share] : run.items.map(() => share), again };
}

/** Sends one run. What the service throws fails that run alone: the others have run, or are to run, and n8n would discard all of it. */
async function sendOnce<P extends Plan>(service: Service<P>, plan: P, attempt: number, signal: AbortSignal | undefined): Promise<Outcome> {
	try {
		return await service.send(plan, attempt);
	} catch (error) {
		signal?.throwIfAborted();
		return error instanceof PlanError ? error.failure : answerNotRead(error);
	}
}

async function sendRun<P extends Plan>(
	send: (plan: P) => Promise<Outcome>,
	batch: BatchRules<P> | undefined,
	run: Run<P>,
	plans: readonly P[],
	unsent: (done: readonly Outcome[]) => Failure | undefined,
): Promise<Finished> {
	const plan = plans[0] as P;
	if (batch === undefined) {
		const outcome = await send(plan);
		const finished = whole(outcome, run, mayBeTriedAgain(outcome, plan.safeToRepeat));
		if (outcome.outcome !== 'success' && mayHaveRun(outcome)) run.earlier = outcome;
		return finished;
	}
	run.batch ??= new BatchRun(plans, batch);
	return await run.batch.send(send, unsent);
}

async function readPlan<P extends Plan>(service: Service<P>, run: Run<P>): Promise<void> {
	try {
		run.plans = [await service.plan(run.items[0] as number)];
	} catch (error) {
		run.failure = failureOfPlanning(error);
	}
}

/** Batch mode reads all items first: those whose parameters are wrong stay by themselves, the others share runs with their like. */
async function plannedBatches<P extends Plan>(service: Service<P>, rules: BatchRules<P>, items: readonly number[]): Promise<Array<Run<P>>> {
	const alone: Array<Run<P>> = [];
	const groups = new Map<string, { items: number[]; plans: P[] }>();
	for (const itemIndex of items) {
		const run: Run<P> = { items: [itemIndex], attempts: 0 };
		await readPlan(service, run);
		const plan = run.plans?.[0];
		if (plan === undefined) {
			alone.push(run);
			continue;
		}
		const key = rules.key(plan);
		const group = groups.get(key) ?? { items: [], plans: [] };
		groups.set(key, group);
		group.items.push(itemIndex);
		group.plans.push(plan);
	}
	const shared = [...groups.values()].flatMap((group) => {
		let start = 0;
		return rules.chunks(group.plans).map((size) => {
			const run: Run<P> = { items: group.items.slice(start, start + size), plans: group.plans.slice(start, start + size), attempts: 0 };
			start += size;
			return run;
		});
	});
	return [...alone, ...shared].sort((a, b) => (a.items[0] as number) - (b.items[0] as number));
}

function factsOf<P extends Plan>(service: Service<P>, run: Run<P>, outcome: Outcome): RunFacts {
	const plan = run.plans?.[0];
	return {
		service: service.name,
		script: plan?.script ?? '',
		...(plan?.function === undefined ? {} : { function: plan.function }),
		...(run.startedAt === undefined ? {} : { startedAt: new Date(run.startedAt).toISOString() }),
		durationMs: run.startedAt === undefined ? 0 : hostClock.now() - run.startedAt,
		attempts: run.attempts,
		...(outcome.traceId === undefined ? {} : { traceId: outcome.traceId }),
	};
}

function isRefusedSignIn(outcome: Outcome): outcome is Failure {
	return outcome.outcome !== 'success' && (outcome.reason === 'unauthorized' || outcome.reason === 'notConnected');
}

/** The failure of an item that was not sent because the sign-in had already been refused for another. */
function notStarted(refused: Failure): Failure {
	return {
		outcome: 'requestError',
		reason: 'notStarted',
		message: `Not started, because signing in was refused for an earlier item: ${refused.message}`,
		hint: refused.hint,
		documentationUrl: refused.documentationUrl,
	};
}

async function storedFile(context: IExecuteFunctions, file: ResultFile): Promise<{ file: IBinaryData } | { problem: string }> {
	try {
		return { file: await context.helpers.prepareBinaryData(file.content, file.fileName, file.mimeType) };
	} catch (error) {
		return { problem: cleanText(error instanceof Error ? error.message : String(error), 200) };
	}
}

/** Nobody foresaw it, so nobody knows how far the run got. For example, no text can hold an answer of more than 512 MB. */
function answerNotRead(error: unknown): Failure {
	return {
		outcome: 'notFinished',
		reason: 'badAnswer',
		message: `The answer could not be read: ${cleanText(error instanceof Error ? error.message : String(error), 300)}`,
		hint: 'The script may have run. Look what it has done before you run it again.',
	};
}

/** The script ran, and what it answered is lost all the same. */
function fileNotKept(problem: string, { response, traceId }: Success): Failure {
	return {
		outcome: 'notFinished',
		reason: 'badAnswer',
		message: `The script answered with a file that n8n could not store: ${problem}`,
		hint: 'The script has run; what it answered is lost. Check where n8n stores binary data, and look what the script has done before you run it again.',
		httpStatus: response?.statusCode,
		traceId,
	};
}
