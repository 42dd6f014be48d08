import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';

import { startEmulator, type Emulator, type EmulatorOptions } from '../../emulator';
import type { NativeScript } from '../../emulator/syncano';
import { createEngine, type Engine, type EngineRun, type NodeUnderTest } from './harness';

/** A locator as the editor saves it. */
export const locator = (mode: string, value: string | number): INodeParameters => ({ __rl: true, mode, value });

const native = (run: NativeScript['run'], duration: number = 0): NativeScript => ({ run, duration });
const given = (ARGS: unknown): Record<string, unknown> => (typeof ARGS === 'object' && ARGS !== null ? (ARGS as Record<string, unknown>) : {});

/** The scripts of the instance `mine` by id: native ones, so that a run costs no process. Each is an endpoint, and public, under the same name. */
export const SCRIPTS: Readonly<Record<string, { readonly id: number; readonly native: NativeScript }>> = {
	echo: { id: 1, native: native(({ ARGS }) => JSON.stringify(ARGS)) },
	print: { id: 2, native: native(({ ARGS }) => String((given(ARGS).text as string | undefined) ?? '')) },
	choosy: {
		id: 3,
		native: native(({ ARGS }) => {
			const n = Number(given(ARGS).n);
			if (n % 2 === 1) throw new TypeError(`odd: ${n}`);
			return String(n * 10);
		}),
	},
	noisy: { id: 4, native: native(() => ({ stdout: 'done', stderr: 'ReferenceError: foo is not defined\n    at work (main.js:2:3)\n    at main.js:7:1' })) },
	answer: {
		id: 5,
		native: native(({ ARGS }) => {
			const { status, type, content, headers } = given(ARGS);
			return {
				stdout: 'printed',
				response: {
					status: Number(status ?? 200),
					content_type: String((type as string | undefined) ?? 'application/json'),
					content: typeof content === 'string' ? content : JSON.stringify(content ?? null),
					headers: given(headers) as Record<string, string>,
				},
			};
		}),
	},
	slow: { id: 6, native: native(() => 'late', 150) },
	endless: { id: 7, native: native(() => 'never', 25_000) },
	limited: { id: 8, native: native(() => 'never', 400_000) },
};

export interface SyncanoBench {
	readonly emulator: Emulator;
	readonly engine: Engine;
	/** Runs the node with the credential of the emulator's owner. */
	run(parameters: INodeParameters, items?: Array<INodeExecutionData | IDataObject>, node?: Partial<NodeUnderTest>): EngineRun;
	/** *Script → Run* of one of {@link SCRIPTS}. */
	script(name: string, items?: Array<INodeExecutionData | IDataObject>, parameters?: INodeParameters, node?: Partial<NodeUnderTest>): EngineRun;
	/** *Script Endpoint → Run* of one of {@link SCRIPTS}. */
	endpoint(name: string, items?: Array<INodeExecutionData | IDataObject>, parameters?: INodeParameters, node?: Partial<NodeUnderTest>): EngineRun;
	/** The address of the public link of one of {@link SCRIPTS}. */
	publicLink(name: string): string;
	/** Requests so far whose path and query have this in them. */
	sent(part?: string): Emulator['journal']['requests'];
	stop(): Promise<void>;
}

/** An emulator with one instance, a credential `syncano`, and the engine. Requests are not throttled unless the options say so. */
export async function startBench(options: EmulatorOptions = {}): Promise<SyncanoBench> {
	const emulator = await startEmulator({ ...options, syncano: { rates: { instance: 1e6, administrator: 1e6 }, ...options.syncano } });
	const { syncano } = emulator;
	syncano.addInstance({ name: 'mine', plan: 'paid' });
	for (const [name, { id, native: script }] of Object.entries(SCRIPTS)) {
		syncano.addScript({ instance: 'mine', id, label: name, runtime_name: 'nodejs_v6', source: '', native: script, timeout: 300 });
		syncano.addEndpoint({ instance: 'mine', name, script: id, public: true });
	}
	const engine = createEngine({
		credentials: { syncano: { name: 'Syncano', type: 'syncanoApi', data: { baseUrl: emulator.address, accountKey: syncano.accountKey, instanceName: 'mine' } } },
	});
	const run: SyncanoBench['run'] = (parameters, items = [{}], node = {}) =>
		engine.run({ items, node: { type: 'syncanoScript', credentials: { syncanoApi: 'syncano' }, ...node, parameters } });
	const scriptId = (name: string) => locator('id', SCRIPTS[name]?.id ?? name);
	return {
		emulator,
		engine,
		run,
		script: (name, items, parameters = {}, node) => run({ resource: 'script', operation: 'run', scriptId: scriptId(name), payloadFrom: 'item', ...parameters }, items, node),
		endpoint: (name, items, parameters = {}, node) =>
			run({ resource: 'scriptEndpoint', operation: 'run', endpoint: locator('name', name), payloadFrom: 'item', ...parameters }, items, node),
		publicLink: (name) => {
			const endpoint = syncano.instance('mine').endpoints.get(name);
			if (endpoint === undefined) throw new Error(`No endpoint is called ${name}`);
			return `${emulator.address}${syncano.publicPath(endpoint)}`;
		},
		sent: (part = '') => emulator.journal.requests.filter(({ url }) => url.includes(part)),
		stop: () => emulator.stop(),
	};
}

/** The json of the items of each output. */
export const jsonOf = (outputs: INodeExecutionData[][]): IDataObject[][] => outputs.map((items) => items.map((item) => item.json));

/** The input items to which the items of each output are paired. */
export const pairsOf = (outputs: INodeExecutionData[][]): number[][] =>
	outputs.map((items) => items.map((item) => (item.pairedItem as { item: number } | undefined)?.item ?? -1));

/** A server that answers what a test wants, for what the emulator has no way to answer. */
export interface StandIn {
	readonly address: string;
	readonly requests: Array<Pick<IncomingMessage, 'method' | 'url' | 'headers'>>;
	stop(): Promise<void>;
}

export async function startStandIn(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<StandIn> {
	const requests: StandIn['requests'] = [];
	const server: Server = createServer((request, response) => {
		requests.push({ method: request.method, url: request.url, headers: request.headers });
		request.resume();
		request.on('end', () => answer(request, response));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		requests,
		stop: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
