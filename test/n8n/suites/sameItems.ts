import { deepEqual, equal } from 'node:assert/strict';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import type { CredentialFile, WorkflowFile } from '../n8n';
import { itemsThrough, NODE } from '../workflows';
import type { Context, Suite } from './context';
import { importBothWays, runThreeWays } from './threeWays';

const CODE = `
function add(a, b) { return a + b; }
function describe(order) { return { customer: order.customer, total: order.price * order.amount, lines: [order.amount, order.price] }; }
function nothing() {}
function refuse(what) { throw new TypeError('No ' + what + ' today'); }
`;

/** One item for every way out of the node, several of success. */
const APPS_SCRIPT_ITEMS: IDataObject[] = [
	{ call: 'add', parameters: [1, 2], note: 'a number' },
	{ call: 'refuse', parameters: ['tea'], note: 'an exception' },
	{ call: 'describe', parameters: [{ customer: 'Ada', price: 2.5, amount: 4 }], note: 'an object' },
	{ call: 'add', parameters: ['vanishing ', 'answer'], note: 'the connection dies after the script ran' },
	{ call: 'nothing', parameters: [], note: 'no result' },
	{ call: 'noSuchFunction', parameters: [], note: 'nothing runs' },
	{ call: 'add', parameters: ['ä', '€ 𝄞'], note: 'a text' },
	{ call: 'add()', parameters: [], note: 'a name that is none' },
];

/** In Python, as a Node script of Syncano that throws counts as a success. */
const SYNCANO_SOURCE = `
import json

if 'fail' in ARGS:
    raise ValueError('No %s today' % ARGS['fail'])
print(json.dumps({'sum': ARGS['a'] + ARGS['b'] if 'a' in ARGS else None}))
`;

const SYNCANO_ITEMS: IDataObject[] = [
	{ script: 71, payload: { a: 1, b: 2 }, note: 'an object' },
	{ script: 71, payload: { fail: 'tea' }, note: 'an exception' },
	{ script: 71, payload: { a: 'ä', b: '€ 𝄞' }, note: 'a text' },
	{ script: 71, payload: { a: 'vanishing ', b: 'answer' }, note: 'the connection dies after the run was started' },
	{ script: 4711, payload: {}, note: 'no such script' },
	{ script: 71, payload: {}, note: 'no payload' },
	{ script: 'x', payload: {}, note: 'an id that is none' },
	{ script: 71, payload: { a: 3, b: 4 }, note: 'the last' },
];

/** What differs from workflow to workflow in its node, and how many items leave on each output; undefined where the workflow fails. */
const VARIANTS = [
	{ name: 'an error output', id: 'ErrorOutput', parameters: {}, onError: 'continueErrorOutput', counts: [4, 4] },
	{ name: 'one output per outcome', id: 'ByOutcome', parameters: { routing: 'byOutcome' }, onError: undefined, counts: [4, 1, 1, 2] },
	{ name: 'errors among the results', id: 'RegularOut', parameters: {}, onError: 'continueRegularOutput', counts: [8] },
	{ name: 'full records', id: 'FullRecords', parameters: { routing: 'byOutcome', output: 'record' }, onError: undefined, counts: [4, 1, 1, 2] },
	{ name: 'the first failure stopping the workflow', id: 'StopAtFirst', parameters: {}, onError: undefined, counts: undefined },
] as const;

interface Service {
	readonly name: string;
	/** The node type's name within the package. */
	readonly type: string;
	readonly items: IDataObject[];
	readonly credential: CredentialFile;
	readonly parameters: INodeParameters;
}

/** What the workflows need. */
type Surroundings = Pick<Context, 'emulator' | 'credentials' | 'packed'>;

/** Adds the scripts to the emulator. */
function services({ emulator, credentials }: Surroundings): Service[] {
	const project = emulator.appsScript.addProject({ title: 'Same items', files: [{ name: 'Code', type: 'SERVER_JS', source: CODE }] });
	const [instance = ''] = emulator.syncano.instances.keys();
	emulator.syncano.addScript({ instance, id: 71, label: 'Same items', runtime_name: 'python3', source: SYNCANO_SOURCE });
	emulator.faults.add({ fault: 'resetAfterRun', bodyIncludes: 'vanishing' });
	return [
		{
			name: 'Apps Script Run',
			type: 'appsScriptRun',
			items: APPS_SCRIPT_ITEMS,
			credential: credentials.googleAppsScriptOAuth2Api,
			parameters: {
				deployment: { __rl: true, mode: 'id', value: project.deploymentId },
				function: { __rl: true, mode: 'name', value: '={{ $json.call }}' },
				parametersFrom: 'json',
				parametersJson: '={{ $json.parameters }}',
			},
		},
		{
			name: 'Syncano Script',
			type: 'syncanoScript',
			items: SYNCANO_ITEMS,
			credential: credentials.syncanoApi,
			parameters: {
				resource: 'script',
				operation: 'run',
				scriptId: { __rl: true, mode: 'id', value: '={{ $json.script }}' },
				payloadFrom: 'json',
				payloadJson: '={{ $json.payload }}',
			},
		},
	];
}

/** A workflow, and how many items leave its node on each output; undefined where the workflow fails. */
export interface OutcomeCase {
	readonly title: string;
	readonly workflow: WorkflowFile;
	readonly counts: readonly number[] | undefined;
}

/** Workflows of both services with every way out of the node. Adds their scripts and faults to the emulator. */
export function outcomeCases(surroundings: Surroundings): OutcomeCase[] {
	return services(surroundings).flatMap(({ name, type, items, credential, parameters }) =>
		VARIANTS.map((variant) => ({
			title: `${name}, ${variant.name}`,
			counts: variant.counts,
			workflow: itemsThrough(`${type.slice(0, 4)}${variant.id}`.padEnd(16, '0'), items, {
				type: `${surroundings.packed.name}.${type}`,
				credential,
				onError: variant.onError,
				parameters: { ...parameters, ...variant.parameters },
			}),
		})),
	);
}

let cases: OutcomeCase[] = [];

export const sameItems: Suite = {
	title: 'Every outcome gives the same items in process, by n8n execute, and through a webhook',

	async prepare(context) {
		cases = outcomeCases(context);
		await importBothWays(
			context,
			cases.map(({ workflow }) => workflow),
		);
	},

	async run(check, context) {
		for (const { title, workflow, counts } of cases) {
			await runThreeWays(check, context, title, workflow, (status, outputs) => {
				equal(status, counts === undefined ? 'error' : 'success');
				if (counts !== undefined) deepEqual(outputs[NODE]?.map((items) => items.length), counts);
			});
		}
	},
};
