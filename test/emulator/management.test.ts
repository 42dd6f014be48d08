import type { ScriptProject } from '../../emulator/appsScript';
import { code, emulatorOfThisFile, errorOf, get, projectOf, resultOf } from './support';

const emulator = emulatorOfThisFile();
const AUTH = 'https://www.googleapis.com/auth/';
const SCOPES = ['script.projects.readonly', 'script.deployments.readonly', 'script.processes', 'drive.metadata.readonly'].map((name) => AUTH + name);

function token(scopes: readonly string[] = SCOPES): string {
	return emulator().google.issueToken({ scopes });
}

describe('projects', () => {
	test('content: HEAD or a version, with the names of functions; their parameters where the settings say so', async () => {
		const project = projectOf(emulator(), 'function add(one, other = 2, ...rest) {}\nfunction hidden_() {}\nconst no = () => 1;');
		project.save([...code('function later({ a }) {}'), { name: 'page', type: 'HTML', source: '<p></p>' }]);
		const setsOf = async (query: string) => {
			const { body } = await get(emulator(), `/v1/projects/${project.scriptId}/content${query}`, token());
			return (body as { files: Array<{ name: string; type: string; functionSet: unknown }> }).files.map((file) => [file.name, file.type, file.functionSet]);
		};
		expect(await setsOf('?versionNumber=1')).toEqual([
			['appsscript', 'JSON', {}],
			['Code', 'SERVER_JS', { values: [{ name: 'add' }] }],
		]);
		emulator().appsScript.settings.parametersInFunctionSet = true;
		expect(await setsOf('?versionNumber=1')).toContainEqual(['Code', 'SERVER_JS', { values: [{ name: 'add', parameters: ['one', 'other', 'rest'] }] }]);
		expect(await setsOf('')).toEqual([
			['appsscript', 'JSON', {}],
			['Code', 'SERVER_JS', { values: [{ name: 'later', parameters: ['arg0'] }] }],
			['page', 'HTML', {}],
		]);
		expect((await get(emulator(), `/v1/projects/${project.scriptId}/content?versionNumber=9`, token())).status).toBe(404);
	});

	test('deployments in pages; the HEAD deployment has no version', async () => {
		const project = projectOf(emulator(), '', { deployments: [{}, { versionNumber: 1 }, { versionNumber: 1, entryPoints: ['WEB_APP'] }] });
		const found: Array<{ deploymentConfig: { versionNumber?: number }; entryPoints: Array<{ entryPointType: string }> }> = [];
		let pageToken = '';
		let pages = 0;
		do {
			const { body } = await get(emulator(), `/v1/projects/${project.scriptId}/deployments?pageSize=2&pageToken=${pageToken}`, token());
			const page = body as { deployments: typeof found; nextPageToken?: string };
			found.push(...page.deployments);
			pageToken = page.nextPageToken ?? '';
			pages += 1;
		} while (pageToken !== '');
		expect(pages).toBe(2);
		expect(found.map((deployment) => [deployment.deploymentConfig.versionNumber, deployment.entryPoints[0]?.entryPointType])).toEqual([
			[undefined, 'EXECUTION_API'],
			[1, 'EXECUTION_API'],
			[1, 'WEB_APP'],
		]);
		const one = await get(emulator(), `/v1/projects/${project.scriptId}/deployments/${project.deploymentId}`, token());
		expect(one.body).toMatchObject({ deploymentId: project.deploymentId });
		expect((await get(emulator(), `/v1/projects/${project.scriptId}/deployments?pageToken=foreign`, token())).status).toBe(400);
	});

	test('who may look: the right scope, the person\'s switch, the project\'s readers', async () => {
		const project = projectOf(emulator(), '');
		const path = `/v1/projects/${project.scriptId}`;
		const wrongScope = await get(emulator(), `${path}/deployments`, token([`${AUTH}script.projects`]));
		expect(wrongScope).toMatchObject({ status: 403, body: { error: { details: [{ reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT' }] } } });
		const off = emulator().google.addUser({ appsScriptApiEnabled: false });
		const toggled = await get(emulator(), `${path}?$.xgafv=1`, emulator().google.issueToken({ user: off, scopes: SCOPES }));
		const message =
			'User has not enabled the Apps Script API. Enable it by visiting https://script.google.com/home/usersettings then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.';
		expect(toggled.body).toEqual({ error: { code: 403, message, errors: [{ message, domain: 'global', reason: 'forbidden' }], status: 'PERMISSION_DENIED' } });
		const stranger = emulator().google.issueToken({ user: emulator().google.addUser(), scopes: SCOPES });
		expect((await get(emulator(), path, stranger)).status).toBe(403);
		expect((await get(emulator(), '/v1/projects/unknown', token())).status).toBe(404);
		expect((await get(emulator(), path, undefined)).status).toBe(401);
	});
});

describe('processes', () => {
	test('runs of the user or of a script, newest first, filtered', async () => {
		const project = projectOf(emulator(), 'function good() {} function bad() { throw 1; }', { title: 'For processes' });
		await resultOf(emulator(), project, { function: 'good' });
		await errorOf(emulator(), project, { function: 'bad' });
		const listed = async (path: string) => {
			const { body } = await get(emulator(), path, token());
			return ((body as { processes?: Array<{ functionName: string; processStatus: string; duration: string }> }).processes ?? []).map((entry) => [entry.functionName, entry.processStatus]);
		};
		const both = [
			['bad', 'FAILED'],
			['good', 'COMPLETED'],
		];
		expect(await listed('/v1/processes?userProcessFilter.projectName=For+processes')).toEqual(both);
		const ofScript = `/v1/processes:listScriptProcesses?scriptId=${project.scriptId}`;
		expect(await listed(ofScript)).toEqual(both);
		expect(await listed(`${ofScript}&scriptProcessFilter.statuses=COMPLETED&scriptProcessFilter.statuses=RUNNING`)).toEqual([['good', 'COMPLETED']]);
		expect(await listed(`${ofScript}&scriptProcessFilter.functionName=bad&scriptProcessFilter.deploymentId=${project.deploymentId}`)).toEqual([['bad', 'FAILED']]);
		expect(await listed(`${ofScript}&scriptProcessFilter.startTime=${new Date(Date.now() + 60_000).toISOString()}`)).toEqual([]);
		expect(await listed(`${ofScript}&scriptProcessFilter.types=WEBAPP`)).toEqual([]);
	});
});

describe('Drive\'s list of scripts', () => {
	let projects: ScriptProject[];
	beforeAll(() => {
		const owner = emulator().google.addUser({ email: 'drive@example.com' });
		projects = ['Order sheet', "It's daily", 'Reports of order'].map((title) => projectOf(emulator(), '', { title, owner }));
		projectOf(emulator(), '', { title: 'Order of a document', owner, parentId: 'document' });
	});
	const list = async (query: Record<string, string>) => {
		const user = projects[0]?.owner;
		const { status, body } = await get(emulator(), `/drive/v3/files?${new URLSearchParams(query).toString()}`, emulator().google.issueToken({ user, scopes: SCOPES }));
		return status === 200 ? (body as { files: Array<{ name: string }> }).files.map((file) => file.name) : status;
	};
	const SCRIPTS = "mimeType = 'application/vnd.google-apps.script'";

	test.each([
		[SCRIPTS, ['Order sheet', "It's daily", 'Reports of order']],
		[`${SCRIPTS} and trashed=false and name contains 'order'`, ['Order sheet', 'Reports of order']],
		[`name contains 'it\\'s' and ${SCRIPTS}`, ["It's daily"]],
		[`${SCRIPTS} and name = 'Order sheet'`, ['Order sheet']],
		["mimeType = 'application/pdf'", []],
		['trashed = true', []],
		['name contains order', 400],
		["fullText contains 'x'", 400],
	])('q = %s', async (q, expected) => {
		expect(await list({ q })).toEqual(expected);
	});

	test('order, pages, fields', async () => {
		expect(await list({ q: SCRIPTS, orderBy: 'name desc' })).toEqual(['Reports of order', 'Order sheet', "It's daily"]);
		expect(await list({ orderBy: 'size' })).toBe(400);
		const user = projects[0]?.owner;
		const page = await get(emulator(), '/drive/v3/files?pageSize=2&fields=nextPageToken,files(id)', emulator().google.issueToken({ user, scopes: SCOPES }));
		expect(page.body).toEqual({ nextPageToken: expect.any(String) as unknown, files: projects.slice(0, 2).map((project) => ({ id: project.scriptId })) });
	});

	test('needs a Drive scope, and the Drive API in the Cloud project', async () => {
		expect((await get(emulator(), '/drive/v3/files', token([`${AUTH}script.projects`]))).status).toBe(403);
		const cloudProject = emulator().google.addCloudProject({ number: '888', driveApiEnabled: false });
		const other = emulator().google.issueToken({ client: emulator().google.addClient({ cloudProject }), scopes: SCOPES });
		expect((await get(emulator(), '/drive/v3/files', other)).text).toContain('Google Drive API has not been used in project 888 before or it is disabled.');
	});
});
