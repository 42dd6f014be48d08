import type { INodeParameters } from 'n8n-workflow';
import { benchNode, Host, laneCredential, OAUTH2, type MeasuredNode } from './host';
import { SYNCANO_INSTANCE, SYNCANO_SCRIPT, type ServiceAddress } from './serviceProtocol';

const locator = (mode: string, value: string): INodeParameters => ({ __rl: true, mode, value });

/** What a node sends its requests to. */
export interface Target {
	readonly deployment: string;
	readonly lane: number;
}

/** *Apps Script Run*, with the item as the function's one parameter unless the parameters say otherwise. */
export function ours({ deployment, lane }: Target, options: INodeParameters, parameters: INodeParameters = {}): MeasuredNode {
	return {
		type: 'n8n-nodes-cloud-scripts.appsScriptRun',
		typeVersion: 1,
		parameters: { deployment: locator('id', deployment), function: locator('name', 'echo'), parametersFrom: 'item', options, ...parameters },
		credentials: { [OAUTH2]: laneCredential(lane) },
	};
}

/**
 * n8n's HTTP Request node with the same credential, sending the same body. The answer is declared to be JSON, which spares it the detection.
 * @param batching how many requests are sent at once, and the pause after them in milliseconds; without it, all at once
 */
export function httpRequest(service: ServiceAddress, { deployment, lane }: Target, batching?: { readonly size: number; readonly pauseMs: number }): MeasuredNode {
	return {
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: 4.5,
		parameters: {
			method: 'POST',
			url: runUrl(service, deployment),
			authentication: 'predefinedCredentialType',
			nodeCredentialType: OAUTH2,
			sendBody: true,
			specifyBody: 'json',
			jsonBody: "={{ { function: 'echo', parameters: [$json] } }}",
			options: {
				response: { response: { responseFormat: 'json' } },
				...(batching === undefined ? {} : { batching: { batch: { batchSize: batching.size, batchInterval: batching.pauseMs } } }),
			},
		},
		credentials: { [OAUTH2]: laneCredential(lane) },
	};
}

/** The floor: a loop over n8n's OAuth2 helper with the same credential and the same body. */
export function bareLoop(service: ServiceAddress, { deployment, lane }: Target, width: number): MeasuredNode {
	return {
		type: benchNode('bareLoop'),
		typeVersion: 1,
		parameters: { url: runUrl(service, deployment), function: 'echo', width },
		credentials: { [OAUTH2]: laneCredential(lane) },
	};
}

/** *Syncano Script*. */
export function ourSyncano(options: INodeParameters): MeasuredNode {
	return {
		type: 'n8n-nodes-cloud-scripts.syncanoScript',
		typeVersion: 1,
		parameters: { scriptId: locator('id', String(SYNCANO_SCRIPT)), payloadFrom: 'item', options },
		credentials: Host.syncano,
	};
}

/** A look at the trace once a second. */
export function naivePoll(service: ServiceAddress, width: number): MeasuredNode {
	return {
		type: benchNode('naivePoll'),
		typeVersion: 1,
		parameters: { url: `${service.address}/v1.1/instances/${SYNCANO_INSTANCE}/snippets/scripts/${SYNCANO_SCRIPT}/`, width },
		credentials: Host.syncano,
	};
}

function runUrl(service: ServiceAddress, deployment: string): string {
	return `${service.address}/v1/scripts/${deployment}:run`;
}
