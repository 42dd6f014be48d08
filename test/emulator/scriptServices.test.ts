import { AdjustableClock } from '../../emulator/clock';
import { emulatorOfThisFile, errorOf, projectOf, resultOf } from './support';

const clock = new AdjustableClock();
const emulator = emulatorOfThisFile({ clock });

/** What an expression gives inside a script. */
function evaluate(expression: string, manifest = {}): Promise<unknown> {
	return resultOf(emulator(), projectOf(emulator(), `function main() { return ${expression}; }`, { manifest }));
}

describe('Utilities', () => {
	test.each([
		["Utilities.formatDate(new Date(Date.UTC(2026, 0, 5, 23, 4, 9, 7)), 'UTC', \"yyyy-MM-dd'T'HH:mm:ss.SSSZ\")", '2026-01-05T23:04:09.007+0000'],
		["Utilities.formatDate(new Date(Date.UTC(2026, 6, 5, 23, 4)), 'Europe/Berlin', 'EEE, d MMM yy h:mm a XXX')", 'Mon, 6 Jul 26 1:04 AM +02:00'],
		["Utilities.formatDate(new Date(0), 'GMT+2', \"EEEE 'o''clock' H D MMMM\")", "Thursday o'clock 2 1 January"],
		["Utilities.base64Encode('häü?>')", 'aMOkw7w/Pg=='],
		["Utilities.base64EncodeWebSafe('häü?>')", 'aMOkw7w_Pg=='],
		["Utilities.newBlob(Utilities.base64Decode('aMOkw7w/Pg==')).getDataAsString()", 'häü?>'],
		['Utilities.base64Decode("/w==")', [-1]],
		["Utilities.computeDigest(Utilities.DigestAlgorithm.MD5, 'abc').slice(0, 3)", [-112, 1, 80]],
		["Utilities.newBlob('x', 'text/csv', 'a.csv').getName()", 'a.csv'],
		['/^[0-9a-f-]{36}$/.test(Utilities.getUuid())', true],
	])('%s', async (expression, expected) => {
		expect(await evaluate(expression)).toEqual(expected);
	});
});

test('dates are in the manifest\'s time zone', async () => {
	expect(await evaluate('new Date(0).getHours()', { timeZone: 'Asia/Tokyo' })).toBe(9);
	expect(await evaluate('new Date(0).getHours()', { timeZone: 'America/New_York' })).toBe(19);
	expect(await evaluate('Session.getScriptTimeZone()', { timeZone: 'Asia/Tokyo' })).toBe('Asia/Tokyo');
});

test('who runs it, and mail to the outbox', async () => {
	expect(await evaluate('Session.getActiveUser().getEmail()')).toBe('owner@example.com');
	await evaluate("MailApp.sendEmail('ada@example.com', 'Hello', 'Text', { cc: 'bob@example.com' })");
	await evaluate("MailApp.sendEmail({ to: 'eve@example.com', subject: 'S', htmlBody: '<p>' })");
	expect(emulator().appsScript.stores.outbox.map(({ mail }) => mail)).toEqual([
		{ to: 'ada@example.com', subject: 'Hello', body: 'Text', cc: 'bob@example.com' },
		{ to: 'eve@example.com', subject: 'S', htmlBody: '<p>' },
	]);
});

test('what is logged can be read, also of a run that failed', async () => {
	const project = projectOf(emulator(), "function main() { Logger.log('%s of %s', 1, { a: 2 }); console.warn('careful'); throw 1; }");
	await errorOf(emulator(), project);
	expect(emulator().appsScript.logs.filter((line) => line.scriptId === project.scriptId).map(({ level, message }) => [level, message])).toEqual([
		['INFO', '1 of {"a":2}'],
		['WARNING', 'careful'],
	]);
});

test('properties outlive the run; each script and user has their own; a value may have 9 kB', async () => {
	const source = `
		function put(value) { PropertiesService.getScriptProperties().setProperty('k', value); PropertiesService.getUserProperties().setProperties({ u: 1 }); }
		function all() { return [PropertiesService.getScriptProperties().getProperties(), PropertiesService.getUserProperties().getProperty('u'), PropertiesService.getDocumentProperties()]; }`;
	const project = projectOf(emulator(), source);
	await resultOf(emulator(), project, { function: 'put', parameters: ['v'] });
	expect(await resultOf(emulator(), project, { function: 'all' })).toEqual([{ k: 'v' }, '1', null]);
	const token = emulator().google.issueToken({ user: emulator().google.addUser() });
	expect(await resultOf(emulator(), project, { function: 'all', token })).toEqual([{ k: 'v' }, null, null]);
	expect(await resultOf(emulator(), projectOf(emulator(), source), { function: 'all' })).toEqual([{}, null, null]);
	const error = await errorOf(emulator(), project, { function: 'put', parameters: ['x'.repeat(9217)] });
	expect(error.errorMessage).toBe('Exception: Argument too large: value');
});

