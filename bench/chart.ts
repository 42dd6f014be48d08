import type { Chart } from './report';
import { numberText } from './statistics';

const COLOURS = ['#0b6e4f', '#9aa5b1', '#d1495b', '#edae49', '#30638e'];
const WIDTH = 860;
const LEFT = 250;
const RIGHT = 70;
const BAR = 18;
const GAP = 3;
const GROUP_GAP = 18;
const LEGEND_TOP = 46;
const LEGEND_ROW = 22;
/** Of the legend's letters, in pixels; rather too much than too little. */
const LETTER = 7;
const FONT = 'font-family="system-ui, Segoe UI, Helvetica, Arial, sans-serif"';

const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

/** A step of 1, 2 or 5 times a power of ten that divides the axis into five parts or so. */
function axisStep(longest: number): number {
	const rough = longest / 5;
	const power = 10 ** Math.floor(Math.log10(rough));
	return ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
}

/** A chart of lying bars as an SVG document, on a light ground whatever page it is put on. */
export function chartSvg({ title, valueAxis, groups, series }: Chart): string {
	const longest = Math.max(...series.flatMap(({ values }) => values.map((value) => value ?? 0)), Number.MIN_VALUE);
	const step = axisStep(longest);
	const end = Math.ceil(longest / step) * step;
	const x = (value: number) => LEFT + (value / end) * (WIDTH - LEFT - RIGHT);
	let legendX = 20;
	let legendY = LEGEND_TOP;
	const legend = series.map(({ name }, colour) => {
		const width = 44 + name.length * LETTER;
		if (legendX > 20 && legendX + width > WIDTH) {
			legendX = 20;
			legendY += LEGEND_ROW;
		}
		const entry = `<rect x="${legendX}" y="${legendY}" width="14" height="14" fill="${COLOURS[colour % COLOURS.length]}"/><text x="${legendX + 20}" y="${legendY + 12}" font-size="13" fill="#1f2933">${escaped(name)}</text>`;
		legendX += width;
		return entry;
	});
	const top = legendY + 40;
	const drawn = groups.map((group, index) => ({ group, bars: series.flatMap(({ values }, colour) => (values[index] === undefined ? [] : [{ colour, value: values[index] }])) }));
	const parts: string[] = [];
	let y = top;
	for (const { group, bars } of drawn) {
		const height = bars.length * (BAR + GAP) - GAP;
		parts.push(`<text x="${LEFT - 12}" y="${y + height / 2 + 5}" text-anchor="end" font-size="14" fill="#1f2933">${escaped(group)}</text>`);
		for (const { colour, value } of bars) {
			parts.push(`<rect x="${LEFT}" y="${y}" width="${(x(value) - LEFT).toFixed(1)}" height="${BAR}" fill="${COLOURS[colour % COLOURS.length]}"/>`);
			parts.push(`<text x="${(x(value) + 6).toFixed(1)}" y="${y + 14}" font-size="12" fill="#1f2933">${numberText(value)}</text>`);
			y += BAR + GAP;
		}
		y += GROUP_GAP - GAP;
	}
	const bottom = y - GROUP_GAP + 8;
	const grid: string[] = [];
	for (let tick = 0; tick <= end + step / 2; tick += step) {
		grid.push(`<line x1="${x(tick).toFixed(1)}" y1="${top - 8}" x2="${x(tick).toFixed(1)}" y2="${bottom}" stroke="${tick === 0 ? '#52606d' : '#e4e7eb'}"/>`);
		grid.push(`<text x="${x(tick).toFixed(1)}" y="${bottom + 18}" text-anchor="middle" font-size="12" fill="#52606d">${Number(tick.toPrecision(6))}</text>`);
	}
	const height = bottom + 56;
	return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" ${FONT}>
<title>${escaped(title)}</title>
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="20" y="30" font-size="18" font-weight="600" fill="#1f2933">${escaped(title)}</text>
${[...legend, ...grid, ...parts].join('\n')}
<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${bottom + 42}" text-anchor="middle" font-size="13" fill="#52606d">${escaped(valueAxis)}</text>
</svg>
`;
}
