import fc from 'fast-check';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { OUTPUT_OF, outputItems, type ItemForm } from '../../nodes/shared/items';
import { REASONS, type Failure, type FailureOutcome, type Finding, type FinishedRun, type Outcome, type Reason } from '../../nodes/shared/outcome';

/**
 * How each n8n-core looks at the items of a node, read in the published package (workflow-execute.js, handleNodeErrorOutput and the loop over tries): what
 * it moves to the error output (with On Error: Continue using error output), and for what first item of output 0 Retry On Fail runs the node again.
 */
interface RoutingRule {
	readonly versions: string;
	readonly moves: (item: INodeExecutionData) => boolean;
	readonly runsAgain: (first: INodeExecutionData) => boolean;
}

const onlyErrorAndMessage = ({ error, json }: INodeExecutionData): boolean =>
	Boolean(error) || (Boolean(json.error) && (Object.keys(json).length === 1 || (Boolean(json.message) && Object.keys(json).length === 2)));
const onlyErrorKeys = ({ error, json }: INodeExecutionData): boolean =>
	Boolean(error) || (Boolean(json.error) && Object.keys(json).every((key) => ['error', 'message', 'details'].includes(key)));
const unlessUndefined = ({ json }: INodeExecutionData): boolean => json.error !== undefined;
const unlessEmpty = ({ json }: INodeExecutionData): boolean => json.error !== undefined && json.error !== null && json.error !== false;

const RULES: readonly RoutingRule[] = [
	{ versions: '1.82.0, 1.120.2, 2.0.2, 2.15.0', moves: onlyErrorAndMessage, runsAgain: unlessUndefined },
	{ versions: '2.30.4', moves: onlyErrorAndMessage, runsAgain: unlessEmpty },
	{ versions: '2.35.5, 2.39.8, 2.40.3, 2.41.1', moves: onlyErrorKeys, runsAgain: unlessEmpty },
];

const name = fc.oneof({ weight: 3, arbitrary: fc.constantFrom('error', 'message', 'details', 'result', 'inputError', 'outcome', 'run', 'json', '__proto__') }, fc.string());
const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(true, 'failed', null, false, '', 0, {}));
const object: fc.Arbitrary<IDataObject> = fc.array(fc.tuple(name, value), { maxLength: 4 }).map((entries) => {
	const made: Record<string, unknown> = {};
	for (const [key, entry] of entries) Object.defineProperty(made, key, { value: entry, enumerable: true, configurable: true, writable: true });
	return made as IDataObject;
});
const result = fc.oneof(object, fc.array(fc.oneof(object, value), { maxLength: 3 }), value);
const input: fc.Arbitrary<INodeExecutionData> = object.map((json) => ({ json }));
const form: fc.Arbitrary<ItemForm> = fc.record({
	output: fc.constantFrom('result' as const, 'items' as const, 'record' as const, 'raw' as const),
	resultField: fc.oneof(fc.constant(''), name.filter((field) => field !== 'error')),
	failures: fc.constantFrom('errorItem' as const, 'outputs' as const, 'folded' as const),
});
const success: fc.Arbitrary<Outcome> = result.map((returned) => ({ outcome: 'success', result: returned, response: { statusCode: 200, headers: {}, body: { response: returned } } }));
const finding: fc.Arbitrary<Finding> = fc.record({
	name: fc.string(),
	failed: fc.boolean(),
	message: fc.string(),
	hint: fc.string(),
	documentationUrl: fc.string(),
	data: object.map((data) => data as Finding['data']),
});
const failure: fc.Arbitrary<Failure> = fc
	.constantFrom(...(Object.keys(REASONS) as FailureOutcome[]).flatMap((outcome) => REASONS[outcome].map((reason): [FailureOutcome, Reason] => [outcome, reason])))
	.chain(([outcome, reason]) =>
		fc.record({
			outcome: fc.constant(outcome),
			reason: fc.constant(reason),
			message: fc.string(),
			result: fc.option(result, { nil: undefined }),
			findings: fc.option(
				fc.array(finding, { minLength: 1, maxLength: 3 }).map((findings) => findings.map((one, index) => (index === 0 ? { ...one, failed: true } : one))),
				{ nil: undefined },
			),
		}),
	);
const finished = (outcome: Outcome): FinishedRun => ({ outcome, run: { service: 'appsScript', script: 'AKfycbx', durationMs: 1, attempts: 1 } });

describe('Where n8n routes the items, in all versions', () => {
	test('a success stays where it is, and does not make Retry On Fail run the node again', () => {
		fc.assert(
			fc.property(success, input, fc.nat(9), form, (outcome, item, index, given) => {
				const routed = outputItems(finished(outcome), item, index, given);
				expect(routed.output).toBe(0);
				for (const left of routed.items) {
					expect(left.pairedItem).toEqual({ item: index });
					expect(RULES.filter(({ moves, runsAgain }) => moves(left) || runsAgain(left))).toEqual([]);
				}
			}),
			{ numRuns: 1_000 },
		);
	});

	test('a failure goes to the error output, with its input’s fields, unless the node has outputs of its own', () => {
		fc.assert(
			fc.property(failure, input, fc.nat(9), form, (outcome, item, index, given) => {
				const routed = outputItems(finished(outcome), item, index, given);
				expect(routed.items.length).toBeGreaterThan(0);
				expect(routed.output).toBe(given.failures === 'outputs' ? OUTPUT_OF[outcome.outcome] : 0);
				for (const left of routed.items) {
					expect(left.pairedItem).toEqual({ item: index });
					// On the item itself, n8n would put its message in the place of all else.
					expect('error' in left).toBe(false);
					const moving = RULES.filter(({ moves }) => moves(left)).length;
					expect(moving).toBe(given.failures === 'errorItem' ? RULES.length : 0);
				}
			}),
			{ numRuns: 1_000 },
		);
	});
});
