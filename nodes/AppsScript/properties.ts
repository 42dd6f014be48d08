import type { INodeProperties } from 'n8n-workflow';

import { emptyErrorOutputNotice, outputProperty, routingProperty, sharedOptions } from '../shared/properties';
import { AUTOMATIC_LABEL } from './deployments';

const whenRunning = { operation: ['run'] };

const options: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	displayOptions: { show: whenRunning },
	options: [
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description: 'A Google API key to send with every request, besides the sign-in of the credential',
		},
		{
			displayName: 'Binary Field',
			name: 'binaryField',
			type: 'string',
			default: '',
			placeholder: 'e.g. data',
			description: 'Name of the binary field whose file the function gets as its last parameter: an object with fileName, mimeType and base64. In a batch, the file is part of the entry of its item.',
		},
		sharedOptions.concurrency,
		{
			displayName: 'Development Mode',
			name: 'devMode',
			type: 'boolean',
			default: false,
			description: 'Whether to run the code as last saved instead of the deployed version. Works only if the account that signed in owns the script.',
		},
		{
			displayName: 'Error Format',
			name: 'errorFormat',
			type: 'options',
			default: '2',
			description: 'How the Apps Script API words a refusal ($.xgafv). The node reads both formats.',
			options: [
				{ name: 'V1', value: '1' },
				{ name: 'V2', value: '2' },
			],
		},
		{
			displayName: 'Fields',
			name: 'fields',
			type: 'string',
			default: '',
			placeholder: 'e.g. response/result/total',
			description: 'The parts of the response to ask for, as a Google field mask. "done" and "error" are always included.',
		},
		sharedOptions.maxConcurrency,
		sharedOptions.maxRetries,
		{
			displayName: 'Pretty Print',
			name: 'prettyPrint',
			type: 'boolean',
			default: false,
			description: 'Whether to ask for an indented response. It is larger, and the same otherwise.',
		},
		{
			displayName: 'Quota User',
			name: 'quotaUser',
			type: 'string',
			default: '',
			placeholder: 'e.g. customer-42',
			description: 'Any text of up to 40 characters. Google counts the quota of each text separately.',
		},
		sharedOptions.resultField,
		sharedOptions.safeToRepeat,
		{
			displayName: 'Session State',
			name: 'sessionState',
			type: 'string',
			default: '',
			description: 'The session state of an Android add-on. Deprecated by Google, and of no use elsewhere.',
		},
		{
			displayName: 'Timeout',
			name: 'timeout',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 380,
			description: 'How many seconds to wait for the script. Apps Script stops a run after 6 minutes. If the node gives up earlier, the script goes on running.',
		},
	],
};

