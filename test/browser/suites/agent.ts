import { deepEqual, match } from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { exampleWorkflows } from '../../n8n/examples';
import { withCredentials } from '../../n8n/workflows';
import type { Context, Suite } from '../context';
import { WINDOW } from '../editor';
import { type Message, startScriptedModel, type Turn } from '../model';

/** The credential that the example names. */
const MODEL_CREDENTIAL = { id: 'emulatorOpenAi00', name: 'OpenAI (scripted)', type: 'openAiApi' } as const;

/** What a person writes, and the tool's arguments that the model makes of it. */
const CONVERSATIONS = {
	object: { says: 'Two Darjeeling at 7.50 for Ada Reed', arguments: { order: { customer: 'Ada Reed', product: 'Darjeeling', quantity: 2, price: 7.5 } } },
	refused: { says: 'Three Oolong at 11, please', arguments: { order: { product: 'Oolong', quantity: 3, price: 11 } } },
	text: { says: 'One Sencha at 9.20 for Ben Okafor', arguments: { parameters: '[{ "customer": "Ben Okafor", "product": "Sencha", "quantity": 1, "price": 9.2 }]' } },
} as const;

/** In the example the model fills in an object; here it fills in a text, which is all that some models can. */
const PARAMETERS_AS_TEXT = "={{ $fromAI('parameters', 'A JSON array with the order: customer, product, quantity, price', 'string') }}";

/** Calls the tool for the person's latest words, then repeats what the tool said. */
function nextTurn(conversation: readonly Message[]): Turn {
	const last = conversation.at(-1);
	if (last?.role === 'tool') return { answer: `The tool said: ${last.content}` };
	const asked = Object.values(CONVERSATIONS).find(({ says }) => last?.content.includes(says));
	return asked === undefined ? { answer: 'I was not told what to do.' } : { arguments: JSON.stringify(asked.arguments) };
}

export const agent: Suite = {
	title: "The example of an agent, with n8n's AI Agent and a scripted model",

	async prepare({ n8n }) {
		const { url } = await startScriptedModel(nextTurn);
		await n8n.importCredentials([{ ...MODEL_CREDENTIAL, data: { apiKey: 'none needed', url } }]);
	},

	async run(check, { server, editor, emulator, credentials, pictures }: Context) {
		const { object, refused, text } = CONVERSATIONS;
		const { page } = editor;
		const runs = () => emulator.journal.executions.filter((execution) => execution.function === 'addRow').map(({ input }) => input);
		const say = async (words: string): Promise<string> => {
			const answers = page.locator('.chat-message-from-bot');
			const before = await answers.count();
			await editor.click(editor.find('canvas-chat').getByRole('textbox'));
			await editor.type(words);
			await editor.press('Enter');
			await answers.nth(before).getByText('The tool said').waitFor();
			return await answers.nth(before).innerText();
		};
		const openChat = async (workflow: string) => {
			await editor.openWorkflow(workflow);
			// An open chat stays open.
			const button = editor.find('workflow-chat-button');
			if ((await button.innerText()).includes('Open')) await editor.click(button);
		};

		await check('the order as an object', async () => {
			await page.setViewportSize({ ...WINDOW, height: 1100 });
			await openChat('agentwithatool00');
			const before = runs().length;
			match(await say(object.says), /"total":15/);
			deepEqual(runs().slice(before), [[object.arguments.order]]);
			await editor.click(editor.find('zoom-to-fit'));
			await pictures.take('agent');
			await page.setViewportSize(WINDOW);
		});
		await check('what the script refuses comes back as an answer, with what to do about it', async () => {
			const answer = await say(refused.says);
			match(answer, /The order has no customer/);
			match(answer, /"hint":"\S/);
		});
		await check('all parameters as one text', async () => {
			const example = exampleWorkflows().find(({ id }) => id === 'agentwithatool00');
			if (example === undefined) throw new Error('The example is not there');
			const { nodes, connections, settings } = withCredentials(example, Object.values(credentials));
			const changed = nodes.map(({ webhookId, ...node }) => ({
				...node,
				...(webhookId === undefined ? {} : { webhookId: randomUUID() }),
				parameters: 'parametersJson' in node.parameters ? { ...node.parameters, parametersJson: PARAMETERS_AS_TEXT } : node.parameters,
			}));
			await openChat(await server.createWorkflow({ name: 'Agent that fills in a text', nodes: changed, connections, settings }));
			const before = runs().length;
			match(await say(text.says), /"total":9\.2/);
			deepEqual(runs().slice(before), [JSON.parse(text.arguments.parameters)]);
		});
	},
};
