import type { IExecuteFunctions, IHttpRequestOptions, ILoadOptionsFunctions } from 'n8n-workflow';

import { answered, type Answer, type NotSent } from './answer';
import { answerOfError, cameOfSigningIn, sourceOf } from './answerOfError';
import { deadlineIn } from './deadline';
import { requestError, type Failure } from './outcome';
import { Secrets } from './secrets';
import { cleanText } from './text';

/** One HTTP request to a service. */
export interface HttpRequest {
	readonly method: 'GET' | 'POST';
	/** Absolute, its query included. */
	readonly url: string;
	readonly headers?: Readonly<Record<string, string>>;
	/** Sent as JSON, under the Content-Type of `headers`. An empty object or array is not sent at all. */
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
	if (answer.kind === 'notSent' || (answer.kind === 'lost' && answer.error === undefined)) return answer;
	const secrets = await secretsOf(context, credentialType);
	// n8n signs by these very headers (@n8n/client-oauth2, ClientOAuth2Token.sign), so that a token that was renewed meanwhile is among them.
	secrets.add(headers);
	return cleared(answer, secrets);
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

type AnswerWithText = Exclude<Answer, NotSent>;

function cleared(answer: AnswerWithText, secrets: Secrets): AnswerWithText {
	if (answer.kind === 'answered') {
		const headers = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, secrets.inText(value)]));
		return { ...answer, headers, body: secrets.inBytes(answer.body) };
	}
	if (answer.kind === 'lost') return { ...answer, error: secrets.inText(answer.error ?? '') };
	const { failure } = answer;
	return { ...answer, failure: { ...failure, message: secrets.inText(failure.message), ...(failure.hint === undefined ? {} : { hint: secrets.inText(failure.hint) }) } };
}

/** @param headers a credential of the package puts its own into them */
async function sendOnce(context: RequestContext, request: HttpRequest, headers: Record<string, string>, credentialType?: string): Promise<Answer> {
	const signal = 'getExecutionCancelSignal' in context ? context.getExecutionCancelSignal() : undefined;
	signal?.throwIfAborted();
	const body = bodyOf(request);
	if (body !== undefined && !Buffer.isBuffer(body)) return { kind: 'notSignedIn', failure: body };
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
		body,
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
		const source = sourceOf(error);
		// Signing in has waits of its own, which end later; while it goes on, nothing is sent to the script.
		if (ending.signal.aborted && !cameOfSigningIn(source, request.url)) return { kind: 'lost', how: 'timeout' };
		return answerOfError(source, request.url, credentialType !== undefined);
	} finally {
		forget();
		signal?.removeEventListener('abort', end);
	}
}

/**
 * The body as it goes out, in bytes: what axios gets as an object it copies without the keys `constructor`, `prototype` and `__proto__`, and what it gets
 * as a text of JSON it parses once more.
 * @returns a failure where the body is longer than a text can be; values that JSON has no word for are refused before
 */
function bodyOf({ body }: HttpRequest): Buffer | Failure | undefined {
	if (body === undefined || (typeof body === 'object' && body !== null && Object.keys(body).length === 0)) return undefined;
	try {
		return Buffer.from(JSON.stringify(body), 'utf8');
	} catch (error) {
		return requestError('tooLarge', `The request is too large to be written: ${cleanText(error instanceof Error ? error.message : String(error))}`);
	}
}

/** The same context with another signal: n8n's helper for signed requests takes the signal from the context, whatever its options say. */
function endedBy(context: RequestContext, signal: AbortSignal): RequestContext {
	return Object.create(context, { getExecutionCancelSignal: { value: () => signal } }) as RequestContext;
}
