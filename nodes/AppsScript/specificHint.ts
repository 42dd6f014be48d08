import type { Failure, Outcome } from '../shared/outcome';
import type { Connection } from './connection';
import type { Hint } from './hints';
import { ONCE } from './managementApi';
import type { ProjectLookup } from './projectLookup';
import { cloudProjectOf, mayReadProjects, missingScopes, noScopesAtAll, notTheScopes, scopesMissing, wrongDeployment, wrongFunction } from './setupSentences';

/** What of a run a look at its project needs. */
export interface RefusedRun {
	readonly connection: Connection;
	/** The id in the request's path. */
	readonly id: string;
	readonly function: string;
	/** The script that the person chose besides, if any. */
	readonly scriptId: string | undefined;
}

/**
 * The outcome of a refused run with the hint that a look at the project gives, in place of the general one: which scopes are missing, which ID would be
 * right, what the function is called. Costs at most two requests, nothing where the same was looked up in this execution, and nothing unless the run
 * was refused. Whatever goes wrong while looking, and a Stop too, leaves the outcome as it was.
 */
export async function withSpecificHint(outcome: Outcome, run: RefusedRun, lookup: ProjectLookup): Promise<Outcome> {
	if (outcome.outcome !== 'requestError') return outcome;
	try {
		const hint = await specificHint(outcome, run, lookup);
		return hint === undefined ? outcome : { ...outcome, ...hint };
	} catch {
		return outcome;
	}
}

async function specificHint(failure: Failure, run: RefusedRun, lookup: ProjectLookup): Promise<Hint | undefined> {
	switch (failure.reason) {
		case 'unauthorized':
			// Without a status the sign-in itself failed, about which the project has nothing to say.
			return failure.httpStatus === 401 ? await refusedToken(false, run, lookup) : undefined;
		case 'forbidden':
			// Google's own sentences for its two switches say it all.
			return /has not enabled|has not been used/.test(failure.message) ? undefined : await refusedToken(true, run, lookup);
		case 'notFound':
		case 'wrongId':
			return await unknownId(run, lookup);
		case 'functionNotFound':
			return await unknownFunction(run, lookup);
		default:
			return undefined;
	}
}

/** @param forbidden whether other causes than scopes are likely when no scope is missing */
async function refusedToken(forbidden: boolean, run: RefusedRun, lookup: ProjectLookup): Promise<Hint | undefined> {
	if (run.scriptId === undefined) return undefined;
	const token = await lookup.tokenInfo('once');
	if ('failure' in token || token.value.scopes === undefined || !mayReadProjects(token.value.scopes)) return undefined;
	const content = await lookup.content(run.scriptId, await lookup.versionIfKnown(run.scriptId, run.id), ONCE);
	if ('failure' in content || content.value.manifestScopes === undefined) return undefined;
	if (content.value.manifestScopes.length === 0) return noScopesAtAll();
	const missing = missingScopes(content.value.manifestScopes, token.value.scopes);
	if (missing.length > 0) return scopesMissing(missing, run.connection.credentialType);
	return forbidden ? notTheScopes(cloudProjectOf(token.value.audience)) : undefined;
}

async function unknownId(run: RefusedRun, lookup: ProjectLookup): Promise<Hint | undefined> {
	const scriptId = run.scriptId ?? (run.id.startsWith('AKfycb') ? undefined : run.id);
	if (scriptId === undefined) return undefined;
	const looked = await lookup.deployments(scriptId, ONCE);
	if ('failure' in looked) return undefined;
	const wrong = wrongDeployment(run.id, scriptId, looked.value);
	return wrong === undefined ? undefined : { hint: wrong.hint, documentationUrl: wrong.documentationUrl };
}

async function unknownFunction(run: RefusedRun, lookup: ProjectLookup): Promise<Hint | undefined> {
	if (run.scriptId === undefined || run.function.includes('.')) return undefined;
	const deployments = await lookup.deployments(run.scriptId, ONCE);
	const version = 'failure' in deployments ? undefined : deployments.value.find(({ deploymentId }) => deploymentId === run.id)?.versionNumber;
	const content = await lookup.content(run.scriptId, version, ONCE);
	if ('failure' in content) return undefined;
	const names = content.value.functions.map(({ name }) => name);
	return names.includes(run.function) ? undefined : wrongFunction(run.function, names, version);
}
