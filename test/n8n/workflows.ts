import type { IDataObject, INode, INodeParameters } from 'n8n-workflow';
import type { CredentialFile, WorkflowFile } from './n8n';

/** Type names of n8n's triggers that our workflows start with. */
const TRIGGERS = ['n8n-nodes-base.manualTrigger', 'n8n-nodes-base.scheduleTrigger', 'n8n-nodes-base.webhook'];

/** What makes a workflow of `itemsThrough`. */
export interface NodeUnderTest {
	/** The full type name. */
	readonly type: string;
	readonly parameters: INodeParameters;
	readonly credential: CredentialFile;
	readonly onError?: INode['onError'];
}

/** The name of the node under test in the workflows of `itemsThrough`. */
export const NODE = 'Node under test';

/**
 * A workflow that sends items through one node: Start → all items as one → Each Item → the node.
 * @param id about 16 letters and digits, as n8n's own ids
 */
export function itemsThrough(id: string, items: readonly IDataObject[], { type, parameters, credential, onError }: NodeUnderTest): WorkflowFile {
	const nodes: INode[] = [
		{ id: `${id}-1`, name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, position: [0, 0], parameters: {} },
		{
			id: `${id}-2`,
			name: 'All Items',
			type: 'n8n-nodes-base.set',
			typeVersion: 3.4,
			position: [200, 0],
			parameters: { mode: 'raw', jsonOutput: JSON.stringify({ items }), options: {} },
		},
		{
			id: `${id}-3`,
			name: 'Each Item',
			type: 'n8n-nodes-base.splitOut',
			typeVersion: 1,
			position: [400, 0],
			parameters: { fieldToSplitOut: 'items', options: {} },
		},
		{
			id: `${id}-4`,
			name: NODE,
			type,
			typeVersion: 1,
			position: [600, 0],
			parameters,
			credentials: { [credential.type]: { id: credential.id, name: credential.name } },
			...(onError === undefined ? {} : { onError }),
		},
	];
	const connections = Object.fromEntries(
		nodes.slice(1).map((node, index) => [nodes[index]?.name ?? '', { main: [[{ node: node.name, type: 'main' as const, index: 0 }]] }]),
	);
	return { id, name: id, nodes, connections, settings: { executionOrder: 'v1' } };
}

/** The same workflow with other credentials: those of a type are replaced by the one of that type, if there is one. */
export function withCredentials(workflow: WorkflowFile, credentials: readonly CredentialFile[]): WorkflowFile {
	const nodes = workflow.nodes.map((node) => {
		if (node.credentials === undefined) return node;
		const replaced = Object.entries(node.credentials).map(([type, reference]) => {
			const ours = credentials.find((credential) => credential.type === type);
			return [type, ours === undefined ? reference : { id: ours.id, name: ours.name }] as const;
		});
		return { ...node, credentials: Object.fromEntries(replaced) };
	});
	return { ...workflow, nodes };
}

/** The name of the node that a workflow starts with. @throws when it has no trigger */
export function triggerOf(workflow: WorkflowFile): string {
	const trigger = workflow.nodes.find(({ type, disabled }) => TRIGGERS.includes(type) && disabled !== true);
	if (trigger === undefined) throw new Error(`The workflow "${workflow.name}" has none of the triggers ${TRIGGERS.join(', ')}`);
	return trigger.name;
}

/** The same workflow under another id, started by a POST to a webhook's path in place of its first trigger; other triggers are left out. */
export function throughWebhook(workflow: WorkflowFile, id: string, path: string): WorkflowFile {
	const name = triggerOf(workflow);
	const nodes = workflow.nodes
		.filter((node) => node.name === name || !TRIGGERS.includes(node.type))
		.map((node): INode =>
			node.name === name
				? {
						id: `${id}-webhook`,
						name,
						type: 'n8n-nodes-base.webhook',
						typeVersion: 2,
						position: node.position,
						webhookId: path,
						parameters: { httpMethod: 'POST', path, responseMode: 'lastNode', responseData: 'allEntries', options: {} },
					}
				: node,
		);
	const connections = Object.fromEntries(Object.entries(workflow.connections).filter(([from]) => nodes.some((node) => node.name === from)));
	return { ...workflow, id, name: `${workflow.name} (webhook)`, nodes, connections };
}
