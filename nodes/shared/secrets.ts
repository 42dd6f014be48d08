import { isRecord, parseJson } from './json';

/** What stands in the place of a secret. */
export const REMOVED = '[secret removed]';

/** Shorter values are no secrets that one could look for: they stand in any text. */
const SHORTEST = 8;

/** Fields of credentials and headers whose value is a secret, such as `accountKey`, `client_secret`, `refresh_token`, `Authorization`, `X-Goog-Api-Key`. */
const SECRET_NAME = /(?:key|secret|token|password|authorization)$/i;

/**
 * Takes the secrets of a request and its credential out of what comes back: services, and proxies on the way, now and then repeat what they were sent,
 * in the message of an error, a page for developers, a header.
 */
export class Secrets {
	private readonly values = new Set<string>();
	/** The values as they may stand in a text or, byte by byte, in a body. */
	private readonly forms = new Set<string>();

	/**
	 * Takes note of the secrets among named values, at any depth; a text that is JSON, such as a key file, is looked into.
	 * @param named a credential's data, or the headers of a request
	 */
	add(named: Readonly<Record<string, unknown>>): void {
		for (const [name, value] of Object.entries(named)) {
			const inner = typeof value === 'string' && value.trimStart().startsWith('{') ? parseJson(value)?.value : value;
			if (isRecord(inner)) this.add(inner);
			else if (typeof value === 'string' && SECRET_NAME.test(name)) this.addValue(value);
		}
	}

	private addValue(value: string): void {
		const given = value.trim();
		// `Bearer <token>`: the token alone is the secret.
		for (const secret of [given, /^\S+ (\S+)$/.exec(given)?.[1] ?? '']) {
			if (secret.length < SHORTEST || this.values.has(secret)) continue;
			this.values.add(secret);
			for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponentSafely(secret)]) {
				this.forms.add(form);
				this.forms.add(Buffer.from(form, 'utf8').toString('latin1'));
			}
		}
	}

	inText(text: string): string {
		let clean = text;
		for (const form of this.forms) if (clean.includes(form)) clean = clean.replaceAll(form, REMOVED);
		return clean;
	}

	inBytes(bytes: Buffer): Buffer {
		const text = bytes.toString('latin1');
		const clean = this.inText(text);
		return clean === text ? bytes : Buffer.from(clean, 'latin1');
	}
}

function encodeURIComponentSafely(text: string): string {
	try {
		return encodeURIComponent(text);
	} catch {
		// A lone surrogate.
		return text;
	}
}
