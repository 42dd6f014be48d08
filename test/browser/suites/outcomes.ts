import { deepEqual, equal, match } from 'node:assert/strict';
import { exampleWorkflows } from '../../n8n/examples';
import { withCredentials } from '../../n8n/workflows';
import type { Context, Suite } from '../context';
import { WINDOW } from '../editor';

const EXAMPLE = 'Orders to a sheet, by outcome';
const OUTCOMES = ['Success', 'Script Error', 'Not Finished', 'Request Error'];
const FOLLOWERS = ['Added', 'Refused by the script', 'Look before running again', 'Mend and run again'];

/** What goes wrong besides what the script refuses, by the customer in whose order it happens. */
const ACCIDENTS = [
	{ bodyIncludes: 'Greta Solberg', fault: 'resetAfterRun' },
	{ bodyIncludes: 'Kaja Nowak', fault: 'permissionDenied403' },
] as const;

export const outcomes: Suite = {
	title: `One output per outcome, in the example "${EXAMPLE}"`,

	async run(check, { server, emulator, credentials, editor, pictures }: Context) {
		const example = exampleWorkflows().find(({ name }) => name === EXAMPLE);
		if (example === undefined) throw new Error(`There is no example "${EXAMPLE}"`);
		const { page } = editor;
		const edges = page.locator('[data-test-id="edge"][data-source-node-name="Add Row"]');
		const followers = async () => await Promise.all((await edges.all()).map((edge) => edge.getAttribute('data-target-node-name')));

		await check('four named outputs, and what the node does', async () => {
			// The editor saves by itself what is changed below.
			// What hangs over the canvas' edges would hide nodes.
			await page.setViewportSize({ width: 1600, height: 1150 });
			const { name, nodes, connections, settings } = withCredentials(example, Object.values(credentials));
			await editor.openWorkflow(await server.createWorkflow({ name, nodes, connections, settings }));
			deepEqual(await editor.outputsOf('Add Row'), OUTCOMES);
			deepEqual(await followers(), FOLLOWERS);
			match(await editor.node('Add Row').innerText(), /addRow · Order sheet/);
		});
		await check('after a run, each shows how many items left on it', async () => {
			for (const accident of ACCIDENTS) emulator.faults.add({ ...accident, urlIncludes: ':run' });
			match(await editor.executeWorkflow('When clicking Execute'), /executed successfully/);
			emulator.faults.clear();
			const counts: string[] = [];
			for (const follower of FOLLOWERS) {
				const label = page.locator(`[data-test-id="edge-label"][data-source-node-name="Add Row"][data-target-node-name="${follower}"]`);
				counts.push(await label.getByText(/item/).innerText());
			}
			deepEqual(counts, ['9 items', '3 items', '1 item', '1 item']);
			const area = await editor.canvasArea();
			// Nothing is selected or pointed at any more.
			await page.mouse.click(area.x + area.width / 4, area.y + area.height * 0.9);
			await pictures.take('by-outcome', area);
			await page.emulateMedia({ colorScheme: 'dark' });
			await pictures.take('by-outcome-dark', area);
			await page.emulateMedia({ colorScheme: 'light' });
		});
		await check('following On Error again leaves one output, with its connection', async () => {
			await editor.openNode('Add Row');
			await editor.chooseOption('routing', 'Follow the On Error Setting');
			await editor.closeNode();
			await edges.nth(1).waitFor({ state: 'detached' });
			deepEqual(await followers(), ['Added']);
			equal((await editor.outputsOf('Add Row')).length, 1);
		});
		await check('and back: four outputs, the first one still connected', async () => {
			await editor.openNode('Add Row');
			await editor.chooseOption('routing', 'One Output per Outcome');
			await editor.find('node-parameters').getByText('Every item leaves on one of the four outputs').waitFor();
			await editor.closeNode();
			await editor.node('Add Row').getByText('Not Finished').waitFor();
			deepEqual(await editor.outputsOf('Add Row'), OUTCOMES);
			deepEqual(await followers(), ['Added']);
			await page.setViewportSize(WINDOW);
		});
	},
};
