import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import type { Editor, Rectangle } from './editor';

/** Larger pictures make the README slow; bytes. */
const LARGEST = 150_000;

/** Takes the README's pictures. */
export class Pictures {
	/** @param folder is made where it is not there */
	constructor(
		private readonly editor: Editor,
		readonly folder: string,
	) {
		mkdirSync(folder, { recursive: true });
	}

	/**
	 * Takes a picture of a part of the window (the whole where none is given).
	 * @param name of the file, without `.png`
	 * @throws when the file is too large for the README
	 */
	async take(name: string, part?: Locator | Rectangle): Promise<void> {
		const path = join(this.folder, `${name}.png`);
		await this.editor.closeMessages();
		const clip = part === undefined ? undefined : 'x' in part ? part : ((await part.boundingBox()) ?? undefined);
		await this.editor.page.screenshot({ path, animations: 'disabled', caret: 'hide', ...(clip === undefined ? {} : { clip }) });
		const { size } = statSync(path);
		if (size > LARGEST) throw new Error(`${name}.png has ${size} bytes, more than ${LARGEST}`);
	}
}
