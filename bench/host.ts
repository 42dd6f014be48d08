/**
 * The real n8n that is measured, with the package as its users get it and the benchmark's own nodes beside it.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { IConnections, INode } from 'n8n-workflow';
import { temporaryFolder } from '../test/n8n/cleanUp';
import type { N8nInstallation } from '../test/n8n/install';
import { createN8n, type CredentialFile, type N8n } from '../test/n8n/n8n';
import type { PackedPackage } from '../test/n8n/package';
import type { N8nServer } from '../test/n8n/server';
import type { Measured } from './nodes/measurement';
import type { ServiceAddress } from './serviceProtocol';
import { SYNCANO_INSTANCE } from './serviceProtocol';

/** The benchmark's own nodes; they never ship. */
const BENCH_PACKAGE = 'n8n-nodes-cloud-scripts-bench';
const BENCH_NODES = ['BenchItems', 'BenchReport', 'BareLoop', 'NaivePoll'];

/** The node that a workflow measures. */
export interface MeasuredNode extends Pick<INode, 'type' | 'typeVersion' | 'parameters'> {
	/** By the type of the credential, its id. */
	readonly credentials: Readonly<Record<string, string>>;
}

/** What came of one run of a workflow. */
export interface Result extends Measured {
	/** Items that left the node. */
	readonly items: number;
	/** Items that left with their own result. */
	readonly done: number;
	/** One that left without. */
	readonly example?: unknown;
}

/** n8n looks every other second whether its database answers, and refuses webhooks once it was too slow; thousands of requests at once make it slow. */
const ENVIRONMENT = { DB_PING_INTERVAL_SECONDS: '600', DB_PING_TIMEOUT_MS: '60000' };

export const OAUTH2 = 'googleAppsScriptOAuth2Api';
export const SYNCANO = 'syncanoApi';
/** The id of the OAuth2 credential of a lane. */
export const laneCredential = (lane: number): string => `benchLane${lane}0000000`;
const SYNCANO_CREDENTIAL = 'benchSyncano0000';
export const benchNode = (name: string): string => `${BENCH_PACKAGE}.${name}`;

/** Builds the package of the benchmark's own nodes. */
export async function benchPackage(): Promise<PackedPackage> {
	const folder = await temporaryFolder('bench-nodes');
	await build({
		entryPoints: BENCH_NODES.map((name) => join(__dirname, 'nodes', `${name}.node.ts`)),
		outdir: join(folder, 'dist'),
		bundle: true,
		platform: 'node',
		format: 'cjs',
		target: 'node20',
		external: ['n8n-workflow'],
	});
	const manifest = {
		name: BENCH_PACKAGE,
		version: '0.0.0',
		private: true,
		keywords: ['n8n-community-node-package'],
		n8n: { n8nNodesApiVersion: 1, nodes: BENCH_NODES.map((name) => `dist/${name}.node.js`) },
	};
	writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
	return { name: BENCH_PACKAGE, folder, tarball: '' };
}

function credentials(service: ServiceAddress): CredentialFile[] {
	const { address, clientId, clientSecret, tokenInfoUrl, tokenUrl } = service;
	const google = service.lanes.map(
		({ token }, lane): CredentialFile => ({
			id: laneCredential(lane),
			name: `Lane ${lane}`,
			type: OAUTH2,
			data: { clientId, clientSecret, otherAddresses: true, apiBaseUrl: address, driveBaseUrl: address, tokenInfoUrl, tokenUrl, oauthTokenData: token },
		}),
	);
	return [
		...google,
		{ id: SYNCANO_CREDENTIAL, name: 'Syncano', type: SYNCANO, data: { baseUrl: address, accountKey: service.syncanoKey, instanceName: SYNCANO_INSTANCE } },
	];
}

/** An n8n with workflows that measure. */
export class Host {
	private workflows = 0;

	private constructor(
		readonly n8n: N8n,
		private readonly server: N8nServer,
	) {}

	/** Its database is new; it ends with this process. */
	static async start(installation: N8nInstallation, packages: readonly PackedPackage[], service: ServiceAddress): Promise<Host> {
		const n8n = await createN8n(installation, { packages });
		await n8n.importCredentials(credentials(service));
		return new Host(n8n, await n8n.startServer(ENVIRONMENT));
	}

	async stop(): Promise<void> {
		await this.server.stop();
	}

	/**
	 * Makes a workflow that runs one node over any number of items, and publishes it: what runs at night is no run by hand. Nothing of a run is
	 * saved, so that what n8n's database costs stays out of it.
	 * @returns runs it once over `count` items; a `profile` is the file that gets a CPU profile
	 */
	async workflow(title: string, measured: MeasuredNode): Promise<(count: number, profile?: string) => Promise<Result>> {
		this.workflows += 1;
		const path = `bench-${this.workflows}`;
		const credentialReferences = Object.fromEntries(Object.entries(measured.credentials).map(([type, id]) => [type, { id, name: id }]));
		const nodes: INode[] = [
			{
				id: `${path}-1`,
				name: 'Start',
				type: 'n8n-nodes-base.webhook',
				typeVersion: 2,
				position: [0, 0],
				webhookId: path,
				parameters: { httpMethod: 'POST', path, responseMode: 'lastNode', responseData: 'firstEntryJson', options: {} },
			},
			{ id: `${path}-2`, name: 'Items', type: benchNode('benchItems'), typeVersion: 1, position: [200, 0], parameters: { count: '={{ $json.body.count }}' } },
			{
				id: `${path}-3`,
				name: 'Measured',
				type: measured.type,
				typeVersion: measured.typeVersion,
				position: [400, 0],
				parameters: measured.parameters,
				credentials: credentialReferences,
				onError: 'continueRegularOutput',
			},
			{ id: `${path}-4`, name: 'Report', type: benchNode('benchReport'), typeVersion: 1, position: [600, 0], parameters: {} },
		];
		const connections: IConnections = Object.fromEntries(
			nodes.slice(1).map(({ name }, index) => [nodes[index]?.name ?? '', { main: [[{ node: name, type: 'main' as const, index: 0 }]] }]),
		);
		const settings = { executionOrder: 'v1', saveDataSuccessExecution: 'none', saveDataErrorExecution: 'none', saveManualExecutions: false, saveExecutionProgress: false };
		await this.server.publishWorkflow(await this.server.createWorkflow({ name: title, nodes, connections, settings }));
		return async (count, profile) => {
			const { status, body } = await this.server.webhook(path, { count, profile });
			if (status !== 200) throw new Error(`The workflow "${title}" answered ${status}: ${JSON.stringify(body).slice(0, 1000)}\n${this.server.log.slice(-10).join('\n')}`);
			return body as Result;
		};
	}

	/** The Syncano credential of a measured node. */
	static readonly syncano: MeasuredNode['credentials'] = { [SYNCANO]: SYNCANO_CREDENTIAL };
}
