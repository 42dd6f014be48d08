import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { EmulatorOptions } from '../../emulator';
import { hintOf } from '../../nodes/AppsScript/hints';
import { jsonOf, locator, pairsOf, SCOPES, startBench, type AppsScriptBench } from './appsScriptBench';
import { letGaxiosUseFetch, refreshTokenData } from './headlessBench';

letGaxiosUseFetch();

const AUTH = 'https://www.googleapis.com/auth/';
const EMAIL = `${AUTH}userinfo.email`;

let bench: AppsScriptBench;
const start = async (options?: EmulatorOptions) => {
	bench = await startBench(options);
};
beforeEach(() => start());
afterEach(() => bench.stop());

const chosen = (): INodeParameters => ({ script: locator('id', bench.scriptId) });
const check = (parameters: INodeParameters = {}, items = 1) =>
	bench.run('add', Array.from({ length: items }, (_, n) => ({ n })), { ...chosen(), operation: 'checkSetup', ...parameters });
const sent = (part: string) => bench.emulator.journal.requests.filter(({ url }) => url.includes(part));

/** Gives the credential a token with other scopes. */
function signInWith(scopes: readonly string[]): void {
	const { google } = bench.emulator;
	const oauthTokenData = { access_token: google.issueToken({ scopes }), refresh_token: google.issueRefreshToken({ scopes }), token_type: 'Bearer' };
	bench.engine.saveCredential('google', { name: 'Google', type: 'googleAppsScriptOAuth2Api', data: { ...bench.credential, oauthTokenData } });
}

const NAMES = [
	'Sign-in',
	'Apps Script API of the Cloud project',
	'Apps Script API of the account',
	'Script',
	'Deployment',
	'Who may run it',
	'Function',
	'Scopes of the script',
	'Scopes of the sign-in',
	'Cloud project of the script',
];

const findingsOf = (items: IDataObject[] | undefined, ok: boolean | null) => (items ?? []).filter((item) => item.ok === ok).map((item) => item.check);

