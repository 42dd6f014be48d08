import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { AppsScriptRun } from '../../nodes/AppsScript/AppsScriptRun.node';
import { SyncanoScript } from '../../nodes/Syncano/SyncanoScript.node';
import { locator, startBench, type AppsScriptBench } from './appsScriptBench';
import { createEngine, type EngineResult, type NodeUnderTest, type ToolAnswer, type ToolCaller } from './harness';

const CALLERS: ToolCaller[] = ['agent', 'engine'];
const order = { customer: 'Ann', lines: [{ product: 'Tea', quantity: 2 }] };

describe.each(CALLERS)('Apps Script Run as a tool, called by the %s', (caller) => {
	let bench: AppsScriptBench;
	beforeEach(async () => {
		bench = await startBench();
	});
	afterEach(() => bench.stop());

	const call = async (parameters: INodeParameters, more: { arguments?: IDataObject; node?: Partial<NodeUnderTest>; items?: IDataObject[] } = {}) =>
		await bench.engine.runAsTool({
			caller,
			items: more.items,
			arguments: more.arguments,
			node: {
				type: 'appsScriptRun',
				credentials: { googleAppsScriptOAuth2Api: 'google' },
				...more.node,
				parameters: { deployment: locator('id', bench.deploymentId), function: locator('name', 'give'), parametersFrom: 'none', ...parameters },
			},
		});
	/** What the model reads. */
	const read = ({ answers }: { answers: ToolAnswer[] }): unknown => {
		expect(answers).toHaveLength(1);
		expect(answers[0]?.failed).toBe(false);
		return JSON.parse(answers[0]?.answer ?? '');
	};
	/** What a thrown failure says: the agent gets it, the engine ends the workflow with it. */
	const thrownWords = ({ answers, status, error }: EngineResult & { answers: ToolAnswer[] }): string | undefined => {
		expect(caller === 'agent' ? answers[0]?.failed : status).toBe(caller === 'agent' ? true : 'error');
		return caller === 'agent' ? answers[0]?.answer : error?.message;
	};
	const started = () => bench.emulator.journal.executions.length;
	const fromAI = (type: string) => `={{ $fromAI('order', 'The order', '${type}') }}`;

	describe('an argument that the model fills', () => {
		const mapped = (expression: string): INodeParameters => ({
			parametersFrom: 'mapping',
			parameters: {
				mappingMode: 'defineBelow',
				value: { order: expression },
				schema: [{ id: 'order', displayName: 'order', required: false, defaultMatch: false, display: true, type: 'object' }],
			},
		});
		const given = (expression: string): INodeParameters => ({ parametersFrom: 'json', parametersJson: expression });

		it.each<[string, INodeParameters, unknown, unknown]>([
			['an object for Parameters (JSON)', given(fromAI('json')), order, order],
			['JSON text for Parameters (JSON)', given(fromAI('string')), JSON.stringify(order), order],
			['an array of parameters as text', given(fromAI('string')), JSON.stringify([order]), order],
			['text within an array', given(`={{ [$fromAI('order', 'The order', 'string')] }}`), 'a "quoted" word', 'a "quoted" word'],
			['an object for a mapped parameter', mapped(fromAI('json')), order, order],
			['JSON text for a mapped parameter', mapped(fromAI('string')), JSON.stringify(order), order],
		])('%s', async (_what, parameters, argument, expected) => {
			const result = await call(parameters, { arguments: { order: argument as IDataObject } });
			expect(read(result)).toEqual([{ result: expected }]);
		});

		it('the function itself', async () => {
			const result = await call({ function: locator('name', `={{ $fromAI('name', 'Name of the function', 'string') }}`) }, { arguments: { name: 'nothing' } });
			expect(read(result)).toEqual([{ result: null }]);
		});

		it('text that is no JSON comes back with what to do, and nothing is sent', async () => {
			const answer = read(await call(given(fromAI('string')), { arguments: { order: "{'customer': 'Ann'}" } }));
			expect(answer).toEqual([
				{ error: expect.objectContaining({ message: expect.stringMatching(/^Parameters \(JSON\) is not valid JSON/) as unknown, hint: expect.stringContaining('double quotes') as unknown, mayHaveRun: false }) as unknown },
			]);
			expect(bench.emulator.journal.requests).toHaveLength(0);
		});
	});

	describe('the answer', () => {
		it.each(['onError', 'byOutcome'])('a failure is one, on the one output that is read, with Failed Items: %s', async (routing) => {
			const answer = read(await call({ function: locator('name', 'choosy'), parametersFrom: 'json', parametersJson: '[7]', routing })) as IDataObject[];
			expect(answer).toHaveLength(1);
			expect(answer[0]?.error).toMatchObject({
				message: expect.stringContaining('odd: 7') as unknown,
				reason: 'exception',
				mayHaveRun: true,
				hint: expect.stringMatching(/\.$/) as unknown,
				stack: [{ function: 'choosy' }],
			});
		});

		it.each(['onError', 'byOutcome'])('a success is one, with Failed Items: %s', async (routing) => {
			expect(read(await call({ parametersFrom: 'json', parametersJson: '[[1]]', routing }))).toEqual([{ result: [1] }]);
		});

		it('a refused run says what to do, in words for the model', async () => {
			bench.emulator.faults.add({ fault: 'permissionDenied403', urlIncludes: ':run' });
			const [answer] = read(await call({})) as IDataObject[];
			expect(answer?.error).toMatchObject({ outcome: 'requestError', reason: 'forbidden', mayHaveRun: false, message: expect.stringContaining('permission') as unknown, hint: expect.any(String) as unknown });
			// What is not for the model: the account's token, and n8n's internals.
			expect(JSON.stringify(answer)).not.toMatch(/ya29|Bearer|stacktrace/);
		});

		it('a node without a credential is an answer too', async () => {
			const [answer] = read(await call({}, { node: { credentials: {} } })) as IDataObject[];
			expect(answer?.error).toMatchObject({ reason: 'notConnected', hint: expect.stringContaining('credential') as unknown });
		});

		it('only with On Error: Stop Workflow it is thrown', async () => {
			const result = await call({ function: locator('name', 'choosy'), parametersFrom: 'json', parametersJson: '[7]' }, { node: { onError: 'stopWorkflow' } });
			expect(thrownWords(result)).toContain('odd: 7');
		});
	});

	describe('Retry On Fail does not run a script twice', () => {
		const retry = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
		const odd = { function: locator('name', 'choosy'), parametersFrom: 'json', parametersJson: '[7]' };

		it.each<[string, Partial<NodeUnderTest>]>([
			['as an answer', {}],
			['thrown', { onError: 'stopWorkflow' }],
		])('when its failure is %s', async (_what, node) => {
			const result = await call(odd, { node: { ...retry, ...node } });
			expect(started()).toBe(1);
			expect(node.onError === undefined ? JSON.stringify(read(result)) : thrownWords(result)).toContain('odd: 7');
		});

		it('but does run it for each call, also of the same arguments', async () => {
			const { answers } = await call({ parametersFrom: 'json', parametersJson: fromAI('json') }, { node: retry, arguments: { order }, items: [{}, {}] });
			expect(answers.map(({ answer }) => JSON.parse(answer) as unknown)).toEqual([[{ result: order }], [{ result: order }]]);
			expect(started()).toBe(2);
		});

		it('and goes on where it surely had not run', async () => {
			bench.emulator.faults.add({ fault: 'execQps', urlIncludes: ':run', times: 1 });
			const result = await call({ parametersFrom: 'json', parametersJson: '[5]', options: { maxRetries: 0 } }, { node: { ...retry, onError: 'stopWorkflow' } });
			expect(read(result)).toEqual([{ result: 5 }]);
			expect(started()).toBe(1);
		});
	});
});

