import { Workflow, type INode, type INodeParameters, type INodeType, type INodeTypes } from 'n8n-workflow';

/** A node's subtitle as the editor asks for it: `getSimpleParameterValue` over the node as it is drawn. */
export async function subtitleOf(type: INodeType, parameters: INodeParameters): Promise<unknown> {
	const nodeTypes: INodeTypes = { getByName: () => type, getByNameAndVersion: () => type, getKnownTypes: () => ({}) };
	const node: INode = { id: '1', name: 'Node', type: type.description.name, typeVersion: 1, position: [0, 0], parameters };
	const workflow = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });
	await workflow.expression.acquireIsolate();
	try {
		return workflow.expression.getSimpleParameterValue(node, type.description.subtitle, 'internal', {}, undefined, '[filled at execution time]');
	} finally {
		await workflow.expression.releaseIsolate();
	}
}
