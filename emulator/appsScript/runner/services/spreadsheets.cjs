'use strict';
/*
 * SpreadsheetApp: spreadsheets whose sheets keep rows, in the emulator, from run to run.
 * Not here: formulas, formats, named ranges, A1 notation with whole rows or columns, everything that a person sees.
 * What needs an open document or a person (getUi, getActive…) throws the sentence of the Execution API (that getActive… is among them is a guess).
 */
module.exports = (kit) => {
	const columnNumber = (letters) => [...letters.toUpperCase()].reduce((number, letter) => number * 26 + letter.charCodeAt(0) - 64, 0);
	const readA1 = (text) => {
		const match = /^([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?$/i.exec(text);
		if (match === null) throw new kit.Exception('Range not found');
		const [row, column] = [Number(match[2]), columnNumber(match[1])];
		const [lastRow, lastColumn] = match[3] === undefined ? [row, column] : [Number(match[4]), columnNumber(match[3])];
		return [Math.min(row, lastRow), Math.min(column, lastColumn), Math.abs(lastRow - row) + 1, Math.abs(lastColumn - column) + 1];
	};

	const rangeOf = (sheet, row, column, rows, columns) => {
		for (const [value, what] of [[row, 'row'], [column, 'column'], [rows, 'rows'], [columns, 'columns']]) {
			if (!(Number.isInteger(value) && value >= 1)) throw new kit.Exception(what.endsWith('s') ? `The number of ${what} in the range must be at least 1.` : `The starting ${what} of the range is too small.`);
		}
		const range = kit.hostObject('Range', {
			getRow: () => row,
			getColumn: () => column,
			getNumRows: () => rows,
			getNumColumns: () => columns,
			getLastRow: () => row + rows - 1,
			getLastColumn: () => column + columns - 1,
			getSheet: () => sheet.object,
			getValues: () => kit.call('sheet.read', sheet.book, sheet.id, row, column, rows, columns),
			getValue: () => kit.call('sheet.read', sheet.book, sheet.id, row, column, 1, 1)[0][0],
			setValues(values) {
				if (values.length !== rows) {
					throw new kit.Exception(`The number of rows in the data does not match the number of rows in the range. The data has ${values.length} but the range has ${rows}.`);
				}
				for (const line of values) {
					if (line.length !== columns) {
						throw new kit.Exception(
							`The number of columns in the data does not match the number of columns in the range. The data has ${line.length} but the range has ${columns}.`,
						);
					}
				}
				kit.call('sheet.write', sheet.book, sheet.id, row, column, values);
				return range;
			},
			setValue(value) {
				kit.call(
					'sheet.write',
					sheet.book,
					sheet.id,
					row,
					column,
					Array.from({ length: rows }, () => Array.from({ length: columns }, () => value)),
				);
				return range;
			},
		});
		return range;
	};

	const sheetOf = (book, facts) => {
		const own = { book, id: facts.id };
		const size = () => kit.call('sheet.size', book, facts.id);
		const sheet = kit.hostObject('Sheet', {
			getName: () => kit.call('sheet.name', book, facts.id),
			getSheetId: () => facts.id,
			getParent: () => openById(book),
			getLastRow: () => size().rows,
			getLastColumn: () => size().columns,
			appendRow(values) {
				if (!Array.isArray(values) || values.length === 0) throw new kit.Exception('The parameters don\'t match the method signature for SpreadsheetApp.Sheet.appendRow.');
				kit.call('sheet.append', book, facts.id, values);
				return sheet;
			},
			getRange(first, column, rows = 1, columns = 1) {
				return typeof first === 'string' ? rangeOf(own, ...readA1(first)) : rangeOf(own, first, column, rows, columns);
			},
			getDataRange() {
				const { rows, columns } = size();
				return rangeOf(own, 1, 1, Math.max(rows, 1), Math.max(columns, 1));
			},
			deleteRow(row) {
				kit.call('sheet.deleteRow', book, facts.id, row);
				return sheet;
			},
			clear() {
				kit.call('sheet.clear', book, facts.id);
				return sheet;
			},
			setName(name) {
				kit.call('sheet.rename', book, facts.id, String(name));
				return sheet;
			},
		});
		own.object = sheet;
		return sheet;
	};

	const openById = (id) => {
		const facts = kit.call('book.open', String(id));
		const sheets = () => kit.call('book.sheets', facts.id).map((entry) => sheetOf(facts.id, entry));
		return kit.hostObject('Spreadsheet', {
			getId: () => facts.id,
			getName: () => facts.name,
			getUrl: () => `https://docs.google.com/spreadsheets/d/${facts.id}/edit`,
			getSheets: sheets,
			getNumSheets: () => sheets().length,
			getSheetByName: (name) => sheets().find((sheet) => sheet.getName() === name) ?? null,
			insertSheet: (name) => sheetOf(facts.id, kit.call('book.insertSheet', facts.id, name ?? null)),
			deleteSheet: (sheet) => void kit.call('book.deleteSheet', facts.id, sheet.getSheetId()),
		});
	};

	return {
		SpreadsheetApp: kit.hostObject('SpreadsheetApp', {
			openById,
			openByUrl(url) {
				const id = /\/d\/([^/]+)/.exec(String(url))?.[1];
				if (id === undefined) throw new kit.Exception('Invalid argument: url');
				return openById(id);
			},
			create: (name) => openById(kit.call('book.create', String(name)).id),
			flush() {},
			getUi: kit.notAllowed,
			getActive: kit.notAllowed,
			getActiveSpreadsheet: kit.notAllowed,
			getActiveSheet: kit.notAllowed,
			getActiveRange: kit.notAllowed,
		}),
	};
};