describe('The tools that n8n makes of the nodes', () => {
	it('keep lists and mapped parameters', async () => {
		const bench = await startBench();
		const tool = { type: 'appsScriptRunTool', credentials: { googleAppsScriptOAuth2Api: 'google' } };
		const parameters = { authentication: 'oAuth2', script: locator('list', bench.scriptId), deployment: locator('list', 'auto'), function: locator('list', 'add') };
		expect((await bench.engine.listSearch('searchFunctions', { ...tool, parameters })).results.map(({ value }) => value)).toContain('add');
		expect((await bench.engine.resourceMapping('mapParameters', { ...tool, parameters })).fields.map(({ id }) => id)).toEqual(['a', 'b']);
		await bench.stop();
	});

	it.each([
		['Apps Script Run', new AppsScriptRun()],
		['Syncano Script', new SyncanoScript()],
	])('%s: nothing that the model has to fill needs the editor', (_name, { description }) => {
		expect(description.usableAsTool).toBe(true);
		for (const property of description.properties.filter(({ type }) => type === 'resourceLocator')) {
			// A locator without a mode for text cannot hold $fromAI.
			expect(property.modes?.some(({ type }) => type === 'string')).toBe(true);
		}
	});

	it('Syncano Script without a credential: an answer, for both callers', async () => {
		for (const caller of CALLERS) {
			const parameters = { resource: 'script', operation: 'run', instance: locator('name', 'mine'), scriptId: locator('id', '1'), payloadFrom: 'none' };
			const { answers } = await createEngine().runAsTool({ caller, node: { type: 'syncanoScript', parameters } });
			expect(answers[0]?.failed).toBe(false);
			expect(JSON.parse(answers[0]?.answer ?? '')).toEqual([{ error: expect.objectContaining({ mayHaveRun: false, hint: expect.any(String) as unknown }) as unknown }]);
		}
	});
});
