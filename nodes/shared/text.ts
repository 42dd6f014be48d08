/** The longest text of a service or a script that reaches a message, in characters. */
export const LONGEST_TEXT = 500;

// Controls but tab and newline, and format characters such as bidirectional overrides and zero-width ones, which could disguise a text.
const UNSEEN = /(?![\t\n])[\p{Cc}\p{Cf}]/gu;

/**
 * Makes a text that came from outside fit to be shown: unseen characters out, lone surrogates replaced, ends trimmed, cut at `longest` characters
 * (never inside a surrogate pair) with an ellipsis.
 */
export function cleanText(text: string, longest = LONGEST_TEXT): string {
	// A script can answer megabytes; only what can be shown is worth cleaning.
	const head = text.length > longest * 4 ? text.slice(0, longest * 4) : text;
	const clean = replaceLoneSurrogates(head.replace(UNSEEN, '')).trim();
	if (clean.length <= longest) return clean;
	const cut = clean.slice(0, longest - 1);
	const last = cut.charCodeAt(cut.length - 1);
	return `${last >= 0xd800 && last <= 0xdbff ? cut.slice(0, -1) : cut}…`;
}

/** Replaces surrogates without their partner by U+FFFD, as UTF-8 encoders do. */
function replaceLoneSurrogates(text: string): string {
	return text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD');
}

/** The readable text of an HTML page: its title, else its first words. */
export function textOfHtml(html: string): string {
	const head = html.slice(0, 20_000);
	const title = /<title\b[^<>]*>([^<]*)<\/title>/i.exec(head)?.[1]?.trim();
	if (title) return cleanText(title, 120);
	return cleanText(
		head
			.replace(/<(script|style)\b[\s\S]*?<\/\1>/gi, ' ')
			.replace(/<[^<>]*>/g, ' ')
			.replace(/\s+/g, ' '),
		120,
	);
}

/** Joins words for a sentence: `a`, `a and b`, `a, b and c`. */
export function listOfWords(words: readonly string[]): string {
	if (words.length <= 1) return words[0] ?? '';
	return `${words.slice(0, -1).join(', ')} and ${words[words.length - 1] as string}`;
}

/**
 * Item numbers as ranges, e.g. `0–3, 7`, for messages that must stay short over thousands of items.
 * @param numbers ascending, without repeats
 */
export function listOfRanges(numbers: readonly number[], mostRanges = 20): string {
	const ranges: string[] = [];
	let index = 0;
	while (index < numbers.length) {
		let last = index;
		while (last + 1 < numbers.length && (numbers[last + 1] as number) === (numbers[last] as number) + 1) last += 1;
		if (ranges.length === mostRanges) return `${ranges.join(', ')} and ${numbers.length - index} more`;
		ranges.push(last === index ? String(numbers[index]) : `${numbers[index] as number}–${numbers[last] as number}`);
		index = last + 1;
	}
	return ranges.join(', ');
}
