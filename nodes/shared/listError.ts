import type { INode } from 'n8n-workflow';
import { NodeApiError } from 'n8n-workflow';

import type { Failure } from './outcome';
import { cleanText } from './text';

/**
 * Why a list in the editor stays empty. The editor shows message and description of a NodeApiError only (of any other error, the server sends the
 * message alone), a link to the credential for the statuses 401 and 403, and breaks the message up at hyphens and dashes (n8n 2.40.7:
 * response-helper.js, and the editor's ResourceLocator). So the message is a plain sentence of our own, and all else stands in the description.
 */
export function listError(node: INode, message: string, description: string, httpStatus?: number): NodeApiError {
	const error = new NodeApiError(node, { message }, { message, description, ...(httpStatus === undefined ? {} : { httpCode: String(httpStatus) }) });
	// The constructor puts a canned text in the place of any message and description that hold an errno word.
	error.message = message;
	error.description = description;
	return error;
}

/** The same for a failure: its own words, then what to do. */
export function listErrorOf(node: INode, message: string, failure: Failure, advice: string | undefined): NodeApiError {
	const words = cleanText(failure.message);
	const status = failure.httpStatus ?? (failure.reason === 'unauthorized' ? 401 : undefined);
	return listError(node, message, [/[.!?…]$/.test(words) ? words : `${words}.`, advice].filter(Boolean).join(' '), status);
}
