import type { IExecuteFunctions, INodeExecutionData, INodeProperties, NodeExecutionHint } from 'n8n-workflow';

import { bytesReceived } from './egress';
import { executionHints, showHints } from './executionHints';
import type { Failure, RunFacts } from './outcome';
import { failureOfPlanning, parameterReader, PlanError, type ParameterReader } from './parameters';
import { runItems, type PaceSettings, type Plan, type RoutingSettings, type Service } from './pipeline';
import { paceSettings, routingSettings } from './settings';

/**
 * `execute` of both nodes. A mistake in what holds for the whole node fails every item in the node's usual way: a node that throws in a mode that goes on
 * makes n8n pass its untouched input to the success branch (n8n-core, workflow-execute.js, handleNodeExecutionError).
 * @param ceiling the most runs that the service allows one user at the same time
 * @param properties the node's, for the labels of fields in messages
 */
export async function executeRuns<P extends Plan>(
	context: IExecuteFunctions,
	name: RunFacts['service'],
	ceiling: number,
	properties: readonly INodeProperties[],
	makeService: (parameters: ParameterReader, settings: RoutingSettings) => Service<P>,
): Promise<INodeExecutionData[][]> {
	const parameters = parameterReader(context, properties);
	const routing = routingSettings(context, parameters);
	const made = planned(() => ({ service: makeService(parameters, routing), pace: paceSettings(parameters, ceiling) }));
	const { service, pace } = 'failure' in made ? { service: refusingService<P>(name, made.failure), pace: REFUSING_PACE } : made;
	const report = await runItems(context, service, { ...routing, ...pace });
	const facts = { ...report, throttled: report.schedule.throttled, concurrency: pace.concurrency, ceiling, batches: service.batch !== undefined, answerBytes: bytesReceived(context) };
	const notices = (service.notices?.() ?? []).map((message): NodeExecutionHint => ({ message, type: 'warning', location: 'outputPane' }));
	showHints(context, [...notices, ...executionHints(facts)]);
	return report.outputs;
}

const REFUSING_PACE: PaceSettings = { concurrency: { mode: 'inOrder' }, retry: { maximum: 0, withinMs: 0 } };

function planned<T>(make: () => T): T | { failure: Failure } {
	try {
		return make();
	} catch (error) {
		return { failure: failureOfPlanning(error) };
	}
}

function refusingService<P extends Plan>(name: RunFacts['service'], failure: Failure): Service<P> {
	const refuse = (): Promise<never> => Promise.reject(new PlanError(failure));
	return { name, plan: refuse, send: refuse };
}
