import type {
	AssignmentCollectionValue,
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';

/*
 * Stand-ins for the few core nodes that our workflows use, under their real type names. The real ones (n8n-nodes-base) would
 * more than double the size of node_modules. A stand-in does what its description here says and throws on what it does not do,
 * so that no workflow passes on a difference nobody noticed; the tests in the real n8n run the same workflows with the real nodes.
 */

/** What a stand-in makes of its input, at once. */
type Run = (context: IExecuteFunctions) => INodeExecutionData[][];

const field = (name: string, type: INodeProperties['type'], defaultValue: INodeProperties['default']): INodeProperties => ({
	displayName: name,
	name,
	type,
	default: defaultValue,
	...(type === 'collection' || type === 'fixedCollection' ? { options: [] } : {}),
});

function node(name: string, description: Partial<INodeTypeDescription>, run: Run): INodeType {
	return {
		description: {
			displayName: name,
			name,
			group: ['transform'],
			version: 1,
			description: '',
			defaults: { name },
			inputs: ['main'],
			outputs: ['main'],
			properties: [],
			...description,
		},
		execute() {
			return new Promise((resolve) => resolve(run(this)));
		},
	};
}

/** The run starts with the items in the trigger's input; it hands them on. */
const passOn: Run = (context) => [context.getInputData()];

const trigger = (name: string, properties: INodeProperties[] = []): INodeType =>
	node(name, { group: ['trigger'], inputs: [], version: [1, 1.1, 1.2, 1.3, 2, 2.1], properties }, passOn);

/** Edit Fields, mode `raw` (jsonOutput) and mode `manual` (assignments without dots in their names). */
const set = node(
	'set',
	{
		version: [3, 3.1, 3.2, 3.3, 3.4],
		properties: [
			field('mode', 'options', 'manual'),
			field('jsonOutput', 'json', '{}'),
			field('assignments', 'assignmentCollection', {}),
			field('includeOtherFields', 'boolean', false),
			field('options', 'collection', {}),
		],
	},
	(context) => {
		const items = context.getInputData().map((item, index): INodeExecutionData => {
			const json: IDataObject = context.getNodeParameter('includeOtherFields', index, false) === true ? { ...item.json } : {};
			if (context.getNodeParameter('mode', index) === 'raw') {
				const output = context.getNodeParameter('jsonOutput', index);
				Object.assign(json, typeof output === 'string' ? JSON.parse(output) : output);
			} else {
				const { assignments = [] } = context.getNodeParameter('assignments', index) as Partial<AssignmentCollectionValue>;
				for (const { name, value } of assignments) {
					if (name.includes('.') || name.includes('[')) throw new Error(`The stand-in of Edit Fields takes no path as a name: ${name}`);
					json[name] = value as IDataObject[string];
				}
			}
			return { json, pairedItem: { item: index } };
		});
		return [items];
	},
);

/** Split Out of one field: objects become items, other values stay under the field's name; nothing else is included. */
const splitOut = node(
	'splitOut',
	{
		properties: [field('fieldToSplitOut', 'string', ''), field('include', 'options', 'noOtherFields'), field('options', 'collection', {})],
	},
	(context) => {
		const items = context.getInputData().flatMap((item, index): INodeExecutionData[] => {
			const name = context.getNodeParameter('fieldToSplitOut', index) as string;
			if (name.includes(',') || name.includes('.') || context.getNodeParameter('include', index) !== 'noOtherFields') {
				throw new Error('The stand-in of Split Out splits one field by its name and includes no others');
			}
			const value = item.json[name];
			return (Array.isArray(value) ? value : [value]).map(
				(element): INodeExecutionData => ({
					json:
						typeof element === 'object' && element !== null && !Array.isArray(element)
							? (element as IDataObject)
							: { [name]: element as IDataObject[string] },
					pairedItem: { item: index },
				}),
			);
		});
		return [items];
	},
);

const conditions: INodeProperties[] = [
	{
		displayName: 'Conditions',
		name: 'conditions',
		type: 'filter',
		default: {},
		typeOptions: { filter: { caseSensitive: true, typeValidation: 'strict', version: 2 } },
	},
	field('options', 'collection', {}),
];

function split(context: IExecuteFunctions): [INodeExecutionData[], INodeExecutionData[]] {
	const kept: INodeExecutionData[] = [];
	const dropped: INodeExecutionData[] = [];
	context.getInputData().forEach((item, index) => {
		const passes = context.getNodeParameter('conditions', index, false, { extractValue: true }) as boolean;
		(passes ? kept : dropped).push({ ...item, pairedItem: { item: index } });
	});
	return [kept, dropped];
}

const ifNode = node('if', { version: [2, 2.1, 2.2], outputs: ['main', 'main'], properties: conditions }, split);

const filter = node('filter', { version: [2, 2.1, 2.2], properties: conditions }, (context) => [split(context)[0]]);

/** Merge, mode `append`. */
const merge = node(
	'merge',
	{
		version: [3, 3.1, 3.2],
		inputs: '={{ Array.from({ length: $parameter.numberInputs || 2 }, () => "main") }}',
		properties: [field('mode', 'options', 'append'), field('numberInputs', 'number', 2), field('options', 'collection', {})],
	},
	(context) => {
		if (context.getNodeParameter('mode', 0) !== 'append') throw new Error('The stand-in of Merge only appends');
		const inputs = context.getNodeInputs().length;
		const items = Array.from({ length: inputs }, (_, input) =>
			context.getInputData(input).map((item, index): INodeExecutionData => ({ ...item, pairedItem: { item: index, input } })),
		);
		return [items.flat()];
	},
);

/** Wait, for an interval: hands its items on at once, so that a test need not wait. */
const wait = node(
	'wait',
	{
		version: [1, 1.1],
		properties: [field('resume', 'options', 'timeInterval'), field('amount', 'number', 5), field('unit', 'options', 'seconds')],
	},
	(context) => {
		if (context.getNodeParameter('resume', 0) !== 'timeInterval') throw new Error('The stand-in of Wait knows time intervals only');
		return passOn(context);
	},
);

/** Respond to Webhook: hands its items on; what a caller would get is not looked at. */
const respondToWebhook = node(
	'respondToWebhook',
	{
		version: [1, 1.1, 1.2, 1.3, 1.4, 1.5],
		properties: [field('respondWith', 'options', 'firstIncomingItem'), field('options', 'collection', {})],
	},
	passOn,
);

/** Limit, keeping the first items. */
const limit = node('limit', { properties: [field('maxItems', 'number', 1), field('keep', 'options', 'firstItems')] }, (context) => {
	if (context.getNodeParameter('keep', 0) !== 'firstItems') throw new Error('The stand-in of Limit keeps the first items only');
	const items = context.getInputData().slice(0, context.getNodeParameter('maxItems', 0) as number);
	return [items.map((item, index) => ({ ...item, pairedItem: { item: index } }))];
});

/** The stand-ins by full type name. */
export const coreNodes: Readonly<Record<string, INodeType>> = Object.fromEntries(
	[
		trigger('manualTrigger'),
		trigger('scheduleTrigger', [field('rule', 'fixedCollection', {})]),
		trigger('webhook', [
			field('httpMethod', 'options', 'GET'),
			field('path', 'string', ''),
			field('responseMode', 'options', 'onReceived'),
			field('responseData', 'options', 'firstEntryJson'),
			field('options', 'collection', {}),
		]),
		node('noOp', {}, passOn),
		node(
			'stickyNote',
			{
				inputs: [],
				outputs: [],
				properties: [
					field('content', 'string', ''),
					field('width', 'number', 240),
					field('height', 'number', 160),
					field('color', 'number', 1),
				],
			},
			passOn,
		),
		set,
		splitOut,
		ifNode,
		filter,
		merge,
		wait,
		respondToWebhook,
		limit,
	].map((type) => [`n8n-nodes-base.${type.description.name}`, type]),
);
