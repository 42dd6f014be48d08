import { NodeHelpers, type INodeProperties, type INodeType, type INodeTypes, type IVersionedNodeType } from 'n8n-workflow';
import { agent, agentType } from './agent';
import { coreNodes } from './core-nodes';
import type { PackageUnderTest } from './package-under-test';

/** All node types by full name: the package's, the stand-ins of core nodes, those a test adds, and each one's tool. */
export class NodeTypes implements INodeTypes {
	private readonly known = new Map<string, INodeType | IVersionedNodeType>();

	private readonly tools = new Map<string, INodeType>();

	constructor(
		private readonly packageUnderTest: PackageUnderTest,
		added: Record<string, INodeType | IVersionedNodeType>,
	) {
		for (const [name, type] of Object.entries({ ...coreNodes, [agentType]: agent, ...added })) this.known.set(name, type);
	}

	private find(fullName: string): INodeType | IVersionedNodeType | undefined {
		const known = this.known.get(fullName);
		if (known) return known;
		const prefix = `${this.packageUnderTest.name}.`;
		const loaded = fullName.startsWith(prefix) ? this.packageUnderTest.node(fullName.slice(prefix.length)) : undefined;
		if (loaded) this.known.set(fullName, loaded);
		return loaded;
	}

	getByName(fullName: string): INodeType | IVersionedNodeType {
		const found = this.find(fullName);
		if (!found) throw new Error(`Unrecognized node type: ${fullName}`);
		return found;
	}

	getByNameAndVersion(fullName: string, version?: number): INodeType {
		const found = this.find(fullName);
		if (found) return NodeHelpers.getVersionedNodeType(found, version);
		if (!fullName.endsWith('Tool')) throw new Error(`Unrecognized node type: ${fullName}`);

		const key = `${fullName}?${version ?? 'default'}`;
		const made =
			this.tools.get(key) ?? asTool(NodeHelpers.getVersionedNodeType(this.getByName(fullName.slice(0, -'Tool'.length)), version));
		this.tools.set(key, made);
		return made;
	}

	getKnownTypes(): Record<string, never> {
		return {};
	}
}

/** The tool that n8n makes of a node (n8n 2.40.7, dist/tool-generation/ai-tools.js, convertNodeToAiTool). */
function asTool(type: INodeType): INodeType {
	const { usableAsTool, ...description } = type.description;
	if (!usableAsTool) throw new Error(`Node cannot be used as a tool: ${description.name}`);
	const replacements = typeof usableAsTool === 'object' ? usableAsTool.replacements : {};
	const described: INodeProperties = {
		displayName: 'Description',
		name: 'toolDescription',
		type: 'string',
		default: description.description,
		required: true,
	};
	const choice: INodeProperties = {
		displayName: 'Tool Description',
		name: 'descriptionType',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'Set Automatically', value: 'auto' },
			{ name: 'Set Manually', value: 'manual' },
		],
		default: 'auto',
	};
	const hasChoice = description.properties.some(({ name }) => name === 'resource' || name === 'operation');
	if (hasChoice) described.displayOptions = { show: { descriptionType: ['manual'] } };

	const tool = Object.create(type) as INodeType;
	tool.description = {
		...description,
		...replacements,
		name: `${description.name}Tool`,
		displayName: `${description.displayName} Tool`,
		inputs: [],
		outputs: ['ai_tool'],
		properties: [...(hasChoice ? [choice] : []), described, ...description.properties],
	};
	return tool;
}
