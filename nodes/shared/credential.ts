import type { RequestContext } from './egress';
import { requestError } from './outcome';
import { PlanError } from './parameters';
import { cleanText } from './text';

/**
 * The data of a node's credential. n8n decrypts and evaluates it on every read: call it once an execution.
 * @throws {PlanError} with reason `notConnected` where the node has no usable one
 */
export async function credentialData(context: RequestContext, credentialType: string): Promise<Readonly<Record<string, unknown>>> {
	const read = await attempt(context, credentialType);
	if ('data' in read) return read.data;
	throw new PlanError(requestError('notConnected', `The node has no usable credential: ${read.problem}`, 'Choose or create a credential in the node, and connect it.'));
}

async function attempt(context: RequestContext, credentialType: string): Promise<{ data: Record<string, unknown> } | { problem: string }> {
	try {
		return { data: await context.getCredentials(credentialType) };
	} catch (error) {
		return { problem: cleanText(error instanceof Error ? error.message : String(error), 200) };
	}
}
