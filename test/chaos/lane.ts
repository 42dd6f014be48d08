import type { ICredentialDataDecryptedObject, INodeParameters } from 'n8n-workflow';

import { startEmulator, type Emulator } from '../../emulator';
import { makeKey } from '../../emulator/syncano/keys';
import { SCOPES } from '../engine/appsScriptBench';
import { createEngine, type EngineResult, type NodeUnderTest } from '../engine/harness';
import { Canaries } from '../secrets/canaries';
import { addEchoFaults } from '../secrets/echoFaults';
import { perform, type Order } from './acts';
import { startGate, type Gate } from './gate';
import type { Round } from './rounds';

/** What a round came to, for the detectors. */
export interface Observed {
	readonly round: Round;
	readonly result: EngineResult;
	readonly journal: Emulator['journal'];
	/** Every request that reached the host to which nothing may be sent. */
	readonly elsewhere: Emulator['journal'];
	readonly canaries: Canaries;
}

/** Services, a second host, and an engine, for rounds one after the other. */
export interface Lane {
	play(round: Round): Promise<Observed>;
	stop(): Promise<void>;
}

/** Loopback, and nobody listens there: the port of discard. */
const REFUSING = 'http://127.0.0.1:9';
/** A label of a name has at most 63 characters: whoever looks it up fails without asking anybody. */
const NO_SUCH_HOST = `http://${'n'.repeat(64)}.invalid`;

/** A round that takes longer has hung: on a busy machine, eighty items that are each waited for to the last take some minutes. */
const LONGEST_ROUND_MS = 900_000;

const locator = (mode: string, value: string): INodeParameters => ({ __rl: true, mode, value });

/** Starts a lane. Its secrets are new and its own. */
export async function startLane(): Promise<Lane> {
	const canaries = new Canaries();
	const accountKey = makeKey('account', `lane ${Math.random()}`);
	const apiKey = `AIza${makeKey('account', `API key ${Math.random()}`)}`;
	canaries.add('account key', accountKey);
	canaries.add('API key', apiKey);
	const emulator = await startEmulator({ syncano: { accountKey, rates: { instance: 1e6, administrator: 1e6 }, runTime: () => 1 } });
	const elsewhere = await startEmulator();
	const gate = await startGate(emulator.address);
	canaries.addTokensOf(emulator);
	addEchoFaults(emulator);
	const { google } = emulator;
	const client = google.addClient({ id: 'chaos.apps.googleusercontent.com', secret: `GOCSPX-${makeKey('account', `client ${Math.random()}`)}` });
	canaries.add('client secret', client.secret);
	const account = google.addServiceAccount({ delegatedScopes: SCOPES });
	const { keyFile } = account;
	canaries.add('private key', (keyFile?.private_key ?? '').split('\n')[2] as string);

	const all = (entries: Order[]): unknown[] => entries.map((entry) => performed(entry));
	const project = emulator.appsScript.addProject({
		native: { perform: performSlowly, performAll: all, performTooFew: (entries: Order[]) => all(entries).slice(1) },
	});
	const { syncano } = emulator;
	syncano.addInstance({ name: 'mine', plan: 'paid', concurrency: 60 });
	const script = syncano.addScript({
		instance: 'mine',
		label: 'perform',
		runtime_name: 'nodejs_v6',
		source: '',
		native: { run: ({ ARGS }) => JSON.stringify(perform(ARGS as Order)), duration: () => (Math.random() < 0.1 ? 20 : 0) },
	});
	const endpoint = syncano.addEndpoint({ instance: 'mine', name: 'perform', script: script.id, public: true });

	/** The credentials as they are when a round begins; all sign-ins are valid then. */
	const credentialsOf = (apiBaseUrl: string): Record<string, ICredentialDataDecryptedObject> => {
		const refreshToken = google.issueRefreshToken({ scopes: SCOPES, client });
		canaries.add('refresh token', refreshToken);
		const addresses = { otherAddresses: true, apiBaseUrl, driveBaseUrl: emulator.address, tokenInfoUrl: google.urls.tokenInfo, tokenUrl: google.urls.token };
		const own = { ...addresses, clientId: client.id, clientSecret: client.secret };
		return {
			oAuth2: { ...own, oauthTokenData: { access_token: google.issueToken({ scopes: SCOPES, client }), refresh_token: refreshToken, token_type: 'Bearer' } },
			refreshToken: { ...own, signInWith: 'refreshToken', refreshToken },
			serviceAccount: {
				...addresses,
				signInWith: 'serviceAccount',
				keyForm: 'file',
				serviceAccountKey: JSON.stringify(keyFile),
				subject: google.defaultUser.email,
				scope: SCOPES.join(' '),
			},
			syncano: { baseUrl: apiBaseUrl, accountKey, instanceName: 'mine' },
		};
	};

	const engine = createEngine();
	const nodeOf = (round: Round, baseUrl: string): NodeUnderTest => {
		const shared = {
			routing: round.routing,
			output: round.output,
		};
		const options = {
			concurrency: round.concurrency,
			maxConcurrency: round.maxConcurrency,
			maxRetries: round.maxRetries,
			safeToRepeat: round.safeToRepeat,
			resultField: round.resultField,
			timeout: 1,
		};
		const node = { onError: round.onError, retryOnFail: round.retryOnFail, maxTries: round.maxTries, waitBetweenTries: 1 };
		if (round.target === 'appsScript') {
			return {
				...node,
				type: 'appsScriptRun',
				credentials: round.signIn === 'oAuth2' ? { googleAppsScriptOAuth2Api: 'oAuth2' } : { googleAppsScriptHeadlessApi: round.signIn },
				parameters: {
					...shared,
					authentication: round.signIn === 'oAuth2' ? 'oAuth2' : 'headless',
					script: locator('id', project.scriptId),
					deployment: locator('id', project.deploymentId),
					function: locator('name', round.batchSize === undefined ? 'perform' : round.wrongLength ? 'performTooFew' : 'performAll'),
					parametersFrom: 'item',
					...(round.batchSize === undefined ? {} : { runMode: 'batch', batchSize: round.batchSize }),
					options: { ...options, ...(round.withApiKey ? { apiKey } : {}) },
				},
			};
		}
		const where: INodeParameters =
			round.target === 'script'
				? { resource: 'script', operation: 'run', scriptId: locator('id', String(script.id)) }
				: round.target === 'endpoint'
					? { resource: 'scriptEndpoint', operation: 'run', endpoint: locator('name', endpoint.name), method: round.method }
					: { resource: 'scriptEndpoint', operation: 'runPublic', publicUrl: `${baseUrl}${syncano.publicPath(endpoint)}`, method: round.method };
		return {
			...node,
			type: 'syncanoScript',
			credentials: { syncanoApi: 'syncano' },
			parameters: { ...shared, ...where, payloadFrom: 'item', options: { ...options, waitLimit: 2 } },
		};
	};

	return {
		play: async (round) => {
			emulator.faults.clear();
			emulator.journal.clear();
			elsewhere.journal.clear();
			await gate.revive();
			const baseUrl = round.trouble?.kind === 'refused' ? REFUSING : round.trouble?.kind === 'noSuchHost' ? NO_SUCH_HOST : gate.address;
			for (const [id, data] of Object.entries(credentialsOf(baseUrl))) {
				const type = id === 'syncano' ? 'syncanoApi' : id === 'oAuth2' ? 'googleAppsScriptOAuth2Api' : 'googleAppsScriptHeadlessApi';
				engine.saveCredential(id, { name: id, type, data });
			}
			for (const rule of round.faults) {
				const location = rule.fault.startsWith('redirect') ? { location: `${elsewhere.address}/v1/scripts/elsewhere:run` } : {};
				emulator.faults.add({ ...rule, parameters: { ...rule.parameters, ...location } });
			}
			const run = engine.run({ mode: 'trigger', items: round.orders.map((order) => ({ ...order })), node: nodeOf(round, baseUrl) });
			const over = new AbortController();
			const trouble = makeTrouble(round, { emulator, gate, stop: () => run.cancel(), over: over.signal });
			const result = await within(LONGEST_ROUND_MS, run);
			over.abort();
			await trouble;
			await quiet(emulator);
			return { round, result, journal: emulator.journal, elsewhere: elsewhere.journal, canaries };
		},
		stop: async () => {
			await gate.stop();
			await Promise.all([emulator.stop(), elsewhere.stop()]);
		},
	};
}

