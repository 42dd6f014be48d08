/**
 * Runs workflows in process on n8n's own engine: n8n-core's WorkflowExecute with real expressions, credentials, HTTP and
 * OAuth2 refresh, and the nodes of this package. About 100 ms for the first run, a few milliseconds for the next.
 * Works under jest and under tsx. Not here, but in the tests with the real n8n: its database, its expression engine `vm`,
 * its server, queue and task runners, and the real core nodes (see core-nodes.ts).
 */
import './environment';
import { ExecuteContext, ExecutionLifecycleHooks, LoadOptionsContext, RoutingNode, WorkflowExecute } from 'n8n-core';
import {
	NodeHelpers,
	Workflow,
	createRunExecutionData,
	isNodeClassInstance,
	type ExecutionError,
	type ExecutionStatus,
	type GenericValue,
	type ICredentialDataDecryptedObject,
	type ICredentialType,
	type IDataObject,
	type INode,
	type INodeCredentials,
	type INodeExecutionData,
	type INodeListSearchResult,
	type INodeParameters,
	type INodePropertyOptions,
	type INodeType,
	type IRun,
	type IRunData,
	type IVersionedNodeType,
	type IWorkflowBase,
	type IWorkflowExecuteAdditionalData,
	type NodeExecutionHint,
	type NodeOutput,
	type ResourceMapperFields,
	type WorkflowExecuteMode,
} from 'n8n-workflow';
import { agentType, type ToolAnswer, type ToolCaller } from './agent';
import { CredentialTypes, CredentialsHelper, type SavedCredential } from './credentials';
import { collectingLogs, type LogLine } from './logs';
import { NodeTypes } from './node-types';
import { packageUnderTest, type PackageSource } from './package-under-test';

export { repository } from './environment';
export type { LogLine, PackageSource, SavedCredential, ToolAnswer, ToolCaller };

export interface EngineOptions {
	/** Where the package's nodes and credentials come from; `sources` when left out. */
	package?: PackageSource;
	/** More node types, by full type name (`test.probe`). */
	nodeTypes?: Record<string, INodeType | IVersionedNodeType>;
	credentialTypes?: ICredentialType[];
	/** Saved credentials by id. */
	credentials?: Record<string, SavedCredential>;
}

/** A node as a test writes it. What is left out has n8n's defaults. */
export interface NodeUnderTest extends Partial<Omit<INode, 'credentials' | 'parameters' | 'type'>> {
	/** Full type name, or the name of a node of the package (`appsScriptRun`). */
	type: string;
	parameters?: INodeParameters;
	/** Credential type → id of a saved credential, or the reference as a workflow has it. */
	credentials?: Record<string, string | { id: string; name: string }>;
}

/** A workflow as n8n exports it. */
export type WorkflowUnderTest = Pick<IWorkflowBase, 'nodes' | 'connections'> & Partial<Pick<IWorkflowBase, 'id' | 'name' | 'settings'>>;

interface RunSettings {
	/** What the trigger emits: whole items, or only their json. One empty item when left out. */
	items?: Array<INodeExecutionData | IDataObject>;
	/** `manual` when left out; `trigger` is what a production run has. */
	mode?: WorkflowExecuteMode;
	/** The workflow's static data before the run. */
	staticData?: IDataObject;
	/** The workflow's own time-out, after which n8n stops the run. */
	timeoutMs?: number;
	executionId?: string;
}

export type RunOptions = RunSettings &
	(
		| { node: NodeUnderTest; workflow?: undefined; startAt?: undefined }
		| {
				workflow: WorkflowUnderTest;
				/** Name of the trigger to start at; the workflow's first trigger when left out. */
				startAt?: string;
				node?: undefined;
		  }
	);

export type ToolOptions = RunSettings & {
	node: NodeUnderTest;
	/** What the model fills in for the node's `$fromAI` expressions. */
	arguments?: IDataObject;
	/** `agent` when left out. */
	caller?: ToolCaller;
};

