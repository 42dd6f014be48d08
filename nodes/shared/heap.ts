/** A binary heap: `add` and `take` in O(log n), `first` in O(1). What `before` puts in front comes out first. */
export class Heap<T> {
	private readonly entries: T[] = [];

	constructor(private readonly before: (a: T, b: T) => boolean) {}

	get size(): number {
		return this.entries.length;
	}

	/** The entry that `take` would return; undefined when empty. */
	get first(): T | undefined {
		return this.entries[0];
	}

	add(entry: T): void {
		const { entries } = this;
		let at = entries.length;
		entries.push(entry);
		while (at > 0) {
			const parent = (at - 1) >> 1;
			const above = entries[parent] as T;
			if (!this.before(entry, above)) break;
			entries[at] = above;
			at = parent;
		}
		entries[at] = entry;
	}

	take(): T | undefined {
		const { entries } = this;
		const taken = entries[0];
		const last = entries.pop();
		if (entries.length === 0 || last === undefined) return taken;
		let at = 0;
		for (;;) {
			let child = 2 * at + 1;
			if (child >= entries.length) break;
			if (child + 1 < entries.length && this.before(entries[child + 1] as T, entries[child] as T)) child++;
			const below = entries[child] as T;
			if (!this.before(below, last)) break;
			entries[at] = below;
			at = child;
		}
		entries[at] = last;
		return taken;
	}
}
