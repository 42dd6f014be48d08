/** The most names that a sentence lists. */
const MOST_NAMES = 5;

/** Names that a person may have meant, the nearest first: those that differ only in upper and lower case, or by a few letters. */
export function nearNames(given: string, names: readonly string[]): string[] {
	const wanted = given.toLowerCase();
	return names
		.map((name) => ({ name, distance: editDistance(wanted, name.toLowerCase()) }))
		.filter(({ name, distance }) => distance <= Math.max(1, Math.floor(Math.min(wanted.length, name.length) / 3)))
		.sort((a, b) => a.distance - b.distance)
		.slice(0, MOST_NAMES)
		.map(({ name }) => name);
}

/** How many letters have to be put in, left out, changed, or swapped with their neighbour, to make one text of the other. */
function editDistance(one: string, other: string): number {
	// Names of functions; what is longer than any is not worth the comparison.
	if (Math.abs(one.length - other.length) > 20 || one.length > 200) return Infinity;
	let before: number[] = [];
	let above: number[] = Array.from({ length: other.length + 1 }, (_, index) => index);
	for (let i = 1; i <= one.length; i += 1) {
		const row = [i];
		for (let j = 1; j <= other.length; j += 1) {
			const same = one[i - 1] === other[j - 1] ? 0 : 1;
			let least = Math.min((above[j] as number) + 1, (row[j - 1] as number) + 1, (above[j - 1] as number) + same);
			if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) least = Math.min(least, (before[j - 2] as number) + 1);
			row.push(least);
		}
		before = above;
		above = row;
	}
	return above[other.length] as number;
}