describe('Check Setup', () => {
	it('says of a good set-up that all is well, but for what the API never tells, and runs nothing', async () => {
		const result = await check({ deployment: locator('list', 'auto') });
		const [items = []] = jsonOf(result.outputs);
		expect(items.map((item) => item.check)).toEqual(NAMES);
		expect(findingsOf(items, false)).toEqual([]);
		expect(findingsOf(items, null)).toEqual(['Cloud project of the script']);
		expect(items[0]).toMatchObject({ ok: true, found: 'owner@example.com' });
		expect(items[4]).toMatchObject({ ok: true, found: `${bench.deploymentId} (version 1)` });
		expect(items[6]).toMatchObject({ ok: true, found: 'add(a, b) in version 1', parameters: ['a', 'b'] });
		expect(items[9]?.message).toContain('has to show the number 123456789012');
		for (const item of items) expect(Object.keys(item)).toEqual(expect.arrayContaining(['check', 'ok', 'found', 'needed', 'message', 'documentationUrl']));
		expect(bench.emulator.journal.executions).toEqual([]);
		expect(sent(':run')).toEqual([]);
	});

	it('can be run before there is a function to choose', async () => {
		const result = await check({ function: locator('list', '') });
		expect(jsonOf(result.outputs)[0]?.find((item) => item.check === 'Function')).toMatchObject({ ok: null, found: 'not known: no function was chosen' });
	});

	it('asks once for all items that have the same set-up', async () => {
		const result = await check({}, 40);
		expect(jsonOf(result.outputs)[0]).toHaveLength(40 * NAMES.length);
		expect(pairsOf(result.outputs)[0]).toEqual(Array.from({ length: 40 * NAMES.length }, (_, n) => Math.floor(n / NAMES.length)));
		expect(bench.emulator.journal.requests).toHaveLength(3);
	});

	it('refreshes a token that has ended', async () => {
		bench.emulator.google.revokeAllAccessTokens();
		const result = await check();
		expect(findingsOf(jsonOf(result.outputs)[0], false)).toEqual([]);
		expect(bench.emulator.google.counts.refreshes).toBe(1);
	});

	it('works with the headless credential', async () => {
		bench.engine.saveCredential('headless', { name: 'Headless', type: 'googleAppsScriptHeadlessApi', data: refreshTokenData(bench.emulator, SCOPES) });
		const result = await bench.run('add', [{}], { ...chosen(), operation: 'checkSetup', authentication: 'headless' }, { credentials: { googleAppsScriptHeadlessApi: 'headless' } });
		expect(findingsOf(jsonOf(result.outputs)[0], true)).toHaveLength(9);
	});

	it('says what it cannot know with the scopes at hand, and how to make it known', async () => {
		signInWith([EMAIL]);
		const [items = []] = jsonOf((await check()).outputs);
		expect(findingsOf(items, false)).toEqual([]);
		expect(findingsOf(items, true)).toEqual(['Sign-in']);
		const messages = Object.fromEntries(items.map((item) => [item.check, item.message])) as Record<string, string>;
		expect(messages.Deployment).toContain(`${AUTH}script.deployments.readonly`);
		expect(messages.Function).toContain(`${AUTH}script.projects.readonly`);
		expect(messages['Scopes of the sign-in']).toContain('Overview > Project OAuth Scopes');
	});

	it('says what it cannot know without a script', async () => {
		const [items = []] = jsonOf((await check({ script: locator('id', '') })).outputs);
		expect(findingsOf(items, false)).toEqual([]);
		expect(items.find((item) => item.check === 'Deployment')?.message).toMatch(/^Choose the script in this node/);
	});

	it('does without the token info address', async () => {
		bench.emulator.faults.add({ fault: 'http500', urlIncludes: '/tokeninfo' });
		const [items = []] = jsonOf((await check()).outputs);
		expect(findingsOf(items, false)).toEqual([]);
		expect(findingsOf(items, null)).toEqual(['Scopes of the sign-in', 'Cloud project of the script']);
	});

	it('knows functions in files that it cannot read by no certain answer', async () => {
		const project = bench.emulator.appsScript.addProject({ files: [{ name: 'Broken', type: 'SERVER_JS', source: 'function add(a { return' }] });
		const [items = []] = jsonOf((await check({ script: locator('id', project.scriptId), deployment: locator('id', project.deploymentId) })).outputs);
		expect(items.find((item) => item.check === 'Function')).toMatchObject({ ok: null, found: expect.stringContaining('not readable: Broken') as string });
	});

	it.each<[string, string, boolean | null, RegExp]>([
		['DOMAIN', 'guest@example.com', true, /Nothing to do/],
		['DOMAIN', 'guest@elsewhere.example', false, /accounts of its own domain/],
		['MYSELF', 'guest@example.com', null, /Only the person who deployed/],
		['MYSELF', 'owner@example.com', true, /Nothing to do/],
		['ANYONE', 'guest@elsewhere.example', true, /Nothing to do/],
	])('access %s, signed in as %s: %s', async (access, email, ok, message) => {
		const { appsScript, google } = bench.emulator;
		const user = email === google.defaultUser.email ? google.defaultUser : google.addUser({ email });
		const project = appsScript.addProject({ files: [{ name: 'Code', type: 'SERVER_JS', source: 'function add(a, b) {}' }], manifest: { oauthScopes: [EMAIL], executionApi: { access: access as 'MYSELF' } }, editors: [user] });
		const oauthTokenData = { access_token: google.issueToken({ user, scopes: SCOPES }), refresh_token: '', token_type: 'Bearer' };
		bench.engine.saveCredential('google', { name: 'Google', type: 'googleAppsScriptOAuth2Api', data: { ...bench.credential, oauthTokenData } });
		const result = await check({ script: locator('id', project.scriptId), deployment: locator('list', 'auto'), routing: 'byOutcome' });
		const found = jsonOf(result.outputs).flat().find((item) => item.check === 'Who may run it');
		expect(found).toMatchObject({ ok, message: expect.stringMatching(message) as string });
	});
});

