import type { IExecuteFunctions } from 'n8n-workflow';

import type { Failure, Finding, Outcome } from '../shared/outcome';
import type { ParameterReader } from '../shared/parameters';
import type { Plan, RoutingSettings, Service } from '../shared/pipeline';
import { connectionOf, type Connection } from './connection';
import { AUTOMATIC_DEPLOYMENT, deploymentIdOf, functionNameOf, scriptIdOf } from './ids';
import { ProjectLookup } from './projectLookup';
import { checksOf, chosenDeployment, type Check, type SetupFacts } from './setupChecks';

/** What is to be checked for one item. */
interface CheckPlan extends Plan {
	readonly connection: Connection;
	readonly lookup: ProjectLookup;
	readonly scriptId: string | undefined;
	/** A deployment ID, or `auto`. */
	readonly deployment: string;
	readonly function: string;
}

/** The operation *Check Setup*: looks at what a run would be refused for, and runs nothing. One item a check. */
export function checkSetupService(context: IExecuteFunctions, parameters: ParameterReader, settings: RoutingSettings): Service<CheckPlan> {
	let connected: Promise<{ connection: Connection; lookup: ProjectLookup }> | undefined;
	const connect = async () => {
		const connection = await connectionOf(context, parameters.get('authentication', 0, 'oAuth2'));
		return { connection, lookup: new ProjectLookup(context, connection) };
	};
	return {
		name: 'appsScript',
		plan: async (itemIndex) => {
			const script = parameters.text('script', itemIndex, '').trim();
			const given = parameters.text('deployment', itemIndex, AUTOMATIC_DEPLOYMENT).trim();
			const name = parameters.text('function', itemIndex, '').trim();
			const scriptId = script === '' ? undefined : scriptIdOf(script);
			const deployment = given === '' || given === AUTOMATIC_DEPLOYMENT ? AUTOMATIC_DEPLOYMENT : deploymentIdOf(given);
			const functionName = name === '' ? '' : functionNameOf(name);
			connected ??= connect();
			return {
				...(await connected),
				scriptId,
				deployment,
				script: deployment === AUTOMATIC_DEPLOYMENT ? (scriptId ?? '') : deployment,
				function: functionName,
				safeToRepeat: false,
				form: { ...settings.fallbackForm, output: 'items' },
			};
		},
		send: async (plan) => outcomeOfChecks(checksOf(await factsOf(plan))),
	};
}

async function factsOf({ connection: { credentialType }, lookup, scriptId, deployment, function: functionName }: CheckPlan): Promise<SetupFacts> {
	const token = await lookup.tokenInfo('refresh');
	const facts: SetupFacts = { credentialType, scriptId, deployment, function: functionName, token };
	if ('failure' in token && token.failure.reason !== 'noConnection') return facts;
	// A script ID in the place of a deployment's can be looked up without the field Script.
	const project = scriptId ?? (deployment === AUTOMATIC_DEPLOYMENT || deployment.startsWith('AKfycb') ? undefined : deployment);
	if (project === undefined) return facts;

	const deployments = await lookup.deployments(project);
	const chosen = 'value' in deployments ? chosenDeployment(deployment, deployments.value) : undefined;
	const version = chosen?.versionNumber;
	const content = await lookup.content(project, version);
	const restricted = chosen?.access === 'MYSELF' || chosen?.access === 'DOMAIN';
	return { ...facts, deployments, content, version, ...(restricted ? { creator: await lookup.creator(project) } : {}) };
}

/** All is well, or some of it is not known: a success with an item a check. One that failed makes a failure of the item, with all checks inside. */
function outcomeOfChecks(checks: readonly Check[]): Outcome {
	const wrong = checks.filter(({ ok }) => ok === false);
	const [first] = wrong;
	if (first === undefined) return { outcome: 'success', result: checks };
	const failure: Failure = {
		outcome: 'requestError',
		reason: 'setup',
		message: wrong.length === 1 ? messageOf(first) : `${wrong.length} of ${checks.length} checks need attention: ${wrong.map(({ check }) => check).join(', ')}`,
		hint: wrong.length === 1 ? first.message : wrong.map(({ check, message }, index) => `${index + 1}. ${check}: ${message}`).join('\n'),
		documentationUrl: first.documentationUrl,
	};
	return { ...failure, findings: checks.map(findingOf) };
}

const messageOf = ({ check, found, needed }: Check): string => `${check}: ${found} (needed: ${needed})`;

function findingOf(check: Check): Finding {
	return { name: check.check, failed: check.ok === false, message: messageOf(check), hint: check.message, documentationUrl: check.documentationUrl, data: check };
}