/** One call of a node's `execute`. Retry On Fail makes several of one run. Times are milliseconds since 1970. */
export interface NodeTry {
	readonly startedAt: number;
	settledAt?: number;
	/** What execute threw. */
	error?: unknown;
}

/** What one node did, over all its runs. */
export interface NodeResult {
	/** Items by output, of the node's last run. One array for each output that the node has, the error output included. */
	outputs: INodeExecutionData[][];
	hints: NodeExecutionHint[];
	error?: ExecutionError;
	tries: NodeTry[];
}

export interface EngineResult extends NodeResult {
	status: ExecutionStatus;
	/** Every node by name. The result's own outputs, hints and tries are those of the node under test, or of the last node that ran. */
	nodes: Record<string, NodeResult>;
	runData: IRunData;
	run: IRun;
	credentialsAfter: Record<string, SavedCredential>;
	staticData: IDataObject;
	/** What n8n would have logged, at every level. */
	logs: LogLine[];
	/** What a node sent to the browser's console. */
	messagesToUI: unknown[];
	/** When the engine's promise settled, milliseconds since 1970. */
	settledAt: number;
}

/**
 * A run under way. Await it for its result; it resolves also when the workflow fails or is stopped. It rejects only when n8n refuses to start
 * the workflow: for an unknown node type, or (WorkflowHasIssuesError) a required parameter that is missing.
 */
export interface EngineRun extends PromiseLike<EngineResult> {
	/** What the editor's Stop does. */
	cancel(): void;
}

export interface MethodOptions {
	/** Name of a node of the package, or a full type name. */
	type: string;
	typeVersion?: number;
	parameters?: INodeParameters;
	credentials?: NodeUnderTest['credentials'];
	/** Path of the parameter whose list is asked for. */
	path?: string;
}

export interface Engine {
	run(options: RunOptions): EngineRun;
	/** Runs the node as the tool that n8n makes of it, called once per item by a stand-in for the agent. */
	runAsTool(options: ToolOptions): Promise<EngineResult & { answers: ToolAnswer[] }>;
	listSearch(method: string, options: MethodOptions & { filter?: string; paginationToken?: string }): Promise<INodeListSearchResult>;
	loadOptions(method: string, options: MethodOptions): Promise<INodePropertyOptions[]>;
	resourceMapping(method: string, options: MethodOptions): Promise<ResourceMapperFields>;
	/** What the credential's Test button says. */
	testCredential(id: string): Promise<{ status: 'OK' | 'Error'; message: string }>;
	/** The data that a node gets from getCredentials: defaults applied, expressions resolved. */
	resolveCredential(id: string): Promise<ICredentialDataDecryptedObject>;
	/** Everything saved at this moment, by id. */
	credentials(): Record<string, SavedCredential>;
	saveCredential(id: string, credential: SavedCredential): void;
}

const startName = 'Start';
const nodeName = 'Node';
const address = 'http://127.0.0.1/';

