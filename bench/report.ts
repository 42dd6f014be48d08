/** What the parts of the benchmark found, and how it is printed. */
import { figureText, type Figure } from './statistics';

export interface Row {
	readonly what: string;
	readonly figure: Figure;
	readonly unit: string;
	readonly note?: string;
}

/** A ratio with what it should be. */
export interface Ratio {
	readonly what: string;
	readonly figure: Figure;
	readonly atMost?: number;
	readonly atLeast?: number;
	/** Says why, where it is not reached; and what was measured otherwise than in full. */
	readonly note?: string;
}

/** Bars in groups; a value that is missing leaves a gap. */
export interface Chart {
	readonly file: string;
	readonly title: string;
	readonly valueAxis: string;
	readonly groups: readonly string[];
	readonly series: ReadonlyArray<{ readonly name: string; readonly values: ReadonlyArray<number | undefined> }>;
}

export interface Part {
	readonly name: string;
	readonly title: string;
	readonly rows: readonly Row[];
	readonly ratios: readonly Ratio[];
	readonly charts: readonly Chart[];
}

export function isReached({ figure, atMost, atLeast }: Ratio): boolean | undefined {
	if (atMost === undefined && atLeast === undefined) return undefined;
	return (atMost === undefined || figure.median <= atMost) && (atLeast === undefined || figure.median >= atLeast);
}

function targetText({ atMost, atLeast }: Ratio): string {
	if (atMost !== undefined) return `≤ ${atMost}`;
	return atLeast === undefined ? '' : `≥ ${atLeast}`;
}

const REACHED = new Map([
	[true, 'yes'],
	[false, 'NO'],
]);

/** Columns padded to their widest cell; the first one to the left, the others to the right, the last one to the left. */
function table(rows: ReadonlyArray<readonly string[]>): string {
	const columns = rows[0]?.length ?? 0;
	const widths = Array.from({ length: columns }, (_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
	return rows
		.map((row) => row.map((cell, column) => (column === 0 || column === columns - 1 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ').trimEnd())
		.map((line) => `  ${line}`)
		.join('\n');
}

/** A part as text: what was measured, then the ratios with their targets. */
export function partText({ title, rows, ratios }: Part): string {
	const measured = rows.map(({ what, figure, unit, note }) => [what, figureText(figure, unit), note ?? '']);
	const compared = ratios.map((ratio) => [ratio.what, figureText(ratio.figure), targetText(ratio), REACHED.get(isReached(ratio) ?? true) ?? '', ratio.note ?? '']);
	const blocks = [`\n${title}\n`];
	if (measured.length > 0) blocks.push(table([['measured', 'median (lowest–highest)', ''], ...measured]));
	if (compared.length > 0) blocks.push('', table([['ratio', 'median (lowest–highest)', 'target', 'reached', ''], ...compared.map((row, index) => (isReached(ratios[index] as Ratio) === undefined ? [row[0] ?? '', row[1] ?? '', '', '', row[4] ?? ''] : row))]));
	return blocks.join('\n');
}
