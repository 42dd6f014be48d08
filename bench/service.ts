/**
 * The emulated services in a process of their own, so that what they cost is not counted; forked by `serviceProcess.ts`.
 */
import { startEmulator, type Emulator } from '../emulator';
import type { ScriptProject } from '../emulator/appsScript';
import type { GoogleUser } from '../emulator/google';
import { LANES, SYNCANO_INSTANCE, SYNCANO_RUN_MS, SYNCANO_SCRIPT, type ServiceAddress, type ServiceCounts, type ServiceOrder, type ServicePreparation } from './serviceProtocol';

/** Longer than any benchmark, so that no refresh of a token falls into one side's time. */
const TOKEN_SECONDS = 6 * 3600;

interface Lane {
	readonly user: GoogleUser;
	readonly project: ScriptProject;
	runTimes: readonly number[];
}

/** What the functions of the benchmark are called with: an item, or a batch of them. */
interface Entry {
	readonly index: number;
}

class Service {
	private readonly lanes: Lane[];
	private readonly instant: ScriptProject;

	constructor(private readonly emulator: Emulator) {
		const { google, appsScript } = emulator;
		const native = {
			echo: (entry: Entry) => entry.index,
			echoAll: (entries: readonly Entry[]) => entries.map(({ index }) => index),
		};
		this.instant = appsScript.addProject({ title: 'Answers at once', native });
		this.lanes = Array.from({ length: LANES }, () => {
			const lane: Lane = {
				user: google.addUser(),
				project: appsScript.addProject({
					title: 'Takes its time',
					native,
					runTime: ({ parameters: [given] }) => (Array.isArray(given) ? (lane.runTimes[0] ?? 0) : (lane.runTimes[(given as Entry).index] ?? 0)),
				}),
				runTimes: [],
			};
			return lane;
		});
		const { syncano } = emulator;
		syncano.addInstance({ name: SYNCANO_INSTANCE, plan: 'paid' });
		syncano.addScript({
			instance: SYNCANO_INSTANCE,
			id: SYNCANO_SCRIPT,
			label: 'Echo',
			runtime_name: 'nodejs',
			source: '',
			native: { run: ({ ARGS }) => JSON.stringify((ARGS as Entry).index), duration: SYNCANO_RUN_MS },
		});
	}

	address(): ServiceAddress {
		const { address, google, syncano } = this.emulator;
		const token = (user: GoogleUser) => ({
			access_token: google.issueToken({ user, lifetimeSeconds: TOKEN_SECONDS }),
			refresh_token: google.issueRefreshToken({ user }),
			token_type: 'Bearer',
		});
		return {
			address,
			tokenUrl: google.urls.token,
			tokenInfoUrl: google.urls.tokenInfo,
			clientId: google.defaultClient.id,
			clientSecret: google.defaultClient.secret,
			instantDeployment: this.instant.deploymentId,
			lanes: this.lanes.map(({ user, project }) => ({ token: token(user), deployment: project.deploymentId })),
			syncanoKey: syncano.accountKey,
		};
	}

	prepare({ lane, runTimes, limit }: ServicePreparation): void {
		const { appsScript, journal } = this.emulator;
		(this.lanes[lane] as Lane).runTimes = runTimes;
		appsScript.settings.simultaneousPerUser = limit ?? Infinity;
		// They would grow without end, and slow the service down.
		journal.clear();
		(appsScript.processes as unknown[]).length = 0;
	}

	counts(): ServiceCounts {
		const { requests, executions } = this.emulator.journal;
		return { requests: requests.length, executions: executions.length };
	}

	async stop(): Promise<void> {
		await this.emulator.stop();
	}
}

function answerTo(service: Service, order: ServiceOrder): ServiceAddress | ServiceCounts | undefined {
	switch (order.kind) {
		case 'address':
			return service.address();
		case 'counts':
			return service.counts();
		case 'prepare':
			service.prepare(order);
			return undefined;
	}
}

async function main(): Promise<void> {
	const service = new Service(await startEmulator());
	process.on('message', (order: ServiceOrder) => {
		process.send?.({ id: order.id, answer: answerTo(service, order) });
	});
	process.on('disconnect', () => {
		void service.stop().then(() => process.exit(0));
	});
}

void main();