/** What Check Setup finds, and what a run is refused with for the same reason. */
interface Problem {
	readonly failed: readonly string[];
	readonly sentence: RegExp;
	/** Sets the problem up, and says what is chosen in the node. */
	readonly prepare: () => INodeParameters | undefined;
	readonly settings?: EmulatorOptions['appsScript'];
	/** What the run's error says. */
	readonly reason: string;
	/** Requests besides the run, at most; more than two only where n8n refreshes the token, too. */
	readonly extra?: number;
}

const withFiles = (source: string, more: object = {}): INodeParameters => {
	const project = bench.emulator.appsScript.addProject({ files: [{ name: 'Code', type: 'SERVER_JS', source }], ...more });
	return { script: locator('id', project.scriptId), deployment: locator('id', project.deploymentId) };
};
const needsSheets = () => withFiles('function add(a, b) {}', { manifest: { oauthScopes: [EMAIL, `${AUTH}spreadsheets`, `${AUTH}documents`] } });
const SHEETS_AND_DOCUMENTS = /^The sign-in lacks these 2 scopes of the script: https:\S+\/spreadsheets https:\S+\/documents — Add what is missing in the credential/;
const head = () => {
	const { deployments } = bench.emulator.appsScript.addProject({ scriptId: '1headProject', files: [{ name: 'Code', type: 'SERVER_JS', source: 'function add() {}' }] });
	return deployments.find(({ versionNumber }) => versionNumber === undefined)?.id ?? '';
};

