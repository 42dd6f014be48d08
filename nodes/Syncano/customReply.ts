import type { Answered } from '../shared/answer';
import { parseJson } from '../shared/json';
import type { RawResponse, ResultFile, Success } from '../shared/outcome';
import { isJsonType } from './trace';

/** Types besides `text/…` and JSON whose bytes are text. */
const TEXT_TYPES = /^(?:text\/.*|application\/(?:[\w.-]+\+)?(?:xml|javascript|ecmascript|x-www-form-urlencoded|yaml|x-ndjson|graphql)|image\/svg\+xml)$/i;

/** What a script answered in place of its trace, as a success: `{ status, contentType, headers, content }`, or a file for what is not text. */
export function customReply(answer: Answered): Success {
	const contentType = answer.headers['content-type'] ?? '';
	const head = { status: answer.statusCode, contentType, headers: answer.headers };
	const content = readContent(answer.body, contentType);
	if (content === undefined) {
		const response: RawResponse = { statusCode: answer.statusCode, headers: answer.headers, body: null };
		return { outcome: 'success', result: head, file: fileOf(answer, contentType), response };
	}
	return { outcome: 'success', result: { ...head, content }, response: { statusCode: answer.statusCode, headers: answer.headers, body: content } };
}

/** A body as text, or parsed where it is JSON; `undefined` for bytes that are no text. Empty bodies are the empty text. */
function readContent(body: Buffer, contentType: string): unknown {
	if (body.length === 0) return '';
	const type = (contentType.split(';')[0] as string).trim();
	if (isJsonType(contentType)) {
		// The service's own default type for a reply is JSON, whatever the script puts into it.
		const text = decoded(body, contentType);
		return text === undefined ? undefined : (parseJson(text) ?? { value: text }).value;
	}
	if (type === '' || TEXT_TYPES.test(type)) return decoded(body, contentType);
	return undefined;
}

/** Bytes in the character set that the content type names, by default UTF-8; `undefined` where they are not text in it. */
function decoded(body: Buffer, contentType: string): string | undefined {
	const charset = /;\s*charset="?([^\s;"]+)/i.exec(contentType)?.[1] ?? 'utf-8';
	try {
		return new TextDecoder(charset, { fatal: true }).decode(body);
	} catch {
		return undefined;
	}
}

function fileOf(answer: Answered, contentType: string): ResultFile {
	const fileName = fileNameOf(answer.headers['content-disposition'] ?? '');
	const mimeType = (contentType.split(';')[0] as string).trim() || 'application/octet-stream';
	return { content: answer.body, mimeType, ...(fileName === undefined ? {} : { fileName }) };
}

/** The name in a Content-Disposition header (RFC 6266), without any folder. */
function fileNameOf(disposition: string): string | undefined {
	const extended = /;\s*filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i.exec(disposition)?.[1];
	const plain = /;\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(disposition);
	const name = (extended === undefined ? undefined : unescaped(extended)) ?? plain?.[1]?.replace(/\\(.)/g, '$1') ?? plain?.[2];
	const last = name?.split(/[/\\]/).pop()?.trim();
	return last === '' ? undefined : last;
}

function unescaped(text: string): string | undefined {
	try {
		return decodeURIComponent(text);
	} catch {
		return undefined;
	}
}
