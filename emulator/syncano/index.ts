import type { Clock } from '../clock';
import type { FaultSwitchboard } from '../faults';
import type { Journal } from '../journal';
import type { EmulatedAnswer, EmulatedRequest, EmulatedService } from '../service';
import { Api } from './api';
import type { BillingProblem } from './answers';
import { makeKey, makeLink } from './keys';
import { limits } from './limits';
import { type Administrator, type Endpoint, type Instance, isRuntime, type NativeScript, type ResponseTemplate, type Role, type Script } from './model';
import { RunQueue } from './queue';
import { Runs } from './runs';
import { Throttle } from './throttle';
import { TraceStore } from './traces';
import { publicPath } from './views';

export { syncanoFaults } from './faults';
export type { Administrator, Endpoint, Instance, NativeOutput, NativeScript, ResponseTemplate, Role, Script } from './model';
export type { BillingProblem } from './answers';
export type { CustomResponse, ScriptResult } from './runner';
export type { Trace, TraceStatus, TraceStore } from './traces';

/** How the emulated Syncano differs from the live one's usual settings. Times in milliseconds. */
export interface SyncanoOptions {
	/** The owner's Account Key; by default always the same one. */
	readonly accountKey?: string;
	/** The last state of the live service was off; here it is on unless said otherwise. */
	readonly legacyCodeboxEnabled?: boolean;
	/** Requests a second; the service's own are 60 per instance, and 60 per administrator outside instances. */
	readonly rates?: Partial<{ instance: number; administrator: number }>;
	/** Until the caller of an endpoint gets a 408; the service's own is 300 s. */
	readonly endpointWait?: number;
	/** How long an endpoint's run may wait for its turn; the service's own is 30 s. */
	readonly endpointQueueWait?: number;
	/** How long a native script takes where it does not say so; default 200 ms, which the documentation calls usual. */
	readonly runTime?: () => number;
	/** META.api_host; by default the host of the request. */
	readonly apiHost?: string;
	/** META.space_host; by default left out. */
	readonly spaceHost?: string;
}

/** A new instance. */
export interface InstanceOptions {
	/** Lower-cased, at most 64 of `a-z 0-9 - _`. */
	readonly name: string;
	readonly description?: string;
	/** Default 2018. Before 2017, scripts of endpoints also see ARGS.POST and ARGS.GET. */
	readonly createdYear?: number;
	/** `builder` (default) runs two scripts at once, `paid` eight. */
	readonly plan?: 'builder' | 'paid';
	/** In place of the plan's own number. */
	readonly concurrency?: number;
	/** How many runs per runner may wait; default 50. */
	readonly queuePerRunner?: number;
	/** Requests a second, in place of the emulator's. */
	readonly requestsPerSecond?: number;
	/** The instance's part of CONFIG. */
	readonly config?: Record<string, unknown>;
	readonly billing?: BillingProblem;
}

/** A new script. */
export interface ScriptOptions {
	readonly instance: string;
	/** Default: the next free one. */
	readonly id?: number;
	readonly label: string;
	readonly description?: string;
	/** One of the service's runtimes, or `nodejs` or `python`. */
	readonly runtime_name: string;
	readonly source: string;
	/** The script's part of CONFIG, and its settings (`timeout`, `allow_full_access`). */
	readonly config?: Record<string, unknown>;
	/** Seconds; the same as `config.timeout`. */
	readonly timeout?: number;
	readonly socket?: Script['socket'];
	/** Runs in the emulator's own process in place of `source`. */
	readonly native?: NativeScript;
}

/** A new Script Endpoint. */
export interface EndpointOptions {
	readonly instance: string;
	/** Lower-cased, at most 64 of `a-z 0-9 - _`. */
	readonly name: string;
	/** The script's id. */
	readonly script: number;
	readonly description?: string;
	/** Whether the public link works; default false. */
	readonly public?: boolean;
}

