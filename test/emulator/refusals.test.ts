import { USERINFO_EMAIL } from '../../emulator/google';
import { emulatorOfThisFile, errorOf, projectOf, resultOf, run } from './support';

const emulator = emulatorOfThisFile();
const SOURCE = 'function main() { return "ran"; }';
const SHEETS = 'https://www.googleapis.com/auth/spreadsheets';

/** Nothing that is refused may run. */
afterEach(() => {
	expect(emulator().journal.executions).toEqual([]);
});

describe('who may run', () => {
	test('a token that is unknown, expired or revoked: 401 with the recorded body', async () => {
		const project = projectOf(emulator(), SOURCE);
		const revoked = emulator().google.issueToken();
		emulator().google.revoke(revoked);
		for (const token of ['nonsense', emulator().google.issueToken({ lifetimeSeconds: 0 }), revoked]) {
			const { status, body } = await run(emulator(), project, { token });
			expect(status).toBe(401);
			expect(body).toEqual({
				error: {
					code: 401,
					message:
						'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
					status: 'UNAUTHENTICATED',
				},
			});
		}
	});

	test('a token needs all scopes of the project', async () => {
		const project = projectOf(emulator(), SOURCE, { manifest: { oauthScopes: [USERINFO_EMAIL, SHEETS] } });
		const token = emulator().google.issueToken({ scopes: [SHEETS] });
		const { status, body } = await run(emulator(), project, { token });
		expect(status).toBe(403);
		expect(body).toMatchObject({
			error: { message: 'Request had insufficient authentication scopes.', status: 'PERMISSION_DENIED', details: [{ reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT' }] },
		});
		emulator().appsScript.settings.missingScopes = 'unauthorized';
		expect((await run(emulator(), project, { token })).status).toBe(401);
	});

	test('a project without scopes cannot be run', async () => {
		const { status } = await run(emulator(), projectOf(emulator(), SOURCE, { manifest: { oauthScopes: [] } }));
		expect(status).toBe(403);
	});

	test('another Cloud project than the script\'s, or the default one', async () => {
		const other = emulator().google.addClient({ cloudProject: emulator().google.addCloudProject() });
		const denied = { error: { code: 403, message: 'The caller does not have permission', status: 'PERMISSION_DENIED' } };
		expect((await run(emulator(), projectOf(emulator(), SOURCE), { token: emulator().google.issueToken({ client: other }) })).body).toEqual(denied);
		expect((await run(emulator(), projectOf(emulator(), SOURCE, { cloudProject: null }))).body).toEqual(denied);
	});

	test('access MYSELF and DOMAIN', async () => {
		const stranger = emulator().google.issueToken({ user: emulator().google.addUser({ email: 'someone@elsewhere.example' }) });
		for (const access of ['MYSELF', 'DOMAIN'] as const) {
			const project = projectOf(emulator(), SOURCE, { manifest: { executionApi: { access } } });
			expect((await run(emulator(), project, { token: stranger })).status).toBe(403);
			expect(await resultOf(emulator(), project)).toBe('ran');
			emulator().journal.clear();
		}
	});

	test('a bare service account', async () => {
		const serviceAccount = emulator().google.addServiceAccount();
		const { status } = await run(emulator(), projectOf(emulator(), SOURCE), { token: emulator().google.issueToken({ serviceAccount }) });
		expect(status).toBe(403);
	});

	test('the API is off in the Cloud project: 403 with the address that switches it on', async () => {
		const cloudProject = emulator().google.addCloudProject({ number: '777', appsScriptApiEnabled: false });
		const token = emulator().google.issueToken({ client: emulator().google.addClient({ cloudProject }) });
		const { status, body } = await run(emulator(), projectOf(emulator(), SOURCE, { cloudProject }), { token });
		expect(status).toBe(403);
		expect((body as { error: { message: string } }).error.message).toBe(
			'Apps Script API has not been used in project 777 before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/script.googleapis.com/overview?project=777 then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.',
		);
	});

	test('the person\'s own switch matters for runs only where the settings say so', async () => {
		const user = emulator().google.addUser({ appsScriptApiEnabled: false });
		const project = projectOf(emulator(), SOURCE, { owner: user });
		expect(await resultOf(emulator(), project)).toBe('ran');
		emulator().journal.clear();
		emulator().appsScript.settings.userToggleMattersForRun = true;
		expect((await run(emulator(), project)).text).toContain('User has not enabled the Apps Script API.');
	});
});

describe('which id', () => {
	test('unknown, HEAD and not an API executable: 404; v1 format on request', async () => {
		const project = projectOf(emulator(), SOURCE, { deployments: [{}, { versionNumber: 1 }, { versionNumber: 1, entryPoints: ['WEB_APP'] }] });
		const [head, , webApp] = project.deployments.map((deployment) => deployment.id);
		for (const id of ['AKfycbUnknown', head, webApp]) {
			const { status, body } = await run(emulator(), project, { id });
			expect(status).toBe(404);
			expect(body).toEqual({ error: { code: 404, message: 'Requested entity was not found.', status: 'NOT_FOUND' } });
		}
		expect((await run(emulator(), project, { id: 'AKfycbUnknown', query: '$.xgafv=1' })).body).toEqual({
			error: {
				code: 404,
				message: 'Requested entity was not found.',
				errors: [{ message: 'Requested entity was not found.', domain: 'global', reason: 'notFound' }],
				status: 'NOT_FOUND',
			},
		});
	});

	test('a script id: the storage sentence, 404, or a run, as the settings say', async () => {
		const project = projectOf(emulator(), SOURCE);
		const id = project.scriptId;
		expect(await errorOf(emulator(), project, { id })).toMatchObject({
			errorMessage: "We're sorry, a server error occurred while reading from storage. Error code NOT_FOUND.",
			scriptStackTraceElements: [],
		});
		emulator().appsScript.settings.scriptIdInPath = 'notFound';
		expect((await run(emulator(), project, { id })).status).toBe(404);
		emulator().appsScript.settings.scriptIdInPath = 'runs';
		expect(await resultOf(emulator(), project, { id })).toBe('ran');
		emulator().journal.clear();
	});
});

describe('what is asked', () => {
	test.each([
		['{"function":', /^Invalid JSON payload received\. Unexpected token\./],
		['[]', /^Invalid JSON payload received\./],
		['{"function":"main","description":"x"}', /^Invalid JSON payload received\. Unknown name "description": Cannot find field\.$/],
		['{"function":5}', /^Invalid value at 'function' \(TYPE_STRING\), 5$/],
		['{"function":"main","devMode":"yes"}', /^Invalid value at 'dev_mode' \(TYPE_BOOL\), "yes"$/],
		['{"function":"main","parameters":{"a":1}}', /^Invalid value at 'parameters'/],
		['{"parameters":[]}', /^Request contains an invalid argument\.$/],
		['', /^Request contains an invalid argument\.$/],
	])('the body %s: 400', async (rawBody, message) => {
		const { status, body } = await run(emulator(), projectOf(emulator(), SOURCE), { rawBody });
		const { error } = body as { error: { message: string; status: string } };
		expect([status, error.status]).toEqual([400, 'INVALID_ARGUMENT']);
		expect(error.message).toMatch(message);
	});

	test.each(['unknown=1', 'fields=nothing', 'fields=response(', 'fields=,'])('the query %s: 400', async (query) => {
		expect((await run(emulator(), projectOf(emulator(), SOURCE), { query })).status).toBe(400);
	});

	test('a path or verb that the API does not have gets a page', async () => {
		const response = await fetch(`${emulator().address}/v1/scripts/AKfycb:run`);
		expect([response.status, response.headers.get('content-type')]).toEqual([404, 'text/html; charset=UTF-8']);
	});
});
