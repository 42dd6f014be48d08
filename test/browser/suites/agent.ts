import { deepEqual, match } from 'node:assert/strict';
import type { Context, Suite } from '../context';
import { type Message, startScriptedModel, type Turn } from '../model';

/** The credential that the example names. */
const MODEL_CREDENTIAL = { id: 'emulatorOpenAi00', name: 'OpenAI (scripted)', type: 'openAiApi' } as const;

/** What a person writes, and the tool's arguments that a model makes of it: the order as an object, as text, and without what it needs. */
const CONVERSATIONS = [
	{ says: 'Two Darjeeling at 7.50 for Ada Reed', calls: { order: { customer: 'Ada Reed', product: 'Darjeeling', quantity: 2, price: 7.5 } } },
	{ says: 'One Sencha at 9.20 for Ben Okafor', calls: { order: JSON.stringify({ customer: 'Ben Okafor', product: 'Sencha', quantity: 1, price: 9.2 }) } },
	{ says: 'Three Oolong at 11, please', calls: { order: { product: 'Oolong', quantity: 3, price: 11 } } },
] as const;

/** Calls the tool for the person's latest words, then repeats what the tool said. */
function nextTurn(conversation: readonly Message[]): Turn {
	const last = conversation.at(-1);
	if (last?.role === 'tool') return { answer: `The tool said: ${last.content}` };
	const asked = CONVERSATIONS.find(({ says }) => last?.content.includes(says));
	return asked === undefined ? { answer: 'I was not told what to do.' } : { arguments: JSON.stringify(asked.calls) };
}

export const agent: Suite = {
	title: "The example of an agent, with n8n's AI Agent and a scripted model",

	async prepare({ n8n }) {
		const { url } = await startScriptedModel(nextTurn);
		await n8n.importCredentials([{ ...MODEL_CREDENTIAL, data: { apiKey: 'none needed', url } }]);
	},

	async run(check, { editor, emulator, pictures }: Context) {
		const [asObject, asText, refused] = CONVERSATIONS;
		const runs = () => emulator.journal.executions.filter((execution) => execution.function === 'addRow').map(({ input }) => input);
		const say = async (words: string): Promise<string> => {
			const answers = editor.page.locator('.chat-message-from-bot');
			const before = await answers.count();
			await editor.click(editor.find('chat-input'));
			await editor.type(words);
			await editor.press('Enter');
			await answers.nth(before).getByText('The tool said').waitFor();
			return await answers.nth(before).innerText();
		};

		await check('the argument as an object', async () => {
			await editor.openWorkflow('agentwithatool00');
			const before = runs().length;
			match(await say(asObject.says), /"total":15/);
			deepEqual(runs().slice(before), [[asObject.calls.order]]);
		});
		await check('the argument as text', async () => {
			const before = runs().length;
			match(await say(asText.says), /"total":9\.2/);
			deepEqual(runs().slice(before), [[asObject.calls.order]]);
		});
		await check('what the script refuses comes back with what to do about it', async () => {
			match(await say(refused.says), /The order has no customer/);
			await pictures.take('agent');
		});
	},
};
