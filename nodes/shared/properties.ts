import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

/** The node property *Routing*: where failed items leave. */
export const routingProperty: INodeProperties = {
	displayName: 'Failed Items',
	name: 'routing',
	type: 'options',
	noDataExpression: true,
	default: 'onError',
	description: 'Where to send items whose script did not succeed',
	options: [
		{
			name: 'Follow the On Error Setting',
			value: 'onError',
			description: 'As chosen in the Settings tab: stop the workflow, continue, or continue with an error output',
		},
		{
			name: 'One Output per Outcome',
			value: 'byOutcome',
			description:
				'Four outputs: Success, Script Error (it ran and failed), Not Finished (it may have run: look before you run it again), Request Error (it did not run: fix the cause and run it again)',
		},
	],
};

/** Shown where *One Output per Outcome* makes n8n's own error output superfluous. */
export const emptyErrorOutputNotice: INodeProperties = {
	displayName: 'Every item leaves on one of the four outputs. If On Error (Settings tab) is "Continue (using error output)", the node shows a fifth output, which stays empty: choose "Stop Workflow" there to hide it.',
	name: 'emptyErrorOutputNotice',
	type: 'notice',
	default: '',
	displayOptions: { show: { routing: ['byOutcome'] } },
};

const outputOptions: INodePropertyOptions[] = [
	{ name: 'Result', value: 'result', description: 'One item for each input item, with what the script returned in the field "result"' },
	{
		name: 'Result as Items',
		value: 'items',
		description: 'A returned array becomes one item for each element, a returned object becomes the item, anything else stays in "result". An empty array gives no item at all.',
	},
	{ name: 'Full Record', value: 'record', description: 'The result and the facts of its run, such as the script, the start, the duration and the number of attempts' },
	{ name: 'Raw Response', value: 'raw', description: "The service's response as it came: status code, headers and body" },
];

/** The node property *Output*: what a success item holds. */
export const outputProperty: INodeProperties = {
	displayName: 'Output',
	name: 'output',
	type: 'options',
	noDataExpression: true,
	default: 'result',
	description: 'What the output item of a script that succeeded contains',
	options: outputOptions,
};

/** The options that both nodes have, in the order of their labels; each node puts its own among them. */
export const sharedOptions = {
	concurrency: {
		displayName: 'Concurrency',
		name: 'concurrency',
		type: 'options',
		default: 'inOrder',
		description: 'How many runs may be in progress at the same time',
		options: [
			{ name: 'Automatic', value: 'automatic', description: 'As many as the service allows, found out while running. Items still leave in their order.' },
			{ name: 'Fixed', value: 'fixed', description: 'As many as set in Max Concurrency' },
			{ name: 'In Order', value: 'inOrder', description: 'One at a time, each after the one before has ended. Right for scripts that build on each other.' },
		],
	},
	maxConcurrency: {
		displayName: 'Max Concurrency',
		name: 'maxConcurrency',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 10,
		description: 'The most runs at the same time if Concurrency is set to Fixed',
	},
	maxRetries: {
		displayName: 'Max Retries',
		name: 'maxRetries',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 5,
		description: 'How often to try again if the script surely did not start, because the service was busy or out of reach. A script that may have run is not tried again, unless Safe to Repeat is on.',
	},
	resultField: {
		displayName: 'Result Field',
		name: 'resultField',
		type: 'string',
		default: '',
		placeholder: 'e.g. scriptResult',
		description: 'Name of a field for the result. The fields of the input item are then kept beside it.',
	},
	safeToRepeat: {
		displayName: 'Safe to Repeat',
		name: 'safeToRepeat',
		type: 'boolean',
		default: false,
		description: 'Whether running the script twice for the same item does no harm. If on, a script that may have run is tried again too when no answer came.',
	},
} as const satisfies Record<string, INodeProperties>;
