/** A date, or a date with a time, that names no zone, as the editor keeps what was picked. */
const WITHOUT_ZONE = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}[\d:.]*))?$/;

/** More than any clock is off UTC, and less than lies between two changes of a clock. */
const DAY_MS = 24 * 3_600_000;

/**
 * The point in time that an ISO 8601 text (or any other that `Date.parse` takes) names, in milliseconds since the epoch; NaN where it names none.
 * @param zone the IANA zone of a text that names none itself. A time that its clocks leave out counts from before the change, so that 2:30 is 3:30;
 *   of one that they show twice, it is the first.
 * @throws {RangeError} for a zone that nobody knows, where it is needed
 */
export function pointInTime(text: string, zone: string): number {
	const [, date, time = '00:00'] = WITHOUT_ZONE.exec(text.trim()) ?? [];
	if (date === undefined) return Date.parse(text);
	// What the clock shows, as if it showed UTC.
	const shown = Date.parse(`${date}T${time}Z`);
	if (Number.isNaN(shown)) return NaN;
	const before = offsetOf(zone, shown - DAY_MS);
	const after = offsetOf(zone, shown + DAY_MS);
	const later = shown - after;
	return offsetOf(zone, shown - before) !== before && offsetOf(zone, later) === after ? later : shown - before;
}

/** By how many milliseconds the clocks of a zone are ahead of UTC at a point in time. */
function offsetOf(zone: string, time: number): number {
	const name = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(time).find(({ type }) => type === 'timeZoneName')?.value;
	// `GMT+09:00`; `GMT` alone for none; long ago with seconds.
	const [, sign, hours = 0, minutes = 0, seconds = 0] = /([+-])(\d+):(\d+)(?::(\d+))?/.exec(name ?? '') ?? [];
	return (sign === '-' ? -1 : 1) * (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000;
}
