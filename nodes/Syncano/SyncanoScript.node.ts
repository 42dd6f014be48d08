import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { executeRuns } from '../shared/execute';
import { outputsExpression } from '../shared/outputs';
import { searchEndpoints, searchInstances, searchScripts, searchTraces } from './listSearch';
import { properties } from './properties';
import { ceilingOf, syncanoService } from './service';

/** Runs Scripts and Script Endpoints of a Syncano v1.1 instance, and looks at their traces. */
export class SyncanoScript implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Syncano Script',
		name: 'syncanoScript',
		icon: { light: 'file:syncano.svg', dark: 'file:syncano.dark.svg' },
		group: ['transform'],
		version: 1,
		// n8n hands expressions a resource locator's value only; the label that was chosen from the list is in the parameters' JSON. Raw, as an expression
		// over an item has no value here.
		subtitle:
			'={{ [{ run: "Run", runPublic: "Run public link", get: "Get trace", getAll: "Get traces" }[$rawParameter["operation"]], $rawParameter["operation"] === "runPublic" ? "" : $rawParameter["resource"] === "scriptEndpoint" || $rawParameter["traceOf"] === "scriptEndpoint" ? String($rawParameter["endpoint"] || "").replace(/^=/, "") : (JSON.parse(JSON.stringify($rawParameter)).scriptId || {}).cachedResultName || String($rawParameter["scriptId"] || "").replace(/^=/, "")].filter(Boolean).join(" · ") }}',
		description: 'Run scripts of a Syncano instance',
		defaults: { name: 'Syncano Script' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: outputsExpression,
		// A public link needs a key only where the node says so.
		credentials: [{ name: 'syncanoApi', required: true, displayOptions: { hide: { sendKey: [false] } } }],
		properties,
	};

	methods = { listSearch: { searchInstances, searchScripts, searchEndpoints, searchTraces } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const ceiling = ceilingOf(this.getNodeParameter('resource', 0, 'script'));
		return await executeRuns(this, 'syncano', ceiling, properties, (parameters, settings) => syncanoService(this, parameters, settings));
	}
}
