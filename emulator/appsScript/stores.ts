import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock';

/** A mail that a script sent. */
export interface SentMail {
	readonly scriptId: string;
	readonly sender: string;
	/** As given to `MailApp.sendEmail`: to, subject, body and the like. */
	readonly mail: Readonly<Record<string, unknown>>;
}

/** A cell: what a script wrote. Dates travel as `{ $date: milliseconds }`. */
export type Cell = string | number | boolean | { readonly $date: number };

/** A sheet's rows; cells that nobody wrote are the empty string. */
export interface Sheet {
	readonly id: number;
	name: string;
	rows: Cell[][];
}

/** A spreadsheet. */
export interface Spreadsheet {
	readonly id: string;
	readonly name: string;
	readonly sheets: Sheet[];
}

/** Whose run it is that asks. */
export interface Caller {
	readonly scriptId: string;
	readonly userEmail: string;
	/** Unique per run; a lock belongs to one. */
	readonly run: string;
	readonly signal: AbortSignal;
}

interface CachedValue {
	readonly value: string;
	readonly expiresAt: number;
}

interface HeldLock {
	owner: string | undefined;
	readonly waiting: Array<() => void>;
}

/** A property's value may have this many bytes. */
const LARGEST_PROPERTY_BYTES = 9 * 1024;
/** A cached value may have this many bytes. */
const LARGEST_CACHED_BYTES = 100 * 1024;
const LONGEST_CACHED_SECONDS = 21_600;

/** Text arguments come from the emulator's own child, which has made them text. */
function text(value: unknown): string {
	if (typeof value !== 'string') throw new Error('The parameters don\'t match the method signature.');
	return value;
}

function number(value: unknown): number {
	if (typeof value !== 'number' || !Number.isFinite(value)) throw new Error('The parameters don\'t match the method signature.');
	return value;
}

function asCell(value: unknown): Cell {
	if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
	if (typeof value === 'object' && value !== null && '$date' in value) return value as { $date: number };
	if (value === null || value === undefined) return '';
	return JSON.stringify(value);
}

/** What the services inside scripts keep from run to run: properties, caches, locks, spreadsheets, sent mail. */
export class ScriptStores {
	readonly outbox: SentMail[] = [];
	private readonly properties = new Map<string, Map<string, string>>();
	private readonly caches = new Map<string, Map<string, CachedValue>>();
	private readonly locks = new Map<string, HeldLock>();
	private readonly books = new Map<string, Spreadsheet>();
	private sheetIds = 0;

	constructor(private readonly clock: Clock) {}

	/** The properties of a script, or of one user in a script, for reading and writing. */
	scriptProperties(scriptId: string, userEmail?: string): Map<string, string> {
		return this.propertyStore(userEmail === undefined ? `script ${scriptId}` : `user ${scriptId} ${userEmail}`);
	}

	/** Makes a spreadsheet with one empty sheet, or with the given ones. */
	addSpreadsheet(options: { readonly id?: string; readonly name?: string; readonly sheets?: Readonly<Record<string, readonly (readonly unknown[])[]>> } = {}): Spreadsheet {
		const book: Spreadsheet = { id: options.id ?? `1${randomUUID().replace(/-/g, '')}`, name: options.name ?? 'Untitled spreadsheet', sheets: [] };
		for (const [name, rows] of Object.entries(options.sheets ?? { Sheet1: [] })) {
			this.insertSheet(book, name).rows = rows.map((row) => row.map(asCell));
		}
		this.books.set(book.id, book);
		return book;
	}

	/** A spreadsheet that a script or the emulator made. */
	spreadsheet(id: string): Spreadsheet | undefined {
		return this.books.get(id);
	}

	/** Gives back what a run still holds. */
	endOfRun(run: string): void {
		for (const name of this.locks.keys()) this.release(name, run);
	}

