import type { IExecuteFunctions } from 'n8n-workflow';

import { sendRequest } from '../shared/egress';
import { requestError } from '../shared/outcome';
import { PlanError, type ParameterReader } from '../shared/parameters';
import type { RoutingSettings, Service } from '../shared/pipeline';
import { itemForm, numberOption, optionsOf } from '../shared/settings';
import { hostClock } from '../shared/wait';
import { itemArguments } from './arguments';
import { batchRules } from './batchRules';
import { connectionOf, type Connection } from './connection';
import { newestApiExecutable } from './deployments';
import { olderThanDeployed } from './executionHints';
import { AUTOMATIC_DEPLOYMENT, deploymentIdOf, functionNameOf, scriptIdOf } from './ids';
import { outcomeOfRun } from './outcome';
import type { AppsScriptPlan } from './plan';
import { ProjectLookup } from './projectLookup';
import { checkedApiKey, checkedQuotaUser, httpRequestOfRun } from './request';
import { noApiExecutable } from './setupSentences';
import { withSpecificHint } from './specificHint';

/** The most scripts that one Google account can run at the same time (Google's page of quotas). */
export const SIMULTANEOUS_RUNS = 30;

/** Longer than the 6 minutes that a script can run, so that the service's own verdict comes first. */
const DEFAULT_TIMEOUT_SECONDS = 380;

/** scripts.run as the pipeline sees it. */
export function runService(context: IExecuteFunctions, parameters: ParameterReader, settings: RoutingSettings): Service<AppsScriptPlan> {
	let connection: Promise<Connection> | undefined;
	let lookup: ProjectLookup | undefined;
	const automatic = new Map<string, Promise<string>>();
	const notices = new Set<string>();
	const connect = async (): Promise<{ connection: Connection; lookup: ProjectLookup }> => {
		connection ??= connectionOf(context, parameters.get('authentication', 0, 'oAuth2'));
		const connected = await connection;
		lookup ??= new ProjectLookup(context, connected);
		return { connection: connected, lookup };
	};

	const deploymentId = async (itemIndex: number): Promise<string> => {
		const given = parameters.text('deployment', itemIndex, AUTOMATIC_DEPLOYMENT).trim();
		if (given !== AUTOMATIC_DEPLOYMENT && given !== '') return deploymentIdOf(given);
		const scriptId = scriptIdForAutomatic(parameters.text('script', itemIndex, ''));
		const known = automatic.get(scriptId) ?? connect().then((connected) => newestDeploymentId(connected.lookup, scriptId, (notice) => notices.add(notice)));
		automatic.set(scriptId, known);
		return await known;
	};

	const batch = parameters.get('runMode', 0, 'perItem') === 'batch' ? batchRules(numberOption({ batchSize: parameters.get('batchSize', 0, 100) }, 'batchSize', 'Batch Size', 100, 1)) : undefined;

	return {
		name: 'appsScript',
		batch,
		notices: () => [...notices],
		plan: async (itemIndex) => {
			const options = optionsOf(parameters, itemIndex);
			const form = itemForm(settings, options);
			const text = (name: string) => (typeof options[name] === 'string' && options[name] !== '' ? options[name] : undefined);
			const functionName = functionNameOf(parameters.text('function', itemIndex, ''));
			const given = await itemArguments(context, parameters, itemIndex, text('binaryField') ?? '', batch !== undefined);
			const request = {
				function: functionName,
				parameters: given.list,
				devMode: options.devMode === true,
				sessionState: text('sessionState'),
				fields: text('fields'),
				quotaUser: checkedQuotaUser(text('quotaUser') ?? ''),
				prettyPrint: typeof options.prettyPrint === 'boolean' ? options.prettyPrint : undefined,
				errorFormat: options.errorFormat === '1' || options.errorFormat === '2' ? options.errorFormat : undefined,
				apiKey: checkedApiKey(text('apiKey') ?? ''),
				timeoutMs: numberOption(options, 'timeout', 'Timeout', DEFAULT_TIMEOUT_SECONDS, 1) * 1_000,
			} as const;
			const connected = await connect();
			const id = await deploymentId(itemIndex);
			return {
				...connected,
				scriptId: chosenScriptId(parameters, itemIndex),
				request: { ...request, id },
				script: id,
				function: functionName,
				entry: given.entry,
				safeToRepeat: options.safeToRepeat === true,
				form,
			};
		},
		send: async ({ connection: to, lookup: about, scriptId, request }) => {
			const answer = await sendRequest(context, httpRequestOfRun(request, to.apiBaseUrl), to.credentialType);
			const facts = { id: request.id, function: request.function, devMode: request.devMode, partial: request.fields !== undefined };
			const refused = { connection: to, id: request.id, function: request.function, scriptId };
			return await withSpecificHint(outcomeOfRun(answer, facts, hostClock.now()), refused, about);
		},
	};
}

function scriptIdForAutomatic(given: string): string {
	if (given.trim() !== '') return scriptIdOf(given);
	throw new PlanError(
		requestError(
			'invalidInput',
			'Script is empty, and Deployment is set to the latest API executable of a script',
			'Choose the script, so that its newest deployment can be found, or give the deployment ID (AKfycb…) under Deployment.',
		),
	);
}

/** The script, where a run does not need it: only to say more about a failure. */
function chosenScriptId(parameters: ParameterReader, itemIndex: number): string | undefined {
	try {
		const given = parameters.text('script', itemIndex, '');
		return given.trim() === '' ? undefined : scriptIdOf(given);
	} catch {
		return undefined;
	}
}

/**
 * @param notice gets what the person should know of the deployment
 * @throws {PlanError}
 */
async function newestDeploymentId(lookup: ProjectLookup, scriptId: string, notice: (text: string) => void): Promise<string> {
	const looked = await lookup.deployments(scriptId);
	if ('failure' in looked) {
		const { failure } = looked;
		throw new PlanError({ ...failure, message: `The deployments of the script could not be read: ${failure.message}`, hint: hintForList(failure.hint) });
	}
	const newest = newestApiExecutable(looked.value);
	if (newest !== undefined) {
		const older = olderThanDeployed(looked.value);
		if (older !== undefined) notice(older);
		return newest.deploymentId;
	}
	const { hint, documentationUrl } = noApiExecutable(looked.value.length);
	throw new PlanError(requestError('notFound', 'The script has no versioned API executable', hint, documentationUrl));
}

function hintForList(hint: string | undefined): string {
	const own = 'Give the deployment ID (AKfycb…) under Deployment to do without this list; with the scope https://www.googleapis.com/auth/script.deployments.readonly it can be read.';
	return hint === undefined ? own : `${hint} ${own}`;
}