/** The emulated Syncano, and how a test or a demo fills and changes it. */
export interface SyncanoEmulator extends EmulatedService {
	readonly name: 'syncano';
	/** The owner's Account Key: full access to every instance. Its last hex digit is even. */
	readonly accountKey: string;
	/** To whom all instances belong. */
	readonly owner: Administrator;
	/** Whether scripts run at all; where not, calls get `{"detail":""}`, and runs by public link are blocked. */
	legacyCodeboxEnabled: boolean;
	/** Every instance by name. */
	readonly instances: ReadonlyMap<string, Instance>;
	addInstance(options: InstanceOptions): Instance;
	addScript(options: ScriptOptions): Script;
	addEndpoint(options: EndpointOptions): Endpoint;
	/** A further administrator, with a role in the instances where it is a member. */
	addAdministrator(options: { readonly email: string; readonly roles?: Readonly<Record<string, Role>> }): Administrator;
	/** A response template, for `?template=<name>`. The service's own two (objects_csv, objects_html_table) are not there. */
	addTemplate(options: { readonly instance: string; readonly name: string } & ResponseTemplate): void;
	/** An instance; throws where there is none. */
	instance(name: string): Instance;
	/** The path of an endpoint's public link, with its slashes. */
	publicPath(endpoint: Endpoint): string;
}

/**
 * Creates the emulated Syncano v1.1: everything under `/v1.1/`, and the older public links under `/v1/`.
 * Scripts of the `nodejs*` and `python*` runtimes really run, on this machine's Node and Python 3; other runtimes fail and say so.
 *
 * @param context.faults taken for the same shape as the other services; the server applies the faults
 */
export function createSyncano(context: { clock: Clock; journal: Journal; faults: FaultSwitchboard }, options: SyncanoOptions = {}): SyncanoEmulator {
	return new Emulator(context, options);
}

const slug = /^[a-z0-9_-]{1,64}$/;

class Emulator implements SyncanoEmulator {
	readonly name = 'syncano';
	readonly owner: Administrator;
	readonly instances = new Map<string, Instance>();
	legacyCodeboxEnabled: boolean;

	private readonly clock: Clock;
	private readonly administrators: Administrator[] = [];
	private readonly runs: Runs;
	private readonly api: Api;
	private created = 0;

	constructor({ clock, journal }: { clock: Clock; journal: Journal }, options: SyncanoOptions) {
		this.clock = clock;
		this.legacyCodeboxEnabled = options.legacyCodeboxEnabled ?? true;
		this.owner = this.administrator('owner@example.com', options.accountKey ?? makeKey('account', 'the owner'), {});
		const legacyCodeboxEnabled = () => this.legacyCodeboxEnabled;
		this.runs = new Runs({ clock, journal, legacyCodeboxEnabled, runTime: options.runTime ?? (() => 200) });
		this.api = new Api({
			clock,
			runs: this.runs,
			throttle: new Throttle(clock),
			instances: this.instances,
			administrators: this.administrators,
			owner: this.owner,
			legacyCodeboxEnabled,
			endpointWait: options.endpointWait ?? limits.endpointWait,
			endpointQueueWait: options.endpointQueueWait ?? limits.endpointQueueWait,
			rates: { ...limits.rates, ...options.rates },
			apiHost: options.apiHost,
			spaceHost: options.spaceHost,
			addScript: (instance, fields) => this.addScript({ ...fields, instance: instance.name }),
			addEndpoint: (instance, fields) => this.addEndpoint({ ...fields, instance: instance.name }),
		});
	}

	get accountKey(): string {
		return this.owner.accountKey;
	}

	owns(request: EmulatedRequest): boolean {
		return this.api.owns(request.url.pathname);
	}

	handle(request: EmulatedRequest): Promise<EmulatedAnswer | undefined> {
		return this.api.answer(request);
	}

	async stop(): Promise<void> {
		for (const { queue } of this.instances.values()) queue.clear();
		await this.runs.stop();
	}

