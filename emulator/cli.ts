import { startEmulator, type Emulator } from '.';
import { addSamples, LIST_SCOPES, ORDER_SHEET_SCOPES, type Samples } from './samples';

/** The port that `npm run emulator` takes, so that credentials once entered stay right. */
const DEFAULT_PORT = 8793;
/** Long enough for a day of trying things out. */
const TOKEN_SECONDS = 24 * 3600;

function readPort(words: readonly string[]): number {
	const index = words.indexOf('--port');
	if (index < 0) return DEFAULT_PORT;
	const port = Number(words[index + 1]);
	if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('--port needs a number from 0 to 65535');
	return port;
}

function describe(emulator: Emulator, { orderSheet }: Samples): string {
	const { google, address } = emulator;
	const scopes = [...ORDER_SHEET_SCOPES, ...LIST_SCOPES];
	const token = google.issueToken({ scopes, lifetimeSeconds: TOKEN_SECONDS });
	const refreshToken = google.issueRefreshToken({ scopes });
	const run = `${address}/v1/scripts/${orderSheet.deploymentId}:run`;
	return `The emulator is running at ${address} (help: ${address}/__emulator__/)

Google sign-in
  consent        ${google.urls.auth}
  token          ${google.urls.token}
  tokeninfo      ${google.urls.tokenInfo}
  client id      ${google.defaultClient.id}
  client secret  ${google.defaultClient.secret}
  user           ${google.defaultUser.email}
  scopes         ${scopes.join(' ')}
  access token   ${token}
  refresh token  ${refreshToken}

Apps Script API  ${address}
  project        Order sheet (emulator/samples/order-sheet)
  script id      ${orderSheet.scriptId}
  deployment id  ${orderSheet.deploymentId}
  functions      addRow(order) addRows(orders) addOrder(customer, product, quantity, price) listRows(customer) summarize()
                 slowReport(seconds) importFile(file) lastOrderDate() askForName() customerOf(order)

Syncano          ${address}
  account key    ${emulator.syncano.accountKey}

Run a function
  curl -H 'Authorization: Bearer ${token}' \\
    -d '{"function":"addRow","parameters":[{"customer":"Ada","product":"Tea","quantity":2,"price":3.5}]}' \\
    '${run}'

Let the next run fail (all faults: ${address}/__emulator__/faults)
  curl -d '{"fault":"resetAfterRun","times":1}' ${address}/__emulator__/faults
See what was requested, and what really ran
  curl ${address}/__emulator__/journal

Ctrl-C ends it.
`;
}

async function main(): Promise<void> {
	const emulator = await startEmulator({ port: readPort(process.argv.slice(2)) });
	process.stdout.write(describe(emulator, addSamples(emulator)));
	let ending = false;
	const end = () => {
		if (ending) return;
		ending = true;
		void emulator.stop().then(() => {
			process.stdout.write('The emulator has ended.\n');
			process.exit(0);
		});
	};
	process.once('SIGINT', end);
	process.once('SIGTERM', end);
}

main().catch((error: unknown) => {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exit(1);
});
