import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

/** The node property *Routing*: where failed items leave. */
export const routingProperty: INodeProperties = {
	displayName: 'Failed Items',
	name: 'routing',
	type: 'options',
	noDataExpression: true,
	default: 'onError',
	description: 'Where items leave whose script did not succeed',
	options: [
		{
			name: 'Follow the On Error Setting',
			value: 'onError',
			description: "As the node's Settings tab says under On Error: stop the workflow, go on, or use one error output",
		},
		{
			name: 'One Output per Outcome',
			value: 'byOutcome',
			description: 'Four outputs: Success, Script Error, Not Finished (look before you run it again), Request Error (it did not run; mend and run it again)',
		},
	],
};

/** Shown where *One Output per Outcome* makes n8n's own error output superfluous. */
export const emptyErrorOutputNotice: INodeProperties = {
	displayName:
		"If On Error (in the Settings tab) is set to use an error output, that fifth output stays empty: every failed item leaves on one of the node's own outputs",
	name: 'emptyErrorOutputNotice',
	type: 'notice',
	default: '',
	displayOptions: { show: { routing: ['byOutcome'] } },
};

const outputOptions: INodePropertyOptions[] = [
	{ name: 'Result', value: 'result', description: 'One item for each input item, what the script returned under "result"' },
	{
		name: 'Result as Items',
		value: 'items',
		description: 'An array becomes one item an element, an object becomes the item; an empty array gives no item at all',
	},
	{ name: 'Full Record', value: 'record', description: 'The result with the facts of its run: script, start, duration, attempts' },
	{ name: 'Raw Response', value: 'raw', description: "The service's answer as it came: status, headers, body" },
];

/** The node property *Output*: what a success item holds. */
export const outputProperty: INodeProperties = {
	displayName: 'Output',
	name: 'output',
	type: 'options',
	noDataExpression: true,
	default: 'result',
	description: 'What an item holds whose script succeeded',
	options: outputOptions,
};

/** The options that both nodes have, in the order of their labels; each node puts its own among them. */
export const sharedOptions = {
	concurrency: {
		displayName: 'Concurrency',
		name: 'concurrency',
		type: 'options',
		default: 'inOrder',
		description: 'How many scripts run at the same time',
		options: [
			{ name: 'Automatic', value: 'automatic', description: 'As many as the service allows, found out while running; items still leave in their order' },
			{ name: 'Fixed', value: 'fixed', description: 'As many as Max Concurrency says' },
			{ name: 'In Order', value: 'inOrder', description: 'One at a time, each after the one before has ended; right for scripts that build on each other' },
		],
	},
	maxConcurrency: {
		displayName: 'Max Concurrency',
		name: 'maxConcurrency',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 10,
		description: 'How many scripts may run at the same time at most, when Concurrency is Fixed',
	},
	maxRetries: {
		displayName: 'Max Retries',
		name: 'maxRetries',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 5,
		description: 'How often a script is tried again that surely did not start because the service was busy or out of reach. What may have run is never repeated by itself.',
	},
	resultField: {
		displayName: 'Result Field',
		name: 'resultField',
		type: 'string',
		default: '',
		placeholder: 'e.g. scriptResult',
		description: "Keep the input item's fields and put the result beside them under this name",
	},
	safeToRepeat: {
		displayName: 'Safe to Repeat',
		name: 'safeToRepeat',
		type: 'boolean',
		default: false,
		description: 'Whether running the script twice for the same item does no harm. Then it is also tried again when it may have run but no answer came.',
	},
} as const satisfies Record<string, INodeProperties>;
