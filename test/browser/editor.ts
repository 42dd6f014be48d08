import type { Locator, Page } from 'playwright-core';
import { OWNER, until } from '../n8n/server';
import { cutOffTexts } from './cutOffTexts';

/** What a person's hands did. */
export interface Effort {
	/** Clicks, and fields that were dragged. */
	clicks: number;
	/** Keys that were pressed. */
	keys: number;
	/** Texts that were pasted. */
	pastes: number;
}

/** A part of the window, in pixels. */
export interface Rectangle {
	readonly x: number;
	readonly y: number;
	readonly width: number;
	readonly height: number;
}

/** The size of the browser's window, in pixels. */
export const WINDOW = { width: 1440, height: 900 } as const;

/** How long something in the editor may take on a slow machine; milliseconds. */
const PATIENCE = 45_000;

const byTestId = (id: string) => `[data-test-id="${id}"]`;

/** n8n's editor, used as a person uses it. Locators have n8n's own test ids. */
export class Editor {
	/** Since it was last set to nothing. */
	effort: Effort = { clicks: 0, keys: 0, pastes: 0 };

	constructor(
		readonly page: Page,
		/** n8n's address. */
		readonly url: string,
	) {
		page.setDefaultTimeout(PATIENCE);
		page.setDefaultNavigationTimeout(PATIENCE);
	}

