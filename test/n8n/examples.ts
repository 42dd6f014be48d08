import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { WorkflowFile } from './n8n';
import { REPOSITORY } from './package';

/** The importable workflows of `examples/`, by file name, in the order of their names; each with an id, which an import needs. */
export function exampleWorkflows(): WorkflowFile[] {
	const folder = join(REPOSITORY, 'examples');
	return readdirSync(folder)
		.filter((name) => name.endsWith('.json'))
		.sort()
		.map((name) => {
			const workflow = JSON.parse(readFileSync(join(folder, name), 'utf8')) as WorkflowFile;
			const id = basename(name, '.json').replace(/[^a-z0-9]/gi, '').slice(0, 16).padEnd(16, '0');
			return { ...workflow, id };
		});
}
