import type { IExecuteFunctions } from 'n8n-workflow';

import { InputError, type ParameterReader } from '../shared/parameters';
import type { RoutingSettings, Service } from '../shared/pipeline';
import { itemForm, numberOption, optionsOf } from '../shared/settings';
import { connectionOf, type Connection } from './connection';
import { LookPace } from './pace';
import type { ItemPlan, Planning, SyncanoPlan } from './planning';
import { planTraceGet, planTraceList } from './readTraces';
import { planEndpointRun, planPublicRun } from './runEndpoint';
import { planScriptRun } from './runScript';

/**
 * The most runs at a time in *Automatic*. An instance runs 2 scripts at once, or 8 on the paid plans; more only queue, and nothing tells the client, so the
 * most that can be of use is 8. With runs of a fifth of a second that makes about 50 requests a second, of the 60 that an instance answers.
 */
const SIMULTANEOUS_SCRIPTS = 8;
/** The run of an endpoint is thrown away after 30 seconds in the queue: where 2 run at once, the 2 more wait for one script each. */
const SIMULTANEOUS_ENDPOINTS = 4;

/** The ceiling of *Automatic*. @param resource the node's parameter of this name */
export function ceilingOf(resource: unknown): number {
	return resource === 'scriptEndpoint' ? SIMULTANEOUS_ENDPOINTS : SIMULTANEOUS_SCRIPTS;
}

/** Longer than the 300 seconds for which the server waits, so that its own verdict comes first. */
const DEFAULT_TIMEOUT_SECONDS = 330;
/** A script can run for 300 seconds; the rest is for the queue. */
const DEFAULT_WAIT_SECONDS = 330;
/** A trace lives no longer. Within that time the ID of a run is not given to another one. */
const LONGEST_WAIT_SECONDS = 24 * 3_600;

const OPERATIONS: Readonly<Record<string, (planning: Planning, item: ItemPlan) => Promise<SyncanoPlan>>> = {
	'script run': planScriptRun,
	'scriptEndpoint run': planEndpointRun,
	'scriptEndpoint runPublic': planPublicRun,
	'trace get': planTraceGet,
	'trace getAll': planTraceList,
};

/** Syncano as the pipeline sees it. */
export function syncanoService(context: IExecuteFunctions, parameters: ParameterReader, settings: RoutingSettings): Service<SyncanoPlan> {
	const notices = new Set<string>();
	let connection: Promise<Connection> | undefined;
	const paces = new Map<string, LookPace>();
	const planning: Planning = {
		context,
		parameters,
		notice: (text) => notices.add(text),
		connected: () => (connection ??= connectionOf(context)),
		paceOf: (url) => {
			const pace = paces.get(url) ?? new LookPace();
			paces.set(url, pace);
			return pace;
		},
	};
	return {
		name: 'syncano',
		plan: async (itemIndex) => {
			const operation = `${parameters.text('resource', itemIndex, 'script')} ${parameters.text('operation', itemIndex, 'run')}`;
			const plan = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
			if (plan === undefined) {
				throw new InputError(
					operation.includes('__CUSTOM_API_CALL__') ? 'This node makes no custom API calls' : `The node knows no operation "${operation}"`,
					'Choose an operation from the list. For other calls use the HTTP Request node with this credential.',
				);
			}
			const options = optionsOf(parameters, itemIndex);
			return await plan(planning, {
				itemIndex,
				options,
				common: { safeToRepeat: options.safeToRepeat === true, form: itemForm(settings, options) },
				rules: { parseStdout: options.parseStdout !== false, failOnStderr: options.failOnStderr === true },
				timeoutMs: numberOption(options, 'timeout', 'Timeout', DEFAULT_TIMEOUT_SECONDS, 1) * 1_000,
				waitMs: Math.min(numberOption(options, 'waitLimit', 'Wait Limit', DEFAULT_WAIT_SECONDS, 1), LONGEST_WAIT_SECONDS) * 1_000,
			});
		},
		send: async (plan) => await plan.send(),
		notices: () => [...notices],
	};
}