/** In a batch an item's own failure is an entry of the array. */
function performed(order: Order): unknown {
	try {
		return perform(order);
	} catch (error) {
		return { error: String(error) };
	}
}

async function performSlowly(order: Order): Promise<unknown> {
	if (order.act === 'slow') await pause(20);
	return perform(order);
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Lets the round's trouble come once so many requests have been seen, and ends it. */
async function makeTrouble({ trouble }: Round, { emulator, gate, stop, over }: { emulator: Emulator; gate: Gate; stop: () => void; over: AbortSignal }): Promise<void> {
	if (trouble === undefined || trouble.kind === 'refused' || trouble.kind === 'noSuchHost') return;
	while (emulator.journal.requests.length < trouble.after && !over.aborted) await pause(2);
	if (over.aborted) return;
	switch (trouble.kind) {
		case 'accessRevoked':
			emulator.google.revokeAllAccessTokens();
			return;
		case 'signInRevoked':
			emulator.google.revokeAllRefreshTokens();
			emulator.google.revokeAllAccessTokens();
			return;
		case 'stop':
			stop();
			return;
		case 'dies':
			await gate.die();
			await pause(trouble.forMs);
			await gate.revive();
	}
}

/** A run that the node gave up on goes on for a moment: the journal is read when nothing is open any more. */
async function quiet(emulator: Emulator): Promise<void> {
	const isQuiet = (): boolean => emulator.journal.requests.every(({ endedAt }) => endedAt !== undefined) && emulator.journal.executions.every(({ endedAt }) => endedAt !== undefined);
	const until = Date.now() + 5_000;
	do await pause(5);
	while (!isQuiet() && Date.now() < until);
}

async function within<T>(milliseconds: number, promise: PromiseLike<T>): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error(`Nothing came for ${milliseconds / 1_000} s: the node hangs`)), milliseconds);
	});
	try {
		return await Promise.race([promise, late]);
	} finally {
		clearTimeout(timer);
	}
}
