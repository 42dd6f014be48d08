import type { Answer } from '../shared/answer';
import { isRecord, parseJson } from '../shared/json';

/** One page of a list. */
export interface Page {
	readonly objects: ReadonlyArray<Record<string, unknown>>;
	/** The query of the next page. The path is the list's own: neither host nor path of a `next` link are followed. */
	readonly nextQuery?: string;
}

/** More pages than any list has. */
const MOST_PAGES = 200;

/** The page that an answer is; `undefined` where it is none. */
export function pageOf(answer: Answer): Page | undefined {
	if (answer.kind !== 'answered' || answer.statusCode < 200 || answer.statusCode > 299) return undefined;
	const body = parseJson(answer.body)?.value;
	if (!isRecord(body) || !Array.isArray(body.objects)) return undefined;
	const next = typeof body.next === 'string' ? /\?([^#]*)/.exec(body.next)?.[1] : undefined;
	return { objects: (body.objects as unknown[]).filter(isRecord), ...(next === undefined || next === '' ? {} : { nextQuery: next }) };
}

/**
 * Reads a list page by page until `enough` says so or nothing new comes: the server leads back to its first page after a full page that ends with id 1,
 * for ever.
 * @param ask sends one request with that query
 * @param keyOf what tells the objects of the list apart
 * @param take gets each object once; returns true when no more are wanted
 * @returns the answer that was no page, where one was not
 */
export async function readPages(
	ask: (query: string) => Promise<Answer>,
	firstQuery: string,
	keyOf: (object: Record<string, unknown>) => unknown,
	take: (object: Record<string, unknown>) => boolean,
): Promise<Answer | undefined> {
	const seen = new Set<unknown>();
	const asked = new Set<string>();
	let query: string | undefined = firstQuery;
	while (query !== undefined && !asked.has(query) && asked.size < MOST_PAGES) {
		asked.add(query);
		const answer = await ask(query);
		const page = pageOf(answer);
		if (page === undefined) return answer;
		const fresh = page.objects.filter((object) => !seen.has(keyOf(object)));
		for (const object of fresh) {
			seen.add(keyOf(object));
			if (take(object)) return undefined;
		}
		query = fresh.length === 0 ? undefined : page.nextQuery;
	}
	return undefined;
}
