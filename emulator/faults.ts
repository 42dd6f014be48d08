import type { EmulatedAnswer, EmulatedRequest, EmulatedService } from './service';

/** Settings of one use of a fault, such as the seconds of a `Retry-After`; the fault's description names those it reads. */
export type FaultParameters = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * What a fault does to one request.
 * `instead`: the script does not run; the answer (or the cut connection) comes in its place.
 * `after`: the request is handled, the script really runs, then the answer is spoiled.
 */
export interface FaultDefinition {
	readonly stage: 'instead' | 'after';
	/** What a person should know of it, and where the body comes from; says 'guess' where the live service is not known. */
	readonly description: string;
	/** The answer in place of the real one; receives the real one for stage `after`, and the rule's parameters. */
	readonly answer?: (request: EmulatedRequest, real?: EmulatedAnswer, parameters?: FaultParameters) => EmulatedAnswer;
	/**
	 * What happens to the connection:
	 * `reset` (RST before any byte), `resetHalfway` (RST in the middle of the body), `endHalfway` (FIN in the middle of the body),
	 * `noAnswer` (kept open until the client gives up), `slowDrip` (a byte at a time).
	 */
	readonly socket?: 'reset' | 'resetHalfway' | 'endHalfway' | 'noAnswer' | 'slowDrip';
}

/** A fault that waits for requests. All conditions that are given must hold. */
export interface FaultRule {
	/** A name of the catalogue of faults. */
	readonly fault: string;
	readonly service?: EmulatedService['name'];
	/** Found anywhere in `METHOD path?query`. */
	readonly urlIncludes?: string;
	/** Found anywhere in the body's text. */
	readonly bodyIncludes?: string;
	/** How many requests it meets before it is spent; without it, all. */
	times?: number;
	/** How many matching requests pass unharmed first. */
	skip?: number;
	readonly parameters?: FaultParameters;
}

/** The faults that are switched on. */
export class FaultSwitchboard {
	private readonly rules: FaultRule[] = [];

	/** @param catalogue every fault there is, by name */
	constructor(readonly catalogue: Readonly<Record<string, FaultDefinition>>) {}

	/** Switches a fault on; throws for a name that the catalogue does not have. Returns a function that switches it off. */
	add(rule: FaultRule): () => void {
		if (!(rule.fault in this.catalogue)) {
			throw new Error(`No fault is called "${rule.fault}". There are: ${Object.keys(this.catalogue).join(', ')}`);
		}
		const own = { ...rule };
		this.rules.push(own);
		return () => {
			const index = this.rules.indexOf(own);
			if (index >= 0) this.rules.splice(index, 1);
		};
	}

	/** The faults that are switched on, in the order in which they are tried. */
	list(): readonly FaultRule[] {
		return this.rules.map((rule) => ({ ...rule }));
	}

	/** Switches all off. */
	clear(): void {
		this.rules.length = 0;
	}

	/** The first fault that meets this request, counted as used. */
	take(service: EmulatedService['name'], request: EmulatedRequest): { name: string; fault: FaultDefinition; parameters: FaultParameters } | undefined {
		for (const rule of this.rules) {
			if (rule.service !== undefined && rule.service !== service) continue;
			if (rule.urlIncludes !== undefined && !`${request.method} ${request.url.pathname}${request.url.search}`.includes(rule.urlIncludes)) continue;
			if (rule.bodyIncludes !== undefined && !request.body.includes(rule.bodyIncludes)) continue;
			if (rule.skip !== undefined && rule.skip > 0) {
				rule.skip -= 1;
				continue;
			}
			if (rule.times !== undefined) {
				if (rule.times <= 0) continue;
				rule.times -= 1;
			}
			return { name: rule.fault, fault: this.catalogue[rule.fault] as FaultDefinition, parameters: rule.parameters ?? {} };
		}
		return undefined;
	}
}
