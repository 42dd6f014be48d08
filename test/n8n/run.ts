/**
 * `npm run test:n8n`: the package as its users get it, in the real n8n. Ends with a line `N passed, N failed`.
 */
import { startEmulator } from '../../emulator';
import { addSamples } from '../../emulator/samples';
import { addSyncanoSamples } from '../../emulator/samples/syncano';
import { createEngine } from '../engine/harness';
import { checksInto, runProgram, runSuites, suitesNamed, type Tally } from './checks';
import { atEnd } from './cleanUp';
import { emulatorCredentials, savedCredentials, signedIn } from './emulatorCredentials';
import { installN8n } from './install';
import { createN8n } from './n8n';
import { packPackage } from './package';
import type { N8nServer } from './server';
import { credentialTests } from './suites/credentialTests';
import type { Context } from './suites/context';
import { examples } from './suites/examples';
import { lists } from './suites/lists';
import { loading } from './suites/loading';
import { queue } from './suites/queue';
import { sameItems } from './suites/sameItems';
import { secrets } from './suites/secrets';

// Queue mode takes minutes and Redis: `npm run test:n8n -- --queue`. The last revokes every token.
const SUITES = [sameItems, examples, loading, lists, secrets, ...(process.argv.includes('--queue') ? [queue] : []), credentialTests];

async function run(): Promise<Tally> {
	const installation = await installN8n();
	console.log('Packing the package and starting the emulator …');
	const packed = await packPackage();
	const emulator = await startEmulator();
	atEnd(() => emulator.stop());
	addSamples(emulator);
	addSyncanoSamples(emulator.syncano);
	const n8n = await createN8n(installation, { packages: [packed] });
	const credentials = emulatorCredentials(emulator);
	credentials.googleAppsScriptOAuth2Api = signedIn(credentials.googleAppsScriptOAuth2Api, emulator);

	let server: Promise<N8nServer> | undefined;
	const context: Context = {
		n8n,
		packed,
		emulator,
		credentials,
		engine: createEngine({
			package: 'dist',
			credentials: savedCredentials(credentials),
		}),
		server: () => (server ??= n8n.startServer()),
	};
	console.log(`Preparing n8n ${installation.version} …`);
	await n8n.importCredentials(Object.values(credentials));
	const suites = suitesNamed(SUITES);
	for (const suite of suites) await suite.prepare?.(context);

	const tally: Tally = { passed: 0, failed: 0 };
	const check = checksInto(tally);
	await runSuites(suites, check, (suite) => suite.run(check, context));
	return tally;
}

runProgram(run);
