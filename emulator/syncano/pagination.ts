import { details, refuse } from './answers';
import { limits } from './limits';

/** One page of a list. `next` and `prev` are paths without a host, or null. */
export interface Page<Item> {
	readonly next: string | null;
	readonly prev: string | null;
	readonly objects: Item[];
}

const integer = (text: string): number => {
	if (!/^[+-]?\d+$/.test(text.trim())) throw refuse(400, details.badPage);
	return Number(text);
};

/**
 * The service's pagination, with its mistake: `last_pk=1` against the order of ids asks for ids up to 0, which it takes for no bound at all,
 * so that the first page comes again.
 * What an empty page after another one gives as `prev`, and how `page_size` over 100 shows in the links, are guesses; the rest was recorded.
 *
 * @param items in ascending order of their ids
 * @param options.newestFirst the order where the query names none
 */
export function paginate<Item>(
	url: URL,
	items: readonly Item[],
	idOf: (item: Item) => number,
	options: { readonly newestFirst: boolean },
): Page<Item> {
	const query = url.searchParams;
	const sizeText = query.get('page_size');
	const size = sizeText === null ? limits.pageSize : Math.min(integer(sizeText), limits.pageSize);
	if (size < 0) throw refuse(400, details.badPage);
	const direction = query.has('direction') ? integer(query.get('direction') ?? '') : 1;
	if (direction !== 0 && direction !== 1) throw refuse(400, details.badPage);
	const last = query.has('last_pk') ? integer(query.get('last_pk') ?? '') : undefined;
	if (size === 0) return { next: null, prev: null, objects: [] };

	const ordering = query.get('ordering');
	const descending = ordering === 'asc' ? false : ordering === 'desc' ? true : options.newestFirst;
	const forward = direction === 1;
	const takesSmaller = descending === forward;
	const inBounds = items.filter((item) => {
		if (last === undefined) return true;
		if (!takesSmaller) return idOf(item) > last;
		const most = last - 1;
		return most === 0 || idOf(item) <= most;
	});
	const taken = takesSmaller ? inBounds.slice(-size) : inBounds.slice(0, size);
	const objects = descending ? taken.reverse() : taken;

	const link = (way: 0 | 1, item: Item | undefined): string => {
		const kept = new URLSearchParams(query);
		kept.delete('direction');
		kept.delete('last_pk');
		if (item !== undefined) {
			kept.set('direction', String(way));
			kept.set('last_pk', String(idOf(item)));
		}
		const text = kept.toString();
		return text === '' ? url.pathname : `${url.pathname}?${text}`;
	};
	const full = objects.length === size;
	const hasNext = forward ? full : true;
	const hasPrevious = forward ? last !== undefined : full;
	return {
		next: hasNext ? link(1, objects[objects.length - 1]) : null,
		prev: hasPrevious ? link(0, objects[0]) : null,
		objects,
	};
}

/** An object with only the fields that the query asks for (`fields`, `excluded_fields`: lists with commas). */
export function chooseFields(object: object, query: URLSearchParams): Record<string, unknown> {
	const names = (parameter: string) => query.get(parameter)?.split(',').map((name) => name.trim());
	const wanted = names('fields');
	const unwanted = names('excluded_fields');
	return Object.fromEntries(
		Object.entries(object).filter(([name]) => (wanted === undefined || wanted.includes(name)) && !unwanted?.includes(name)),
	);
}