export function createEngine(options: EngineOptions = {}): Engine {
	const source = packageUnderTest(options.package ?? 'sources');
	const nodeTypes = new NodeTypes(source, options.nodeTypes ?? {});
	const credentialTypes = new CredentialTypes(source, options.credentialTypes ?? []);
	const credentialsHelper = new CredentialsHelper(credentialTypes, options.credentials ?? {});
	let executions = 0;

	const fullName = (type: string): string => (type.includes('.') ? type : `${source.name}.${type}`);

	function references(credentials: NodeUnderTest['credentials'] = {}): INodeCredentials {
		return Object.fromEntries(
			Object.entries(credentials).map(([type, reference]) => [
				type,
				typeof reference === 'string' ? credentialsHelper.reference(reference) : reference,
			]),
		);
	}

	function completed(node: NodeUnderTest, name: string): INode {
		const { credentials, ...rest } = node;
		const type = fullName(node.type);
		const { description } = nodeTypes.getByName(type.endsWith('Tool') ? type.slice(0, -'Tool'.length) : type);
		const version = 'defaultVersion' in description ? description.defaultVersion : undefined;
		const versions = 'version' in description ? [description.version].flat() : [];
		return {
			id: name,
			name,
			typeVersion: version ?? versions.at(-1) ?? 1,
			position: [0, 0],
			parameters: {},
			...rest,
			type,
			...(credentials === undefined ? {} : { credentials: references(credentials) }),
		};
	}

	function additionalDataOf(
		executionId: string,
		mode: WorkflowExecuteMode,
		workflow: IWorkflowBase,
		messagesToUI: unknown[],
	): IWorkflowExecuteAdditionalData {
		const notHere = (what: string) => (): never => {
			throw new Error(`${what} is not available in the in-process engine`);
		};
		const data: Partial<IWorkflowExecuteAdditionalData> & { hooks: ExecutionLifecycleHooks } = {
			credentialsHelper,
			executionId,
			workflowId: workflow.id,
			variables: {},
			currentNodeExecutionIndex: 0,
			setExecutionStatus: () => {},
			sendDataToUI: (type, message) => messagesToUI.push({ type, message }),
			logAiEvent: () => {},
			executeWorkflow: notHere('A sub-workflow'),
			startRunnerTask: notHere('A task runner'),
			getRunExecutionData: notHere('The data of other executions'),
			getRuntimeCredential: notHere('A runtime credential'),
			hooks: new ExecutionLifecycleHooks(mode, executionId, workflow),
			restApiUrl: address,
			instanceBaseUrl: address,
			formBaseUrl: address,
			formWaitingBaseUrl: address,
			formTestBaseUrl: address,
			webhookBaseUrl: address,
			webhookWaitingBaseUrl: address,
			webhookTestBaseUrl: address,
			mcpBaseUrl: address,
			mcpTestBaseUrl: address,
		};
		return data as IWorkflowExecuteAdditionalData;
	}

	function start(definition: WorkflowUnderTest, startAt: string, focus: string | undefined, settings: RunSettings): EngineRun {
		const { mode = 'manual', staticData = {}, timeoutMs, executionId = String(++executions) } = settings;
		const logs: LogLine[] = [];
		const messagesToUI: unknown[] = [];
		const tries = new Map<string, NodeTry[]>();
		const base: IWorkflowBase = {
			id: 'workflow',
			name: 'Workflow',
			active: false,
			isArchived: false,
			activeVersionId: null,
			createdAt: new Date(),
			updatedAt: new Date(),
			...definition,
			settings: { executionOrder: 'v1', ...definition.settings },
		};

		const begin = () => {
			const workflow = new Workflow({ ...base, nodeTypes: countingTries(nodeTypes, tries), staticData: structuredClone(staticData) });
			const additionalData = additionalDataOf(executionId, mode, base, messagesToUI);
			const node = workflow.getNode(startAt);
			if (!node) throw new Error(`The workflow has no node "${startAt}" to start at`);
			const items = (settings.items ?? [{}]).map(asItem);
			const engine = new WorkflowExecute(
				additionalData,
				mode,
				createRunExecutionData({ executionData: { nodeExecutionStack: [{ node, data: { main: [items] }, source: null }] } }),
			);
			if (timeoutMs !== undefined) additionalData.executionTimeoutTimestamp = Date.now() + timeoutMs;
			const running = engine.processRunExecutionData(workflow);
			const timer =
				timeoutMs === undefined
					? undefined
					: setTimeout(() => {
							engine.timedOut = true;
							running.cancel();
						}, timeoutMs);
			return { running, settled: running.then((run) => ({ run, workflow })).finally(() => clearTimeout(timer)) };
		};

		// A workflow that n8n refuses to start throws at once; the caller sees it where it awaits.
		let begun: ReturnType<typeof begin> | undefined;
		const result = (async (): Promise<EngineResult> => {
			begun = collectingLogs(logs, begin);
			const { run, workflow } = await begun.settled;
			const settledAt = Date.now();
			const { resultData } = run.data;
			const nodes: Record<string, NodeResult> = {};
			for (const name of Object.keys(workflow.nodes)) nodes[name] = nodeResult(workflow, name, run, tries.get(name) ?? []);
			const last = focus ?? resultData.lastNodeExecuted;
			return {
				outputs: [],
				hints: [],
				tries: [],
				...(last === undefined ? {} : nodes[last]),
				...(resultData.error === undefined ? {} : { error: resultData.error }),
				status: run.status,
				nodes,
				runData: resultData.runData,
				run,
				credentialsAfter: credentialsHelper.snapshot(),
				staticData: workflow.staticData,
				logs,
				messagesToUI,
				settledAt,
			};
		})();
		result.catch(() => {});
		return { then: (...handlers) => result.then(...handlers), cancel: () => begun?.running.cancel() };
	}

	/** Calls a method of a node as the editor's server does, with n8n's LoadOptionsContext as `this`. */
	async function callMethod<T>(
		kind: 'listSearch' | 'loadOptions' | 'resourceMapping',
		name: string,
		{ path = 'parameters.list', ...given }: MethodOptions,
		...rest: unknown[]
	): Promise<T> {
		const node = completed({ ...given, id: 'uuid-1234' }, 'Temp-Node');
		const type = nodeTypes.getByNameAndVersion(node.type, node.typeVersion);
		const method = type.methods?.[kind]?.[name];
		if (!method) throw new Error(`Node type "${node.type}" has no ${kind} method named "${name}"`);
		const workflow = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });
		const additionalData = additionalDataOf('', 'internal', workflowBase(), []);
		additionalData.currentNodeParameters = node.parameters;
		const context = new LoadOptionsContext(workflow, workflow.nodes[node.name] ?? node, additionalData, path);
		await workflow.expression.acquireIsolate();
		try {
			return await collectingLogs([], async () => (await Reflect.apply(method, context, rest)) as T);
		} finally {
			await workflow.expression.releaseIsolate();
		}
	}

	return {
		run(run) {
			if (run.node) {
				const node = completed(run.node, run.node.name ?? nodeName);
				const trigger = completed({ type: 'n8n-nodes-base.manualTrigger' }, startName);
				const workflow = {
					nodes: [trigger, node],
					connections: { [startName]: { main: [[{ node: node.name, type: 'main' as const, index: 0 }]] } },
				};
				return start(workflow, startName, node.name, run);
			}
			const startAt = run.startAt ?? run.workflow.nodes.find(({ type, disabled }) => !disabled && isTrigger(nodeTypes, type))?.name;
			if (startAt === undefined) throw new Error('The workflow has no trigger; name the node to start at');
			return start(run.workflow, startAt, undefined, run);
		},

		async runAsTool({ node, arguments: given = {}, caller = 'agent', ...settings }) {
			const tool = completed({ ...node, type: `${fullName(node.type)}Tool` }, node.name ?? nodeName);
			const agent = completed({ type: agentType, parameters: { caller, tool: tool.name, arguments: JSON.stringify(given) } }, 'Agent');
			const trigger = completed({ type: 'n8n-nodes-base.manualTrigger' }, startName);
			const result = await start(
				{
					nodes: [trigger, agent, tool],
					connections: {
						[startName]: { main: [[{ node: agent.name, type: 'main', index: 0 }]] },
						[tool.name]: { ai_tool: [[{ node: agent.name, type: 'ai_tool', index: 0 }]] },
					},
				},
				startName,
				agent.name,
				settings,
			);
			return { ...result, answers: (result.outputs[0] ?? []).map(({ json }) => json as ToolAnswer) };
		},

		listSearch: async (name, { filter, paginationToken, ...method }) => {
			const result = await callMethod<INodeListSearchResult>('listSearch', name, method, filter, paginationToken);
			const token: unknown = result.paginationToken;
			// n8n hands the token to the editor and back as text.
			return typeof token === 'number' ? { ...result, paginationToken: String(token) } : result;
		},

		loadOptions: async (name, method) => await callMethod('loadOptions', name, method),

		resourceMapping: async (name, method) => {
			const result = await callMethod<ResourceMapperFields>('resourceMapping', name, method);
			// Of several fields with one id the editor gets the first.
			return { ...result, fields: result.fields.filter(({ id }, index) => result.fields.findIndex((field) => field.id === id) === index) };
		},

		testCredential: async (id) =>
			await testCredential(id, credentialsHelper, credentialTypes, additionalDataOf('', 'internal', workflowBase(), [])),

		resolveCredential: async (id) => {
			const saved = credentialsHelper.snapshot()[id];
			if (!saved) throw new Error(`No credential is saved under "${id}"`);
			return await credentialsHelper.applyDefaults(
				additionalDataOf('', 'internal', workflowBase(), []),
				saved.data,
				saved.type,
				'internal',
			);
		},

		credentials: () => credentialsHelper.snapshot(),
		saveCredential: (id, credential) => credentialsHelper.save(id, credential),
	};
}