	/** Signs the owner in. */
	async signIn(): Promise<void> {
		await this.page.goto(`${this.url}/signin`);
		await this.page.fill('input[type="email"], input[name="emailOrLdapLoginId"]', OWNER.email);
		await this.page.fill('input[type="password"]', OWNER.password);
		await this.page.keyboard.press('Enter');
		await this.page.waitForURL(/\/home\//);
	}

	/** Whatever has a test id of n8n's and can be seen. */
	find(testId: string, within: Page | Locator = this.page): Locator {
		return within.locator(byTestId(testId)).filter({ visible: true });
	}

	async click(target: Locator): Promise<void> {
		this.effort.clicks += 1;
		await target.click();
	}

	async type(text: string): Promise<void> {
		this.effort.keys += text.length;
		await this.page.keyboard.type(text);
	}

	async press(key: string): Promise<void> {
		this.effort.keys += 1;
		await this.page.keyboard.press(key);
	}

	async paste(text: string): Promise<void> {
		this.effort.pastes += 1;
		await this.page.keyboard.insertText(text);
	}

	/** Opens a workflow; resolves when its nodes are drawn. */
	async openWorkflow(id: string): Promise<void> {
		// What was not saved would be asked about.
		await this.page.goto('about:blank');
		await this.page.goto(`${this.url}/workflow/${id}`);
		await this.find('canvas-node').first().waitFor();
	}

	/** A node on the canvas. */
	node(name: string): Locator {
		return this.page.locator(byTestId('canvas-node')).filter({ has: this.page.getByText(name, { exact: true }) });
	}

	/** The part of the window that the canvas' nodes and notes take, with some space around. */
	async canvasArea(): Promise<Rectangle> {
		const boxes = await Promise.all((await this.page.locator('.vue-flow__node').all()).map((node) => node.boundingBox()));
		const known = boxes.filter((box) => box !== null);
		const [left, top] = [Math.min(...known.map(({ x }) => x)), Math.min(...known.map(({ y }) => y))];
		const [right, bottom] = [Math.max(...known.map(({ x, width }) => x + width)), Math.max(...known.map(({ y, height }) => y + height))];
		// Names stand below the nodes, and the last ones have a plus behind them.
		return { x: left - 60, y: top - 20, width: right - left + 172, height: bottom - top + 70 };
	}

	/** Presses the plus behind a node, and looks for something to add. */
	async searchAfter(node: string, words: string): Promise<void> {
		await this.click(this.node(node).locator(byTestId('canvas-handle-plus')).first());
		await this.find('node-creator-search-bar').waitFor();
		await this.type(words);
	}

	/** Looks for something else in the open list of nodes. */
	async searchAgain(words: string): Promise<void> {
		await this.click(this.find('node-creator-search-bar').getByRole('textbox').or(this.find('node-creator-search-bar')).first());
		await this.press('ControlOrMeta+A');
		await this.type(words);
	}

	/** The names of a node's outputs on the canvas. */
	async outputsOf(node: string): Promise<string[]> {
		const handles = await this.node(node).locator(byTestId('canvas-node-output-handle')).allInnerTexts();
		// After a run, the number of items stands below the name.
		return handles.map((text) => text.trim().split('\n')[0] ?? '');
	}

	/** What the search shows: nodes, or the actions of one. */
	creatorItem(name: string): Locator {
		return this.find('node-creator-item-name').filter({ has: this.page.getByText(name, { exact: true }) });
	}

	/** Opens a node's panel. */
	async openNode(name: string): Promise<void> {
		this.effort.clicks += 2;
		await this.node(name).first().dblclick();
		await this.find('ndv').waitFor();
	}

	async closeNode(): Promise<void> {
		await this.click(this.find('ndv-close-button'));
		await this.find('ndv').waitFor({ state: 'detached' });
	}

	/** A field of the open node. */
	parameter(name: string): Locator {
		return this.find(`parameter-input-${name}`);
	}

	/** Opens the list of a resource locator. @returns its entries, which may still be on their way */
	async openList(parameter: string): Promise<Locator> {
		await this.click(this.find('rlc-input', this.find(`resource-locator-${parameter}`)));
		return this.find('rlc-item');
	}

	/** Chooses from the list of a resource locator. */
	async chooseFromList(parameter: string, entry: string): Promise<void> {
		const entries = await this.openList(parameter);
		await this.click(entries.filter({ hasText: entry }).first());
	}

	/** Chooses one of a field's options. */
	async chooseOption(parameter: string, option: string): Promise<void> {
		await this.click(this.parameter(parameter));
		await this.click(this.find('parameter-input-item').filter({ has: this.page.getByText(option, { exact: true }) }));
	}

	/** Drags a field of the input to a field of the node, with the mouse. */
	async drag(inputField: string, parameter: string): Promise<void> {
		this.effort.clicks += 1;
		const from = this.find('ndv-input-panel').locator(`[data-target="mappable"][data-name="${inputField}"]`);
		await from.dragTo(this.parameter(parameter));
		await this.parameter(parameter).locator('.cm-content').getByText(`$json.${inputField}`).waitFor();
	}

	/** What an expression field shows: the expression. */
	async expressionIn(parameter: string): Promise<string> {
		return (await this.parameter(parameter).locator('.cm-content').innerText()).trim();
	}

	/** Executes the open node; resolves when n8n has said how that went. @returns what it said */
	async execute(): Promise<string> {
		await this.closeMessages();
		await this.click(this.find('node-execute-button'));
		const message = this.page.locator('.el-notification').filter({ hasText: /executed successfully|Problem in node/ }).first();
		const said = await message.innerText();
		await this.find('node-execute-button').getByText('Execute step').waitFor();
		return said;
	}

	/** Closes n8n's messages in the corner, which hide what is behind them. */
	async closeMessages(): Promise<void> {
		const messages = this.page.locator('.el-notification');
		for (const close of await messages.locator('.el-notification__closeBtn').all()) await close.click({ timeout: 2000 }).catch(() => undefined);
		await messages.first().waitFor({ state: 'detached' });
	}

	/** Waits until the output pane shows something, with items as a table. @throws when it does not, with what it shows */
	async outputShows(...patterns: readonly RegExp[]): Promise<void> {
		const pane = this.find('output-panel');
		const table = this.find('radio-button-table', pane);
		if (await table.isVisible()) await this.click(table);
		const missing = async () => {
			const text = await pane.innerText();
			return patterns.filter((pattern) => !pattern.test(text));
		};
		await until('the output pane shows it', PATIENCE, async () => ((await missing()).length === 0 ? true : undefined)).catch(async () => {
			throw new Error(`The output pane lacks ${(await missing()).join(', ')}:\n${await pane.innerText()}`);
		});
	}

	/** Switches a field to an expression, and goes into it. */
	async chooseExpression(parameter: string): Promise<void> {
		await this.parameter(parameter).hover();
		await this.click(this.find('radio-button-expression', this.find(`${parameter}-parameter-input-options-container`)));
		await this.click(this.parameter(parameter).locator('.cm-content'));
	}

	/** Texts of a part of the page that are not shown whole: cut off by the box they are in, with or without dots. */
	async cutOffTexts(part: Locator): Promise<string[]> {
		return await part.evaluate(cutOffTexts);
	}

	/** Runs the open workflow from one of its triggers; resolves when n8n has said how that went. @returns what it said */
	async executeWorkflow(trigger: string): Promise<string> {
		await this.closeMessages();
		await this.node(trigger).hover();
		await this.click(this.find(`execute-workflow-button-${trigger}`));
		return await this.page.locator('.el-notification').filter({ hasText: /executed successfully|Problem in node/ }).first().innerText();
	}

	/** Opens a credential by itself. @returns its window */
	async openCredential(id: string): Promise<Locator> {
		await this.page.goto('about:blank');
		await this.page.goto(`${this.url}/home/credentials/${id}`);
		const window = this.find('editCredential-modal');
		await window.waitFor();
		return window;
	}
}
