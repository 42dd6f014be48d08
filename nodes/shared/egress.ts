import type { IDataObject, IExecuteFunctions, IHttpRequestOptions, ILoadOptionsFunctions } from 'n8n-workflow';

import { brokenConnection, plainHeaders, type Answer, type Answered, type NotSignedIn } from './answer';
import { deadlineIn } from './deadline';
import { isRecord } from './json';
import { requestError, type Failure } from './outcome';
import { Secrets } from './secrets';
import { cleanText } from './text';

/** One HTTP request to a service. */
export interface HttpRequest {
	readonly method: 'GET' | 'POST';
	/** Absolute, its query included. */
	readonly url: string;
	readonly headers?: Readonly<Record<string, string>>;
	/** Sent as JSON. An empty object is not sent at all. */
	readonly body?: unknown;
	/** Milliseconds until the whole answer has to be there. */
	readonly timeoutMs: number;
	/**
	 * For credentials that nothing can refresh. n8n sends a request again after any 401, whatever the credential (n8n-core,
	 * request-helpers/authentication.js); where a script itself can answer 401, it would run twice.
	 */
	readonly neverRefresh?: boolean;
}

/** The longest that timers of Node.js count (24.8 days); from one that is longer they make 1 ms. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The contexts in which nodes send requests. */
export type RequestContext = IExecuteFunctions | ILoadOptionsFunctions;

/**
 * The one place where requests leave. Resolves with what came of the request, whatever that was, with the secrets of the request and the credential
 * taken out; rejects only where the execution was stopped.
 * Redirects are not followed: neither service needs them, a second host must not see the credential, and a request that was answered by a redirect
 * may have been carried out.
 * @param credentialType whose authentication signs the request; none for a public address
 */
export async function sendRequest(context: RequestContext, request: HttpRequest, credentialType?: string): Promise<Answer> {
	const headers: Record<string, string> = { Accept: 'application/json', ...request.headers };
	const answer = await withoutSecrets(await sendOnce(context, request, headers, credentialType), headers, context, credentialType);
	if (answer.kind === 'answered') received.set(context, bytesReceived(context) + answer.body.length);
	return answer;
}

const received = new WeakMap<object, number>();

/** Bytes of the answers that have come so far for what this context sent, unpacked, without their headers. */
export function bytesReceived(context: RequestContext): number {
	return received.get(context) ?? 0;
}

/** The secrets of the credentials that a context has signed with, by credential type; for requests without one under the empty name. */
const knownSecrets = new WeakMap<object, Map<string, Promise<Secrets>>>();

async function secretsOf(context: RequestContext, credentialType: string | undefined): Promise<Secrets> {
	const ofContext = knownSecrets.get(context) ?? new Map<string, Promise<Secrets>>();
	knownSecrets.set(context, ofContext);
	const known = ofContext.get(credentialType ?? '') ?? addCredential(new Secrets(), context, credentialType);
	ofContext.set(credentialType ?? '', known);
	return await known;
}

async function withoutSecrets(answer: Answer, headers: Readonly<Record<string, string>>, context: RequestContext, credentialType: string | undefined): Promise<Answer> {
	if (answer.kind !== 'answered' && answer.kind !== 'notSignedIn') return answer;
	const secrets = await secretsOf(context, credentialType);
	secrets.add(headers);
	const clean = cleared(answer, secrets);
	// What n8n has refreshed meanwhile is in the credential as it is now.
	if (credentialType === undefined || !secrets.mayBeIn(textOfAnswer(clean))) return clean;
	await addCredential(secrets, context, credentialType);
	return cleared(clean, secrets);
}

async function addCredential(secrets: Secrets, context: RequestContext, credentialType: string | undefined): Promise<Secrets> {
	if (credentialType === undefined) return secrets;
	try {
		secrets.add(await context.getCredentials(credentialType));
	} catch {
		// A credential that cannot be read has signed nothing.
	}
	return secrets;
}

function cleared(answer: Answered | NotSignedIn, secrets: Secrets): Answered | NotSignedIn {
	if (answer.kind === 'answered') {
		const headers = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, secrets.inText(value)]));
		return { ...answer, headers, body: secrets.inBytes(answer.body) };
	}
	const { failure } = answer;
	return { ...answer, failure: { ...failure, message: secrets.inText(failure.message), ...(failure.hint === undefined ? {} : { hint: secrets.inText(failure.hint) }) } };
}

function textOfAnswer(answer: Answered | NotSignedIn): string {
	return answer.kind === 'answered' ? `${Object.values(answer.headers).join('\n')}\n${answer.body.toString('latin1')}` : answer.failure.message;
}

