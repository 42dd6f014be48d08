import { auth as googleAuth, script } from '@googleapis/script';
import { gaxios, JWT, UserRefreshClient } from 'google-auth-library';
import type { ServiceAccount } from '../../emulator/google';
import { addSamples, LIST_SCOPES, ORDER_SHEET_SCOPES, type Samples } from '../../emulator/samples';
import { emulatorOfThisFile } from './support';

/** Google's own clients against the emulator: what they understand is as the live service says it. */

const emulator = emulatorOfThisFile();
/** Its default way to get `fetch` is an import that Jest does not allow. */
const transporter = () => new gaxios.Gaxios({ fetchImplementation: fetch });
const SCOPES = [...ORDER_SHEET_SCOPES, ...LIST_SCOPES];
let samples: Samples;
beforeAll(() => {
	samples = addSamples(emulator());
});

describe('@googleapis/script', () => {
	const client = () => {
		const auth = new googleAuth.OAuth2({ transporterOptions: { fetchImplementation: fetch } });
		auth.setCredentials({ access_token: emulator().google.issueToken({ scopes: SCOPES }) });
		return script({ version: 'v1', auth, rootUrl: `${emulator().address}/` });
	};

	test('runs a function, and reads a failure out of HTTP 200', async () => {
		const order = { customer: 'Ada', product: 'Tea', quantity: 2, price: 3.5 };
		const { data } = await client().scripts.run({ scriptId: samples.orderSheet.deploymentId, requestBody: { function: 'addRow', parameters: [order] } });
		expect(data).toMatchObject({ done: true, response: { result: { row: 2, total: 7 } } });
		const failed = await client().scripts.run({ scriptId: samples.orderSheet.deploymentId, requestBody: { function: 'addRow', parameters: [{}] } });
		expect(failed.data.error?.details?.[0]?.['errorMessage']).toBe('Error: The order has no customer');
	});

	test('lists deployments, versions and processes, and gets the content', async () => {
		const { scriptId, deploymentId } = samples.orderSheet;
		const { data: project } = await client().projects.get({ scriptId });
		expect(project.title).toBe('Order sheet');
		const { data: deployments } = await client().projects.deployments.list({ scriptId });
		expect(deployments.deployments?.map((deployment) => deployment.deploymentId)).toContain(deploymentId);
		const { data: versions } = await client().projects.versions.list({ scriptId });
		expect(versions.versions?.map((version) => version.versionNumber)).toEqual([1]);
		const { data: content } = await client().projects.getContent({ scriptId, versionNumber: 1 });
		const functions = content.files?.flatMap((file) => file.functionSet?.values?.map((entry) => entry.name) ?? []);
		expect(functions).toEqual(expect.arrayContaining(['addRow', 'addRows', 'listRows', 'summarize', 'slowReport']));
		const { data: processes } = await client().processes.listScriptProcesses({ scriptId });
		expect(processes.processes?.[0]).toMatchObject({ functionName: 'addRow', processStatus: 'FAILED' });
	});

	test('throws for HTTP errors with status and message', async () => {
		await expect(client().scripts.run({ scriptId: 'AKfycbUnknown', requestBody: { function: 'addRow' } })).rejects.toMatchObject({
			status: 404,
			message: 'Requested entity was not found.',
		});
	});
});

describe('google-auth-library', () => {
	const endpoints = () => ({ oauth2TokenUrl: emulator().google.urls.token, tokenInfoUrl: emulator().google.urls.tokenInfo });

	test('UserRefreshClient signs in once for concurrent callers, and tokeninfo tells the scopes', async () => {
		const { id: clientId, secret: clientSecret } = emulator().google.defaultClient;
		const refreshToken = emulator().google.issueRefreshToken({ scopes: SCOPES });
		const client = new UserRefreshClient({ clientId, clientSecret, refreshToken, endpoints: endpoints(), transporter: transporter() });
		const before = emulator().google.counts.refreshes;
		const tokens = await Promise.all(Array.from({ length: 3 }, async () => (await client.getAccessToken()).token));
		expect(new Set(tokens).size).toBe(1);
		expect(emulator().google.counts.refreshes - before).toBe(1);
		expect((await client.getTokenInfo(tokens[0] ?? '')).scopes).toEqual(SCOPES);
		await expect(client.getTokenInfo('nonsense')).rejects.toMatchObject({ status: 400, message: 'invalid_token' });
	});

	test('UserRefreshClient reports invalid_grant with its description', async () => {
		const { id: clientId, secret: clientSecret } = emulator().google.defaultClient;
		const refreshToken = emulator().google.issueRefreshToken();
		emulator().google.revoke(refreshToken);
		const client = new UserRefreshClient({ clientId, clientSecret, refreshToken, endpoints: endpoints(), transporter: transporter() });
		await expect(client.getAccessToken()).rejects.toMatchObject({
			message: 'invalid_grant',
			response: { data: { error_description: 'Token has been expired or revoked.' } },
		});
	});

	/** The library names Google's own token address; the transporter leads it to the emulator. */
	function jwtFor(account: ServiceAccount, scopes: readonly string[], subject?: string): JWT {
		const leading = transporter();
		leading.interceptors.request.add({
			resolved: (options) => {
				if (String(options.url) === 'https://oauth2.googleapis.com/token') options.url = new URL(emulator().google.urls.token);
				return Promise.resolve(options);
			},
		});
		return new JWT({ email: account.email, key: account.keyFile?.private_key, scopes: [...scopes], subject, transporter: leading });
	}

	test('JWT signs in as a person by domain-wide delegation, and runs a function', async () => {
		const account = emulator().google.addServiceAccount({ delegatedScopes: SCOPES });
		const client = jwtFor(account, SCOPES, emulator().google.defaultUser.email);
		const { data } = await client.request<{ response?: { result?: unknown } }>({
			url: `${emulator().address}/v1/scripts/${samples.orderSheet.deploymentId}:run`,
			method: 'POST',
			data: { function: 'addRows', parameters: [[{ customer: 'Bob', product: 'Tea', quantity: 1, price: 1 }, { customer: 'Bob' }]] },
		});
		expect(data.response?.result).toMatchObject([{ total: 1 }, { error: 'The order of Bob has no product' }]);
	});

	test('JWT: scopes that are not delegated', async () => {
		const account = emulator().google.addServiceAccount({ delegatedScopes: [] });
		await expect(jwtFor(account, SCOPES, emulator().google.defaultUser.email).authorize()).rejects.toMatchObject({
			response: { status: 401, data: { error: 'unauthorized_client' } },
		});
	});
});
