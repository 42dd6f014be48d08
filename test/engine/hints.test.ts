import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { AppsScriptSettings } from '../../emulator/appsScript';
import { HINTS } from '../../nodes/AppsScript/hints';
import { jsonOf, locator, startBench, type AppsScriptBench } from './appsScriptBench';

/** How a row of the table comes about; without `fault`, the emulator's own behaviour brings it. */
interface Row {
	readonly fault?: string;
	readonly run?: string;
	readonly settings?: Partial<AppsScriptSettings>;
	readonly prepare?: (bench: AppsScriptBench) => INodeParameters | undefined;
	readonly parameters?: INodeParameters;
	readonly message: RegExp;
	/** Text of Google's own address in place of the table's. */
	readonly link?: RegExp;
}

const json = (text: string): INodeParameters => ({ parametersFrom: 'json', parametersJson: text });
const once = { options: { maxRetries: 0 } };

const ROWS: Readonly<Record<string, Row>> = {
	notAllowedThroughApi: { fault: 'notAllowed', message: /not allowed when invoked/ },
	unsupportedReturn: { run: 'today', message: /not a supported return type/ },
	timeout: { run: 'slow', parameters: json('[60000]'), settings: { timeLimitMilliseconds: 200 }, message: /./ },
	cancelled: { fault: 'cancelled', message: /./ },
	batchResult: { run: 'half', parameters: { runMode: 'batch', ...json('={{ $json.n }}') }, message: /instead of an array of 2/ },
	functionNotFound: { run: 'nobody', message: /^Script function not found: nobody$/ },
	wrongId: { prepare: (bench) => ({ deployment: locator('id', bench.scriptId), script: locator('id', 'unreadable') }), message: /Error code NOT_FOUND\.$/ },
	storagePermission: { fault: 'storagePermissionDenied', message: /Error code PERMISSION_DENIED\.$/ },
	storageInternal: { fault: 'storageInternal', message: /Error code INTERNAL\.$/ },
	throttled: { fault: 'execQps', parameters: once, message: /exec qps/ },
	quota: { fault: 'exhausted429', parameters: once, message: /exhausted/ },
	dailyLimit: { settings: { startsPerDay: 0 }, message: /for one day/ },
	reconnectWeekly: {
		prepare: ({ emulator }) => {
			emulator.google.revokeAllAccessTokens();
			emulator.google.revokeAllRefreshTokens();
			return undefined;
		},
		message: /needs to be reconnected/,
	},
	adminPolicy: {
		prepare: ({ emulator }) => {
			emulator.google.revokeAllAccessTokens();
			emulator.google.defaultCloudProject.blockedScopes.add('https://www.googleapis.com/auth/userinfo.email');
			return undefined;
		},
		message: /admin_policy_enforced/,
	},
	scopesMissing: { fault: 'unauthenticated401', message: /invalid authentication credentials/ },
	signIn: {
		prepare: ({ emulator }) => {
			emulator.google.revokeAllAccessTokens();
			emulator.faults.add({ fault: 'invalidClient', urlIncludes: '/token' });
			return undefined;
		},
		message: /^Could not sign in: .*invalid_client/,
	},
	scopeInsufficient: { fault: 'insufficientScopes403', message: /insufficient authentication scopes/ },
	userSettings: {
		settings: { userToggleMattersForRun: true },
		prepare: ({ emulator }) => {
			emulator.google.defaultUser.appsScriptApiEnabled = false;
			return undefined;
		},
		message: /^User has not enabled the Apps Script API/,
		link: /^https:\/\/script\.google\.com\/home\/usersettings/,
	},
	apiDisabled: {
		prepare: ({ emulator }) => {
			emulator.google.defaultCloudProject.appsScriptApiEnabled = false;
			return undefined;
		},
		message: /has not been used in project 123456789012 before/,
		link: /^https:\/\/console\.(developers|cloud)\.google\.com\/apis\/api\/script\.googleapis\.com\/overview\?project=123456789012/,
	},
	devModeOwner: { fault: 'permissionDenied403', parameters: { options: { devMode: true } }, message: /does not have permission/ },
	otherCloudProject: {
		prepare: ({ emulator }) => ({ deployment: locator('id', emulator.appsScript.addProject({ cloudProject: null }).deploymentId) }),
		message: /^The caller does not have permission$/,
	},
	scriptIdInPath: { settings: { scriptIdInPath: 'notFound' }, prepare: () => ({ deployment: locator('id', '1notAnyScript') }), message: /entity was not found/ },
	notAnApiExecutable: { prepare: () => ({ deployment: locator('id', 'AKfycbNobody') }), message: /entity was not found/ },
	noScopes: {
		prepare: ({ emulator }) => {
			const project = emulator.appsScript.addProject({ manifest: { oauthScopes: [] } });
			return { deployment: locator('id', project.deploymentId), script: locator('id', project.scriptId) };
		},
		message: /^The caller does not have permission$/,
	},
	invalidArgument: { fault: 'invalidArgument400', message: /invalid argument/ },
	tooLarge: { fault: 'http413', message: /./ },
	pending: { fault: 'doneFalse', message: /before the run was finished/ },
	mayHaveRun: { fault: 'resetAfterRun', message: /connection .* broke/ },
	noConnection: { parameters: once, message: /could not be reached/ },
	refused: { fault: 'http405', message: /^Method Not Allowed$/ },
	exception: { run: 'throwText', parameters: json('["out of paper"]'), message: /out of paper/ },
};

describe('every row of the table of hints', () => {
	it('is provoked here', () => {
		expect(Object.keys(ROWS).sort()).toEqual(HINTS.map(({ id }) => id).sort());
	});

	it.each(HINTS.map((row) => [row.id, row] as const))('%s: the error carries its text and its link', async (id, { hint, documentationUrl }) => {
		const row = ROWS[id] as Row;
		const bench = await startBench({ appsScript: row.settings }, id === 'noConnection' ? { apiBaseUrl: 'http://127.0.0.1:1' } : undefined);
		try {
			if (row.fault !== undefined) bench.emulator.faults.add({ fault: row.fault, urlIncludes: ':run' });
			const more = row.prepare?.(bench);
			const result = await bench.run(row.run ?? 'nothing', [{ n: 1 }, { n: 2 }], { ...row.parameters, ...more, routing: 'byOutcome' });
			const [failed] = jsonOf(result.outputs).slice(1).flat();
			const error = failed?.error as IDataObject;
			expect(error.message).toMatch(row.message);
			expect((error.hint as string).replace(/ The ID that was used does not look like a deployment ID.*/, '')).toBe(hint);
			if (row.link === undefined) expect(error.documentationUrl).toBe(documentationUrl);
			else expect(error.documentationUrl).toMatch(row.link);
		} finally {
			await bench.stop();
		}
	});
});
