/** What the benchmark and the process of its services say to each other. */

/** Accounts with a limit and run times of their own, so that several workflows can be measured at the same time without meeting. */
export const LANES = 5;

export const SYNCANO_INSTANCE = 'bench';
export const SYNCANO_SCRIPT = 1;
export const SYNCANO_RUN_MS = 200;

export interface ServiceAddress {
	/** `http://127.0.0.1:port` */
	readonly address: string;
	readonly tokenUrl: string;
	readonly tokenInfoUrl: string;
	readonly clientId: string;
	readonly clientSecret: string;
	/** Of a project whose functions take no time. */
	readonly instantDeployment: string;
	/** `token` as n8n keeps it after consent. The functions of `deployment` take the times that were prepared. */
	readonly lanes: ReadonlyArray<{ readonly token: Readonly<Record<string, string>>; readonly deployment: string }>;
	readonly syncanoKey: string;
}

export interface ServicePreparation {
	readonly lane: number;
	/** Milliseconds, by the item's index; a batch takes the first. */
	readonly runTimes: readonly number[];
	/** Runs that each account may have at a time; without it, as many as come. */
	readonly limit?: number;
}

/** Since the last preparation. */
export interface ServiceCounts {
	readonly requests: number;
	/** Scripts that were really started. */
	readonly executions: number;
}

export type ServiceOrder = { readonly id: number } & ({ readonly kind: 'address' } | { readonly kind: 'counts' } | ({ readonly kind: 'prepare' } & ServicePreparation));
