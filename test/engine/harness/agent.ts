import type { EngineRequest, EngineResponse, IDataObject, IExecuteFunctions, INodeType } from 'n8n-workflow';

/** How an agent calls its tools: by itself (older Agent versions, MCP, sub-agents), or by asking the engine to run the tool's node (Agent 3). */
export type ToolCaller = 'agent' | 'engine';

/** What the stand-in agent says about one call. */
export interface ToolAnswer extends IDataObject {
	/** What the model gets: n8n's JSON text of output 0, or the words of the error. */
	answer: string;
	failed: boolean;
	/** Name and description that the model is shown. */
	toolName?: string;
	toolDescription?: string;
}

interface Tool {
	name: string;
	description: string;
	invoke(input: IDataObject): Promise<unknown>;
}

/** Type name of the agent that calls its one tool with the arguments of its parameter `arguments`. */
export const agentType = 'harness.agent';

/** Stands in for n8n's AI Agent: no model, one call of the connected tool for each input item. */
export const agent: INodeType = {
	description: {
		displayName: 'Agent',
		name: 'agent',
		group: ['transform'],
		version: 1,
		description: '',
		defaults: { name: 'Agent' },
		inputs: ['main', { type: 'ai_tool', displayName: 'Tool' }],
		outputs: ['main'],
		properties: [
			{ displayName: 'Caller', name: 'caller', type: 'string', default: 'agent' },
			{ displayName: 'Tool', name: 'tool', type: 'string', default: '' },
			{ displayName: 'Arguments', name: 'arguments', type: 'json', default: '{}' },
		],
	},
	async execute(this: IExecuteFunctions, response?: EngineResponse) {
		const items = this.getInputData();
		const argumentsOf = (index: number): IDataObject => JSON.parse(this.getNodeParameter('arguments', index) as string) as IDataObject;

		if (this.getNodeParameter('caller', 0) === 'agent') {
			const tools = (await this.getInputConnectionData('ai_tool', 0)) as Tool[];
			const [tool] = tools;
			if (!tool) throw new Error('No tool is connected');
			const answers = [];
			for (const index of items.keys()) {
				const about = { toolName: tool.name, toolDescription: tool.description };
				try {
					answers.push({ ...about, answer: String(await tool.invoke(argumentsOf(index))), failed: false });
				} catch (error) {
					answers.push({ ...about, answer: error instanceof Error ? error.message : String(error), failed: true });
				}
			}
			return [answers.map((json, item) => ({ json, pairedItem: { item } }))];
		}

		if (!response?.actionResponses.length) {
			return {
				actions: items.map((_, itemIndex) => ({
					actionType: 'ExecutionNodeAction',
					nodeName: this.getNodeParameter('tool', itemIndex) as string,
					input: argumentsOf(itemIndex),
					type: 'ai_tool',
					id: `call-${itemIndex}`,
					metadata: { itemIndex },
				})),
				metadata: {},
			} as EngineRequest;
		}
		return [
			response.actionResponses.map(({ data }, item) => {
				// As n8n's Agent 3 reads it (n8n-nodes-langchain 2.40.3, agent-execution/buildSteps.js): output 0, else the error.
				const output = data.data?.ai_tool?.[0]?.map(({ json }) => json) ?? [];
				const seen = output.length > 0 ? output : data.error ? { error: data.error.message, errorType: data.error.name } : '';
				return { json: { answer: JSON.stringify(seen), failed: data.error !== undefined } satisfies ToolAnswer, pairedItem: { item } };
			}),
		];
	},
};
