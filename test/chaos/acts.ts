/** What the scripts of the chaos tests do, as each item asks: the field `act`. Their results name the item's marker, so that a mix-up shows. */

/** The json of an input item. */
export interface Order {
	/** Of one item alone; also what faults and the journal know it by. */
	readonly marker: string;
	readonly act: Act;
}

export const ACTS = ['echo', 'list', 'empty', 'nothing', 'throw', 'errorKey', 'errorAndMessage', 'large', 'slow', 'proto'] as const;
export type Act = (typeof ACTS)[number];

/** What a run returns. @throws for `throw` */
export function perform({ marker, act }: Order): unknown {
	switch (act) {
		case 'echo':
		case 'slow':
			return { marker, sum: 42 };
		case 'list':
			return [{ marker, part: 1 }, { marker, part: 2 }, marker];
		case 'empty':
			return [];
		case 'nothing':
			return null;
		case 'throw':
			throw new TypeError(`refused for ${marker}`);
		case 'errorKey':
			return { error: `no failure: ${marker}` };
		case 'errorAndMessage':
			return { error: true, message: marker };
		case 'large':
			return { marker, text: 'x'.repeat(40_000) };
		case 'proto':
			return JSON.parse(`{"__proto__":{"marker":"${marker}"},"constructor":"${marker}"}`) as unknown;
	}
}

/** How many items a successful run gives with *Result as Items*. */
export function itemsOf(act: Act): number {
	return act === 'list' ? 3 : act === 'empty' ? 0 : 1;
}
