import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { atEnd } from '../test/n8n/cleanUp';
import type { ServiceAddress, ServiceCounts, ServiceOrder, ServicePreparation } from './serviceProtocol';

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;

/** The process of the emulated services, from the benchmark's side. */
export class ServiceProcess {
	private constructor(
		private readonly child: ChildProcess,
		private readonly pending: Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>,
	) {}

	private orders = 0;

	/** Ends with this process. */
	static async start(): Promise<ServiceProcess> {
		const child = fork(join(__dirname, 'service.ts'));
		const pending: ServiceProcess['pending'] = new Map();
		child.on('message', ({ id, answer }: { id: number; answer: unknown }) => {
			pending.get(id)?.resolve(answer);
			pending.delete(id);
		});
		const gone = new Promise<void>((resolve) => {
			child.once('exit', (code, signal) => {
				for (const { reject } of pending.values()) reject(new Error(`The process of the services ended (${signal ?? `exit code ${code}`})`));
				resolve();
			});
		});
		atEnd(async () => {
			if (child.connected) child.disconnect();
			await gone;
		});
		await new Promise<void>((resolve, reject) => {
			child.once('spawn', resolve);
			child.once('error', reject);
		});
		return new ServiceProcess(child, pending);
	}

	async address(): Promise<ServiceAddress> {
		return (await this.order({ kind: 'address' })) as ServiceAddress;
	}

	/** Forgets all counts. */
	async prepare(preparation: ServicePreparation): Promise<void> {
		await this.order({ kind: 'prepare', ...preparation });
	}

	async counts(): Promise<ServiceCounts> {
		return (await this.order({ kind: 'counts' })) as ServiceCounts;
	}

	private order(order: WithoutId<ServiceOrder>): Promise<unknown> {
		const id = this.orders++;
		return new Promise((resolve, reject) => {
			this.pending.set(id, { resolve, reject });
			this.child.send({ ...order, id });
		});
	}
}