test('cached values end by the clock', async () => {
	const project = projectOf(emulator(), "function put() { CacheService.getScriptCache().put('k', 'v', 60); } function look() { return CacheService.getScriptCache().get('k'); }");
	await resultOf(emulator(), project, { function: 'put' });
	expect(await resultOf(emulator(), project, { function: 'look' })).toBe('v');
	clock.advance(60_000);
	expect(await resultOf(emulator(), project, { function: 'look' })).toBeNull();
});

test('a lock keeps concurrent runs apart, and is given back when a run ends without doing so', async () => {
	const project = projectOf(
		emulator(),
		`function main() {
			LockService.getScriptLock().waitLock(20000);
			const properties = PropertiesService.getScriptProperties();
			const count = Number(properties.getProperty('count') ?? 0);
			Utilities.sleep(3);
			properties.setProperty('count', count + 1);
			if (count % 2) throw new Error('with the lock in hand');
		}
		function tryIt() { return LockService.getScriptLock().tryLock(0); }`,
	);
	const token = emulator().google.issueToken();
	const ends = await Promise.allSettled(Array.from({ length: 6 }, () => resultOf(emulator(), project, { token })));
	expect(ends.filter((end) => end.status === 'rejected')).toHaveLength(3);
	expect(emulator().appsScript.stores.scriptProperties(project.scriptId).get('count')).toBe('6');
	expect(await resultOf(emulator(), project, { function: 'tryIt' })).toBe(true);
});

test('sheets keep rows from run to run; rows that concurrent runs append are all there', async () => {
	const book = emulator().appsScript.stores.addSpreadsheet({ name: 'Orders', sheets: { Orders: [['Name', 'Amount']] } });
	const project = projectOf(
		emulator(),
		`const sheet = () => SpreadsheetApp.openById('${book.id}').getSheetByName('Orders');
		function add(name, amount) { sheet().appendRow([name, amount, new Date(0)]); }
		function read() { return sheet().getDataRange().getValues().map((row) => row.map((cell) => cell instanceof Date ? cell.getTime() : cell)); }
		function write() { sheet().getRange('B2:C3').setValues([[1, 2], [3, 4]]); return sheet().getRange(2, 2, 2, 2).getValues(); }
		function size() { return [sheet().getLastRow(), sheet().getLastColumn()]; }
		function wrong() { sheet().getRange(1, 1, 1, 2).setValues([[1]]); }
		function missing() { return SpreadsheetApp.openById('${book.id}').getSheetByName('none'); }
		function unknown() { SpreadsheetApp.openById('none'); }`,
	);
	const token = emulator().google.issueToken();
	await Promise.all(Array.from({ length: 8 }, (_entry, index) => resultOf(emulator(), project, { function: 'add', parameters: [`n${index}`, index], token })));
	const rows = (await resultOf(emulator(), project, { function: 'read' })) as unknown[][];
	expect(rows[0]).toEqual(['Name', 'Amount', '']);
	expect(rows.slice(1).sort((one, other) => Number(one[1]) - Number(other[1]))).toEqual(Array.from({ length: 8 }, (_entry, index) => [`n${index}`, index, 0]));
	expect(await resultOf(emulator(), project, { function: 'write' })).toEqual([[1, 2], [3, 4]]);
	expect(await resultOf(emulator(), project, { function: 'size' })).toEqual([9, 3]);
	expect((await errorOf(emulator(), project, { function: 'wrong' })).errorMessage).toBe(
		'Exception: The number of columns in the data does not match the number of columns in the range. The data has 1 but the range has 2.',
	);
	expect(await resultOf(emulator(), project, { function: 'missing' })).toBeNull();
	expect((await errorOf(emulator(), project, { function: 'unknown' })).errorMessage).toMatch(/^Exception: Unexpected error/);
	expect(emulator().appsScript.stores.spreadsheet(book.id)?.sheets[0]?.rows).toHaveLength(9);
});

test('what needs a person says so; what the emulator does not have says so', async () => {
	const project = projectOf(emulator(), 'function ui() { SpreadsheetApp.getUi(); } function member() { SpreadsheetApp.openMagically(); } function service() { GmailApp.search("x"); }');
	expect(await errorOf(emulator(), project, { function: 'ui' })).toMatchObject({
		errorMessage: 'Script has attempted to perform an action that is not allowed when invoked through the Google Apps Script Execution API.',
	});
	expect((await errorOf(emulator(), project, { function: 'member' })).errorMessage).toBe('Error: The emulator\'s SpreadsheetApp has no "openMagically".');
	expect((await errorOf(emulator(), project, { function: 'service' })).errorMessage).toBe('Error: The emulator\'s GmailApp has no "search".');
});
