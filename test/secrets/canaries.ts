import type { Emulator } from '../../emulator';

/** Secrets by what they are, e.g. `access token`. The same kind may have several values. */
export class Canaries {
	private readonly kinds = new Map<string, string>();

	/** @param value at least 8 characters, so that no text has it by chance */
	add(kind: string, value: string): void {
		if (value.length < 8) throw new Error(`The canary "${kind}" is too short`);
		this.kinds.set(value, kind);
		// As it stands within JSON, in an address and in Basic authentication.
		for (const form of [JSON.stringify(value).slice(1, -1), encodeURIComponent(value), Buffer.from(value).toString('base64').replace(/=+$/, '')]) {
			if (!this.kinds.has(form)) this.kinds.set(form, `${kind} (encoded)`);
		}
	}

	/** Every access token that the emulator hands out from now on is a canary as well. */
	addTokensOf(emulator: Emulator): void {
		const { tokens } = emulator.google;
		const issue = tokens.issueAccess.bind(tokens);
		tokens.issueAccess = (options) => {
			const issued = issue(options);
			this.add('access token', issued.token);
			return issued;
		};
	}

	/** The kinds that occur in a text. */
	inText(text: string): string[] {
		const found: string[] = [];
		for (const [value, kind] of this.kinds) if (text.includes(value)) found.push(kind);
		return found;
	}

	/**
	 * Where canaries occur in a value, as `path: kind`: all own properties are looked at, also those that JSON leaves out (an error's cause, its context),
	 * maps, sets, bytes, and what `toJSON` says.
	 * @param isOutside true for what is not looked into
	 */
	in(value: unknown, isOutside: (object: object) => boolean = () => false): string[] {
		const found = new Set<string>();
		const seen = new Set<object>();
		const waiting: Array<readonly [path: string, value: unknown]> = [['', value]];
		const text = (path: string, content: string): void => {
			for (const kind of this.inText(content)) found.add(`${path}: ${kind}`);
		};
		for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
			const [path, current] = next;
			if (typeof current === 'string') text(path, current);
			if ((typeof current !== 'object' && typeof current !== 'function') || current === null || seen.has(current) || isOutside(current)) continue;
			seen.add(current);
			if (current instanceof Uint8Array) {
				text(path, Buffer.from(current.buffer, current.byteOffset, current.byteLength).toString('latin1'));
				continue;
			}
			if (typeof current === 'function') continue;
			if (current instanceof Map) for (const [key, entry] of current) waiting.push([`${path}.keys`, key], [`${path}.get(${String(key)})`, entry]);
			if (current instanceof Set) for (const entry of current) waiting.push([`${path}.values`, entry]);
			for (const key of Reflect.ownKeys(current)) {
				if (typeof key === 'string') text(`${path} (key)`, key);
				const property = Object.getOwnPropertyDescriptor(current, key);
				if (property !== undefined && 'value' in property) waiting.push([path.length > 200 ? path : `${path}.${String(key)}`, property.value]);
			}
			const { toJSON } = current as { toJSON?: unknown };
			if (typeof toJSON === 'function' && current instanceof Error) waiting.push([`${path}.toJSON()`, Reflect.apply(toJSON, current, [])]);
		}
		return [...found];
	}
}
