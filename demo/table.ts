/**
 * Rows as a table for a terminal: columns as wide as their longest cell, numbers to the right, long texts cut.
 * @param widest the most characters of a cell
 */
export function table(headings: readonly string[], rows: ReadonlyArray<ReadonlyArray<string | number>>, widest = 56): string {
	const cut = (cell: string | number): string => {
		const text = String(cell).replace(/\s+/g, ' ');
		return text.length > widest ? `${text.slice(0, widest - 1)}…` : text;
	};
	const cells = rows.map((row) => row.map(cut));
	const widths = headings.map((heading, column) => Math.max(heading.length, ...cells.map((row) => row[column]?.length ?? 0)));
	const line = (row: readonly string[], numeric: (column: number) => boolean) =>
		row.map((cell, column) => (numeric(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))).join('  ').trimEnd();
	return [
		line(headings, (column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number')),
		widths.map((width) => '─'.repeat(width)).join('  '),
		...cells.map((row, index) => line(row, (column) => typeof rows[index]?.[column] === 'number')),
	].join('\n');
}
