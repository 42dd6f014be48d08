import type { Failure } from '../shared/outcome';

/** What a hint can be chosen by. */
export interface FailureFacts {
	/** The failure, but for its hint. */
	readonly failure: Failure;
	/** The id in the request's path. */
	readonly id: string;
	readonly function: string;
	readonly devMode: boolean;
	/** `error.details[].reason` of an HTTP error, e.g. `SERVICE_DISABLED`. */
	readonly apiReason?: string;
	/** An address of Google's own consoles that the message or its details name. */
	readonly activationUrl?: string;
}

export interface Hint {
	readonly hint: string;
	readonly documentationUrl: string;
}

interface HintRow extends Hint {
	/** By this name it is found. */
	readonly id: string;
	readonly when: (facts: FailureFacts) => boolean;
}

const GOOGLE = 'https://developers.google.com/apps-script';
export const RUN_GUIDE = `${GOOGLE}/api/how-tos/execute`;
export const PROJECTS_GUIDE = `${GOOGLE}/guides/cloud-platform-projects`;

/** Where a person switches the Apps Script API on for the account. */
export const USER_SETTINGS_URL = 'https://script.google.com/home/usersettings';

const is = (facts: FailureFacts, reason: Failure['reason']) => facts.failure.reason === reason;
const says = (facts: FailureFacts, text: RegExp) => text.test(facts.failure.message);
const isDeploymentId = (facts: FailureFacts) => facts.id.startsWith('AKfycb');

/**
 * What to do after a failure: the first row that fits counts, so the particular ones stand before the general ones.
 * Sources of the symptoms and of the fixes that worked: issue threads of clasp, of Google's client libraries and samples, and the reference page
 * of scripts.run.
 */
