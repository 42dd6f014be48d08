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
		subtitle:
			'={{ [{ run: "Run", runPublic: "Run public link", get: "Get trace", getAll: "Get traces" }[$parameter["operation"]], $parameter["operation"] === "runPublic" ? "" : $parameter["resource"] === "scriptEndpoint" || $parameter["traceOf"] === "scriptEndpoint" ? ($parameter["endpoint"] || {}).value : ($parameter["scriptId"] || {}).cachedResultName || ($parameter["scriptId"] || {}).value].filter(Boolean).join(" · ") }}',
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
		const notices = new Set<string>();
		const ceiling = ceilingOf(this.getNodeParameter('resource', 0, 'script'));
		const outputs = await executeRuns(this, 'syncano', ceiling, (parameters, settings) => syncanoService(this, parameters, settings, (text) => notices.add(text)));
		for (const message of notices) this.addExecutionHints({ message, type: 'warning', location: 'outputPane' });
		return outputs;
	}
}