/** The fields of the node Apps Script Run, from top to bottom. */
export const properties: INodeProperties[] = [
	{
		displayName: 'Authentication',
		name: 'authentication',
		type: 'options',
		noDataExpression: true,
		default: 'oAuth2',
		options: [
			{ name: 'OAuth2', value: 'oAuth2', description: 'Sign in with Google in the browser (credential Google Apps Script OAuth2 API)' },
			{ name: 'Refresh Token or Service Account', value: 'headless', description: 'For servers without a browser (credential Google Apps Script Headless API)' },
		],
	},
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		default: 'run',
		options: [
			{ name: 'Run', value: 'run', description: 'Run a function of a script', action: 'Run a function of a script' },
			{ name: 'Check Setup', value: 'checkSetup', description: 'Find out what would keep a function from running, without running anything', action: 'Check the setup of a script' },
		],
	},
	{
		displayName: 'Script',
		name: 'script',
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
		description:
			'The Apps Script project. Needed to list its deployments and functions and to find its latest deployment. Can stay empty if you enter the deployment ID and the name of the function yourself.',
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: 'Choose a script…',
				hint: 'A script that belongs to a Sheet, Doc, Form or Slides is not listed: choose By URL',
				typeOptions: { searchListMethod: 'searchScripts', searchable: true },
			},
			{ displayName: 'By URL', name: 'url', type: 'string', placeholder: 'e.g. https://script.google.com/home/projects/1aBcD…/edit', hint: 'The address of the script editor in your browser' },
			{ displayName: 'By ID', name: 'id', type: 'string', placeholder: 'e.g. 1aBcDeFgHiJkLmNoPqRsTuVwXyZ…', hint: 'In the script editor: Project Settings > IDs > Script ID' },
		],
	},
	{
		displayName: 'Deployment',
		name: 'deployment',
		type: 'resourceLocator',
		default: { mode: 'list', value: 'auto', cachedResultName: AUTOMATIC_LABEL },
		description: 'The deployed version of the script to run. Only deployments of the type API Executable can be run.',
		// Another script has other deployments; without one the latest is run, as the placeholder says.
		typeOptions: { loadOptionsDependsOn: ['script.value'] },
		modes: [
			{ displayName: 'From List', name: 'list', type: 'list', placeholder: AUTOMATIC_LABEL, typeOptions: { searchListMethod: 'searchDeployments', searchable: true } },
			{ displayName: 'By ID', name: 'id', type: 'string', placeholder: 'e.g. AKfycbx…', hint: 'In the script editor: Deploy > Manage deployments > API Executable > Deployment ID' },
		],
	},
	// The set-up can be checked before there is a function to choose.
	...['run', 'checkSetup'].map(
		(operation): INodeProperties => ({
			displayName: 'Function',
			name: 'function',
			type: 'resourceLocator',
			default: { mode: 'list', value: '' },
			required: operation === 'run',
			displayOptions: { show: { operation: [operation] } },
			description: operation === 'run' ? 'The function of the script to run' : 'The function of the script to look for. Can stay empty.',
			typeOptions: { loadOptionsDependsOn: ['script.value'] },
			modes: [
				{ displayName: 'From List', name: 'list', type: 'list', placeholder: 'Choose a function…', typeOptions: { searchListMethod: 'searchFunctions', searchable: true } },
				{ displayName: 'By Name', name: 'name', type: 'string', placeholder: 'e.g. addRow', hint: 'Without parentheses. For a function of a library: Library.addRow' },
			],
		}),
	),
	{
		displayName: 'Parameters From',
		name: 'parametersFrom',
		type: 'options',
		noDataExpression: true,
		default: 'mapping',
		displayOptions: { show: whenRunning },
		description: 'Where to take the parameters of the function from',
		options: [
			{ name: 'Fields Below', value: 'mapping', description: 'One field for each parameter of the function' },
			{ name: 'JSON', value: 'json', description: 'A JSON array of all parameters, or the only parameter' },
			{ name: 'No Parameters', value: 'none', description: 'Run the function without parameters' },
			{ name: 'Whole Item', value: 'item', description: 'The fields of the item as one object, which is the only parameter' },
		],
	},
	{
		displayName: 'Parameters',
		name: 'parameters',
		type: 'resourceMapper',
		noDataExpression: true,
		default: { mappingMode: 'defineBelow', value: null },
		displayOptions: { show: { ...whenRunning, parametersFrom: ['mapping'] } },
		typeOptions: {
			// Of what it depends on, a change empties all fields; a new deployment, or an option, must not. The editor compares the fields whenever the node is opened.
			loadOptionsDependsOn: ['function.value'],
			resourceMapper: {
				resourceMapperMethod: 'mapParameters',
				mode: 'add',
				fieldWords: { singular: 'parameter', plural: 'parameters' },
				addAllFields: true,
				multiKeyMatch: false,
				supportAutoMap: true,
				// The notice of an empty list says why there are none; not every function has parameters.
				hideNoDataError: true,
			},
		},
	},
	{
		displayName: 'Parameters (JSON)',
		name: 'parametersJson',
		type: 'json',
		default: '[]',
		displayOptions: { show: { ...whenRunning, parametersFrom: ['json'] } },
		description: 'A JSON array is the list of all parameters. Anything else is the only parameter. To pass an array as the only parameter, put it into another one: [[1, 2]].',
	},
	{
		displayName: 'Run Mode',
		name: 'runMode',
		type: 'options',
		noDataExpression: true,
		default: 'perItem',
		displayOptions: { show: whenRunning },
		description: 'How many items one run of the function works on',
		options: [
			{ name: 'Once per Item', value: 'perItem', description: 'One run for each item' },
			{
				name: 'Batch',
				value: 'batch',
				description: 'One run for many items. The function gets a single parameter: an array with one entry for each item (with Fields Below, an object of the parameters by name). It has to return an array of the same length.',
			},
		],
	},
	{
		displayName: 'Batch Size',
		name: 'batchSize',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 100,
		displayOptions: { show: { ...whenRunning, runMode: ['batch'] } },
		description: 'The most items that one run gets',
	},
	routingProperty,
	emptyErrorOutputNotice,
	{ ...outputProperty, displayOptions: { show: whenRunning } },
	options,
];