	/** Answers one call of a service inside a script; rejects with the text of the exception that the script gets. */
	async call(caller: Caller, method: string, parameters: readonly unknown[]): Promise<unknown> {
		const [first, second, third] = parameters;
		switch (method) {
			case 'sleep':
				await this.clock.sleep(number(first), caller.signal);
				return null;
			case 'uuid':
				return randomUUID();
			case 'mail.send':
				this.outbox.push({ scriptId: caller.scriptId, sender: caller.userEmail, mail: first as Record<string, unknown> });
				return null;
			case 'properties.get':
				return this.propertyStore(this.storeName(caller, text(first))).get(text(second)) ?? null;
			case 'properties.all':
				return Object.fromEntries(this.propertyStore(this.storeName(caller, text(first))));
			case 'properties.delete':
				this.propertyStore(this.storeName(caller, text(first))).delete(text(second));
				return null;
			case 'properties.set': {
				const values = Object.entries(second as Record<string, string>);
				if (values.some(([, value]) => Buffer.byteLength(value) > LARGEST_PROPERTY_BYTES)) throw new Error('Argument too large: value');
				const store = this.propertyStore(this.storeName(caller, text(first)));
				if (third === true) store.clear();
				for (const [key, value] of values) store.set(key, value);
				return null;
			}
			case 'cache.get': {
				const cached = this.cache(this.storeName(caller, text(first))).get(text(second));
				return cached === undefined || cached.expiresAt <= this.clock.now() ? null : cached.value;
			}
			case 'cache.put': {
				if (Buffer.byteLength(text(third)) > LARGEST_CACHED_BYTES) throw new Error('Argument too large: value');
				const seconds = Math.min(number(parameters[3]), LONGEST_CACHED_SECONDS);
				this.cache(this.storeName(caller, text(first))).set(text(second), { value: text(third), expiresAt: this.clock.now() + seconds * 1000 });
				return null;
			}
			case 'cache.remove':
				this.cache(this.storeName(caller, text(first))).delete(text(second));
				return null;
			case 'lock.take':
				return this.takeLock(this.storeName(caller, text(first)), caller, number(second));
			case 'lock.release':
				this.release(this.storeName(caller, text(first)), caller.run);
				return null;
			default:
				return this.callSpreadsheet(method, parameters);
		}
	}

	private callSpreadsheet(method: string, parameters: readonly unknown[]): unknown {
		const [first, second] = parameters;
		if (method === 'book.create') return { id: this.addSpreadsheet({ name: text(first) }).id };
		const book = this.books.get(text(first));
		if (book === undefined) {
			throw new Error('Unexpected error while getting the method or property openById on object SpreadsheetApp.');
		}
		switch (method) {
			case 'book.open':
				return { id: book.id, name: book.name };
			case 'book.sheets':
				return book.sheets.map(({ id, name }) => ({ id, name }));
			case 'book.insertSheet': {
				const name = second === null ? `Sheet${book.sheets.length + 1}` : text(second);
				if (book.sheets.some((sheet) => sheet.name === name)) throw new Error(`A sheet with the name "${name}" already exists. Please enter another name.`);
				const { id } = this.insertSheet(book, name);
				return { id, name };
			}
			case 'book.deleteSheet': {
				if (book.sheets.length === 1) throw new Error('You can\'t remove all the sheets in a document.');
				book.sheets.splice(book.sheets.findIndex((sheet) => sheet.id === second), 1);
				return null;
			}
			default:
				return this.callSheet(book, method, parameters);
		}
	}

