import type { Emulator } from '../../emulator';
import type { Check } from '../n8n/checks';
import type { EmulatorCredentials } from '../n8n/emulatorCredentials';
import type { N8n } from '../n8n/n8n';
import type { N8nServer } from '../n8n/server';
import type { Editor } from './editor';
import type { Pictures } from './pictures';

/** What a suite can prepare before the server starts. */
export interface Preparation {
	readonly n8n: N8n;
	readonly emulator: Emulator;
	/** Imported already. */
	readonly credentials: Readonly<EmulatorCredentials>;
}

/** What all suites share: one n8n with the packed package and the examples, one emulator, one person in one browser. */
export interface Context extends Preparation {
	/** The OAuth2 credential is signed in. */
	readonly server: N8nServer;
	readonly editor: Editor;
	readonly pictures: Pictures;
}

/** A group of checks that belong together. */
export interface Suite {
	readonly title: string;
	/** What has to be done with n8n's command line before the server starts. */
	prepare?(preparation: Preparation): Promise<void>;
	run(check: Check, context: Context): Promise<void>;
}
