import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';

/** Files that are compiled together; the key stands for exactly these. */
export interface SourceVersion {
	readonly key: string;
	readonly files: ReadonlyArray<{ readonly name: string; readonly source: string }>;
}

/** What a child is asked to run. */
export interface RunOrder {
	readonly version: SourceVersion;
	readonly libraries: ReadonlyArray<{ readonly userSymbol: string; readonly version: SourceVersion }>;
	readonly function: string;
	readonly parameters: readonly unknown[];
	/** What the script can ask about its surroundings. */
	readonly info: { readonly scriptId: string; readonly userEmail: string; readonly timeZone: string; readonly locale: string; readonly bound: boolean };
}

/** One call of the script's stack. */
export interface StackElement {
	readonly function: string;
	readonly lineNumber: number;
}

/** How a run ended. */
export type RunEnd =
	/** `result` is JSON; without it the function returned undefined. */
	| { readonly kind: 'returned'; readonly result?: string }
	| { readonly kind: 'unsupportedReturn'; readonly path: string }
	| { readonly kind: 'threw'; readonly message: string; readonly type: string; readonly stack: readonly StackElement[] }
	| { readonly kind: 'functionNotFound' }
	| { readonly kind: 'timeout' }
	| { readonly kind: 'cancelled' }
	/** The process ended by itself, out of memory for example. */
	| { readonly kind: 'crashed' };

/** What happens while a run goes on. */
export interface RunHooks {
	/** The named function is about to be called. */
	entered(): void;
	log(level: string, message: string): void;
	/** A service asks for something that outlives the run; what this rejects with becomes the script's exception. */
	call(method: string, parameters: readonly unknown[]): Promise<unknown>;
}

interface Frame {
	readonly type: string;
	readonly level?: string;
	readonly message?: string;
	readonly request?: { readonly method: string; readonly parameters: readonly unknown[] };
	readonly outcome?: RunEnd;
}

const CHILD = join(__dirname, 'child.cjs');

/** How much of what a dying process says is kept. */
const LAST_WORDS_LENGTH = 2000;

/** One child process; runs one script at a time. */
export class Runner {
	/** Resolves when the process can run scripts, or has ended. */
	readonly ready: Promise<void>;
	private becomeReady: () => void = () => undefined;
	private lastWords = '';
	private readonly child: ChildProcess;
	private readonly channel: Duplex;
	private readonly known = new Set<string>();
	private received: Buffer = Buffer.alloc(0);
	private current: { readonly hooks: RunHooks; readonly end: (end: RunEnd) => void } | undefined;
	private dead = false;

	constructor(private readonly onExit: (runner: Runner) => void) {
		this.child = spawn(process.execPath, ['--max-old-space-size=512', CHILD, String(process.pid)], {
			stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
			// Loaders and debuggers that the emulator was started with are none of the child's business.
			env: { PATH: process.env['PATH'] },
			windowsHide: true,
		});
		this.ready = new Promise((resolve) => {
			this.becomeReady = resolve;
		});
		this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
			this.lastWords = (this.lastWords + text).slice(-LAST_WORDS_LENGTH);
		});
		this.channel = this.child.stdio[3] as Duplex;
		this.channel.on('data', (chunk: Buffer) => {
			this.receive(chunk);
		});
		this.channel.on('error', () => undefined);
		this.child.once('error', () => {
			this.ended();
		});
		// Not 'exit': by then its last words may still be on the way.
		this.child.once('close', () => {
			this.ended();
		});
		// An emulator that nobody stopped must not keep its process alive.
		this.child.unref();
		for (const stream of [this.channel, this.child.stderr]) (stream as unknown as { unref(): void }).unref();
	}

	get pid(): number | undefined {
		return this.child.pid;
	}

	get alive(): boolean {
		return !this.dead;
	}

	/** Runs a script; resolves also when the process dies over it. */
	run(order: RunOrder, hooks: RunHooks): Promise<RunEnd> {
		if (this.dead) return Promise.resolve({ kind: 'crashed' });
		for (const version of [order.version, ...order.libraries.map((library) => library.version)]) {
			if (this.known.has(version.key)) continue;
			this.known.add(version.key);
			this.send({ type: 'version', key: version.key, files: version.files });
		}
		return new Promise((resolve) => {
			this.current = { hooks, end: resolve };
			this.send({
				type: 'run',
				version: order.version.key,
				libraries: order.libraries.map(({ userSymbol, version }) => ({ userSymbol, version: version.key })),
				function: order.function,
				parameters: JSON.stringify(order.parameters),
				info: order.info,
			});
		});
	}

	/** Ends the process at once; a run that is under way ends as `end`. */
	kill(end: RunEnd = { kind: 'cancelled' }): void {
		this.finish(end);
		this.dead = true;
		this.becomeReady();
		this.child.kill('SIGKILL');
		this.channel.destroy();
	}

	private ended(): void {
		if (!this.dead) this.onExit(this);
		this.dead = true;
		this.becomeReady();
		this.current?.hooks.log('ERROR', `The emulator's process ended: ${this.lastWords}`);
		this.finish({ kind: 'crashed' });
	}

	private finish(end: RunEnd): void {
		const current = this.current;
		this.current = undefined;
		current?.end(end);
	}

	private send(message: unknown): void {
		if (this.channel.destroyed) return;
		const text = Buffer.from(JSON.stringify(message), 'utf8');
		const length = Buffer.allocUnsafe(4);
		length.writeUInt32LE(text.length, 0);
		this.channel.write(Buffer.concat([length, text]));
	}

	private receive(chunk: Buffer): void {
		this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
		while (this.received.length >= 4) {
			const length = this.received.readUInt32LE(0);
			if (this.received.length < 4 + length) return;
			const text = this.received.subarray(4, 4 + length).toString('utf8');
			this.received = this.received.subarray(4 + length);
			this.take(JSON.parse(text) as Frame);
		}
	}

	private take(frame: Frame): void {
		if (frame.type === 'ready') this.becomeReady();
		const current = this.current;
		if (current === undefined) return;
		if (frame.type === 'entered') current.hooks.entered();
		else if (frame.type === 'log') current.hooks.log(frame.level ?? '', frame.message ?? '');
		else if (frame.type === 'end' && frame.outcome !== undefined) this.finish(frame.outcome);
		else if (frame.type === 'call' && frame.request !== undefined) {
			current.hooks.call(frame.request.method, frame.request.parameters).then(
				(value) => {
					this.send({ value: value ?? null });
				},
				(error: unknown) => {
					this.send({ error: error instanceof Error ? error.message : String(error) });
				},
			);
		}
	}
}
