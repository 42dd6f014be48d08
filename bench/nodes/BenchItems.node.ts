import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { beginMeasurement } from './measurement';

/**
 * Makes items, then begins to measure. Its number comes from an expression: what n8n sets up once an execution for expressions is there before, and is
 * not taken for what the measured node keeps.
 */
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
		properties: [{ displayName: 'Count', name: 'count', type: 'number', default: 1 }],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const count = this.getNodeParameter('count', 0) as number;
		const { profile } = (this.getInputData()[0]?.json.body ?? {}) as { profile?: string };
		const items = Array.from({ length: count }, (_, index): INodeExecutionData => ({ json: { index }, pairedItem: { item: 0 } }));
		await beginMeasurement(this.getExecutionId(), profile);
		return [items];
	}
}
