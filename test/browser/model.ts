import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { atEnd } from '../n8n/cleanUp';

/** A call of the one tool that the model is offered. */
export interface ToolCall {
	/** The tool's arguments, as JSON. */
	readonly arguments: string;
}

/** One turn of a language model: it calls its tool, or it answers. */
export type Turn = ToolCall | { readonly answer: string };

/** What the model reads: the conversation so far. */
export interface Message {
	readonly role: string;
	readonly content: string;
}

/** A language model that follows a script, behind the part of OpenAI's interface that n8n's model node uses (chat completions, streamed or not). */
export interface ScriptedModel {
	/** To put into the credential. */
	readonly url: string;
}

const record = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? { ...value } : {});

function textOf(content: unknown): string {
	if (typeof content === 'string') return content;
	return Array.isArray(content) ? content.map((part: unknown) => textOf(record(part).text)).join('') : '';
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk as Buffer);
	return record(JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}'));
}

/** Answers a request for a completion by the turn that follows from its conversation. */
function complete(body: Record<string, unknown>, turnAfter: (conversation: readonly Message[]) => Turn, response: ServerResponse): void {
	const messages = Array.isArray(body.messages) ? body.messages.map(record) : [];
	const turn = turnAfter(messages.map(({ role, content }) => ({ role: String(role), content: textOf(content) })));
	const tool = Array.isArray(body.tools) ? record(record(body.tools[0]).function).name : undefined;
	const call = 'answer' in turn ? undefined : { id: `call_${messages.length}`, type: 'function', function: { name: tool, arguments: turn.arguments } };
	const content = 'answer' in turn ? turn.answer : null;
	const reason = call === undefined ? 'stop' : 'tool_calls';
	const common = { id: 'chatcmpl-scripted', created: 0, model: String(body.model) };
	const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
	if (body.stream !== true) {
		const message = { role: 'assistant', content, ...(call === undefined ? {} : { tool_calls: [call] }) };
		response.setHeader('content-type', 'application/json');
		response.end(JSON.stringify({ ...common, object: 'chat.completion', choices: [{ index: 0, message, finish_reason: reason }], usage }));
		return;
	}
	response.setHeader('content-type', 'text/event-stream');
	const send = (choices: object[], more: object = {}) => response.write(`data: ${JSON.stringify({ ...common, object: 'chat.completion.chunk', choices, ...more })}\n\n`);
	send([{ index: 0, delta: { role: 'assistant', content, ...(call === undefined ? {} : { tool_calls: [{ index: 0, ...call }] }) }, finish_reason: null }]);
	send([{ index: 0, delta: {}, finish_reason: reason }]);
	send([], { usage });
	response.end('data: [DONE]\n\n');
}

/**
 * Starts a model on 127.0.0.1; `endAll` ends it.
 * @param turnAfter the script: what the model does when it has read a conversation
 */
export async function startScriptedModel(turnAfter: (conversation: readonly Message[]) => Turn): Promise<ScriptedModel> {
	const server = createServer((request, response) => {
		if (request.method === 'POST' && request.url?.endsWith('/chat/completions') === true) {
			bodyOf(request).then(
				(body) => complete(body, turnAfter, response),
				(error: unknown) => response.writeHead(500).end(String(error)),
			);
			return;
		}
		response.writeHead(404).end();
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	atEnd(() => {
		server.closeAllConnections();
		server.close();
	});
	return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` };
}
