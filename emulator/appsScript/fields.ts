/** A tree of the fields that a partial response keeps; `true` keeps all below. */
export interface FieldTree {
	readonly [name: string]: FieldTree | true;
}

type Mutable = { [name: string]: Mutable | true };

/** Reads Google's `fields` syntax: `a,b/c,d(e,f/g),*`, with a dot as good as a slash. Returns `undefined` for a text that is none. */
export function parseFields(text: string): FieldTree | undefined {
	let position = 0;
	const readList = (closing: boolean): Mutable | undefined => {
		const tree: Mutable = {};
		for (;;) {
			const path: string[] = [];
			for (;;) {
				const name = /^\s*([@\w$*-]+)\s*/.exec(text.slice(position));
				if (name === null) return undefined;
				position += name[0].length;
				path.push(name[1] ?? '');
				if (text[position] !== '/' && text[position] !== '.') break;
				position += 1;
			}
			let below: Mutable | true = true;
			if (text[position] === '(') {
				position += 1;
				const inner = readList(true);
				if (inner === undefined || text[position] !== ')') return undefined;
				position += 1;
				below = inner;
			}
			insert(tree, path, below);
			while (text[position] === ' ') position += 1;
			if (text[position] === ',') {
				position += 1;
				continue;
			}
			if (position === text.length) return closing ? undefined : tree;
			return closing && text[position] === ')' ? tree : undefined;
		}
	};
	return readList(false);
}

function insert(tree: Mutable, path: readonly string[], below: Mutable | true): void {
	const [name = '', ...rest] = path;
	if (rest.length > 0) {
		const next = tree[name];
		if (next === true) return;
		const child = next ?? {};
		tree[name] = child;
		insert(child, rest, below);
	} else if (below === true || tree[name] === undefined) {
		tree[name] = below;
	} else if (tree[name] !== true) {
		const merged = tree[name];
		for (const [key, value] of Object.entries(below)) insert(merged, [key], value);
	}
}

/** Keeps of a value only what the tree names; lists are gone through. */
export function selectFields(value: unknown, tree: FieldTree | true): unknown {
	if (tree === true || typeof value !== 'object' || value === null) return value;
	if (Array.isArray(value)) return value.map((entry) => selectFields(entry, tree));
	const kept: Record<string, unknown> = {};
	for (const [key, entry] of Object.entries(value)) {
		const below = tree[key] ?? tree['*'];
		if (below !== undefined) kept[key] = selectFields(entry, below);
	}
	return kept;
}
