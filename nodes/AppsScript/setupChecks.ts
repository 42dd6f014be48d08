import type { JsonValue } from '../shared/json';
import type { Failure } from '../shared/outcome';
import { listOfWords } from '../shared/text';
import type { CredentialTypeName } from './connection';
import { newestApiExecutable, type Deployment } from './deployments';
import { hintOf, PROJECTS_GUIDE, RUN_GUIDE, USER_SETTINGS_URL, type Hint } from './hints';
import { AUTOMATIC_DEPLOYMENT } from './ids';
import type { Looked } from './managementApi';
import { signatureOf, type ProjectContent } from './projectContent';
import type { TokenInfo } from './projectLookup';
import {
	cloudProjectOf,
	howToAddScopes,
	missingScopes,
	noApiExecutable,
	noScopesAtAll,
	READ_DEPLOYMENTS,
	READ_PROJECTS,
	sameCloudProject,
	scopesMissing,
	wrongDeployment,
	wrongFunction,
} from './setupSentences';

/** What one check came to: an output item. */
export interface Check extends Record<string, JsonValue> {
	check: string;
	/** null: it cannot be known with the sign-in at hand; the message says how to make it known. */
	ok: boolean | null;
	found: string;
	needed: string;
	/** What the person can do, or that nothing is to be done. */
	message: string;
	documentationUrl: string;
}

/** All that was looked up. What was not asked for is undefined. */
export interface SetupFacts {
	readonly credentialType: CredentialTypeName;
	/** Undefined where no script was chosen. */
	readonly scriptId: string | undefined;
	/** The ID that was given, or `auto`. */
	readonly deployment: string;
	/** Empty where none was chosen. */
	readonly function: string;
	readonly token: Looked<TokenInfo>;
	/** Of the script; where none was chosen, of what stands in the place of the deployment's ID. */
	readonly deployments?: Looked<readonly Deployment[]>;
	/** Of the version that the deployment runs, else as last saved. */
	readonly content?: Looked<ProjectContent>;
	/** The version of `content`; undefined for the code as last saved. */
	readonly version?: number;
	readonly creator?: Looked<string>;
}

const SIGN_IN_GUIDE = 'https://github.com/cloud-scripts/n8n-nodes-cloud-scripts#credentials';

const passed = (name: string, found: string, needed: string, message = 'Nothing to do.', documentationUrl = RUN_GUIDE): Check => ({ check: name, ok: true, found, needed, message, documentationUrl });
const failed = (name: string, found: string, needed: string, { hint, documentationUrl }: Hint): Check => ({ check: name, ok: false, found, needed, message: hint, documentationUrl });
const unknown = (name: string, why: string, needed: string, message: string, documentationUrl = RUN_GUIDE): Check => ({ check: name, ok: null, found: `not known: ${why}`, needed, message, documentationUrl });

const CHOOSE_SCRIPT = 'Choose the script in this node (field Script): what it is like can be looked up only by its own ID.';

/** Every check, in the order in which a person mends things. Pure. */
export function checksOf(facts: SetupFacts): Check[] {
	const signIn = signInCheck(facts);
	if (signIn.ok === false) return [signIn];
	return [
		signIn,
		apiEnabledCheck(facts),
		userSettingCheck(facts),
		scriptCheck(facts),
		deploymentCheck(facts),
		accessCheck(facts),
		functionCheck(facts),
		scriptScopesCheck(facts),
		tokenScopesCheck(facts),
		cloudProjectCheck(facts),
	];
}

/** The deployment that runs would use, as far as it is known. */
export function chosenDeployment(given: string, deployments: readonly Deployment[]): Deployment | undefined {
	return given === AUTOMATIC_DEPLOYMENT ? newestApiExecutable(deployments) : deployments.find(({ deploymentId }) => deploymentId === given);
}

function signInCheck({ token, deployments, content }: SetupFacts): Check {
	const name = 'Sign-in';
	const needed = 'an access token that Google takes';
	if ('value' in token) return passed(name, token.value.email ?? 'a token that Google takes', needed);
	const { reason, message, hint, documentationUrl } = token.failure;
	if (reason === 'unauthorized' || reason === 'notConnected') return failed(name, message, needed, { hint: hint ?? 'Open the credential and connect it again (a refresh token: get a new one).', documentationUrl: documentationUrl ?? SIGN_IN_GUIDE });
	if ([deployments, content].some((looked) => looked !== undefined && 'value' in looked)) return passed(name, 'a token that the API takes', needed);
	return unknown(name, message, needed, hint ?? 'Try again later.', SIGN_IN_GUIDE);
}

/** What the API's answers say of its two switches. */
function looks({ deployments, content }: SetupFacts): { readonly answered: boolean; readonly refusal: (sentence: RegExp) => Failure | undefined } {
	const all = [deployments, content].filter((looked) => looked !== undefined);
	const failures = all.flatMap((looked) => ('failure' in looked ? [looked.failure] : []));
	return { answered: all.some((looked) => 'value' in looked), refusal: (sentence) => failures.find(({ message }) => sentence.test(message)) };
}