function workflowBase(): IWorkflowBase {
	const now = new Date();
	return {
		id: 'workflow',
		name: 'Workflow',
		active: false,
		isArchived: false,
		activeVersionId: null,
		createdAt: now,
		updatedAt: now,
		nodes: [],
		connections: {},
	};
}

/** Whole items stay as they are; anything else is an item's json. */
function asItem(item: INodeExecutionData | IDataObject): INodeExecutionData {
	const whole =
		typeof item.json === 'object' && item.json !== null && Object.keys(item).every((key) => ['json', 'binary', 'pairedItem'].includes(key));
	return structuredClone(whole ? (item as INodeExecutionData) : { json: item as IDataObject });
}

function isTrigger(nodeTypes: NodeTypes, type: string): boolean {
	const { description } = nodeTypes.getByNameAndVersion(type);
	return description.group.includes('trigger');
}

/** The node types, with every call of execute written down under the name of its node. */
function countingTries(nodeTypes: NodeTypes, tries: Map<string, NodeTry[]>): NodeTypes {
	const counted = new Map<INodeType, INodeType>();
	const counting = Object.create(nodeTypes) as NodeTypes;
	counting.getByNameAndVersion = (name, version) => {
		const type = nodeTypes.getByNameAndVersion(name, version);
		// n8n calls a node that extends its class Node with the context as argument; those are left alone.
		if (!type.execute || isNodeClassInstance(type)) return type;
		let wrapped = counted.get(type);
		if (!wrapped) {
			wrapped = Object.create(type) as INodeType;
			wrapped.execute = async function (...rest) {
				const attempt: NodeTry = { startedAt: Date.now() };
				const { name: node } = this.getNode();
				tries.set(node, [...(tries.get(node) ?? []), attempt]);
				try {
					return (await type.execute?.apply(this, rest)) as NodeOutput;
				} catch (error) {
					attempt.error = error;
					throw error;
				} finally {
					attempt.settledAt = Date.now();
				}
			};
			counted.set(type, wrapped);
		}
		return wrapped;
	};
	return counting;
}

