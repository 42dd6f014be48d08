import { isRecord } from '../shared/json';

/** An API executable of a script project, as far as it matters here. */
export interface Deployment {
	readonly deploymentId: string;
	/** Absent for the head deployment, which runs the code as last saved. */
	readonly versionNumber?: number;
	readonly description: string;
	/** ISO 8601, or empty where the API does not say. */
	readonly updateTime: string;
	readonly apiExecutable: boolean;
	/** Who may run it: MYSELF, DOMAIN, ANYONE, ANYONE_ANONYMOUS. */
	readonly access?: string;
}

/** The automatic choice, as the list of deployments names it. */
export const AUTOMATIC_LABEL = 'Latest API executable (automatic)';

/** One page of `projects.deployments.list`, from what came over the wire. */
export function deploymentsOf(page: unknown): Deployment[] {
	const list = isRecord(page) && Array.isArray(page.deployments) ? (page.deployments as unknown[]) : [];
	return list.filter(isRecord).flatMap((deployment) => {
		if (typeof deployment.deploymentId !== 'string') return [];
		const config = isRecord(deployment.deploymentConfig) ? deployment.deploymentConfig : {};
		const entryPoints = Array.isArray(deployment.entryPoints) ? (deployment.entryPoints as unknown[]).filter(isRecord) : [];
		const entryPoint = entryPoints.find((point) => point.entryPointType === 'EXECUTION_API');
		const access =
			isRecord(entryPoint?.executionApi) && isRecord(entryPoint.executionApi.entryPointConfig) ? entryPoint.executionApi.entryPointConfig.access : undefined;
		return [
			{
				deploymentId: deployment.deploymentId,
				...(typeof config.versionNumber === 'number' ? { versionNumber: config.versionNumber } : {}),
				description: typeof config.description === 'string' ? config.description : '',
				updateTime: typeof deployment.updateTime === 'string' ? deployment.updateTime : '',
				apiExecutable: entryPoint !== undefined,
				...(typeof access === 'string' ? { access } : {}),
			},
		];
	});
}

/** The API executable with the highest version; of several with the same, the one that was changed last. */
export function newestApiExecutable(deployments: readonly Deployment[]): Deployment | undefined {
	return deployments
		.filter((deployment) => deployment.apiExecutable && deployment.versionNumber !== undefined)
		.sort((a, b) => (b.versionNumber ?? 0) - (a.versionNumber ?? 0) || b.updateTime.localeCompare(a.updateTime))[0];
}