const reading = (facts: SetupFacts): string =>
	facts.deployments === undefined ? CHOOSE_SCRIPT : `With the scopes ${READ_DEPLOYMENTS} and ${READ_PROJECTS} it can be looked up. ${howToAddScopes(facts.credentialType)}`;

function apiEnabledCheck(facts: SetupFacts): Check {
	const name = 'Apps Script API of the Cloud project';
	const needed = 'enabled in the Cloud project of the sign-in';
	const { answered, refusal } = looks(facts);
	const off = refusal(/has not been used in project .* before or it is disabled/);
	const general = hintOf('apiDisabled');
	if (off !== undefined) return failed(name, 'disabled', needed, { hint: general.hint, documentationUrl: off.documentationUrl ?? general.documentationUrl });
	return answered ? passed(name, 'enabled', needed) : unknown(name, 'the API gave no answer that shows it', needed, reading(facts), general.documentationUrl);
}

function userSettingCheck(facts: SetupFacts): Check {
	const name = 'Apps Script API of the account';
	const needed = 'switched on for the account that signed in';
	const { answered, refusal } = looks(facts);
	if (refusal(/User has not enabled the Apps Script API/) !== undefined) return failed(name, 'switched off', needed, hintOf('userSettings'));
	return answered ? passed(name, 'switched on', needed) : unknown(name, 'the API gave no answer that shows it', needed, reading(facts), USER_SETTINGS_URL);
}

/** Why something could not be read, for a check that is about something else. */
function notReadable(name: string, needed: string, failure: Failure, scope: string, credentialType: CredentialTypeName): Check {
	const lacksScope = /scope/i.test(failure.message) || failure.httpStatus === 401;
	return lacksScope
		? unknown(name, `the sign-in lacks the scope ${scope}`, needed, `With this scope it can be looked up: ${scope} — ${howToAddScopes(credentialType)}`)
		: unknown(name, failure.message, needed, 'Whoever may run a script need not be allowed to read it. To have this looked up, share the script with the account that signed in, as a viewer.');
}

function scriptCheck({ scriptId, content, deployments, credentialType }: SetupFacts): Check {
	const name = 'Script';
	const needed = 'a script project that exists';
	if (scriptId === undefined) return unknown(name, 'no script was chosen', needed, CHOOSE_SCRIPT);
	const all = [content, deployments].filter((looked) => looked !== undefined);
	if (all.some((looked) => 'value' in looked)) return passed(name, scriptId, needed);
	const failures = all.flatMap((looked) => ('failure' in looked ? [looked.failure] : []));
	if (failures.some(({ reason }) => reason === 'notFound')) {
		return failed(name, `no script has the ID ${scriptId}`, needed, {
			hint: 'Copy the script ID from Project Settings > IDs in the script editor. A deployment ID (AKfycb…) belongs into the field Deployment.',
			documentationUrl: RUN_GUIDE,
		});
	}
	const [failure] = failures;
	return failure === undefined ? unknown(name, 'it was not looked at', needed, CHOOSE_SCRIPT) : notReadable(name, needed, failure, READ_PROJECTS, credentialType);
}

function deploymentCheck({ scriptId, deployment, deployments, credentialType }: SetupFacts): Check {
	const name = 'Deployment';
	const needed = 'a versioned API executable';
	if (deployments === undefined) return unknown(name, 'no script was chosen', needed, CHOOSE_SCRIPT);
	if ('failure' in deployments) {
		const { failure } = deployments;
		if (scriptId === undefined && failure.reason === 'notFound') return failed(name, 'neither a deployment ID nor a script ID that this account can read', needed, hintOf('scriptIdInPath'));
		return notReadable(name, needed, failure, READ_DEPLOYMENTS, credentialType);
	}
	const list = deployments.value;
	const wrong = deployment === AUTOMATIC_DEPLOYMENT ? undefined : wrongDeployment(deployment, scriptId ?? deployment, list);
	if (wrong !== undefined) return failed(name, wrong.found, needed, wrong);
	const chosen = chosenDeployment(deployment, list);
	if (chosen === undefined) return failed(name, `${list.length} deployments, none of them a versioned API executable`, needed, noApiExecutable(list.length));
	return passed(name, `${chosen.deploymentId} (version ${chosen.versionNumber ?? 0})`, needed);
}

/** In the words of the dialog in which it is chosen. */
const ACCESS: Readonly<Record<string, string>> = { MYSELF: 'only myself', DOMAIN: 'anyone within the domain', ANYONE: 'anyone with a Google account', ANYONE_ANONYMOUS: 'anyone' };

