import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

/**
 * The floor: the same requests with the same credential through n8n's own helper, and nothing else. No outcomes, no retries, no item's own
 * parameters; a failure ends it.
 */
export class BareLoop implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Bare Loop',
		name: 'bareLoop',
		group: ['transform'],
		version: 1,
		description: "A bare loop over n8n's OAuth2 helper",
		defaults: { name: 'Bare Loop' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'googleAppsScriptOAuth2Api', required: true }],
		properties: [
			{ displayName: 'URL', name: 'url', type: 'string', default: '' },
			{ displayName: 'Function', name: 'function', type: 'string', default: '' },
			{ displayName: 'At a Time', name: 'width', type: 'number', default: 1 },
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const items = this.getInputData();
		const url = this.getNodeParameter('url', 0) as string;
		const name = this.getNodeParameter('function', 0) as string;
		const width = this.getNodeParameter('width', 0) as number;
		const output = new Array<INodeExecutionData>(items.length);
		let next = 0;
		const worker = async () => {
			for (let item = next++; item < items.length; item = next++) {
				const answer = (await this.helpers.httpRequestWithAuthentication.call(this, 'googleAppsScriptOAuth2Api', {
					method: 'POST',
					url,
					body: { function: name, parameters: [items[item]?.json ?? {}] },
					json: true,
				})) as { response?: { result?: number } };
				output[item] = { json: { result: answer.response?.result }, pairedItem: { item } };
			}
		};
		await Promise.all(Array.from({ length: width }, worker));
		return [output];
	}
}
