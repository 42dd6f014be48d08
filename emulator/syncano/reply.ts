import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { EmulatedAnswer } from '../service';
import type { ResponseTemplate } from './model';
import type { Trace } from './traces';
import { replyView } from './views';

/** What the emulator's own server writes; a script's word on them would break the connection. */
const ownHeaders = ['content-length', 'transfer-encoding', 'connection'];

/**
 * The reply of an endpoint whose run has ended: what the script has set, else the trace.
 * A failed script never has its own reply sent. A status or header that HTTP does not allow gives an empty 500.
 */
export function replyTo(trace: Trace, template: ResponseTemplate | undefined): EmulatedAnswer {
	const response = trace.status === 'success' ? trace.result.response : undefined;
	if (template !== undefined) {
		const body = template.render({ status: trace.status, result: trace.result });
		return { status: response?.status ?? 200, headers: { 'content-type': template.contentType }, body };
	}
	if (response === undefined) {
		return { status: 200, headers: { 'content-type': 'application/json', 'cache-control': 'no-cache' }, body: replyView(trace) };
	}
	const headers: Record<string, string> = {};
	try {
		if (response.status < 100 || response.status > 599) throw new RangeError('Not a status of HTTP.');
		const given = { ...response.headers, 'content-type': response.content_type };
		for (const [name, value] of Object.entries(given)) {
			validateHeaderName(name);
			validateHeaderValue(name, String(value));
			if (!ownHeaders.includes(name.toLowerCase())) headers[name] = String(value);
		}
	} catch {
		return { status: 500, headers: { 'content-type': 'application/json' }, body: '' };
	}
	return { status: response.status, headers, body: response.content };
}
