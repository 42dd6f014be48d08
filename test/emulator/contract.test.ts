import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { appsScriptFaults } from '../../emulator/appsScript/faults';
import { mistakes, mistakesOfOperation, propertyNames } from '../contract/appsScript/schemas';
import { emulatorOfThisFile, get, projectOf, run } from './support';

const emulator = emulatorOfThisFile();

test('the trimmed discovery document has the properties of the types that Google publishes', () => {
	const types = readFileSync(join(dirname(require.resolve('@googleapis/script')), 'v1.d.ts'), 'utf8');
	for (const [name, properties] of Object.entries(propertyNames)) {
		const body = new RegExp(`export interface Schema\\$${name} {\n([\\s\\S]*?)\n    }\n`).exec(types)?.[1] ?? '';
		const published = [...body.matchAll(/^ {8}(\w+)\?:/gm)].map((match) => match[1]).sort();
		expect([name, properties]).toEqual([name, published]);
	}
});

test('the schemas find what is wrong', () => {
	expect(mistakes('ExecutionRequest', { function: 5, other: 1 })).toHaveLength(2);
	expect(mistakes('File', { type: 'GS' })).toHaveLength(1);
	expect(mistakesOfOperation({ done: true })).toHaveLength(1);
	expect(mistakesOfOperation({ done: false, response: {} })).toHaveLength(1);
});

test.each([
	['returned', 'return { a: [1] };'],
	['returned nothing', ''],
	['threw', 'null.x;'],
	['threw a text', 'throw "x";'],
	['cannot be returned', 'return new Date();'],
	['timed out', 'for (;;);'],
])('an operation that %s is as the types say', async (_name, body) => {
	emulator().appsScript.settings.timeLimitMilliseconds = 1000;
	expect(mistakesOfOperation((await run(emulator(), projectOf(emulator(), `function main() { ${body} }`))).body)).toEqual([]);
});

test.each(['doneFalse', 'timeout', 'cancelled', 'execQps', 'storageNotFound', 'functionNotFound', 'scriptException', 'notAllowed', 'unsupportedReturn500', 'exceptionWithoutDetails'])(
	'the fault %s is an operation as the types say',
	async (fault) => {
		expect(Object.keys(appsScriptFaults)).toContain(fault);
		emulator().faults.add({ fault });
		expect(mistakesOfOperation((await run(emulator(), projectOf(emulator(), 'function main() {}'))).body)).toEqual([]);
	},
);

test('management answers are as the types say', async () => {
	const project = projectOf(emulator(), 'function main() {}', {
		title: 'Contract',
		deployments: [{}, { versionNumber: 1, description: 'all of it', entryPoints: ['EXECUTION_API', 'WEB_APP', 'ADD_ON'] }],
	});
	await run(emulator(), project);
	emulator().appsScript.settings.parametersInFunctionSet = true;
	const token = emulator().google.issueToken({
		scopes: ['script.projects', 'script.deployments', 'script.processes'].map((name) => `https://www.googleapis.com/auth/${name}`),
	});
	const projectPath = `/v1/projects/${project.scriptId}`;
	const expected: ReadonlyArray<readonly [path: string, type: string, key: string]> = [
		[projectPath, 'Project', 'title'],
		[`${projectPath}/content`, 'Content', 'files'],
		[`${projectPath}/deployments?pageSize=1`, 'ListDeploymentsResponse', 'nextPageToken'],
		[`${projectPath}/deployments`, 'ListDeploymentsResponse', 'deployments'],
		[`${projectPath}/deployments/${project.deploymentId}`, 'Deployment', 'entryPoints'],
		[`${projectPath}/versions`, 'ListVersionsResponse', 'versions'],
		[`${projectPath}/versions/1`, 'Version', 'versionNumber'],
		['/v1/processes', 'ListUserProcessesResponse', 'processes'],
		[`/v1/processes:listScriptProcesses?scriptId=${project.scriptId}`, 'ListScriptProcessesResponse', 'processes'],
	];
	for (const [path, type, key] of expected) {
		const { body } = await get(emulator(), path, token);
		expect(body).toHaveProperty(key);
		expect([path, mistakes(type, body)]).toEqual([path, []]);
	}
});
