import type { EmulatedRequest } from '../service';

/** One page of a list, or `undefined` where the page token is none of this list's. */
export interface Page<Item> {
	readonly items: readonly Item[];
	readonly nextPageToken: string | undefined;
}

/** Page tokens are opaque at Google's; these hold the place to go on. */
export function pageOf<Item>(request: EmulatedRequest, all: readonly Item[], defaultSize: number, largestSize: number): Page<Item> | undefined {
	const query = request.url.searchParams;
	const asked = Number(query.get('pageSize') ?? defaultSize);
	if (!Number.isInteger(asked) || asked < 0) return undefined;
	const size = Math.min(asked === 0 ? defaultSize : asked, largestSize);
	const token = query.get('pageToken');
	let start = 0;
	if (token !== null && token !== '') {
		const match = /^from:(\d+)$/.exec(Buffer.from(token, 'base64url').toString('utf8'));
		if (match === null) return undefined;
		start = Number(match[1]);
	}
	const end = start + size;
	return { items: all.slice(start, end), nextPageToken: end < all.length ? Buffer.from(`from:${end}`).toString('base64url') : undefined };
}
