import { spawnSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';
import { atEnd } from '../n8n/cleanUp';

/** Names under which systems know Chromium, the most usual first. */
const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The machine's Chromium. @throws when there is none */
function findChromium(): string {
	for (const command of COMMANDS) {
		const { status, stdout } = spawnSync('sh', ['-c', `command -v ${command}`], { encoding: 'utf8' });
		if (status === 0) return stdout.trim();
	}
	throw new Error(`None of ${COMMANDS.join(', ')} is installed. On Debian: apt-get install chromium`);
}

/** Starts Chromium without a window; it reaches this machine only, and `endAll` ends it. */
export async function launchChromium(): Promise<Browser> {
	const browser = await chromium.launch({
		executablePath: findChromium(),
		args: [
			'--no-sandbox',
			'--disable-gpu',
			'--disable-quic',
			'--no-first-run',
			'--disable-background-networking',
			'--disable-component-update',
			'--disable-sync',
			'--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
		],
		// Ctrl-C is ours to answer.
		handleSIGINT: false,
		handleSIGTERM: false,
		handleSIGHUP: false,
	});
	atEnd(() => browser.close());
	return browser;
}
