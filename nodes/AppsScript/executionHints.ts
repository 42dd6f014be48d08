import { newestApiExecutable, type Deployment } from './deployments';

/**
 * What to know where the automatic choice runs an older version than one that is deployed otherwise, for example as a web app or add-on: a new
 * version does not reach the API until its API executable is deployed again. Versions that are not deployed at all are in no list of deployments.
 */
export function olderThanDeployed(deployments: readonly Deployment[]): string | undefined {
	const running = newestApiExecutable(deployments)?.versionNumber;
	const newest = Math.max(...deployments.map(({ versionNumber }) => versionNumber ?? 0));
	if (running === undefined || newest <= running) return undefined;
	return `Version ${running} of the script was run, the newest API executable. Version ${newest} is deployed too, but not as an API executable: in the script editor choose Deploy > Manage deployments, edit the API executable, and give it the new version.`;
}
