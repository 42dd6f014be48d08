import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Emulator } from '..';
import type { Manifest, ScriptFile, ScriptProject } from '../appsScript';

/** The scopes that the order sheet's manifest names: what a token needs to run it. */
export const ORDER_SHEET_SCOPES = [
	'https://www.googleapis.com/auth/spreadsheets',
	'https://www.googleapis.com/auth/script.send_mail',
	'https://www.googleapis.com/auth/userinfo.email',
] as const;

/** What the lists of the node need besides. */
export const LIST_SCOPES = [
	'https://www.googleapis.com/auth/script.projects.readonly',
	'https://www.googleapis.com/auth/script.deployments.readonly',
	'https://www.googleapis.com/auth/script.processes',
	'https://www.googleapis.com/auth/drive.metadata.readonly',
] as const;

/** Fixed ids, so that example workflows can name them. */
export const ORDER_SHEET_SCRIPT_ID = '1OrderSheetOfTheEmulator0000000000000000000000000000000x';
export const ORDER_SHEET_DEPLOYMENT_ID = 'AKfycbOrderSheetOfTheEmulator000000000000000000000000000000000000000000v1';

export interface Samples {
	readonly orderSheet: {
		readonly project: ScriptProject;
		readonly scriptId: string;
		readonly deploymentId: string;
	};
}

/** The code and the manifest of a folder with `.gs` files. */
function readProjectFolder(folder: string): { readonly files: ScriptFile[]; readonly manifest: Manifest } {
	const files = readdirSync(folder)
		.filter((name) => name.endsWith('.gs'))
		.sort()
		.map((name): ScriptFile => ({ name: name.replace(/\.gs$/, ''), type: 'SERVER_JS', source: readFileSync(join(folder, name), 'utf8') }));
	return { files, manifest: JSON.parse(readFileSync(join(folder, 'appsscript.json'), 'utf8')) as Manifest };
}

/** Adds the order sheet, a small Apps Script project that appends rows, sums them up, and fails in natural ways. */
export function addSamples(emulator: Emulator): Samples {
	const project = emulator.appsScript.addProject({
		scriptId: ORDER_SHEET_SCRIPT_ID,
		title: 'Order sheet',
		...readProjectFolder(join(__dirname, 'order-sheet')),
		deployments: [{}, { id: ORDER_SHEET_DEPLOYMENT_ID, versionNumber: 1, description: 'For workflows' }],
	});
	return { orderSheet: { project, scriptId: project.scriptId, deploymentId: project.deploymentId } };
}
