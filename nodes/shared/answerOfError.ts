import { answered, brokenConnection, bytesOf, plainHeaders, retryAfter, type Answer, type NotSignedIn } from './answer';
import { isRecord } from './json';
import { requestError, type Failure } from './outcome';
import { cleanText } from './text';
import { hostClock } from './wait';

/*
 * What a request that threw came to: nothing was sent, the sign-in was refused, or the connection broke and the script may have run. n8n's helpers throw
 * axios' errors, their own, and those of a credential, some of them wrapped.
 */

/** The error inside of n8n's: a NodeApiError is wrapped around axios' error, or around that of signing in. */
export function sourceOf(error: unknown): unknown {
	if (!isError(error) || error.name !== 'NodeApiError') return error;
	return isError(error.cause) ? error.cause : pieced(error);
}

/** By the codes that the package's own credential gives to a sign-in that came to nothing: why. */
const SIGN_IN_CODES = new Map([
	['ESIGNIN', 'unauthorized'],
	['ESIGNIN_PASSING', 'noConnection'],
]);

/** The codes of errors that come before a request is sent, besides those. */
const BEFORE_SENDING = new Set(['', 'EAUTH', 'ERR_INVALID_URL']);

/**
 * Before n8n-workflow 2.34 a NodeApiError does not keep what it is wrapped around (tried with 1.120 to 2.33: `cause` is there, and undefined); pieces of it
 * are left: the status or the connection's code, the body, and the messages. What axios would have thrown is put together of them; the headers are gone.
 */
function pieced(error: Error & { readonly httpCode?: unknown; readonly context?: unknown; readonly messages?: unknown }): unknown {
	const { httpCode, context, messages } = error;
	const message = (Array.isArray(messages) ? textOf(messages[0]) : undefined) ?? error.message;
	const code = textOf(httpCode) ?? '';
	const signInReason = SIGN_IN_CODES.get(code);
	if (signInReason !== undefined) return Object.assign(new Error(message), { signIn: { message, reason: signInReason } });
	// n8n's OAuth2 client words an answer of the token address so; its own code for it, ESTATUS, gives way to the status.
	if (/^HTTP status \d+$|^Expected JSON response from OAuth2/.test(message)) return Object.assign(new Error(message), { code: 'ESTATUS', status: Number(code) });
	const data = isRecord(context) ? context.data : undefined;
	if (/^[1-5]\d\d$/.test(code) && bytesOf(data) !== undefined) return { isAxiosError: true, message, response: { status: Number(code), headers: {}, data } };
	// What came before the request has one of these codes or none. All others are those of a connection, of TLS, of HTTP's parser, of unpacking; a status
	// without a body is an answer that was cut off.
	if (BEFORE_SENDING.has(code)) return Object.assign(new Error(message), { code });
	return { isAxiosError: true, message, code, syscall: /^(?:connect|getaddrinfo)\b/.exec(message)?.[0] };
}

/**
 * Reads what a request threw: axios' error, or one that came before the service accepted the request.
 * @param signed whether a credential took part
 */
export function answerOfError(error: unknown, url: string, signed: boolean): Answer {
	const restricted = restrictedAddress(error);
	if (restricted !== undefined) return restricted;
	if (isRecordLike(error)) {
		if (error.isAxiosError === true) return cameOfSigningIn(error, url) ? tokenAddressFailed(error) : answerOfAxios(error);
		if (error.code === 'ERR_INVALID_URL') return { kind: 'notSent', code: 'ERR_INVALID_URL' };
		// Where n8n protects its own network, it looks names up by itself, that of the token address too.
		if (error.syscall === 'getaddrinfo') return error.hostname === hostOf(url) ? { kind: 'notSent', code: textOf(error.code) ?? 'DNS' } : tokenAddressFailed(error);
	}
	return signed ? signInFailed(error) : { kind: 'lost', how: 'connection', error: cleanText(isError(error) ? error.message : String(error), 300) };
}

function answerOfAxios(error: Record<string, unknown>): Answer {
	if (isRecord(error.response)) return answered(error.response, 'status', 'data');
	const cause = isRecordLike(error.cause) ? error.cause : error;
	if (typeof error.message === 'string' && error.message.includes('before secure TLS connection was established')) return { kind: 'notSent', code: 'TLS' };
	return brokenConnection(textOf(error.code) ?? textOf(cause.code), textOf(cause.syscall));
}

/** Whether an error is surely one of signing in: one of the package's credentials, or one of axios' about another address than the one that was asked. */
export function cameOfSigningIn(error: unknown, url: string): boolean {
	if (!isRecordLike(error)) return false;
	if (error.isAxiosError !== true) return isRecord(error.signIn);
	// The query is no part of it: for tokens of another type than Bearer n8n adds the token there (@n8n/client-oauth2, ClientOAuth2Token.sign).
	return isRecord(error.config) && typeof error.config.url === 'string' && withoutQuery(error.config.url) !== withoutQuery(url);
}

