/**
 * `npm run test:browser`: the package in the real n8n's editor, in Chromium, by mouse and keyboard. Ends with a line `N passed, N failed`.
 * With `--screenshots` the README's pictures are made anew (docs/images); else they go to a temporary folder, for their checks only.
 */
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmulator } from '../../emulator';
import { addSamples } from '../../emulator/samples';
import { addSyncanoSamples } from '../../emulator/samples/syncano';
import { type Check, checksInto, runProgram, runSuites, suitesNamed, type Tally } from '../n8n/checks';
import { atEnd, temporaryFolder } from '../n8n/cleanUp';
import { emulatorCredentials } from '../n8n/emulatorCredentials';
import { exampleWorkflows } from '../n8n/examples';
import { installN8n } from '../n8n/install';
import { createN8n } from '../n8n/n8n';
import { packPackage, REPOSITORY } from '../n8n/package';
import { withCredentials } from '../n8n/workflows';
import { launchChromium } from './chromium';
import type { Context } from './context';
import { Editor, WINDOW } from './editor';
import { Pictures } from './pictures';
import { agent } from './suites/agent';
import { changedFunction } from './suites/changedFunction';
import { credentials as credentialsSuite } from './suites/credentials';
import { failures } from './suites/failures';
import { finding } from './suites/finding';
import { firstRun } from './suites/firstRun';
import { outcomes } from './suites/outcomes';
import { syncano } from './suites/syncano';
import { theme } from './suites/theme';

const SUITES = [finding, firstRun, changedFunction, failures, outcomes, syncano, credentialsSuite, agent, theme];

/** Checks that leave a picture of the window where they fail. */
function withPicture(check: Check, { page }: Editor): Check {
	return async (promise, body) =>
		await check(promise, async () => {
			try {
				await body();
			} catch (error) {
				const file = join(mkdtempSync(join(tmpdir(), 'cloud-scripts-failed-')), 'window.png');
				await page.screenshot({ path: file }).then(
					() => console.log(`    The window as it was: ${file}`),
					() => undefined,
				);
				throw error;
			}
		});
}

async function prepare(): Promise<Context> {
	const browser = await launchChromium();
	const installation = await installN8n();
	console.log('Packing the package and starting the emulator …');
	const packed = await packPackage();
	const emulator = await startEmulator();
	atEnd(() => emulator.stop());
	addSamples(emulator);
	addSyncanoSamples(emulator.syncano);
	const n8n = await createN8n(installation, { packages: [packed] });
	const credentials = emulatorCredentials(emulator);

	console.log(`Preparing n8n ${installation.version} …`);
	await n8n.importCredentials(Object.values(credentials));
	await n8n.importWorkflows(exampleWorkflows().map((workflow) => withCredentials(workflow, Object.values(credentials))));
	for (const suite of SUITES) await suite.prepare?.({ n8n, emulator, credentials });
	const server = await n8n.startServer();
	await server.connectOAuth2(credentials.googleAppsScriptOAuth2Api.id);

	const context = await browser.newContext({ viewport: WINDOW, colorScheme: 'light', locale: 'en-US' });
	const editor = new Editor(await context.newPage(), server.url);
	await editor.signIn();
	const folder = process.argv.includes('--screenshots') ? join(REPOSITORY, 'docs', 'images') : await temporaryFolder('pictures');
	mkdirSync(folder, { recursive: true });
	return { n8n, emulator, credentials, server, editor, pictures: new Pictures(editor, folder) };
}

async function run(): Promise<Tally> {
	const context = await prepare();
	const tally: Tally = { passed: 0, failed: 0 };
	const check = withPicture(checksInto(tally), context.editor);
	await runSuites(suitesNamed(SUITES), check, (suite) => suite.run(check, context));
	return tally;
}

runProgram(run);
