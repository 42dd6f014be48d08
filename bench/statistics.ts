/** A figure that was measured several times. */
export interface Figure {
	readonly median: number;
	readonly low: number;
	readonly high: number;
	readonly samples: readonly number[];
}

/** @throws for no samples */
export function figureOf(samples: readonly number[]): Figure {
	if (samples.length === 0) throw new Error('A figure needs a sample');
	const sorted = [...samples].sort((a, b) => a - b);
	const middle = (sorted.length - 1) / 2;
	const median = ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle)] as number)) / 2;
	return { median, low: sorted[0] as number, high: sorted[sorted.length - 1] as number, samples };
}

/** The ratios of what was measured in the same rounds: what slows a round down slows both sides down. */
export function ratioOf(numerators: readonly number[], denominators: readonly number[]): Figure {
	return figureOf(numerators.map((numerator, round) => numerator / (denominators[round] as number)));
}

/**
 * A figure with its unit, and its lowest and highest sample, for example `3.1 ms (2.9–3.4)`. Three digits count.
 */
export function figureText({ median, low, high, samples }: Figure, unit = ''): string {
	const behind = unit === '' ? '' : ` ${unit}`;
	return samples.length === 1 ? `${numberText(median)}${behind}` : `${numberText(median)}${behind} (${numberText(low)}–${numberText(high)})`;
}

export function numberText(value: number): string {
	const size = Math.abs(value);
	return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}