const PROBLEMS: Readonly<Record<string, Problem>> = {
	'scopes are missing, answered 403': { failed: ['Scopes of the sign-in'], sentence: SHEETS_AND_DOCUMENTS, prepare: needsSheets, reason: 'forbidden' },
	'scopes are missing, answered 401': { failed: ['Scopes of the sign-in'], sentence: SHEETS_AND_DOCUMENTS, prepare: needsSheets, settings: { missingScopes: 'unauthorized' }, reason: 'unauthorized', extra: 3 },
	'the project has no scopes': { failed: ['Scopes of the script'], sentence: /^A project that needs no authorization cannot be run/, prepare: () => withFiles('function add() {}', { manifest: { oauthScopes: [] } }), reason: 'forbidden' },
	'the script ID in place of the deployment ID, inside HTTP 200': {
		failed: ['Deployment'],
		sentence: /^This is the script ID\. Its newest API executable is AKfycb\S+ \(version 1\)/,
		prepare: () => ({ deployment: locator('id', bench.scriptId) }),
		reason: 'wrongId',
	},
	'the same, answered 404, no script chosen': {
		failed: ['Deployment'],
		sentence: /^This is the script ID\. Its newest API executable is AKfycb\S+ \(version 1\)/,
		prepare: () => ({ script: locator('id', ''), deployment: locator('id', bench.scriptId) }),
		settings: { scriptIdInPath: 'notFound' },
		reason: 'notFound',
	},
	'neither a deployment nor a script': {
		failed: ['Deployment'],
		sentence: /^This is not a deployment ID, which starts with AKfycb\. The API runs deployments/,
		prepare: () => ({ script: locator('id', ''), deployment: locator('id', '1nobody') }),
		reason: 'notFound',
	},
	'the head deployment': {
		failed: ['Deployment'],
		sentence: /^This is the head deployment, which has no version\. Its newest API executable is AKfycb/,
		prepare: () => ({ deployment: locator('id', head()), script: locator('id', '1headProject') }),
		reason: 'notFound',
	},
	'a web app': {
		failed: ['Deployment'],
		sentence: /^This is a deployment that is no API executable\. The script has no versioned API executable \(it has 1 deployment\)/,
		prepare: () => {
			const { scriptId, deployments } = bench.emulator.appsScript.addProject({ files: [{ name: 'Code', type: 'SERVER_JS', source: 'function add() {}' }], deployments: [{ versionNumber: 1, entryPoints: ['WEB_APP'] }] });
			return { script: locator('id', scriptId), deployment: locator('id', deployments[0]?.id ?? '') };
		},
		reason: 'notFound',
	},
	'a deployment of another script': {
		failed: ['Deployment'],
		sentence: /^This is an ID that no deployment of the script has\. Its newest API executable is AKfycb/,
		prepare: () => ({ deployment: locator('id', 'AKfycbGone') }),
		reason: 'notFound',
	},
	'no API executable, deployment chosen automatically': {
		failed: ['Deployment'],
		sentence: /^The script has no versioned API executable \(it has 1 deployment\)\. In the script editor: Deploy/,
		prepare: () => ({ script: locator('id', bench.emulator.appsScript.addProject({ files: [{ name: 'Code', type: 'SERVER_JS', source: 'function add() {}' }], deployments: [{}] }).scriptId), deployment: locator('list', 'auto') }),
		reason: 'notFound',
	},
	'a function in other letters': { failed: ['Function'], sentence: /^The function is called add, not aDD\. A function that is newer/, prepare: () => ({ function: locator('name', 'aDD') }), reason: 'functionNotFound' },
	'a function with a slip': { failed: ['Function'], sentence: /^The function is called doubleAll, not doubelAll\./, prepare: () => ({ function: locator('name', 'doubelAll') }), reason: 'functionNotFound' },
	'a function like no other': { failed: ['Function'], sentence: /^Version 1 has no function nobodyKnows\. It has echo, give, nothing, .*, slow and 3 more\./, prepare: () => ({ function: locator('name', 'nobodyKnows') }), reason: 'functionNotFound' },
	'a private function': { failed: ['Function'], sentence: /^hidden_ is private, as its name ends with an underscore\./, prepare: () => ({ function: locator('name', 'hidden_') }), reason: 'functionNotFound' },
	'a function newer than the deployment': {
		failed: ['Function'],
		sentence: /^Version 1 has no function add\. It has old\. A function that is newer than the deployment needs a new version/,
		prepare: () => withFiles('function old() {}\nfunction add() {}', { versions: [{ files: [{ name: 'Code', type: 'SERVER_JS', source: 'function old() {}' }] }] }),
		reason: 'functionNotFound',
	},
	"the account's switch is off": {
		failed: ['Apps Script API of the account'],
		sentence: /^Switch the Apps Script API on for the account/,
		prepare: () => {
			bench.emulator.google.defaultUser.appsScriptApiEnabled = false;
			return undefined;
		},
		settings: { userToggleMattersForRun: true },
		reason: 'forbidden',
		extra: 0,
	},
	'the API is off in the Cloud project': {
		failed: ['Apps Script API of the Cloud project'],
		sentence: /^The Apps Script API is off in the Cloud project of the OAuth client/,
		prepare: () => {
			bench.emulator.google.defaultCloudProject.appsScriptApiEnabled = false;
			return undefined;
		},
		reason: 'forbidden',
		extra: 0,
	},
	'the sign-in has ended': {
		failed: ['Sign-in'],
		sentence: /dies? after 7 days|die after 7 days/,
		prepare: () => {
			bench.emulator.google.revokeAllAccessTokens();
			bench.emulator.google.revokeAllRefreshTokens();
			return undefined;
		},
		reason: 'unauthorized',
	},
};