function withoutQuery(url: string): string {
	return url.split(/[?#]/, 1)[0] as string;
}

function hostOf(url: string): string {
	try {
		return new URL(url).hostname;
	} catch {
		return '';
	}
}

/** n8n has refused to send a request to an address of its own network (N8N_SSRF_PROTECTION_ENABLED); its error may be axios' cause. */
function restrictedAddress(error: unknown): NotSignedIn | undefined {
	for (let source = error, depth = 0; isRecordLike(source) && depth < 3; source = source.cause, depth += 1) {
		if (typeof source.name !== 'string' || !source.name.startsWith('SsrfBlocked') || source.isAxiosError === true) continue;
		const address = textOf(source.hostname) ?? textOf(source.ip);
		const failure = requestError(
			'noConnection',
			`n8n does not let requests go to this address${address === undefined ? '' : `: ${address}`}`,
			'Its protection against requests into private networks (N8N_SSRF_PROTECTION_ENABLED) is on. Check the address; if it is right, ask the administrator of n8n to allow it by N8N_SSRF_ALLOWED_HOSTNAMES or N8N_SSRF_ALLOWED_IP_RANGES. Nothing was sent to the script.',
		);
		// No wait makes another try succeed.
		return { kind: 'notSignedIn', failure: { ...failure, retryAfter: Infinity } };
	}
	return undefined;
}

const TOKEN_ADDRESS_HINT =
	'The access token has expired and no new one could be had. Nothing was sent to the script. Try again later; if it stays, check the token address in the credential.';

/** Error words of OAuth2 that say nothing of the sign-in. The first two are of RFC 6749, section 4.1.2.1; that the token address uses the third is a guess. */
const PASSING_WORDS = new Set(['temporarily_unavailable', 'server_error', 'rate_limit_exceeded']);

/** A status of the token address that says nothing of the sign-in: it was busy or out of reach, and may be asked again. */
function mayPass(status: number | undefined): boolean {
	return status === undefined || status === 408 || status === 429 || status >= 500;
}

/** The status below 500 that n8n's OAuth2 client keeps of an answer without an error word of OAuth2 (ResponseError); of Google's own form of errors, its code. */
function statusOfTokenAddress({ code, status, body }: Record<string, unknown>): number | undefined {
	const given = code === 'ESTATUS' ? status : isRecord(body) && isRecord(body.error) ? body.error.code : undefined;
	return typeof given === 'number' ? given : undefined;
}

/** @param error axios' error, or one with the HTTP status of the token address in `status` */
function tokenAddressFailed(error: Record<string, unknown>): NotSignedIn {
	const { status: given, headers } = isRecord(error.response) ? error.response : { status: error.status, headers: undefined };
	const status = typeof given === 'number' ? given : undefined;
	const wait = retryAfter(plainHeaders({ ...(headers as object | undefined) }), hostClock.now());
	const failure = requestError(
		mayPass(status) ? 'noConnection' : 'unauthorized',
		`Could not sign in: the token address ${status === undefined ? `could not be reached (${textOf(error.code) ?? 'no connection'})` : `answered with HTTP status ${status}`}`,
		TOKEN_ADDRESS_HINT,
	);
	// n8n waits five minutes for the token address (@n8n/client-oauth2): once is enough.
	const silent = status === undefined && (error.code === 'ECONNABORTED' || error.code === 'ETIMEDOUT');
	const pause = silent ? Infinity : wait;
	return { kind: 'notSignedIn', failure: pause === undefined ? failure : { ...failure, retryAfter: pause } };
}

function signInFailed(error: unknown): NotSignedIn {
	const status = isRecordLike(error) ? statusOfTokenAddress(error) : undefined;
	if (status !== undefined && mayPass(status)) return tokenAddressFailed({ status });
	const message = isError(error) ? error.message : String(error);
	return { kind: 'notSignedIn', failure: signInFailure(message, isRecordLike(error) ? error : {}) };
}

/** What a credential of the package says in its own words, else n8n's words for a sign-in that cannot work; and what to do about each. */
function signInFailure(message: string, error: Record<string, unknown>): Failure {
	if (isRecord(error.signIn) && typeof error.signIn.message === 'string') {
		const reason = error.signIn.reason === 'noConnection' ? 'noConnection' : 'unauthorized';
		return requestError(reason, cleanText(error.signIn.message), textOf(error.signIn.hint), textOf(error.signIn.documentationUrl));
	}
	if (/unable to sign without access token|credentials not connected/i.test(message)) {
		return requestError('notConnected', 'The credential is not connected yet', 'Open the credential, press the button to sign in, and save it.');
	}
	if (/does not have any credentials|no credentials? .*set|credential.* (?:not found|does not exist)|has no credentials/i.test(message)) {
		return requestError('notConnected', 'The node has no credential', 'Choose or create a credential in the node.');
	}
	// n8n's message of a refusal is either the error word of OAuth2 or its description; what to do depends on the word.
	const said = isRecord(error.body) ? [textOf(error.body.error), textOf(error.body.error_description)] : [];
	const details = said.filter((detail) => detail !== undefined && !message.includes(detail));
	const text = `Could not sign in: ${cleanText(details.length === 0 ? message : `${message} (${details.join(': ')})`, 300)}`;
	return said[0] !== undefined && PASSING_WORDS.has(said[0]) ? requestError('noConnection', text, TOKEN_ADDRESS_HINT) : requestError('unauthorized', text);
}

function isError(value: unknown): value is Error {
	return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
}

function isRecordLike(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null;
}

function textOf(value: unknown): string | undefined {
	return typeof value === 'string' && value !== '' ? value : undefined;
}
