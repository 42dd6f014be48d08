import type { JsonValue } from '../shared/json';
import type { Plan } from '../shared/pipeline';
import type { Connection } from './connection';
import type { ProjectLookup } from './projectLookup';
import type { RunRequest } from './request';

/** All that one run of a function needs. */
export interface AppsScriptPlan extends Plan {
	readonly connection: Connection;
	/** What is known of the projects of this execution's runs. */
	readonly lookup: ProjectLookup;
	/** The chosen script; a run does without. */
	readonly scriptId: string | undefined;
	readonly request: RunRequest;
	readonly function: string;
	/** In a batch: what stands for this item in the array. */
	readonly entry: JsonValue;
}