describe('what Check Setup says before a run, the refused run says too', () => {
	it.each(Object.entries(PROBLEMS))('%s', async (_what, { failed, sentence, prepare, settings, reason, extra = 2 }) => {
		await bench.stop();
		await start({ appsScript: settings });
		const parameters = { ...chosen(), ...prepare(), routing: 'byOutcome' };

		const checked = await check(parameters);
		const items = jsonOf(checked.outputs)[3];
		expect(jsonOf(checked.outputs)[0]).toEqual([]);
		expect(findingsOf(items, false)).toEqual(failed);
		const found = items?.find((item) => item.ok === false);
		expect(found?.message).toMatch(sentence);
		expect(found).toMatchObject({ n: 0, outcome: 'requestError', error: { reason: 'setup', mayHaveRun: false, hint: found?.message, documentationUrl: found?.documentationUrl } });
		expect(sent(':run')).toEqual([]);

		bench.emulator.journal.clear();
		const run = await bench.run('add', [{ n: 0 }, { n: 1 }, { n: 2 }], parameters);
		const errors = (jsonOf(run.outputs)[3] ?? []).map(({ error }) => error as IDataObject);
		expect(errors).toHaveLength(3);
		expect(errors[0]).toMatchObject({ reason, hint: found?.message, documentationUrl: found?.documentationUrl });
		expect(new Set(errors.map(({ hint }) => hint)).size).toBe(1);
		const others = bench.emulator.journal.requests.filter(({ url }) => !url.includes(':run'));
		expect(others.length).toBeLessThanOrEqual(extra);
		expect(bench.emulator.journal.executions).toEqual([]);
	});

	it('another Cloud project, of which the API tells nothing: the check names the number to compare with, and so does the run', async () => {
		const parameters = { ...withFiles('function add() {}', { cloudProject: null }), routing: 'byOutcome' };
		const checked = await check(parameters);
		const cloudProject = jsonOf(checked.outputs)[0]?.find((item) => item.check === 'Cloud project of the script');
		const sentence = 'Project Settings > Google Cloud Platform project has to show the number 123456789012, which is that of the OAuth client.';
		expect(cloudProject).toMatchObject({ ok: null, message: expect.stringContaining(sentence) as string });
		const [error] = (jsonOf((await bench.run('add', [{}], parameters)).outputs)[3] ?? []).map((item) => item.error as IDataObject);
		expect(error?.hint).toMatch(/^The sign-in holds every scope of the script, so that is not why\. /);
		expect(error?.hint).toContain(sentence);
	});

	it('a script that does not exist', async () => {
		const checked = await check({ script: locator('id', '1nobody'), routing: 'byOutcome' });
		const script = jsonOf(checked.outputs)[3]?.find((item) => item.check === 'Script');
		expect(script).toMatchObject({ ok: false, message: expect.stringMatching(/^Copy the script ID from Project Settings > IDs/) as string });
	});
});

