/** A request that reached the emulator, with what became of it. */
export interface RequestEntry {
	readonly id: number;
	readonly method: string;
	/** Path with its query, as sent. */
	readonly url: string;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	/** The body as text (UTF-8). */
	readonly body: string;
	readonly at: number;
	/** The status that was answered; undefined while it is open, or where the connection was cut. */
	status?: number;
	/** When the last byte was written or the connection ended. */
	endedAt?: number;
	/** The client closed the connection before it had the whole answer. */
	closedByClient?: boolean;
	/** The name of the fault that was applied, if any. */
	fault?: string;
}

/** A script that was really started. Tests of 'never twice' and of `mayHaveRun` read these. */
export interface ExecutionEntry {
	readonly requestId: number;
	readonly service: 'appsScript' | 'syncano';
	/** Apps Script: the script id. Syncano: `scripts/<id>` or `endpoints/<name>`. */
	readonly script: string;
	/** Apps Script only. */
	readonly function?: string;
	/** Apps Script: the array of parameters. Syncano: ARGS. */
	readonly input: unknown;
	readonly startedAt: number;
	/** Undefined while it runs. */
	endedAt?: number;
	/** How it ended: `returned`, `threw`, `timeout`, `killed`; for Syncano the status of its trace. */
	end?: string;
	/** Syncano only. */
	readonly traceId?: number;
}

/** What really happened, in order: every request, and every script that was started. */
export class Journal {
	readonly requests: RequestEntry[] = [];
	readonly executions: ExecutionEntry[] = [];

	/** Forgets everything so far; requests that are still open end in their own entries. */
	clear(): void {
		this.requests.length = 0;
		this.executions.length = 0;
	}
}
