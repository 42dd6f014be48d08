import type { BillingProblem } from './answers';
import type { RunQueue } from './queue';
import type { ScriptResult } from './runner';
import type { TraceStore } from './traces';

/** What an administrator may do in an instance: `read` reads and runs endpoints by GET, the others also run scripts and write. */
export type Role = 'full' | 'write' | 'read';

/** A person with an Account Key. */
export interface Administrator {
	readonly id: number;
	readonly email: string;
	readonly first_name: string;
	readonly last_name: string;
	readonly accountKey: string;
	/** By the instance's name; no entry where the administrator is no member. */
	readonly roles: Map<string, Role>;
}

/** A function of the emulator's own process in place of a script: cheap enough to be run by the thousand. */
export interface NativeScript {
	/** What the script would print (a text is its stdout). An error that it throws is a failure. */
	run(given: { readonly ARGS: unknown; readonly CONFIG: unknown; readonly META: unknown }): NativeOutput | Promise<NativeOutput>;
	/** How long the run takes by the emulator's clock, in milliseconds; drawn anew for each run. Default: the emulator's `runTime`. */
	readonly duration?: number | (() => number);
}

/** What a native script prints. */
export type NativeOutput = string | Partial<ScriptResult>;

/** A template that renders an endpoint's reply; on the service they are written in Jinja. */
export interface ResponseTemplate {
	readonly contentType: string;
	/** @param trace the default reply, with `result.stdout` and so on */
	readonly render: (trace: { readonly status: string; readonly result: Partial<ScriptResult> }) => string;
}

/** A script of an instance. */
export interface Script {
	readonly id: number;
	readonly instance: string;
	label: string;
	description: string;
	runtime_name: string;
	source: string;
	config: Record<string, unknown>;
	readonly createdAt: number;
	updatedAt: number;
	/** The name of the socket to which it belongs, with that socket's configuration: it can then only be read. */
	readonly socket?: { readonly name: string; readonly config?: Record<string, unknown> };
	readonly native?: NativeScript;
}

/** A Script Endpoint of an instance. */
export interface Endpoint {
	readonly id: number;
	readonly instance: string;
	readonly name: string;
	description: string;
	script: number;
	public: boolean;
	/** 40 hex digits. */
	publicLink: string;
}

/** An instance, with everything in it. What is not read-only may be changed at any time. */
export interface Instance {
	readonly id: number;
	readonly name: string;
	/** Its API key, the one that does not suffice to run scripts. */
	readonly instanceKey: string;
	readonly createdAt: number;
	/** Before 2017, the scripts of endpoints see ARGS.POST and ARGS.GET besides the flat arguments. */
	readonly createdYear: number;
	description: string;
	config: Record<string, unknown>;
	/** How many scripts run at once. */
	concurrency: number;
	/** So many runs per runner may wait before further ones are blocked. */
	queuePerRunner: number;
	/** A problem with the owner's bill: calls are refused, and runs that wait are blocked. */
	billing: BillingProblem | undefined;
	/** Requests a second; `undefined` for the service's own rate. */
	requestsPerSecond: number | undefined;
	readonly scripts: Map<number, Script>;
	readonly endpoints: Map<string, Endpoint>;
	readonly templates: Map<string, ResponseTemplate>;
	readonly traces: { readonly scripts: TraceStore; readonly endpoints: TraceStore };
	readonly queue: RunQueue;
}

/** The runtimes that the service offers; the aliases `nodejs` and `python` are accepted but not listed. */
export const runtimes: Readonly<Record<string, { readonly version: string; readonly library: string | null; readonly library_version: string | null; readonly deprecated: boolean }>> = {
	'nodejs_library_v0.4': { version: '6', library: 'syncano', library_version: '0.4', deprecated: true },
	'nodejs_library_v1.0': { version: '6', library: 'syncano', library_version: '1.0', deprecated: false },
	nodejs_v6: { version: '6', library: null, library_version: null, deprecated: false },
	'python_library_v4.2': { version: '2.7', library: 'syncano', library_version: '4.2', deprecated: true },
	'python_library_v5.0': { version: '2.7', library: 'syncano', library_version: '5.0', deprecated: false },
	python3: { version: '3', library: null, library_version: null, deprecated: false },
	ruby: { version: '2', library: null, library_version: null, deprecated: false },
	golang: { version: '1', library: null, library_version: null, deprecated: false },
	swift: { version: '2', library: null, library_version: null, deprecated: false },
	php: { version: '5', library: null, library_version: null, deprecated: false },
};

const aliases: Readonly<Record<string, string>> = { nodejs: 'nodejs_library_v0.4', python: 'python_library_v4.2' };

/** Whether the service knows a runtime by this name. */
export const isRuntime = (name: string): boolean => Object.hasOwn(runtimes, name) || Object.hasOwn(aliases, name);