describe('where checks leave that failed', () => {
	const wrong = () => ({ function: locator('name', 'aDD'), deployment: locator('id', bench.scriptId) });

	it('One Output per Outcome: all checks of the item on Request Error, those that failed with an error', async () => {
		const result = await check({ ...wrong(), routing: 'byOutcome' }, 2);
		expect(pairsOf(result.outputs)).toEqual([[], [], [], [...Array<number>(10).fill(0), ...Array<number>(10).fill(1)]]);
		const items = (jsonOf(result.outputs)[3] ?? []).slice(0, 10);
		expect(items.map((item) => item.check)).toEqual(NAMES);
		expect(items.map((item) => item.ok === false)).toEqual(items.map((item) => 'error' in item));
	});

	it('an error output of n8n: an error for each check that failed', async () => {
		const result = await bench.run('add', [{ n: 7 }], { ...chosen(), operation: 'checkSetup', ...wrong() }, { onError: 'continueErrorOutput' });
		const [success, errors = []] = jsonOf(result.outputs);
		expect(success).toEqual([]);
		expect(errors.map((item) => [item.n, (item.error as IDataObject).check])).toEqual([[7, 'Deployment'], [7, 'Function']]);
		expect(errors[0]?.error).toMatchObject({ outcome: 'requestError', reason: 'setup', hint: expect.stringContaining('This is the script ID') as string, passed: expect.arrayContaining(['Sign-in']) as string[] });
	});

	it('Stop Workflow: one error that names all checks that failed', async () => {
		const result = await check(wrong());
		expect(result.error?.message).toBe('2 of 10 checks need attention: Deployment, Function');
		expect((result.error as { description?: string }).description).toMatch(/^1\. Deployment: This is the script ID[\s\S]*\n2\. Function: The function is called add, not aDD\./);
	});

	it('as an AI tool: all checks in the answer', async () => {
		const { answers } = await bench.engine.runAsTool({
			node: {
				type: 'appsScriptRun',
				credentials: { googleAppsScriptOAuth2Api: 'google' },
				parameters: { ...chosen(), ...wrong(), operation: 'checkSetup', routing: 'byOutcome' },
			},
		});
		expect(answers[0]?.answer).toContain('Scopes of the sign-in');
		expect(answers[0]?.answer).toContain('The function is called add, not aDD.');
	});

	it.each(['__CUSTOM_API_CALL__', 'other'])('the operation %s, which the node does not have, fails every item clearly', async (operation) => {
		const result = await bench.run('add', [{ n: 1 }, { n: 2 }], { operation, routing: 'byOutcome' });
		const errors = (jsonOf(result.outputs)[3] ?? []).map(({ error }) => error as IDataObject);
		expect(errors).toHaveLength(2);
		expect(errors[0]).toMatchObject({ reason: 'invalidInput', hint: expect.stringContaining('HTTP Request node') as string });
		expect(bench.emulator.journal.requests).toEqual([]);
	});
});

describe('the look after a failure', () => {
	it('costs nothing on success', async () => {
		await bench.run('add', [{ n: 1 }, { n: 2 }], chosen());
		expect(bench.emulator.journal.requests.map(({ method }) => method)).toEqual(['POST', 'POST']);
	});

	it('costs two requests for 25 items with the same mistake', async () => {
		const result = await bench.run('aDD', Array.from({ length: 25 }, (_, n) => ({ n })), { ...chosen(), routing: 'byOutcome', options: { concurrency: 'fixed', maxConcurrency: 10 } });
		const hints = (jsonOf(result.outputs)[3] ?? []).map(({ error }) => (error as IDataObject).hint as string);
		expect(hints).toHaveLength(25);
		for (const hint of hints) expect(hint).toMatch(/^The function is called add/);
		expect(sent('/v1/projects/')).toHaveLength(2);
	});

	it('is not made for what the script itself did', async () => {
		await bench.run('throwText', [{}], { ...chosen(), routing: 'byOutcome' });
		expect(bench.emulator.journal.requests).toHaveLength(1);
	});

	it.each(['http500', 'http429', 'resetBeforeRun', 'htmlPage', 'insufficientScopes403'])('leaves the general hint where it meets %s, and does not try again', async (fault) => {
		bench.emulator.faults.add({ fault, urlIncludes: '/v1/projects/' });
		const result = await bench.run('nothing', [{}], { ...chosen(), deployment: locator('id', 'AKfycbGone'), routing: 'byOutcome' });
		expect(jsonOf(result.outputs)[3]?.[0]).toMatchObject({ error: { reason: 'notFound', ...hintOf('notAnApiExecutable') } });
		expect(sent('/v1/projects/')).toHaveLength(1);
	});

	it('ends with a Stop', async () => {
		bench.emulator.faults.add({ fault: 'noAnswerBeforeRun', urlIncludes: '/v1/projects/' });
		const running = bench.run('nothing', [{}, {}], { ...chosen(), deployment: locator('id', 'AKfycbGone'), routing: 'byOutcome' });
		while (sent('/v1/projects/').length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
		running.cancel();
		const result = await running;
		expect(result.status).toBe('canceled');
		expect(sent(':run')).toHaveLength(1);
	});
});
