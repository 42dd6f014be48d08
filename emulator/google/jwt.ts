import { verify, type KeyObject } from 'node:crypto';

/** The claims of a signed assertion, still unchecked. */
export interface Assertion {
	readonly header: Readonly<Record<string, unknown>>;
	readonly claims: Readonly<Record<string, unknown>>;
	/** Whether this key made the signature. */
	isSignedWith(key: KeyObject): boolean;
}

function parsePart(part: string): Record<string, unknown> | undefined {
	try {
		const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
		return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
	} catch {
		return undefined;
	}
}

/** Reads a JSON Web Token (RS256); `undefined` where the text is none. */
export function readAssertion(text: string): Assertion | undefined {
	const [headerPart, claimsPart, signaturePart, ...more] = text.split('.');
	if (headerPart === undefined || claimsPart === undefined || signaturePart === undefined || more.length > 0) return undefined;
	const header = parsePart(headerPart);
	const claims = parsePart(claimsPart);
	if (header === undefined || claims === undefined || header['alg'] !== 'RS256') return undefined;
	return {
		header,
		claims,
		isSignedWith: (key) =>
			verify('RSA-SHA256', Buffer.from(`${headerPart}.${claimsPart}`), key, Buffer.from(signaturePart, 'base64url')),
	};
}
