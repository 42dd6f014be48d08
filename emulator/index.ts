import { AppsScriptEmulator, type AppsScriptSettings } from './appsScript';
import { appsScriptFaults } from './appsScript/faults';
import { systemClock, type Clock } from './clock';
import { FaultSwitchboard, type FaultDefinition } from './faults';
import { GoogleEmulator } from './google';
import { googleFaults } from './google/faults';
import { EmulatorControl } from './http/control';
import { httpFaults } from './http/faults';
import { EmulatorServer } from './http/server';
import { Journal } from './journal';
import type { EmulatorContext, EmulatedService } from './service';
import { createSyncano, syncanoFaults, type SyncanoEmulator, type SyncanoOptions } from './syncano';

export interface EmulatorOptions {
	/** 0, the default, takes any free one. */
	readonly port?: number;
	/** The time that all services see; default the machine's. */
	readonly clock?: Clock;
	/** See {@link AppsScriptSettings}. */
	readonly appsScript?: Partial<AppsScriptSettings>;
	/** See {@link SyncanoOptions}. */
	readonly syncano?: SyncanoOptions;
	/** Processes that run Apps Script, at most; default 30. */
	readonly maximumChildren?: number;
}

/** The emulated services at one address. */
export interface Emulator {
	/** `http://127.0.0.1:port` */
	readonly address: string;
	readonly journal: Journal;
	readonly faults: FaultSwitchboard;
	readonly clock: Clock;
	readonly google: GoogleEmulator;
	readonly appsScript: AppsScriptEmulator;
	readonly syncano: SyncanoEmulator;
	/** Closes every connection and ends every child process and timer. */
	stop(): Promise<void>;
}

/** All faults of all services; a name must mean one thing. */
function catalogue(...parts: ReadonlyArray<Readonly<Record<string, FaultDefinition>>>): Record<string, FaultDefinition> {
	const all: Record<string, FaultDefinition> = {};
	for (const part of parts) {
		for (const [name, fault] of Object.entries(part)) {
			if (name in all) throw new Error(`Two faults are called "${name}"`);
			all[name] = fault;
		}
	}
	return all;
}

/** Starts the emulator on 127.0.0.1. Child processes come only when a script runs. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
	const clock = options.clock ?? systemClock;
	const journal = new Journal();
	const faults = new FaultSwitchboard(catalogue(httpFaults, googleFaults, appsScriptFaults, syncanoFaults));
	const server = new EmulatorServer(clock, journal, faults);
	const address = await server.listen(options.port ?? 0);
	const context: EmulatorContext = { clock, journal, faults, address };
	const google = new GoogleEmulator(context);
	const appsScript = new AppsScriptEmulator(context, google, { settings: options.appsScript, maximumChildren: options.maximumChildren });
	const syncano = createSyncano(context, options.syncano);
	const services: EmulatedService[] = [google, appsScript, syncano];
	server.add(...services);
	server.setControl(new EmulatorControl(faults, journal, address));
	return {
		address,
		journal,
		faults,
		clock,
		google,
		appsScript,
		syncano,
		stop: async () => {
			// The connections first: what a service says while it ends is nothing that a live one would say.
			const closed = server.close();
			await Promise.all(services.map((service) => service.stop()));
			await closed;
		},
	};
}
