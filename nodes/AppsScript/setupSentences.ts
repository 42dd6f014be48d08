import { listOfWords } from '../shared/text';
import type { CredentialTypeName } from './connection';
import { newestApiExecutable, type Deployment } from './deployments';
import { hintOf, PROJECTS_GUIDE, RUN_GUIDE, type Hint } from './hints';
import { nearNames } from './nearNames';

/*
 * What is wrong with a set-up, in the words that both Check Setup and the error of a refused run use. Pure.
 */

const AUTH = 'https://www.googleapis.com/auth/';
export const READ_DEPLOYMENTS = `${AUTH}script.deployments.readonly`;
export const READ_PROJECTS = `${AUTH}script.projects.readonly`;

/** The most functions that a sentence lists. */
const MOST_FUNCTIONS = 10;

/** Whether a token with these scopes may read a project's files. */
export const mayReadProjects = (scopes: readonly string[]): boolean => scopes.includes(READ_PROJECTS) || scopes.includes(`${AUTH}script.projects`);

/** Scopes that have a short name besides. */
const SHORT_NAMES: Readonly<Record<string, string>> = { email: `${AUTH}userinfo.email`, profile: `${AUTH}userinfo.profile` };
const fullName = (scope: string): string => SHORT_NAMES[scope] ?? scope;

/** The scopes of a script that a token lacks. Whether a wider scope stands for a narrower one is not known, so that each is wanted by its name. */
export function missingScopes(ofScript: readonly string[], ofToken: readonly string[]): string[] {
	const held = new Set(ofToken.map(fullName));
	return [...new Set(ofScript.map(fullName))].filter((scope) => !held.has(scope));
}

/** How scopes get into a sign-in. */
export function howToAddScopes(credentialType: CredentialTypeName): string {
	return credentialType === 'googleAppsScriptOAuth2Api'
		? 'Add what is missing in the credential (Scopes of the Script, or More Scopes) and connect it again.'
		: 'Get a new refresh token with what is missing; with a service account, add it to Scopes in the credential and have the administrator grant it.';
}

export function scopesMissing(missing: readonly string[], credentialType: CredentialTypeName): Hint {
	return {
		hint: `The sign-in lacks ${missing.length === 1 ? 'this scope' : `these ${missing.length} scopes`} of the script: ${missing.join(' ')} — ${howToAddScopes(credentialType)}`,
		documentationUrl: RUN_GUIDE,
	};
}

export const noScopesAtAll = (): Hint => hintOf('noScopes');

/** The number of the Cloud project that an OAuth client belongs to; service accounts do not show it. */
export function cloudProjectOf(audience: string | undefined): string | undefined {
	return /^(\d{6,20})-[\w-]+\.apps\.googleusercontent\.com$/.exec(audience ?? '')?.[1];
}

/** @param number of the OAuth client's project, where it is known */
export function sameCloudProject(number: string | undefined): string {
	return number === undefined
		? 'In the script editor, Project Settings > Google Cloud Platform project has to show the project of the OAuth client or service account.'
		: `In the script editor, Project Settings > Google Cloud Platform project has to show the number ${number}, which is that of the OAuth client.`;
}

/** For a 403 when the scopes are known not to be why. */
export function notTheScopes(number: string | undefined): Hint {
	return {
		hint: `The sign-in holds every scope of the script, so that is not why. ${sameCloudProject(number)} If it does, the deployment does not let this account run it (Deploy > Manage deployments > Who has access).`,
		documentationUrl: PROJECTS_GUIDE,
	};
}

/** What is wrong with a deployment's ID, among all deployments of the script; `undefined` where it is an API executable of a version. */
export function wrongDeployment(id: string, scriptId: string, deployments: readonly Deployment[]): (Hint & { readonly found: string }) | undefined {
	const chosen = deployments.find(({ deploymentId }) => deploymentId === id);
	if (chosen?.apiExecutable === true && chosen.versionNumber !== undefined) return undefined;
	const found =
		id === scriptId
			? 'the script ID'
			: chosen === undefined
				? 'an ID that no deployment of the script has'
				: chosen.versionNumber === undefined
					? 'the head deployment, which has no version'
					: 'a deployment that is no API executable';
	const newest = newestApiExecutable(deployments);
	const todo =
		newest === undefined
			? noApiExecutable(deployments.length).hint
			: `Its newest API executable is ${newest.deploymentId} (version ${newest.versionNumber ?? 0}): use that ID, or choose Latest API executable (automatic).`;
	return { found, hint: `This is ${found}. ${todo}`, documentationUrl: RUN_GUIDE };
}

/** @param count how many deployments the script has */
export function noApiExecutable(count: number): Hint {
	return {
		hint: `The script has no versioned API executable (it has ${count === 1 ? '1 deployment' : `${count} deployments`}). In the script editor: Deploy > New deployment > API Executable. The head deployment alone is not enough.`,
		documentationUrl: RUN_GUIDE,
	};
}

/**
 * What a person may have meant by the name of a function that the version does not have.
 * @param names of the functions that can be run
 * @param version of which they are; without it, the code as last saved
 */
export function wrongFunction(given: string, names: readonly string[], version: number | undefined): Hint {
	const where = version === undefined ? 'The code as last saved' : `Version ${version}`;
	const near = nearNames(given, names);
	const [nearest] = near;
	const more = names.length > MOST_FUNCTIONS ? ` and ${names.length - MOST_FUNCTIONS} more` : '';
	const list = names.length === 0 ? 'none that can be run' : more === '' ? listOfWords(names) : names.slice(0, MOST_FUNCTIONS).join(', ') + more;
	const sentence = given.endsWith('_')
		? `${given} is private, as its name ends with an underscore. Rename the function, or call it from another one.`
		: nearest === undefined
			? `${where} has no function ${given}. It has ${list}.`
			: near.length === 1 || nearest.toLowerCase() === given.toLowerCase()
				? `The function is called ${nearest}, not ${given}.`
				: `${where} has no function ${given}; ${listOfWords(near)} are close to it.`;
	return { hint: `${sentence} A function that is newer than the deployment needs a new version: Deploy > Manage deployments > Edit > New version.`, documentationUrl: RUN_GUIDE };
}
