import type { Answer } from '../shared/answer';
import { sendRequest, type RequestContext } from '../shared/egress';
import { CREDENTIAL } from './connection';

/** A request to Syncano. */
export interface SyncanoRequest {
	readonly method: 'GET' | 'POST';
	readonly url: string;
	readonly body?: unknown;
	readonly timeoutMs: number;
	/** Whether the Account Key goes along. */
	readonly withKey: boolean;
}

/** Reading a trace or a list is quick. */
export const READ_TIMEOUT_MS = 30_000;

/** Sends one request. The content type goes along with every one, as the service's own documentation has it. */
export async function ask(context: RequestContext, { withKey, ...request }: SyncanoRequest): Promise<Answer> {
	const headers = { 'Content-Type': 'application/json' };
	return await sendRequest(context, { ...request, headers, neverRefresh: true }, withKey ? CREDENTIAL : undefined);
}
