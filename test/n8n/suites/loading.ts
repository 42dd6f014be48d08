import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Suite } from './context';

const NODES = ['appsScriptRun', 'syncanoScript'];
const CREDENTIALS = ['googleAppsScriptHeadlessApi', 'googleAppsScriptOAuth2Api', 'syncanoApi'];

interface Listed {
	readonly name: string;
	readonly iconUrl?: string | { readonly light: string; readonly dark: string };
	readonly codex?: { readonly resources?: unknown; readonly categories?: unknown };
}

function iconsOf(listed: readonly Listed[]): string[] {
	return listed.flatMap(({ name, iconUrl }) => {
		ok(iconUrl !== undefined, `${name} has an icon`);
		return typeof iconUrl === 'string' ? [iconUrl] : [iconUrl.light, iconUrl.dark];
	});
}

export const loading: Suite = {
	title: 'The packed package in n8n',
	async run(check, { packed, server }) {
		const n8n = await server();
		const nodes = (await n8n.rest<Listed[]>('GET', '/types/nodes.json')).filter(({ name }) => name.startsWith(`${packed.name}.`));
		const credentials = (await n8n.rest<Listed[]>('GET', '/types/credentials.json')).filter(({ name }) => CREDENTIALS.includes(name));

		await check('both nodes are known, each also as a tool of an agent', () => {
			const types = NODES.flatMap((name) => [`${packed.name}.${name}`, `${packed.name}.${name}Tool`]);
			deepEqual(nodes.map(({ name }) => name).sort(), types.sort());
		});
		await check('all three credential types are known', () => deepEqual(credentials.map(({ name }) => name).sort(), CREDENTIALS));
		await check('every icon is served', async () => {
			const icons = [...new Set(iconsOf([...nodes, ...credentials]))];
			ok(icons.length >= 4, `a light and a dark one for each service: ${icons.join(', ')}`);
			for (const icon of icons) {
				const answer = await n8n.request('GET', `/${icon}`);
				equal(answer.status, 200, icon);
				equal(answer.headers.get('content-type')?.split(';')[0], 'image/svg+xml', icon);
				ok((await answer.text()).includes('<svg'), icon);
			}
		});
		await check('the nodes have a category and a link to their documentation', () => {
			equal(nodes.length, 2 * NODES.length);
			for (const node of nodes) ok(node.codex?.categories !== undefined && node.codex.resources !== undefined, node.name);
		});
		await check('n8n complains about nothing in the package', () => {
			deepEqual(
				n8n.log.filter((line) => line.includes(packed.name)),
				[],
			);
		});
	},
};
