import { createHash, createHmac } from 'node:crypto';
import type { EmulatedRequest } from '../service';
import { isObject } from './json';

/**
 * A key of 40 hex digits that is always the same for the same seed, so that credentials outlive a restart of the emulator.
 * As on the service, the last digit of an Account Key is even, of an instance's API key odd.
 */
export function makeKey(kind: 'account' | 'instance', seed: string): string {
	const digits = createHash('sha1').update(`${kind} key of ${seed}`).digest('hex');
	const last = Number.parseInt(digits.slice(-1), 16);
	return digits.slice(0, -1) + (kind === 'account' ? last & 0xe : last | 1).toString(16);
}

/** 40 hex digits that are always the same for the same seed: the link of a public endpoint. */
export const makeLink = (seed: string): string => createHash('sha1').update(`public link of ${seed}`).digest('hex');

/**
 * The key of a request, looked for in the service's own order: header, query, Authorization of any scheme, body.
 * @param body the body as read; called only where no key is found before it
 */
export async function findKey(request: EmulatedRequest, body: () => Promise<unknown>): Promise<string | undefined> {
	const header = request.headers['x-api-key'];
	if (typeof header === 'string' && header !== '') return header;
	for (const name of ['api_key', 'apikey']) {
		const value = request.url.searchParams.getAll(name).pop();
		if (value) return value;
	}
	const authorization = (request.headers.authorization ?? '').trim().split(/\s+/);
	if (authorization.length === 2) return authorization[1];
	const read = await body();
	const value = isObject(read) ? read._api_key : undefined;
	return typeof value === 'string' && value !== '' ? value : undefined;
}

const tokenSecret = 'The emulator keeps no secrets.';
const sign = (instance: string, expiresAt: string) => createHmac('sha1', tokenSecret).update(`${instance}:${expiresAt}`).digest('hex');

/** A token of the service's form `a:b:hmac`, with full access to one instance until a time. What `a` and `b` are is a guess. */
export const makeToken = (instance: string, expiresAt: number): string => `${instance}:${expiresAt}:${sign(instance, String(expiresAt))}`;

/** The instance that a token opens now; undefined where it is not a valid one. */
export function readToken(token: string, now: number): string | undefined {
	const [instance, expiresAt, hmac, ...rest] = token.split(':');
	if (instance === undefined || expiresAt === undefined || rest.length > 0) return undefined;
	return hmac === sign(instance, expiresAt) && Number(expiresAt) > now ? instance : undefined;
}
