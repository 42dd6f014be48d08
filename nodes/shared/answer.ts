import { isRecord } from './json';
import type { Failure } from './outcome';

/** The service answered, with whatever status. */
export interface Answered {
	readonly kind: 'answered';
	readonly statusCode: number;
	/** Names in lower case; repeated ones joined by a comma. */
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Buffer;
}

/** The request surely did not reach the service: no address, no connection, no trust. */
export interface NotSent {
	readonly kind: 'notSent';
	/** The errno or TLS code, e.g. `ECONNREFUSED`. */
	readonly code: string;
}

/** The request was, or may have been, sent; no usable answer came. */
export interface Lost {
	readonly kind: 'lost';
	readonly how: 'timeout' | 'connection';
	readonly code?: string;
	/** What was thrown, where it was no fault of a connection. */
	readonly error?: string;
}

/** Nothing was sent: signing in failed, the credential is missing, n8n does not let requests go there, or the request could not be written. */
export interface NotSignedIn {
	readonly kind: 'notSignedIn';
	readonly failure: Failure;
}

/** What came of one HTTP request. */
export type Answer = Answered | NotSent | Lost | NotSignedIn;

/**
 * Codes that prove by themselves that no byte of a request was sent. The list is closed: any other fault of a connection may have come after the
 * script was started. Names are looked up before a connection is opened, and a certificate is judged before the request is written.
 */
const NEVER_SENT = new Set([
	'ENOTFOUND',
	'EAI_AGAIN',
	'EAI_FAIL',
	'EAI_NODATA',
	'EAI_NONAME',
	'ECONNREFUSED',
	'ERR_INVALID_URL',
	'CERT_HAS_EXPIRED',
	'CERT_NOT_YET_VALID',
	'CERT_REVOKED',
	'CERT_REJECTED',
	'CERT_UNTRUSTED',
	'CERT_SIGNATURE_FAILURE',
	'DEPTH_ZERO_SELF_SIGNED_CERT',
	'SELF_SIGNED_CERT_IN_CHAIN',
	'UNABLE_TO_GET_ISSUER_CERT',
	'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
	'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
	'INVALID_CA',
	'HOSTNAME_MISMATCH',
	'ERR_TLS_CERT_ALTNAME_INVALID',
	'ERR_SSL_WRONG_VERSION_NUMBER',
]);

/** How a connection ended, from the code and the system call of a Node.js or axios error. */
export function brokenConnection(code: string | undefined, syscall: string | undefined): NotSent | Lost {
	// An attempt to connect that failed has sent nothing, whatever its code.
	if (code !== undefined && (NEVER_SENT.has(code) || syscall === 'connect' || syscall === 'getaddrinfo')) return { kind: 'notSent', code };
	return { kind: 'lost', how: code === 'ECONNABORTED' || code === 'ETIMEDOUT' || code === 'ESOCKETTIMEDOUT' ? 'timeout' : 'connection', code };
}

/**
 * An answer as n8n's helpers or axios hand it over.
 * @param status the name under which they keep its status
 * @param body the name under which they keep its body
 */
export function answered(response: unknown, status: 'status' | 'statusCode', body: 'data' | 'body'): Answer {
	if (!isRecord(response) || typeof response[status] !== 'number') return { kind: 'lost', how: 'connection' };
	const bytes = bytesOf(response[body]);
	// A status without a body that could be read whole: the answer was cut off.
	if (bytes === undefined) return { kind: 'lost', how: 'connection', code: 'incomplete answer' };
	return { kind: 'answered', statusCode: response[status], headers: plainHeaders({ ...(response.headers as object) }), body: bytes };
}

/** The bytes of a body, in whatever form; `undefined` where there is none. */
export function bytesOf(value: unknown): Buffer | undefined {
	if (Buffer.isBuffer(value)) return value;
	if (value instanceof ArrayBuffer) return Buffer.from(value);
	if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
	return typeof value === 'string' ? Buffer.from(value, 'utf8') : undefined;
}

/** Headers as plain text by lower-case name, from what axios, n8n or Node.js hand over. */
export function plainHeaders(headers: unknown): Record<string, string> {
	const plain: Record<string, string> = {};
	if (!isRecord(headers)) return plain;
	for (const [name, value] of Object.entries(headers)) {
		if (typeof value === 'string' || typeof value === 'number') plain[name.toLowerCase()] = String(value);
		else if (Array.isArray(value)) plain[name.toLowerCase()] = value.join(', ');
	}
	return plain;
}

/** The longest wait that a service can ask for by `Retry-After`; longer ones are not waited for. */
const LONGEST_RETRY_AFTER = 24 * 3_600_000;

/**
 * The wait that `Retry-After` asks for, in milliseconds; `undefined` where there is none that makes sense.
 * Seconds and HTTP dates, as RFC 9110, section 10.2.3 has them.
 * @param now milliseconds since the epoch
 */
export function retryAfter(headers: Readonly<Record<string, string>>, now: number): number | undefined {
	const text = headers['retry-after']?.trim();
	if (text === undefined || text === '') return undefined;
	const wait = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
	return Number.isFinite(wait) ? Math.min(Math.max(0, wait), LONGEST_RETRY_AFTER) : undefined;
}