	addInstance(options: InstanceOptions): Instance {
		const name = options.name.toLowerCase();
		if (!slug.test(name)) throw new Error(`"${options.name}" is no name of an instance.`);
		if (this.instances.has(name)) throw new Error(`There is an instance "${name}" already.`);
		const createdYear = options.createdYear ?? 2018;
		const instance: Instance = {
			id: this.nextId(),
			name,
			instanceKey: makeKey('instance', name),
			createdAt: Date.UTC(createdYear, 0, 1),
			createdYear,
			description: options.description ?? '',
			config: options.config ?? {},
			concurrency: options.concurrency ?? limits.concurrency[options.plan ?? 'builder'],
			queuePerRunner: options.queuePerRunner ?? limits.queuePerRunner,
			billing: options.billing,
			requestsPerSecond: options.requestsPerSecond,
			scripts: new Map(),
			endpoints: new Map(),
			templates: new Map(),
			traces: { scripts: new TraceStore(this.clock), endpoints: new TraceStore(this.clock) },
			queue: new RunQueue(() => ({ runners: instance.concurrency, places: instance.concurrency * instance.queuePerRunner })),
		};
		this.instances.set(name, instance);
		this.owner.roles.set(name, 'full');
		return instance;
	}

	addScript(options: ScriptOptions): Script {
		const { scripts, name } = this.instance(options.instance);
		if (!isRuntime(options.runtime_name)) throw new Error(`"${options.runtime_name}" is no runtime of Syncano.`);
		const id = options.id ?? Math.max(0, ...scripts.keys()) + 1;
		if (scripts.has(id)) throw new Error(`The instance "${name}" has a script ${id} already.`);
		const now = this.clock.now();
		const script: Script = {
			id,
			instance: name,
			label: options.label,
			description: options.description ?? '',
			runtime_name: options.runtime_name,
			source: options.source,
			config: { ...options.config, ...(options.timeout === undefined ? {} : { timeout: options.timeout }) },
			createdAt: now,
			updatedAt: now,
			socket: options.socket,
			native: options.native,
		};
		scripts.set(id, script);
		return script;
	}

	addEndpoint(options: EndpointOptions): Endpoint {
		const { endpoints, scripts, name: instance } = this.instance(options.instance);
		const name = options.name.toLowerCase();
		if (!slug.test(name)) throw new Error(`"${options.name}" is no name of an endpoint.`);
		if (endpoints.has(name)) throw new Error(`The instance "${instance}" has an endpoint "${name}" already.`);
		if (!scripts.has(options.script)) throw new Error(`The instance "${instance}" has no script ${options.script}.`);
		const endpoint: Endpoint = {
			id: this.nextId(),
			instance,
			name,
			description: options.description ?? '',
			script: options.script,
			public: options.public ?? false,
			publicLink: makeLink(`${instance}/${name}`),
		};
		endpoints.set(name, endpoint);
		return endpoint;
	}

	addAdministrator({ email, roles = {} }: { readonly email: string; readonly roles?: Readonly<Record<string, Role>> }): Administrator {
		return this.administrator(email, makeKey('account', email), roles);
	}

	addTemplate({ instance, name, contentType, render }: { readonly instance: string; readonly name: string } & ResponseTemplate): void {
		this.instance(instance).templates.set(name, { contentType, render });
	}

	instance(name: string): Instance {
		const instance = this.instances.get(name.toLowerCase());
		if (instance === undefined) throw new Error(`There is no instance "${name}".`);
		return instance;
	}

	publicPath(endpoint: Endpoint): string {
		return publicPath(endpoint);
	}

	private administrator(email: string, accountKey: string, roles: Readonly<Record<string, Role>>): Administrator {
		const id = this.administrators.length + 1;
		const administrator = { id, email, first_name: 'Ada', last_name: 'Example', accountKey, roles: new Map(Object.entries(roles)) };
		this.administrators.push(administrator);
		return administrator;
	}

	private nextId(): number {
		this.created += 1;
		return this.created;
	}
}
