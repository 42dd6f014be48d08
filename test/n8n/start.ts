/**
 * `npm start`: the real n8n to look at and play with. The package is loaded as its users get it, the emulator stands in for Google and
 * Syncano, credentials and example workflows are there. Ctrl-C ends everything and removes what was kept.
 */
import { startEmulator } from '../../emulator';
import { addSamples } from '../../emulator/samples';
import { addSyncanoSamples } from '../../emulator/samples/syncano';
import { atEnd, endAll, isEnding } from './cleanUp';
import { emulatorCredentials } from './emulatorCredentials';
import { exampleWorkflows } from './examples';
import { installN8n } from './install';
import { createN8n } from './n8n';
import { packPackage } from './package';
import { OWNER } from './server';
import { withCredentials } from './workflows';

async function start(): Promise<void> {
	const installation = await installN8n();
	console.log('Packing the package …');
	const packed = await packPackage();
	const emulator = await startEmulator();
	atEnd(() => emulator.stop());
	addSamples(emulator);
	addSyncanoSamples(emulator.syncano);

	console.log('Importing credentials and example workflows …');
	const n8n = await createN8n(installation, { packages: [packed] });
	const credentials = Object.values(emulatorCredentials(emulator));
	const workflows = exampleWorkflows().map((workflow) => withCredentials(workflow, credentials));
	await n8n.importCredentials(credentials);
	await n8n.importWorkflows(workflows);

	console.log(`Starting n8n ${installation.version} …`);
	const server = await n8n.startServer();
	for (const { id, type } of credentials) {
		if (type === 'googleAppsScriptOAuth2Api') await server.connectOAuth2(id);
	}
	console.log(
		[
			'',
			`  n8n        ${server.url}`,
			`  E-mail     ${OWNER.email}`,
			`  Password   ${OWNER.password}`,
			'',
			`  Emulator   ${emulator.address} (stands in for Google and Syncano)`,
			'  Workflows',
			...workflows.map(({ id, name }) => `    ${server.url}/workflow/${id}   ${name}`),
			'',
			'Ctrl-C ends n8n and the emulator; nothing is kept.',
		].join('\n'),
	);
	const { code, signal } = await server.process.exited;
	throw new Error(`n8n ended by itself (${signal ?? `exit code ${code}`}):\n${server.log.slice(-30).join('\n')}`);
}

start().catch(async (error: unknown) => {
	if (isEnding()) return;
	console.error(error instanceof Error ? error.message : error);
	await endAll();
	process.exitCode = 1;
});
