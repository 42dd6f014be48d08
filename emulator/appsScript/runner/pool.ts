import { Runner } from './runner';

/** The child processes: started when they are needed, kept for the next run, never more than a maximum. */
export class RunnerPool {
	private readonly idle: Runner[] = [];
	private readonly all = new Set<Runner>();
	private readonly waiting: Array<(runner: Runner) => void> = [];
	private readonly killAll = () => {
		for (const runner of this.all) runner.kill();
	};

	constructor(private readonly maximum: number) {}

	/** The processes there are. */
	get pids(): number[] {
		return [...this.all].flatMap((runner) => (runner.pid === undefined ? [] : [runner.pid]));
	}

	/** A child of one's own, until it is given back. */
	take(): Promise<Runner> {
		// The one that was used last has the scripts compiled and its memory warm.
		const idle = this.idle.pop();
		if (idle !== undefined) return Promise.resolve(idle);
		if (this.all.size < this.maximum) return Promise.resolve(this.start());
		return new Promise((resolve) => {
			this.waiting.push(resolve);
		});
	}

	/** Gives a child back, dead or alive. */
	giveBack(runner: Runner): void {
		if (!runner.alive) this.all.delete(runner);
		const next = this.waiting.shift();
		if (next !== undefined) next(runner.alive ? runner : this.start());
		else if (runner.alive) this.idle.push(runner);
	}

	/** Ends all children at once. */
	stop(): void {
		this.killAll();
		process.off('exit', this.killAll);
		this.all.clear();
		this.idle.length = 0;
		this.waiting.length = 0;
	}

	private start(): Runner {
		if (this.all.size === 0) {
			process.off('exit', this.killAll);
			process.once('exit', this.killAll);
		}
		const runner = new Runner((ended) => {
			this.all.delete(ended);
			const index = this.idle.indexOf(ended);
			if (index >= 0) this.idle.splice(index, 1);
		});
		this.all.add(runner);
		return runner;
	}
}
