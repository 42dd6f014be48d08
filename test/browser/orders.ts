import type { IDataObject, INode } from 'n8n-workflow';
import type { N8nServer } from '../n8n/server';

/** The name of the trigger in the workflows of `startingWithItems`. */
export const TRIGGER = 'Orders';

/** Orders that the sample's functions take. */
export const GOOD_ORDERS = [
	{ customer: 'Ada Reed', product: 'Darjeeling', quantity: 2, price: 7.5 },
	{ customer: 'Ben Okafor', product: 'Sencha', quantity: 1, price: 9.2 },
	{ customer: 'Chiara Lenz', product: 'Assam', quantity: 4, price: 6.4 },
] as const satisfies readonly IDataObject[];

/** One that they refuse. */
export const ORDER_WITHOUT_CUSTOMER = { product: 'Oolong', quantity: 3, price: 11 } as const satisfies IDataObject;

/** Saves a workflow that holds nothing but a trigger, with items pinned to it. @returns its id */
export async function startingWithItems(server: N8nServer, name: string, items: readonly IDataObject[], nodes: readonly INode[] = []): Promise<string> {
	const trigger: INode = { id: 'trigger', name: TRIGGER, type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, position: [0, 0], parameters: {} };
	const { id } = await server.rest<{ id: string }>('POST', '/rest/workflows', {
		name,
		nodes: [trigger, ...nodes],
		connections: nodes[0] === undefined ? {} : { [TRIGGER]: { main: [[{ node: nodes[0].name, type: 'main', index: 0 }]] } },
		settings: { executionOrder: 'v1' },
		pinData: { [TRIGGER]: items.map((json) => ({ json })) },
	});
	return id;
}
