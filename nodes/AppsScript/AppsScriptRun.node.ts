import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { executeRuns } from '../shared/execute';
import { InputError } from '../shared/parameters';
import { outputsExpression } from '../shared/outputs';
import { cleanText } from '../shared/text';
import { checkSetupService } from './checkSetup';
import { mapParameters, searchDeployments, searchFunctions, searchScripts } from './lists';
import { properties } from './properties';
import { runService, SIMULTANEOUS_RUNS } from './runService';

/** n8n adds *Custom API Call* to every node's operations; no node carries it out itself. */
function unknownOperation(operation: unknown): InputError {
	return new InputError(
		operation === '__CUSTOM_API_CALL__' ? 'This node makes no custom API calls' : `The node has no operation "${cleanText(String(operation), 60)}"`,
		"Choose Run or Check Setup under Operation. For other requests to the API use n8n's HTTP Request node, with Predefined Credential Type and the same credential.",
	);
}

/** Runs a function of a Google Apps Script project through scripts.run. */
export class AppsScriptRun implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Apps Script Run',
		name: 'appsScriptRun',
		icon: { light: 'file:appsScript.svg', dark: 'file:appsScript.dark.svg' },
		group: ['transform'],
		version: 1,
		// n8n hands expressions a resource locator's value only; the title that was chosen from the list is in the parameters' JSON. Raw, as an expression
		// over an item has no value here.
		subtitle:
			'={{ [$rawParameter["operation"] === "checkSetup" ? "Check setup" : String($rawParameter["function"] || "").replace(/^=/, ""), (JSON.parse(JSON.stringify($rawParameter)).script || {}).cachedResultName].filter(Boolean).join(" · ") }}',
		description: 'Run functions of Google Apps Script projects',
		defaults: { name: 'Apps Script Run' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: outputsExpression,
		credentials: [
			{ name: 'googleAppsScriptOAuth2Api', required: true, displayOptions: { show: { authentication: ['oAuth2'] } } },
			{ name: 'googleAppsScriptHeadlessApi', required: true, displayOptions: { show: { authentication: ['headless'] } } },
		],
		properties,
	};

	methods = {
		listSearch: { searchScripts, searchDeployments, searchFunctions },
		resourceMapping: { mapParameters },
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const { operation } = this.getNode().parameters;
		if (operation === undefined || operation === 'run') {
			return await executeRuns(this, 'appsScript', SIMULTANEOUS_RUNS, properties, (parameters, settings) => runService(this, parameters, settings));
		}
		return await executeRuns(this, 'appsScript', SIMULTANEOUS_RUNS, properties, (parameters, settings) => {
			if (operation === 'checkSetup') return checkSetupService(this, parameters, settings);
			throw unknownOperation(operation);
		});
	}
}
