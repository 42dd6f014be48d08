import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { endMeasurement } from './measurement';

/**
 * Ends the measurement, and counts the items that brought their own result home: in `result`, in `response.result` of an untouched answer of
 * Google's, in `result.stdout` of Syncano's.
 */
export class BenchReport implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Bench Report',
		name: 'benchReport',
		group: ['transform'],
		version: 1,
		description: 'Ends the measurement and counts results',
		defaults: { name: 'Bench Report' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		properties: [],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const measured = await endMeasurement(this.getExecutionId());
		const items = this.getInputData();
		let done = 0;
		let example: IDataObject | undefined;
		for (const { json, pairedItem } of items) {
			const from = typeof pairedItem === 'object' && !Array.isArray(pairedItem) ? pairedItem.item : pairedItem;
			const result = json.result ?? (json.response as IDataObject | undefined)?.result;
			const printed = typeof result === 'object' ? (result as IDataObject | null)?.stdout : result;
			if (from !== undefined && printed === from) done += 1;
			else example ??= json;
		}
		return [[{ json: { ...measured, items: items.length, done, ...(example === undefined ? {} : { example }) } }]];
	}
}