	private callSheet(book: Spreadsheet, method: string, parameters: readonly unknown[]): unknown {
		const sheet = book.sheets.find((candidate) => candidate.id === parameters[1]);
		if (sheet === undefined) throw new Error(`Sheet ${String(parameters[1])} not found`);
		switch (method) {
			case 'sheet.name':
				return sheet.name;
			case 'sheet.rename':
				sheet.name = text(parameters[2]);
				return null;
			case 'sheet.size': {
				const { lastRow, lastColumn } = extentOf(sheet);
				return { rows: lastRow, columns: lastColumn };
			}
			case 'sheet.append':
				sheet.rows.length = extentOf(sheet).lastRow;
				sheet.rows.push((parameters[2] as unknown[]).map(asCell));
				return null;
			case 'sheet.clear':
				sheet.rows = [];
				return null;
			case 'sheet.deleteRow':
				sheet.rows.splice(number(parameters[2]) - 1, 1);
				return null;
			case 'sheet.read': {
				const [row, column, rows, columns] = parameters.slice(2).map(number) as [number, number, number, number];
				return Array.from({ length: rows }, (_line, down) => Array.from({ length: columns }, (_cell, across) => sheet.rows[row - 1 + down]?.[column - 1 + across] ?? ''));
			}
			case 'sheet.write': {
				const [row, column] = [number(parameters[2]), number(parameters[3])];
				(parameters[4] as unknown[][]).forEach((line, down) => {
					while (sheet.rows.length < row + down) sheet.rows.push([]);
					const cells = sheet.rows[row - 1 + down] as Cell[];
					while (cells.length < column - 1) cells.push('');
					line.forEach((value, across) => {
						cells[column - 1 + across] = asCell(value);
					});
				});
				return null;
			}
			default:
				throw new Error(`The emulator has no "${method}".`);
		}
	}

	private insertSheet(book: Spreadsheet, name: string): Sheet {
		const sheet: Sheet = { id: this.sheetIds, name, rows: [] };
		this.sheetIds += 1;
		book.sheets.push(sheet);
		return sheet;
	}

	private storeName(caller: Caller, kind: string): string {
		return kind === 'user' ? `user ${caller.scriptId} ${caller.userEmail}` : `${kind} ${caller.scriptId}`;
	}

	private propertyStore(name: string): Map<string, string> {
		const found = this.properties.get(name) ?? new Map<string, string>();
		this.properties.set(name, found);
		return found;
	}

	private cache(name: string): Map<string, CachedValue> {
		const found = this.caches.get(name) ?? new Map<string, CachedValue>();
		this.caches.set(name, found);
		return found;
	}

	private async takeLock(name: string, caller: Caller, milliseconds: number): Promise<boolean> {
		const lock = this.locks.get(name) ?? { owner: undefined, waiting: [] };
		this.locks.set(name, lock);
		const until = this.clock.now() + milliseconds;
		while (lock.owner !== undefined && lock.owner !== caller.run) {
			const left = until - this.clock.now();
			if (left <= 0) return false;
			const waiting = new AbortController();
			const wake = () => {
				waiting.abort();
			};
			lock.waiting.push(wake);
			caller.signal.addEventListener('abort', wake, { once: true });
			await this.clock.sleep(left, waiting.signal).catch(() => undefined);
			caller.signal.removeEventListener('abort', wake);
			const index = lock.waiting.indexOf(wake);
			if (index >= 0) lock.waiting.splice(index, 1);
			if (caller.signal.aborted) return false;
		}
		lock.owner = caller.run;
		return true;
	}

	private release(name: string, run: string): void {
		const lock = this.locks.get(name);
		if (lock?.owner !== run) return;
		lock.owner = undefined;
		lock.waiting.shift()?.();
	}
}

/** The last row and column with something in them, counted from 1; 0 for an empty sheet. */
function extentOf(sheet: Sheet): { readonly lastRow: number; readonly lastColumn: number } {
	let lastRow = 0;
	let lastColumn = 0;
	sheet.rows.forEach((row, rowIndex) => {
		row.forEach((cell, columnIndex) => {
			if (cell === '') return;
			lastRow = rowIndex + 1;
			lastColumn = Math.max(lastColumn, columnIndex + 1);
		});
	});
	return { lastRow, lastColumn };
}
