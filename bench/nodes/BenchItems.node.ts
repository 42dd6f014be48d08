import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { beginMeasurement } from './measurement';

/** Makes as many items as the webhook's body asks for, then begins to measure. */
export class BenchItems implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Bench Items',
		name: 'benchItems',
		group: ['transform'],
		version: 1,
		description: 'Makes items, then begins to measure',
		defaults: { name: 'Bench Items' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		properties: [],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const order = (this.getInputData()[0]?.json.body ?? {}) as { count: number; profile?: string };
		const items = Array.from({ length: order.count }, (_, index): INodeExecutionData => ({ json: { index }, pairedItem: { item: 0 } }));
		await beginMeasurement(this.getExecutionId(), order.profile);
		return [items];
	}
}
