import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import type { INodeParameters } from 'n8n-workflow';
import { ORDER_SHEET_DEPLOYMENT_ID, ORDER_SHEET_SCRIPT_ID } from '../../../emulator/samples';
import { RestError } from '../server';
import type { Suite } from './context';

const locator = (mode: string, value: string) => ({ __rl: true, mode, value });

/** What the editor has in the fields while somebody fills them in from top to bottom. */
const CHOSEN: INodeParameters = {
	authentication: 'oAuth2',
	operation: 'run',
	script: locator('list', ORDER_SHEET_SCRIPT_ID),
	deployment: locator('list', 'auto'),
	function: locator('list', 'addRow'),
	parametersFrom: 'mapping',
	parameters: { mappingMode: 'defineBelow', value: null },
};

export const lists: Suite = {
	title: 'The lists that the editor asks for',

	async prepare({ n8n, credentials: { googleAppsScriptOAuth2Api: credential }, emulator }) {
		const token = { access_token: emulator.google.issueToken(), refresh_token: emulator.google.issueRefreshToken(), token_type: 'Bearer' };
		await n8n.importCredentials([{ ...credential, id: 'oAuth2NoListing1', name: 'Without list scopes', data: { ...credential.data, oauthTokenData: token } }]);
	},

	async run(check, { server, packed, credentials, emulator }) {
		const n8n = await server();
		const [instance = ''] = emulator.syncano.instances.keys();
		const appsScript = { node: { type: `${packed.name}.appsScriptRun`, version: 1 }, parameters: CHOSEN };
		const syncano = { node: { type: `${packed.name}.syncanoScript`, version: 1 }, parameters: { resource: 'script', operation: 'run', instance: locator('list', instance) } };

		for (const credential of [credentials.googleAppsScriptOAuth2Api, credentials.googleAppsScriptHeadlessApi]) {
			const headless = credential.type === 'googleAppsScriptHeadlessApi';
			const request = {
				...appsScript,
				parameters: { ...CHOSEN, authentication: headless ? 'headless' : 'oAuth2' },
				credentials: { [credential.type]: { id: credential.id, name: credential.name } },
			};
			const way = headless ? 'headless' : 'OAuth2';

			await check(`${way}: scripts`, async () => {
				const { results } = await n8n.listSearch({ ...request, path: 'parameters.script', method: 'searchScripts' });
				equal(results.find(({ value }) => value === ORDER_SHEET_SCRIPT_ID)?.name, 'Order sheet');
				const { results: found } = await n8n.listSearch({ ...request, path: 'parameters.script', method: 'searchScripts', filter: 'Order' });
				deepEqual(
					found.map(({ value }) => value),
					[ORDER_SHEET_SCRIPT_ID],
				);
			});
			await check(`${way}: deployments, the automatic choice first`, async () => {
				const { results } = await n8n.listSearch({ ...request, path: 'parameters.deployment', method: 'searchDeployments' });
				deepEqual(
					results.map(({ value }) => value),
					['auto', ORDER_SHEET_DEPLOYMENT_ID],
				);
			});
			await check(`${way}: functions, without the private ones`, async () => {
				const { results } = await n8n.listSearch({ ...request, path: 'parameters.function', method: 'searchFunctions' });
				const names = results.map(({ value }) => String(value));
				ok(names.includes('addRow') && names.includes('summarize'), names.join(', '));
				ok(!names.some((name) => name.endsWith('_')), names.join(', '));
			});
			await check(`${way}: the parameters of the chosen function`, async () => {
				const { fields } = await n8n.resourceMapperFields({ ...request, path: 'parameters.parameters', method: 'mapParameters' });
				deepEqual(
					fields.map(({ id }) => id),
					['order'],
				);
			});
		}
		await check('a list that is refused says which scope is missing', async () => {
			const refused = n8n.listSearch({
				...appsScript,
				credentials: { googleAppsScriptOAuth2Api: { id: 'oAuth2NoListing1', name: 'Without list scopes' } },
				path: 'parameters.script',
				method: 'searchScripts',
			});
			await rejects(refused, (error) => error instanceof RestError && JSON.stringify(error.body).includes('drive.metadata.readonly'));
		});

		const withKey = { ...syncano, credentials: { syncanoApi: { id: credentials.syncanoApi.id, name: credentials.syncanoApi.name } } };
		await check('Syncano: instances', async () => {
			const { results } = await n8n.listSearch({ ...withKey, path: 'parameters.instance', method: 'searchInstances' });
			deepEqual(
				results.map(({ value }) => value),
				[...emulator.syncano.instances.keys()],
			);
		});
		await check('Syncano: scripts, all and those with a word', async () => {
			const { results } = await n8n.listSearch({ ...withKey, path: 'parameters.scriptId', method: 'searchScripts' });
			ok(results.some(({ value }) => value === 1), JSON.stringify(results));
			const page = await n8n.listSearch({ ...withKey, path: 'parameters.scriptId', method: 'searchScripts', filter: 'slug' });
			deepEqual(
				page.results.map(({ value }) => value),
				[2],
			);
		});
		await check('Syncano: Script Endpoints', async () => {
			const { results } = await n8n.listSearch({ ...withKey, path: 'parameters.endpoint', method: 'searchEndpoints' });
			ok(results.some(({ value }) => value === 'order-totals'), JSON.stringify(results));
		});
	},
};
