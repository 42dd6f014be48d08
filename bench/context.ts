import type { N8nInstallation } from '../test/n8n/install';
import type { PackedPackage } from '../test/n8n/package';
import type { Host } from './host';
import type { ServiceProcess } from './serviceProcess';
import type { ServiceAddress } from './serviceProtocol';

/** What every part of the benchmark works with. */
export interface Context {
	readonly host: Host;
	readonly service: ServiceProcess;
	readonly address: ServiceAddress;
	readonly installation: N8nInstallation;
	/** The package as its users get it. */
	readonly packed: PackedPackage;
	/** Smaller, for a first look. */
	readonly quick: boolean;
	/** Says what is being done; it takes minutes. */
	readonly progress: (text: string) => void;
}
