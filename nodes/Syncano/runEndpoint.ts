import { InputError } from '../shared/parameters';
import { hostClock } from '../shared/wait';
import { publicLinkOf } from './connection';
import { outcomeOfEndpoint, type RequestFacts } from './outcome';
import { isWrapped, payloadOf, requestOfEndpoint } from './payload';
import { endpointOf, type ItemPlan, type Planning, type SyncanoPlan } from './planning';
import { ask } from './request';

/** *Script Endpoint → Run*. @throws {PlanError} */
export async function planEndpointRun(planning: Planning, item: ItemPlan): Promise<SyncanoPlan> {
	const { connection, url, script } = await endpointOf(planning, item.itemIndex);
	return planCall(planning, item, { url: `${url}run/`, script, target: 'endpoint', sentKey: connection.keyKind, withKey: true });
}

/** *Script Endpoint → Run Public Link*: without any key, unless the node says that this server wants one. @throws {PlanError} */
export async function planPublicRun(planning: Planning, item: ItemPlan): Promise<SyncanoPlan> {
	const { url, name } = publicLinkOf(planning.parameters.text('publicUrl', item.itemIndex, ''));
	const call = { url, script: name, target: 'publicLink' } as const;
	if (planning.parameters.get('sendKey', item.itemIndex, false) !== true) return planCall(planning, item, { ...call, sentKey: 'none', withKey: false });
	const connection = await planning.connected();
	if (new URL(connection.baseUrl).origin !== new URL(url).origin) {
		throw new InputError(
			`Send Key is on, but the public link leads to ${new URL(url).host}, which is not the server of the credential`,
			'The key is sent to its own server only. Choose the credential of that server, or switch off Send Key.',
		);
	}
	return planCall(planning, item, { ...call, sentKey: connection.keyKind, withKey: true });
}

interface Call extends Pick<RequestFacts, 'target' | 'sentKey'> {
	readonly url: string;
	readonly script: string;
	readonly withKey: boolean;
}

function planCall(planning: Planning, { itemIndex, common, rules, timeoutMs }: ItemPlan, { url, script, target, sentKey, withKey }: Call): SyncanoPlan {
	const payload = payloadOf(planning, itemIndex, 'endpoint');
	const method = planning.parameters.get('method', itemIndex, 'POST') === 'GET' ? 'GET' : 'POST';
	const request = requestOfEndpoint(method, url, payload);
	const facts: RequestFacts = { target, sentKey, wrapped: isWrapped(payload), url: request.url };
	return {
		...common,
		script,
		send: async () => {
			const answer = await ask(planning.context, { ...request, method, timeoutMs, withKey });
			return outcomeOfEndpoint(answer, facts, rules, hostClock.now());
		},
	};
}