/** @param headers a credential of the package puts its own into them */
async function sendOnce(context: RequestContext, request: HttpRequest, headers: Record<string, string>, credentialType?: string): Promise<Answer> {
	const signal = 'getExecutionCancelSignal' in context ? context.getExecutionCancelSignal() : undefined;
	signal?.throwIfAborted();
	const timeout = Math.min(request.timeoutMs, LONGEST_TIMEOUT_MS);
	// The time-out of n8n's helpers ends when the answer begins; from then on it says how long nothing may come. A byte now and then would hold the node for ever.
	const ending = new AbortController();
	const end = (): void => ending.abort();
	const forget = deadlineIn(timeout, end);
	signal?.addEventListener('abort', end);
	const options: IHttpRequestOptions = {
		method: request.method,
		url: request.url,
		headers,
		body: request.body as IDataObject | undefined,
		timeout,
		// The bytes as they came: what is not JSON, or only half of it, is judged here and not by the helper.
		encoding: 'arraybuffer',
		returnFullResponse: true,
		disableFollowRedirect: true,
		sendCredentialsOnCrossOriginRedirect: false,
		ignoreHttpStatusErrors: request.neverRefresh === true,
	};
	try {
		// An error status throws unless the request says otherwise: only so does n8n refresh an expired OAuth2 token (n8n-core, request-helpers/oauth.js).
		const answer: unknown =
			credentialType === undefined
				? await context.helpers.httpRequest({ ...options, abortSignal: ending.signal })
				: await context.helpers.httpRequestWithAuthentication.call(endedBy(context, ending.signal), credentialType, options);
		return answered(answer, 'statusCode', 'body');
	} catch (error) {
		signal?.throwIfAborted();
		if (ending.signal.aborted) return { kind: 'lost', how: 'timeout' };
		return answerOfError(error, request.url);
	} finally {
		forget();
		signal?.removeEventListener('abort', end);
	}
}

/** The same context with another signal: n8n's helper for signed requests takes the signal from the context, whatever its options say. */
function endedBy(context: RequestContext, signal: AbortSignal): RequestContext {
	return Object.create(context, { getExecutionCancelSignal: { value: () => signal } }) as RequestContext;
}

function answered(response: unknown, status: 'status' | 'statusCode', body: 'data' | 'body'): Answer {
	if (!isRecord(response) || typeof response[status] !== 'number') return { kind: 'lost', how: 'connection' };
	const bytes = bytesOf(response[body]);
	// A status without a body that could be read whole: the answer was cut off.
	if (bytes === undefined) return { kind: 'lost', how: 'connection', code: 'incomplete answer' };
	return { kind: 'answered', statusCode: response[status], headers: plainHeaders({ ...(response.headers as object) }), body: bytes };
}

function bytesOf(value: unknown): Buffer | undefined {
	if (Buffer.isBuffer(value)) return value;
	if (value instanceof ArrayBuffer) return Buffer.from(value);
	if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
	return typeof value === 'string' ? Buffer.from(value, 'utf8') : undefined;
}

/**
 * Reads n8n's request errors: a NodeApiError around axios' error, axios' error itself, or an error of signing in, which is none of axios' or one about
 * another address than the one that was asked. The latter came before the service accepted the request.
 */
function answerOfError(error: unknown, url: string): Answer {
	const source = isError(error) && error.name === 'NodeApiError' && isError(error.cause) ? error.cause : error;
	if (isRecordLike(source) && source.isAxiosError === true) {
		if (isRecord(source.config) && typeof source.config.url === 'string' && source.config.url !== url) return tokenEndpointFailed(source);
		if (isRecord(source.response)) return answered(source.response, 'status', 'data');
		const cause = isRecordLike(source.cause) ? source.cause : source;
		if (typeof source.message === 'string' && source.message.includes('before secure TLS connection was established')) return { kind: 'notSent', code: 'TLS' };
		return brokenConnection(textOf(source.code) ?? textOf(cause.code), textOf(cause.syscall));
	}
	if (isRecordLike(source) && source.code === 'ERR_INVALID_URL') return { kind: 'notSent', code: 'ERR_INVALID_URL' };
	return signInFailed(source);
}

function tokenEndpointFailed(error: Record<string, unknown>): NotSignedIn {
	const status = isRecord(error.response) && typeof error.response.status === 'number' ? error.response.status : undefined;
	return {
		kind: 'notSignedIn',
		failure: requestError(
			'unauthorized',
			`Signing in failed: the token address ${status === undefined ? `could not be reached (${textOf(error.code) ?? 'no connection'})` : `answered with HTTP status ${status}`}`,
			'The access token has expired and no new one could be had. Nothing was sent to the script. Try again later; if it stays, check the token address in the credential.',
		),
	};
}

function signInFailed(error: unknown): NotSignedIn {
	const message = isError(error) ? error.message : String(error);
	return { kind: 'notSignedIn', failure: signInFailure(message, isRecordLike(error) ? error : {}) };
}

/** What a credential of the package says in its own words, else n8n's words for a sign-in that cannot work; and what to do about each. */
function signInFailure(message: string, error: Record<string, unknown>): Failure {
	if (isRecord(error.signIn) && typeof error.signIn.message === 'string') {
		return requestError('unauthorized', cleanText(error.signIn.message), textOf(error.signIn.hint), textOf(error.signIn.documentationUrl));
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
	return requestError('unauthorized', `Signing in failed: ${cleanText(details.length === 0 ? message : `${message} (${details.join(': ')})`, 300)}`);
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
