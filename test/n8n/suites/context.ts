import type { Emulator } from '../../../emulator';
import type { Engine } from '../../engine/harness';
import type { EmulatorCredentials } from '../emulatorCredentials';
import type { N8n } from '../n8n';
import type { PackedPackage } from '../package';
import type { N8nServer } from '../server';
import type { Check } from '../checks';

/** What all suites share: one n8n with the packed package, and one emulator. */
export interface Context {
	readonly n8n: N8n;
	readonly packed: PackedPackage;
	readonly emulator: Emulator;
	/** Imported already; the OAuth2 one is signed in. */
	readonly credentials: Readonly<EmulatorCredentials>;
	/** The in-process engine, with the same credentials. */
	readonly engine: Engine;
	/** Starts the server when it is first asked for. What the command line imports must be imported before. */
	readonly server: () => Promise<N8nServer>;
}

/** A group of checks that belong together. */
export interface Suite {
	readonly title: string;
	/** What has to be done with n8n's command line before the server starts. */
	prepare?(context: Context): Promise<void>;
	run(check: Check, context: Context): Promise<void>;
}
