import type { IExecuteFunctions, INodeType } from 'n8n-workflow';

import type { Answer, Lost } from '../../nodes/shared/answer';
import { sendRequest } from '../../nodes/shared/egress';
import { executeRuns } from '../../nodes/shared/execute';
import { meaningOfSilence } from '../../nodes/shared/httpMeaning';
import type { Outcome } from '../../nodes/shared/outcome';
import { InputError } from '../../nodes/shared/parameters';
import type { Plan, Service } from '../../nodes/shared/pipeline';
import { createEngine, type EngineResult, type NodeUnderTest } from './harness';
import { jsonOf } from './appsScriptBench';

interface NumberPlan extends Plan {
	readonly numbers: readonly number[];
}

type Send = (this: IExecuteFunctions, numbers: readonly number[]) => Promise<Outcome>;

const tooLong = (): Error => Object.assign(new Error('Cannot create a string longer than 0x1fffffe8 characters'), { code: 'ERR_STRING_TOO_LONG' });
const batch: Service<NumberPlan>['batch'] = {
	key: () => '',
	chunks: (plans) => [2, plans.length - 2],
	combine: (plans) => ({ ...(plans[0] as NumberPlan), numbers: plans.flatMap(({ numbers }) => numbers) }),
	split: (outcome, plans) => plans.map(() => outcome),
};

/** Runs a node of the package's own making whose service sends as the test says. */
async function runSending(send: Send, node: Partial<NodeUnderTest> = {}, inBatches = false): Promise<EngineResult & { readonly sent: number[] }> {
	const sent: number[] = [];
	const type: INodeType = {
		description: { displayName: 'Probe', name: 'probe', group: ['transform'], version: 1, description: '', defaults: { name: 'Probe' }, inputs: ['main'], outputs: ['main'], properties: [] },
		async execute(this: IExecuteFunctions) {
			return await executeRuns<NumberPlan>(this, 'appsScript', 30, [], (_parameters, settings) => ({
				name: 'appsScript',
				...(inBatches ? { batch } : {}),
				plan: (itemIndex) => Promise.resolve({ numbers: [itemIndex], script: `script ${itemIndex}`, safeToRepeat: false, form: settings.fallbackForm }),
				send: async ({ numbers }) => {
					sent.push(...numbers);
					return await send.call(this, numbers);
				},
			}));
		},
	};
	const result = await createEngine({ nodeTypes: { 'test.probe': type } }).run({ items: [{ n: 0 }, { n: 1 }, { n: 2 }], node: { type: 'test.probe', ...node } });
	return { ...result, sent };
}

const success = (result: unknown): Outcome => ({ outcome: 'success', result });
const oneThrows: Send = (numbers) => (numbers.includes(1) ? Promise.reject(tooLong()) : Promise.resolve(success(numbers)));
const NOT_READ = { outcome: 'notFinished', reason: 'badAnswer', mayHaveRun: true, message: 'The answer could not be read: Cannot create a string longer than 0x1fffffe8 characters', hint: expect.stringMatching(/may have run.*before you run it again/) as unknown };

describe('what a service throws that nobody foresaw', () => {
	it('fails that item alone where the node goes on', async () => {
		const result = await runSending(oneThrows, { onError: 'continueRegularOutput' });
		expect(result.status).toBe('success');
		expect(jsonOf(result.outputs)).toEqual([[{ result: [0] }, expect.objectContaining({ error: expect.objectContaining(NOT_READ) as unknown }), { result: [2] }]]);
		expect(result.sent).toEqual([0, 1, 2]);
	});

	it('ends a node that stops, which says what ran, and is not run again by Retry On Fail', async () => {
		const result = await runSending(oneThrows, { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 });
		expect(result.error?.message).toBe(NOT_READ.message);
		expect(result.error?.description).toContain('Ran: items 0. May have run: items 1. Never started: items 2.');
		expect(result.tries).toHaveLength(3);
		expect(result.sent).toEqual([0, 1]);
	});

	it('fails its batch alone', async () => {
		const result = await runSending(oneThrows, { onError: 'continueRegularOutput' }, true);
		const failed = expect.objectContaining({ error: expect.objectContaining(NOT_READ) as unknown }) as unknown;
		expect(jsonOf(result.outputs)).toEqual([[failed, failed, { result: [2] }]]);
	});

	it('is a mistake of the person where it says so', async () => {
		const result = await runSending((numbers) => (numbers.includes(1) ? Promise.reject(new InputError('Too large', 'Send less.')) : Promise.resolve(success(1))), { onError: 'continueRegularOutput' });
		expect(jsonOf(result.outputs)[0]?.[1]).toMatchObject({ error: { outcome: 'requestError', reason: 'invalidInput', message: 'Too large', hint: 'Send less.', mayHaveRun: false } });
	});
});

describe('a request', () => {
	/** What came of a request whose body writes itself so. */
	async function answerOf(toJSON: () => unknown, url: string): Promise<Answer | undefined> {
		let answer: Answer | undefined;
		await runSending(
			async function () {
				answer = await sendRequest(this, { method: 'POST', url, headers: { 'Content-Type': 'application/json' }, body: { toJSON }, timeoutMs: 5_000 });
				return success(null);
			},
			{ onError: 'continueRegularOutput' },
		);
		return answer;
	}

	it('that is longer than a text can be is too large, and not sent', async () => {
		const answer = await answerOf(() => {
			throw new RangeError('Invalid string length');
		}, 'http://127.0.0.1:1/');
		expect(answer).toMatchObject({ kind: 'notSignedIn', failure: { outcome: 'requestError', reason: 'tooLarge', message: 'The request is too large to be written: Invalid string length' } });
	});

	// No error of this kind is known; a context of the test's own throws it.
	it("that n8n's helper cannot make, without a credential, is no failure to sign in", async () => {
		const context = { helpers: { httpRequest: () => Promise.reject(new TypeError('Something unforeseen')) } } as unknown as IExecuteFunctions;
		const answer = await sendRequest(context, { method: 'GET', url: 'http://127.0.0.1:1/', timeoutMs: 5_000 });
		expect(answer).toEqual({ kind: 'lost', how: 'connection', error: 'Something unforeseen' });
		expect(meaningOfSilence(answer as Lost, 'Syncano')).toEqual({ outcome: 'notFinished', reason: 'noAnswer', message: 'No answer came from Syncano: Something unforeseen' });
	});
});
