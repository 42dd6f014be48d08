import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

/** Runs a Syncano script an item and looks at its trace once a second, as a workflow of HTTP Request and Wait does. */
export class NaivePoll implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Naive Poll',
		name: 'naivePoll',
		group: ['transform'],
		version: 1,
		description: 'Looks at the trace once a second',
		defaults: { name: 'Naive Poll' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'syncanoApi', required: true }],
		properties: [
			{ displayName: 'URL', name: 'url', type: 'string', default: '', description: 'Of the script, with a slash at the end' },
			{ displayName: 'At a Time', name: 'width', type: 'number', default: 1 },
			{ displayName: 'Pause', name: 'pause', type: 'number', default: 1000, description: 'Milliseconds between two looks' },
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const items = this.getInputData();
		const url = this.getNodeParameter('url', 0) as string;
		const width = this.getNodeParameter('width', 0) as number;
		const pause = this.getNodeParameter('pause', 0) as number;
		const ask = async (method: 'GET' | 'POST', path: string, body?: IDataObject) =>
			(await this.helpers.httpRequestWithAuthentication.call(this, 'syncanoApi', { method, url: `${url}${path}`, body, json: true })) as {
				id: number;
				status: string;
				result?: { stdout?: string };
			};
		const output = new Array<INodeExecutionData>(items.length);
		let next = 0;
		const worker = async () => {
			for (let item = next++; item < items.length; item = next++) {
				let trace = await ask('POST', 'run/', { payload: items[item]?.json ?? {} });
				while (trace.status === 'pending' || trace.status === 'processing') {
					await new Promise((resolve) => setTimeout(resolve, pause));
					trace = await ask('GET', `traces/${trace.id}/`);
				}
				output[item] = { json: { result: Number(trace.result?.stdout) }, pairedItem: { item } };
			}
		};
		await Promise.all(Array.from({ length: width }, worker));
		return [output];
	}
}