export const HINTS: readonly HintRow[] = [
	{
		id: 'notAllowedThroughApi',
		when: (facts) => says(facts, /action that is not allowed when invoked through the Google Apps Script Execution API/),
		hint: 'A function run through the API has no open document and no user interface. Open the file by its ID (e.g. SpreadsheetApp.openById) instead of getActive… or getUi, or publish the script as a web app.',
		documentationUrl: RUN_GUIDE,
	},
	{
		id: 'unsupportedReturn',
		when: (facts) => is(facts, 'unsupportedReturn'),
		hint: 'The function ran, but it returned something that the API cannot carry, such as a Date, a Document or a Sheet. End it with: return JSON.parse(JSON.stringify(value)).',
		documentationUrl: RUN_GUIDE,
	},
	{
		id: 'timeout',
		when: (facts) => is(facts, 'timeout'),
		hint: 'Apps Script stops a run after 6 minutes. Split the work into smaller runs (a smaller batch, fewer rows), or let the function start a trigger for the rest. Look at what it had done before you run it again.',
		documentationUrl: `${GOOGLE}/guides/services/quotas`,
	},
	{
		id: 'cancelled',
		when: (facts) => is(facts, 'cancelled'),
		hint: 'Somebody, or Apps Script itself, cancelled the run while it was under way. Look at the Executions page of the project for what it had done.',
		documentationUrl: 'https://script.google.com/home/executions',
	},
	{
		id: 'batchResult',
		when: (facts) => is(facts, 'batchResult'),
		hint: 'In batch mode the function receives one array and has to return an array of the same length, one entry for each item, in the same order.',
		documentationUrl: RUN_GUIDE,
	},
	{
		id: 'functionNotFound',
		when: (facts) => is(facts, 'functionNotFound'),
		hint: 'Use the exact name of a top-level function, upper and lower case included and without a trailing underscore (those are private). A function that is newer than the deployment needs a new version: Deploy > Manage deployments > Edit > New version.',
		documentationUrl: RUN_GUIDE,
	},
	{
		id: 'wrongId',
		when: (facts) => is(facts, 'wrongId'),
		hint: 'Despite its words this does not pass by itself: the ID is not one of an API executable that this account can run. Use the deployment ID (AKfycb…, from Deploy > Manage deployments > API Executable), not the script ID, and link the script to the same standard Cloud project as the OAuth client (Project Settings > Google Cloud Platform project).',
		documentationUrl: RUN_GUIDE,
	},
	{
		id: 'storagePermission',
		when: (facts) => says(facts, /^We're sorry, a server error occurred while reading from storage\. Error code PERMISSION_DENIED\.$/),
		hint: 'The account that signed in may not read this script. Share the script with it, and link the script to the same standard Cloud project as the OAuth client.',
		documentationUrl: PROJECTS_GUIDE,
	},
	{
		id: 'storageInternal',
		when: (facts) => says(facts, /^We're sorry, a server error occurred while reading from storage\. Error code INTERNAL\.$/),
		hint: 'This one usually passes by itself. Look at the Executions page for whether the function ran, then run the item again; where running twice does no harm, switch on Safe to Repeat.',
		documentationUrl: 'https://script.google.com/home/executions',
	},
	{
		id: 'throttled',
		when: (facts) => is(facts, 'throttled') && facts.failure.httpStatus === 200,
		hint: 'A Google account can run about 30 scripts at the same time, in all workflows together. Set Concurrency to Automatic or lower Max Concurrency, or use Run Mode: Batch, and run the item again: it did not start.',
		documentationUrl: `${GOOGLE}/guides/services/quotas`,
	},
	{
		id: 'quota',
		when: (facts) => is(facts, 'throttled'),
		hint: 'The quota of the Apps Script API is used up for the moment. Run fewer items a minute, use Run Mode: Batch, or ask for more quota in the Cloud console, and run the item again: it did not start.',
		documentationUrl: `${GOOGLE}/guides/services/quotas`,
	},
	{
		id: 'dailyLimit',
		when: (facts) => says(facts, /invoked too many times for one day/),
		hint: 'A daily quota of the account that runs the script is used up; it comes back within 24 hours. The script may have run up to that call.',
		documentationUrl: `${GOOGLE}/guides/services/quotas`,
	},
	{
		id: 'reconnectWeekly',
		when: (facts) => is(facts, 'unauthorized') && says(facts, /invalid_grant|reconnected|expired or revoked/i),
		hint: 'Open the credential and connect it again. If that is needed every week, the OAuth consent screen is in Testing, where sign-ins die after 7 days: publish it (Internal or In production), then connect once more.',
		documentationUrl: 'https://developers.google.com/identity/protocols/oauth2#expiration',
	},
	{
		id: 'adminPolicy',
		when: (facts) => says(facts, /admin_policy_enforced/),
		hint: 'The administrator of your Google Workspace does not let this OAuth client use these scopes. Ask for it to be trusted under Security > API controls > App access control.',
		documentationUrl: 'https://support.google.com/a/answer/7281227',
	},
	{
		id: 'scopesMissing',
		when: (facts) => is(facts, 'unauthorized') && facts.failure.httpStatus === 401,
		hint: 'Either the sign-in was revoked, or it lacks scopes: the token needs every scope of the script project, not only those of this function. Copy the list from the script editor (Overview > Project OAuth Scopes) into the credential and connect it again (a refresh token: get a new one with these scopes; a service account: have the administrator grant them).',
		documentationUrl: RUN_GUIDE,
	},
	{
		id: 'signIn',
		when: (facts) => is(facts, 'unauthorized'),
		hint: 'Google did not accept the sign-in. Check the client ID and the client secret in the credential, then connect it again (a refresh token: get a new one).',
		documentationUrl: PROJECTS_GUIDE,
	},
	{
		id: 'scopeInsufficient',
		when: (facts) => is(facts, 'forbidden') && (facts.apiReason === 'ACCESS_TOKEN_SCOPE_INSUFFICIENT' || says(facts, /insufficient authentication scopes/i)),
		hint: 'The sign-in lacks scopes: the token needs every scope of the script project. Copy the list from the script editor (Overview > Project OAuth Scopes) into the credential and connect it again (a refresh token: get a new one with these scopes; a service account: have the administrator grant them).',
		documentationUrl: RUN_GUIDE,
	},
	{
		id: 'userSettings',
		when: (facts) => says(facts, /User has not enabled the Apps Script API/),
		hint: `Switch the Apps Script API on for the account that signed in, at ${USER_SETTINGS_URL}, wait a minute and try again.`,
		documentationUrl: USER_SETTINGS_URL,
	},
	{
		id: 'apiDisabled',
		when: (facts) => facts.apiReason === 'SERVICE_DISABLED' || says(facts, /has not been used in project .* before or it is disabled/),
		hint: "The Apps Script API is off in the Cloud project of the OAuth client. Open the link, press Enable, wait a few minutes and try again. This switch is another one than the account's own.",
		documentationUrl: 'https://console.cloud.google.com/apis/library/script.googleapis.com',
	},
	{
		id: 'devModeOwner',
		when: (facts) => (is(facts, 'forbidden') || is(facts, 'notFound')) && facts.devMode,
		hint: 'Development Mode works only for the owner of the script. Switch it off to run the deployed version, or sign in as the owner.',
		documentationUrl: RUN_GUIDE,
	},
	{
		id: 'otherCloudProject',
		when: (facts) => is(facts, 'forbidden'),
		hint: 'The script and the OAuth client have to belong to the same standard Cloud project: in the script editor, Project Settings > Google Cloud Platform project > Change project, and enter the number of the project of your OAuth client. Enable script.googleapis.com in that project too, and check that the deployment lets this account run it (Who has access).',
		documentationUrl: PROJECTS_GUIDE,
	},
	{
		id: 'scriptIdInPath',
		when: (facts) => is(facts, 'notFound') && !isDeploymentId(facts),
		hint: 'This is not a deployment ID, which starts with AKfycb. The API runs deployments: choose the deployment from the list, or paste the deployment ID (AKfycb…, from Deploy > Manage deployments > API Executable).',
		documentationUrl: RUN_GUIDE,
	},
	{
		id: 'notAnApiExecutable',
		when: (facts) => is(facts, 'notFound'),
		hint: 'The project has to be deployed as an API executable: Deploy > New deployment > API Executable, then use the ID of that deployment. Right after deploying, wait a few seconds and try again.',
		documentationUrl: RUN_GUIDE,
	},
	{
		id: 'noScopes',
		when: (facts) => says(facts, /do(es)? not require authorization/i),
		hint: 'A project that needs no authorization cannot be run through the API. Add a scope to its manifest (appsscript.json), for example https://www.googleapis.com/auth/userinfo.email, deploy a new version and connect the credential with that scope.',
		documentationUrl: RUN_GUIDE,
	},
	{
		id: 'invalidArgument',
		when: (facts) => is(facts, 'rejected') && facts.failure.httpStatus === 400,
		hint: 'The API did not accept the request. Check the function name and that the parameters are an array of JSON values. A service account without a user to act for is refused like this too.',
		documentationUrl: `${GOOGLE}/api/reference/rest/v1/scripts/run`,
	},
	{
		id: 'tooLarge',
		when: (facts) => is(facts, 'tooLarge'),
		hint: 'The request is larger than the service takes. Send less at a time: fewer or shorter parameters, a smaller batch, or put the file on Drive and pass its ID.',
		documentationUrl: RUN_GUIDE,
	},
	{
		id: 'pending',
		when: (facts) => is(facts, 'pending'),
		hint: 'The service says that the run is not finished, and offers no way to ask again. Look at the Executions page of the project for how it ended before you run it again.',
		documentationUrl: 'https://script.google.com/home/executions',
	},
	{
		id: 'mayHaveRun',
		when: (facts) => facts.failure.outcome === 'notFinished',
		hint: 'The script may have run all the same, and goes on if it is still running. Look at the Executions page of the project before you run it again; where running twice does no harm, switch on Safe to Repeat.',
		documentationUrl: 'https://script.google.com/home/executions',
	},
	{
		id: 'noConnection',
		when: (facts) => is(facts, 'noConnection'),
		hint: 'Nothing was sent. Check the network, the proxy and the API address in the credential, then run the item again.',
		documentationUrl: RUN_GUIDE,
	},
	{
		id: 'exception',
		when: (facts) => is(facts, 'exception'),
		hint: 'The function itself threw this; the stack says where. Fix the script or its input. What it had done before that line has happened.',
		documentationUrl: `${GOOGLE}/guides/support/troubleshooting`,
	},
	{
		id: 'refused',
		when: (facts) => is(facts, 'rejected'),
		hint: 'The API did not accept the request, so the function was not run. Check the API address in the credential, and what stands between n8n and Google, such as a proxy.',
		documentationUrl: RUN_GUIDE,
	},
];

/** The hint of one row. @throws where there is none of this name */
export function hintOf(id: string): Hint {
	const row = HINTS.find((candidate) => candidate.id === id);
	if (row === undefined) throw new RangeError(`No hint is called "${id}"`);
	return { hint: row.hint, documentationUrl: row.documentationUrl };
}

/** What to do about a failure; `undefined` where no row fits. Google's own address in the message goes before the table's. */
export function hintFor(facts: FailureFacts): Hint | undefined {
	const row = HINTS.find((candidate) => candidate.when(facts));
	if (row === undefined) return undefined;
	const doubtfulId = !isDeploymentId(facts) && (row.id === 'wrongId' || row.id === 'otherCloudProject' || row.id === 'devModeOwner');
	return {
		hint: doubtfulId ? `${row.hint} The ID that was used does not look like a deployment ID, which starts with AKfycb.` : row.hint,
		documentationUrl: facts.activationUrl ?? row.documentationUrl,
	};
}