function accessCheck({ deployment, deployments, token, creator }: SetupFacts): Check {
	const name = 'Who may run it';
	const needed = 'the account that signed in';
	const change = 'To change it: Deploy > Manage deployments > Edit > Who has access.';
	const chosen = deployments !== undefined && 'value' in deployments ? chosenDeployment(deployment, deployments.value) : undefined;
	if (chosen?.access === undefined) return unknown(name, 'no deployment was found', needed, 'See the check of the deployment.');
	const found = ACCESS[chosen.access] ?? chosen.access;
	if (chosen.access === 'ANYONE' || chosen.access === 'ANYONE_ANONYMOUS') return passed(name, found, needed);
	const email = 'value' in token ? token.value.email : undefined;
	const maker = creator !== undefined && 'value' in creator ? creator.value : '';
	if (email === undefined || maker === '') return unknown(name, `${found}, and it is not known whether that is this account`, needed, `Check it yourself; with the scope https://www.googleapis.com/auth/userinfo.email the account is known. ${change}`);
	const who = `${found}; ${email} signed in, ${maker} made the script`;
	if (email === maker) return passed(name, who, needed);
	const sameDomain = email.split('@')[1] === maker.split('@')[1];
	if (chosen.access === 'DOMAIN') return sameDomain ? passed(name, who, needed) : failed(name, who, needed, { hint: `The deployment lets only accounts of its own domain run it. ${change}`, documentationUrl: RUN_GUIDE });
	// Who deployed is not told, and need not be who made it.
	return unknown(name, who, needed, `Only the person who deployed can run it. If that is not ${email}: ${change}`);
}

function functionCheck({ function: given, content, version, credentialType }: SetupFacts): Check {
	const name = 'Function';
	const needed = 'a function of the deployed version';
	if (given === '') return unknown(name, 'no function was chosen', needed, 'Choose the function in this node.');
	if (given.includes('.')) return unknown(name, `${given} is of a library`, needed, 'Functions of a library cannot be looked up. Check its name in the editor of the library.');
	if (content === undefined) return unknown(name, 'no script was chosen', needed, CHOOSE_SCRIPT);
	if ('failure' in content) return notReadable(name, needed, content.failure, READ_PROJECTS, credentialType);
	const { functions, unreadable } = content.value;
	const found = functions.find((candidate) => candidate.name === given);
	const where = version === undefined ? 'the code as last saved' : `version ${version}`;
	if (found === undefined) {
		const names = functions.map((candidate) => candidate.name);
		if (unreadable.length > 0) return unknown(name, `not in what could be read of ${where}; not readable: ${listOfWords(unreadable.map(({ file }) => file))}`, needed, wrongFunction(given, names, version).hint);
		return failed(name, `no ${given} in ${where}`, needed, wrongFunction(given, names, version));
	}
	const parameters = found.parameters.map((parameter) => parameter.name);
	const returns = found.returns === undefined ? 'Nothing to do.' : `It is ${found.returns === 'promise' ? 'an async' : 'a generator'} function, and the API cannot carry what it returns. Let it return a plain value.`;
	return { ...passed(name, `${signatureOf(found)} in ${where}`, needed, returns), parameters };
}

function scriptScopesCheck({ content, credentialType }: SetupFacts): Check {
	const name = 'Scopes of the script';
	const needed = 'at least one';
	if (content === undefined) return unknown(name, 'no script was chosen', needed, CHOOSE_SCRIPT);
	if ('failure' in content) return notReadable(name, needed, content.failure, READ_PROJECTS, credentialType);
	const { manifestScopes } = content.value;
	if (manifestScopes === undefined) {
		return unknown(name, 'the manifest names none, so Google finds them out from the code', needed, 'Look under Overview > Project OAuth Scopes in the script editor. Where none stands, the script cannot be run; name them in the manifest (oauthScopes) to have them looked up.');
	}
	return manifestScopes.length === 0 ? failed(name, 'none', needed, noScopesAtAll()) : passed(name, manifestScopes.join(' '), needed);
}

function tokenScopesCheck({ token, content, credentialType }: SetupFacts): Check {
	const name = 'Scopes of the sign-in';
	const scopes = 'value' in token ? token.value.scopes : undefined;
	const ofScript = content !== undefined && 'value' in content ? content.value.manifestScopes : undefined;
	const needed = ofScript === undefined || ofScript.length === 0 ? 'every scope of the script' : ofScript.join(' ');
	if (scopes === undefined) {
		return unknown(name, 'failure' in token ? token.failure.message : 'Google did not tell them', needed, 'Check the token info address in the credential, and compare its scopes with Overview > Project OAuth Scopes in the script editor.');
	}
	if (ofScript === undefined) return unknown(name, `those of the script; the sign-in holds ${scopes.join(' ')}`, needed, 'Compare them with Overview > Project OAuth Scopes in the script editor: the sign-in has to hold all that stand there.');
	const missing = missingScopes(ofScript, scopes);
	return missing.length > 0 ? failed(name, scopes.join(' '), needed, scopesMissing(missing, credentialType)) : passed(name, scopes.join(' '), needed);
}

function cloudProjectCheck({ token }: SetupFacts): Check {
	const number = cloudProjectOf('value' in token ? token.value.audience : undefined);
	const found = number === undefined ? 'which project the script is linked with' : `which project the script is linked with; the OAuth client belongs to ${number}`;
	return unknown('Cloud project of the script', found, 'the Cloud project of the sign-in', `The API does not tell it. ${sameCloudProject(number)}`, PROJECTS_GUIDE);
}
