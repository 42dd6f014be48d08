import type { IExecuteFunctions } from 'n8n-workflow';

import type { Outcome } from '../shared/outcome';
import type { ParameterReader } from '../shared/parameters';
import type { Plan } from '../shared/pipeline';
import { checkedId, checkedName, instanceUrl, type Connection } from './connection';
import type { LookPace } from './pace';
import type { TraceRules } from './trace';

/** A run, or a look at one. */
export interface SyncanoPlan extends Plan {
	send(): Promise<Outcome>;
}

/** What all items of one execution share. */
export interface Planning {
	readonly context: IExecuteFunctions;
	readonly parameters: ParameterReader;
	/** The connection of the credential, read once. */
	readonly connected: () => Promise<Connection>;
	/** The looks at the runs of a script, which learn from one another. */
	readonly paceOf: (scriptUrl: string) => LookPace;
	/** Says something to the person although nothing failed. */
	readonly notice: (text: string) => void;
}

/** What is read of every item, whatever is done with it. */
export interface ItemPlan {
	readonly itemIndex: number;
	readonly options: Readonly<Record<string, unknown>>;
	readonly common: Pick<Plan, 'form' | 'safeToRepeat'>;
	readonly rules: TraceRules;
	readonly timeoutMs: number;
	readonly waitMs: number;
}

/** Where something of an instance is. */
export interface Located {
	readonly connection: Connection;
	/** With a slash at the end. */
	readonly url: string;
	/** Its name in records. */
	readonly script: string;
}

/** The script of an item. @throws {PlanError} */
export async function scriptOf({ parameters, connected }: Planning, itemIndex: number): Promise<Located> {
	const id = checkedId(parameters.text('scriptId', itemIndex, ''), 'Script');
	const connection = await connected();
	return { connection, url: `${instanceUrl(connection, parameters.text('instance', itemIndex, ''))}/snippets/scripts/${id}/`, script: id };
}

/** The endpoint of an item. @throws {PlanError} */
export async function endpointOf({ parameters, connected }: Planning, itemIndex: number): Promise<Located> {
	const name = checkedName(parameters.text('endpoint', itemIndex, ''), 'Endpoint');
	const connection = await connected();
	const instance = instanceUrl(connection, parameters.text('instance', itemIndex, ''));
	return { connection, url: `${instance}/endpoints/scripts/${encodeURIComponent(name)}/`, script: name };
}