function nodeResult(workflow: Workflow, name: string, run: IRun, tries: NodeTry[]): NodeResult {
	const last = run.data.resultData.runData[name]?.at(-1);
	const node = workflow.nodes[name];
	const declared = node
		? NodeHelpers.getNodeOutputs(workflow, node, workflow.nodeTypes.getByNameAndVersion(node.type, node.typeVersion).description)
		: [];
	// A tool's run has its data under the connection to the agent.
	const data = last?.data?.main ?? last?.data?.ai_tool ?? [];
	const outputs = Array.from({ length: Math.max(declared.length, data.length) }, (_, index) => data[index] ?? []);
	return { outputs, hints: last?.hints ?? [], tries, ...(last?.error === undefined ? {} : { error: last.error }) };
}

/** n8n's test of a credential (n8n 2.40.7, dist/services/credentials-tester.service.js): its `test` request, made by n8n's RoutingNode. */
async function testCredential(
	id: string,
	helper: CredentialsHelper,
	types: CredentialTypes,
	additionalData: IWorkflowExecuteAdditionalData,
): Promise<{ status: 'OK' | 'Error'; message: string }> {
	const saved = helper.snapshot()[id];
	if (!saved) throw new Error(`No credential is saved under "${id}"`);
	const { test } = types.get(saved.type);
	if (!test) return { status: 'Error', message: 'No testing function found for this credential.' };

	const node: INode = {
		id: 'temp',
		parameters: {},
		name: 'Temp-Node',
		type: 'n8n-nodes-base.noOp',
		typeVersion: 1,
		position: [0, 0],
		credentials: { [saved.type]: helper.reference(id) },
	};
	const description = {
		displayName: 'No Operation',
		name: 'n8n-nodes-base.noOp',
		group: [],
		version: 1,
		description: '',
		defaults: {},
		inputs: ['main' as const],
		outputs: ['main' as const],
		credentials: [{ name: saved.type, required: true }],
		properties: [{ displayName: 'Temp', name: 'temp', type: 'string' as const, routing: { request: test.request }, default: '' }],
	};
	const type: INodeType = { description };
	const nodeTypes = { getByName: () => type, getByNameAndVersion: () => type, getKnownTypes: () => ({}) };
	const workflow = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });
	const data = await helper.applyDefaults(additionalData, saved.data, saved.type, 'internal');
	additionalData.currentNodeParameters = node.parameters;
	const context = new ExecuteContext(
		workflow,
		workflow.nodes[node.name] ?? node,
		additionalData,
		'internal',
		createRunExecutionData({}),
		0,
		[],
		{ main: [[{ json: {} }]] },
		{ node, data: {}, source: null },
		[],
	);
	let response: INodeExecutionData[][] | undefined;
	await workflow.expression.acquireIsolate();
	try {
		response = await collectingLogs(
			[],
			async () => await new RoutingNode(context, type, { id, name: saved.name, type: saved.type, data }).runNode(),
		);
	} catch (error) {
		return { status: 'Error', message: wordsForFailure(error, test.rules ?? []) };
	} finally {
		await workflow.expression.releaseIsolate();
	}
	for (const rule of test.rules ?? []) {
		if (rule.type === 'responseSuccessBody' && valueAt(response?.[0]?.[0]?.json, rule.properties.key) === rule.properties.value) {
			return { status: 'Error', message: rule.properties.message };
		}
	}
	return { status: 'OK', message: 'Connection successful!' };
}

type TestRules = NonNullable<NonNullable<ICredentialType['test']>['rules']>;

function wordsForFailure(error: unknown, rules: TestRules): string {
	const { cause, message } = error as Error & { cause?: { code?: string; response?: { status: number; statusText?: string } } };
	if (cause?.response) {
		const { status, statusText } = cause.response;
		const rule = rules.find((candidate) => candidate.type === 'responseCode' && candidate.properties.value === status);
		if (rule) return rule.properties.message;
		if (status < 199 || status > 299) return statusText || `Received HTTP status code: ${status}`;
	} else if (cause?.code) {
		return cause.code;
	}
	return message;
}

function valueAt(json: IDataObject | undefined, path: string): GenericValue {
	return path
		.split('.')
		.reduce<unknown>(
			(value, key) => (typeof value === 'object' && value !== null ? (value as IDataObject)[key] : undefined),
			json,
		) as GenericValue;
}
