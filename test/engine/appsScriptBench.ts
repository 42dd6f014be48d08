import type { IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';

import { startEmulator, type Emulator, type EmulatorOptions } from '../../emulator';
import { addressesOf, tokensOf } from '../n8n/emulatorCredentials';
import { createEngine, type Engine, type EngineRun, type NodeUnderTest, type SavedCredential } from './harness';

/** The scripts that the tests of Apps Script Run call. */
const SOURCE = `
function echo() { return Array.prototype.slice.call(arguments); }
function give(value) { return value; }
function nothing() {}
function add(a, b) { return a + b; }
function choosy(n) { if (n % 2) throw new TypeError('odd: ' + n); return n * 10; }
function deep(n) { return inner(n); }
function inner(n) { throw new RangeError('too deep ' + n); }
function throwText(text) { throw text; }
function today() { return new Date(); }
function slow(ms) { Utilities.sleep(ms); return ms; }
function sizeOf(file) { return { name: file.fileName, type: file.mimeType, bytes: Utilities.base64Decode(file.base64).length }; }
function doubleAll(entries) { return entries.map(function (entry) { return entry.n > 90 ? { error: 'too much: ' + entry.n } : { twice: entry.n * 2 }; }); }
function half(entries) { return entries.slice(1); }
function hidden_() { return 1; }
`;

/** An emulator with one project, a signed-in credential, and the engine. */
export interface AppsScriptBench {
	readonly emulator: Emulator;
	readonly engine: Engine;
	readonly scriptId: string;
	readonly deploymentId: string;
	/** The data of the credential `google`, as saved. */
	readonly credential: SavedCredential['data'];
	/** Runs the node. `function` is given by name, the deployment by its id unless the parameters say otherwise. */
	run(functionName: string, items: Array<INodeExecutionData | IDataObject>, parameters?: INodeParameters, node?: Partial<NodeUnderTest>): EngineRun;
	stop(): Promise<void>;
}

export const SCOPES = ['https://www.googleapis.com/auth/userinfo.email', 'https://www.googleapis.com/auth/script.deployments.readonly', 'https://www.googleapis.com/auth/script.projects.readonly', 'https://www.googleapis.com/auth/drive.metadata.readonly'];

/** A locator as the editor saves it. */
export const locator = (mode: string, value: string): INodeParameters => ({ __rl: true, mode, value });

/** @param data what the credential holds instead of a token that works */
export async function startBench(options?: EmulatorOptions, data?: SavedCredential['data']): Promise<AppsScriptBench> {
	const emulator = await startEmulator(options);
	const project = emulator.appsScript.addProject({ files: [{ name: 'Code', type: 'SERVER_JS', source: SOURCE }] });
	const credential: SavedCredential['data'] = {
		...addressesOf(emulator),
		clientId: emulator.google.defaultClient.id,
		clientSecret: emulator.google.defaultClient.secret,
		oauthTokenData: tokensOf(emulator, SCOPES),
		...data,
	};
	const engine = createEngine({ credentials: { google: { name: 'Google', type: 'googleAppsScriptOAuth2Api', data: credential } } });
	return {
		emulator,
		engine,
		scriptId: project.scriptId,
		deploymentId: project.deploymentId,
		credential,
		run: (functionName, items, parameters = {}, node = {}) =>
			engine.run({
				items,
				node: {
					type: 'appsScriptRun',
					credentials: { googleAppsScriptOAuth2Api: 'google' },
					...node,
					parameters: { deployment: locator('id', project.deploymentId), function: locator('name', functionName), parametersFrom: 'none', ...parameters },
				},
			}),
		stop: () => emulator.stop(),
	};
}

/** The json of the items of each output. */
export const jsonOf = (outputs: INodeExecutionData[][]): IDataObject[][] => outputs.map((items) => items.map((item) => item.json));

/** The input items to which the items of each output are paired. */
export const pairsOf = (outputs: INodeExecutionData[][]): number[][] =>
	outputs.map((items) => items.map((item) => (item.pairedItem as { item: number } | undefined)?.item ?? -1));
