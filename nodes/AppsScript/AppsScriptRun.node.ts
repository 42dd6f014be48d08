import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { executeRuns } from '../shared/execute';
import { outputsExpression } from '../shared/outputs';
import { mapParameters, searchDeployments, searchFunctions, searchScripts } from './lists';
import { properties } from './properties';
import { runService, SIMULTANEOUS_RUNS } from './runService';

/** Runs a function of a Google Apps Script project through scripts.run. */
export class AppsScriptRun implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Apps Script Run',
		name: 'appsScriptRun',
		icon: { light: 'file:appsScript.svg', dark: 'file:appsScript.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] === "checkSetup" ? "Check setup" : ($parameter["function"]["cachedResultName"] || $parameter["function"]["value"] || "") + ($parameter["script"]["cachedResultName"] ? " · " + $parameter["script"]["cachedResultName"] : "") }}',
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
		return await executeRuns(this, 'appsScript', SIMULTANEOUS_RUNS, (parameters, settings) => runService(this, parameters, settings));
	}
}
