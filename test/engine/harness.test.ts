import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
	NodeOperationError,
	type ICredentialDataDecryptedObject,
	type ICredentialType,
	type IDataObject,
	type IExecuteFunctions,
	type IHttpRequestHelper,
	type IHttpRequestOptions,
	type INodeExecutionData,
	type INodeProperties,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { createEngine, repository, type Engine } from './harness';

type Execute = (this: IExecuteFunctions) => INodeExecutionData[][] | Promise<INodeExecutionData[][]>;

/** A node whose behaviour is the test's. */
function probe(execute: Execute, description: Partial<INodeTypeDescription> = {}, methods?: INodeType['methods']): INodeType {
	return {
		description: {
			displayName: 'Probe',
			name: 'probe',
			group: ['transform'],
			version: 1,
			description: 'Probes the engine',
			defaults: { name: 'Probe' },
			inputs: ['main'],
			outputs: ['main'],
			usableAsTool: true,
			credentials: ['testOAuth2Api', 'testKeyApi', 'testSessionApi'].map((name) => ({ name })),
			properties: [field('value', 'default value')],
			...description,
		},
		async execute() {
			return await execute.call(this);
		},
		...(methods ? { methods } : {}),
	};
}

const field = (name: string, defaultValue: string, more: Partial<INodeProperties> = {}): INodeProperties => ({
	displayName: name,
	name,
	type: 'string',
	default: defaultValue,
	...more,
});

const engineWith = (execute: Execute, ...rest: [Partial<INodeTypeDescription>?, INodeType['methods']?]): Engine =>
	createEngine({ nodeTypes: { 'test.probe': probe(execute, ...rest) } });

const parametersOfItems: Execute = function () {
	return [
		this.getInputData().map((_, item) => ({ json: { value: this.getNodeParameter('value', item) as string }, pairedItem: { item } })),
	];
};

describe('a run', () => {
	test('resolves expressions for each item and keeps the pairing', async () => {
		const { outputs, status } = await engineWith(parametersOfItems).run({
			node: { type: 'test.probe', parameters: { value: '={{ $json.a + $itemIndex }}' } },
			items: [{ a: 10 }, { a: 20 }],
		});
		expect(status).toBe('success');
		expect(outputs).toEqual([
			[
				{ json: { value: 10 }, pairedItem: { item: 0 } },
				{ json: { value: 21 }, pairedItem: { item: 1 } },
			],
		]);
	});

	test('gives parameters that the workflow leaves out their defaults', async () => {
		const { outputs } = await engineWith(parametersOfItems).run({ node: { type: 'test.probe' } });
		expect(outputs[0]?.[0]?.json).toEqual({ value: 'default value' });
	});

	test("routes error items to n8n's error output, with the fields of their input", async () => {
		const engine = engineWith(function () {
			return [
				this.getInputData().map(({ json }, item) => ({
					json: json.fails ? { error: { message: 'no', code: 7 } } : { result: 1 },
					pairedItem: { item },
				})),
			];
		});
		const { outputs } = await engine.run({
			node: { type: 'test.probe', onError: 'continueErrorOutput' },
			items: [{ id: 1 }, { id: 2, fails: true }],
		});
		expect(outputs).toEqual([
			[{ json: { result: 1 }, pairedItem: { item: 0 } }],
			[{ json: { id: 2, fails: true, error: { message: 'no', code: 7 } }, pairedItem: { item: 1 } }],
		]);
	});

	test('resolves with the error of a node that throws, and keeps hints and logs of parallel runs apart', async () => {
		const engine = engineWith(async function () {
			const value = this.getNodeParameter('value', 0) as string;
			this.addExecutionHints({ message: value });
			this.logger.debug(`log of ${value}`);
			await new Promise((resolve) => setImmediate(resolve));
			if (value === 'bad') throw new NodeOperationError(this.getNode(), 'It is bad', { itemIndex: 0 });
			return [[]];
		});
		const [good, bad] = await Promise.all(
			['good', 'bad'].map((value) => engine.run({ node: { type: 'test.probe', parameters: { value } } })),
		);
		expect(good).toMatchObject({ status: 'success', hints: [{ message: 'good' }] });
		expect(good?.logs.map(({ message }) => message)).toContain('log of good');
		expect(good?.logs.map(({ message }) => message)).not.toContain('log of bad');
		expect(bad).toMatchObject({ status: 'error', error: { message: 'It is bad', context: { itemIndex: 0 } } });
	});

	test('has binary data in memory', async () => {
		const engine = engineWith(async function () {
			const { fileName = '' } = this.helpers.assertBinaryData(0, 'data');
			const bytes = await this.helpers.getBinaryDataBuffer(0, 'data');
			const copy = await this.helpers.prepareBinaryData(Buffer.from(bytes.toString().toUpperCase()), fileName);
			return [[{ json: {}, binary: { copy }, pairedItem: { item: 0 } }]];
		});
		const data = { mimeType: 'text/plain', fileName: 'a.txt', data: Buffer.from('hello').toString('base64') };
		const { outputs } = await engine.run({ node: { type: 'test.probe' }, items: [{ json: {}, binary: { data } }] });
		const copy = outputs[0]?.[0]?.binary?.copy;
		expect(copy).toMatchObject({ fileName: 'a.txt', mimeType: 'text/plain' });
		expect(Buffer.from(copy?.data ?? '', 'base64').toString()).toBe('HELLO');
	});

	test('of a whole workflow goes through the stand-ins of core nodes', async () => {
		const node = (name: string, type: string, typeVersion: number, parameters = {}) => ({
			id: name,
			name,
			type,
			typeVersion,
			position: [0, 0] as [number, number],
			parameters,
		});
		const to = (...names: string[]) => names.map((name) => [{ node: name, type: 'main' as const, index: 0 }]);
		const condition = { id: 'c', leftValue: '={{ $json.n }}', rightValue: 2, operator: { type: 'number', operation: 'gte' } };
		const workflow = {
			nodes: [
				node('Note', 'n8n-nodes-base.stickyNote', 1, { content: 'text' }),
				node('Trigger', 'n8n-nodes-base.manualTrigger', 1),
				node('Data', 'n8n-nodes-base.set', 3.4, { mode: 'raw', jsonOutput: '{"items":[{"n":1},{"n":2},{"n":3}]}', options: {} }),
				node('Split', 'n8n-nodes-base.splitOut', 1, { fieldToSplitOut: 'items', options: {} }),
				node('If', 'n8n-nodes-base.if', 2.2, {
					conditions: {
						combinator: 'and',
						conditions: [condition],
						options: { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 },
					},
				}),
				node('Big', 'n8n-nodes-base.set', 3.4, {
					assignments: { assignments: [{ id: 'a', name: 'big', type: 'boolean', value: true }] },
					includeOtherFields: true,
				}),
				node('Small', 'n8n-nodes-base.noOp', 1),
				node('Merge', 'n8n-nodes-base.merge', 3.2, { numberInputs: 2 }),
			],
			connections: {
				Trigger: { main: to('Data') },
				Data: { main: to('Split') },
				Split: { main: to('If') },
				If: { main: to('Big', 'Small') },
				Big: { main: [[{ node: 'Merge', type: 'main' as const, index: 0 }]] },
				Small: { main: [[{ node: 'Merge', type: 'main' as const, index: 1 }]] },
			},
		};
		const result = await createEngine().run({ workflow });
		expect(result.error).toBeUndefined();
		expect(result.nodes.Merge?.outputs[0]?.map(({ json }) => json)).toEqual([{ n: 2, big: true }, { n: 3, big: true }, { n: 1 }]);
		expect(result.nodes.If?.outputs[0]?.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 1 }, { item: 2 }]);
	});

	test('refuses a node type that does not exist, as n8n does', async () => {
		const workflow = {
			nodes: [{ id: '1', name: 'X', type: 'nobody.knows', typeVersion: 1, position: [0, 0] as [number, number], parameters: {} }],
			connections: {},
		};
		await expect(createEngine().run({ workflow, startAt: 'X' })).rejects.toThrow('Unrecognized node type: nobody.knows');
	});
});

describe('Retry On Fail', () => {
	/** Fails until the third try: by an error item first, then by throwing. Each try says what it finds of the earlier ones. */
	const failing = (seen: IDataObject[]): Execute => {
		const earlier = new WeakMap<object, number>();
		return function () {
			const executeData = this.getExecuteData();
			const context = this.getContext('node');
			const count = (earlier.get(executeData) ?? 0) + 1;
			earlier.set(executeData, count);
			seen.push({
				count,
				context: { ...context },
				runIndex: this.getWorkflowDataProxy(0).$runIndex as number,
				aborted: this.getExecutionCancelSignal()?.aborted,
			});
			context[`try ${count}`] = true;
			if (count === 1) return [[{ json: { error: 'first' }, pairedItem: { item: 0 } }]];
			if (count === 2) throw new Error('second');
			return [[{ json: { count }, pairedItem: { item: 0 } }]];
		};
	};

	test('runs the node again in the same run, with the same execute data and node context, and a new run starts afresh', async () => {
		const seen: IDataObject[] = [];
		const engine = engineWith(failing(seen));
		const node = { type: 'test.probe', retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
		const result = await engine.run({ node });
		expect(result.outputs).toEqual([[{ json: { count: 3 }, pairedItem: { item: 0 } }]]);
		expect(result.tries.map(({ error }) => (error as Error | undefined)?.message)).toEqual([undefined, 'second', undefined]);
		expect(result.runData.Node).toHaveLength(1);
		await engine.run({ node });
		const afresh = [
			{ count: 1, context: {}, runIndex: 0, aborted: false },
			{ count: 2, context: { 'try 1': true }, runIndex: 0, aborted: false },
			{ count: 3, context: { 'try 1': true, 'try 2': true }, runIndex: 0, aborted: false },
		];
		expect(seen).toEqual([...afresh, ...afresh]);
	});

	test('goes on after Stop, with a signal that is already aborted', async () => {
		const aborted: Array<boolean | undefined> = [];
		let stop = (): void => {};
		const run = engineWith(function () {
			stop();
			aborted.push(this.getExecutionCancelSignal()?.aborted);
			throw new Error('fails');
		}).run({ node: { type: 'test.probe', retryOnFail: true, maxTries: 3, waitBetweenTries: 1 } });
		stop = () => run.cancel();
		await run;
		expect(aborted).toEqual([true, true, true]);
	});

	test('makes more tries than were asked for when error items and throws take turns', async () => {
		let count = 0;
		const { tries } = await engineWith(function () {
			if (++count % 2 === 0) throw new Error('even');
			return [[{ json: { error: 'odd' }, pairedItem: { item: 0 } }]];
		}).run({ node: { type: 'test.probe', retryOnFail: true, maxTries: 3, waitBetweenTries: 1 } });
		expect(tries).toHaveLength(5);
	});
});

describe('Stop and time-out', () => {
	/** Waits for its signal, then throws what n8n takes for a cancellation, or something else. */
	const waiting = (message: string, started: () => void): Execute =>
		async function () {
			const signal = this.getExecutionCancelSignal();
			await new Promise((resolve) => {
				signal?.addEventListener('abort', resolve);
				started();
			});
			throw new NodeOperationError(this.getNode(), message);
		};

	test.each([
		['canceled', 'The run was canceled'],
		['error', 'Something else'],
	])('ends with status %s when the node then throws "%s"', async (status, message) => {
		let begun = (): void => {};
		const isWaiting = new Promise<void>((resolve) => (begun = resolve));
		const run = engineWith(waiting(message, begun)).run({ node: { type: 'test.probe' } });
		await isWaiting;
		const stoppedAt = Date.now();
		run.cancel();
		const result = await run;
		expect(result.status).toBe(status);
		expect(result.error?.message).toBe(message);
		expect(result.tries[0]?.settledAt).toBeGreaterThanOrEqual(stoppedAt);
		expect(result.settledAt).toBeGreaterThanOrEqual(result.tries[0]?.settledAt ?? Infinity);
	});

	test("the workflow's time-out aborts the node's signal", async () => {
		const { status } = await engineWith(waiting('canceled', () => {})).run({ node: { type: 'test.probe' }, timeoutMs: 20 });
		expect(status).toBe('canceled');
	});
});

describe('as a tool', () => {
	const echo: Execute = function () {
		const value = this.getNodeParameter('value', 0) as string;
		if (value === 'throw') throw new NodeOperationError(this.getNode(), 'The tool failed');
		return [[{ json: { value, type: this.getNode().type, tool: this.isToolExecution() } }], [{ json: { lost: true } }]];
	};
	const node = { type: 'test.probe', parameters: { value: "={{ $fromAI('word', 'Any word', 'string') }}" } };

	test.each([
		['agent', true],
		['engine', false],
	] as const)('called by the %s, the model gets output 0 only, and isToolExecution() is %s', async (caller, tool) => {
		const { answers, nodes } = await engineWith(echo, { outputs: ['main', 'main'] }).runAsTool({ node, arguments: { word: 'hi' }, caller });
		expect(answers).toHaveLength(1);
		expect(answers[0]).toMatchObject({ failed: false });
		expect(JSON.parse(answers[0]?.answer ?? '')).toEqual([{ value: 'hi', type: 'test.probeTool', tool }]);
		expect(nodes.Node?.tries).toHaveLength(1);
	});

	test.each([
		['agent', 'The tool failed'],
		['engine', '[{"error":"The tool failed"}]'],
	] as const)('called by the %s, the model gets the words of a failure', async (caller, answer) => {
		const { answers, status } = await engineWith(echo).runAsTool({
			node: { ...node, onError: 'continueRegularOutput' },
			arguments: { word: 'throw' },
			caller,
		});
		expect(answers).toMatchObject([{ failed: true, answer }]);
		expect(status).toBe('success');
	});

	test('a node that is not usable as a tool is refused', async () => {
		await expect(engineWith(echo, { usableAsTool: undefined }).runAsTool({ node })).rejects.toThrow('cannot be used as a tool');
	});
});

describe('with a server', () => {
	const requests: Array<{ path: string; headers: IncomingMessage['headers']; body: string }> = [];
	let server: Server;
	let base: string;
	let validToken = 'token-1';
	let issued = 1;
	let onHeldRequest = (_: ServerResponse): void => {};

	beforeAll(async () => {
		server = createServer((request, response) => {
			const chunks: Buffer[] = [];
			request.on('data', (chunk: Buffer) => chunks.push(chunk));
			request.on('end', () => {
				const path = request.url ?? '';
				const body = Buffer.concat(chunks).toString();
				requests.push({ path, headers: request.headers, body });
				const answer = (status: number, value: IDataObject): void => {
					response.writeHead(status, { 'content-type': 'application/json' });
					response.end(JSON.stringify(value));
				};
				if (path.startsWith('/never')) {
					onHeldRequest(response);
				} else if (path === '/token') {
					validToken = `token-${++issued}`;
					answer(200, { access_token: validToken, token_type: 'Bearer', expires_in: 3600 });
				} else if (path === '/guarded' && request.headers.authorization !== `Bearer ${validToken}`) {
					answer(401, {});
				} else {
					answer(200, { ok: true, path });
				}
			});
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	});

	beforeEach(() => requests.splice(0));

	afterAll(async () => {
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
	});

	const oAuth2: ICredentialType = {
		name: 'testOAuth2Api',
		displayName: 'Test OAuth2 API',
		extends: ['googleOAuth2Api'],
		properties: [
			field('base', ''),
			{ displayName: 'Scope', name: 'scope', type: 'hidden', default: '={{ $self["base"] ? "one two" : "none" }}' },
		],
		test: { request: { baseURL: '={{ $credentials.base }}', url: '/guarded' } },
	};
	const key: ICredentialType = {
		name: 'testKeyApi',
		displayName: 'Test Key API',
		properties: [field('key', ''), field('base', ''), field('header', 'X-Key', { type: 'hidden' })],
		authenticate: {
			type: 'generic',
			properties: { headers: { '={{ $credentials.header }}': '=Key {{ $credentials.key }}' }, qs: { fixed: 'yes' } },
		},
		test: {
			request: { baseURL: '={{ $credentials.base }}', url: '/anything' },
			rules: [{ type: 'responseSuccessBody', properties: { key: 'path', value: '/anything?fixed=yes', message: 'The rule matched' } }],
		},
	};
	const session: ICredentialType = {
		name: 'testSessionApi',
		displayName: 'Test Session API',
		properties: [
			field('base', ''),
			{ displayName: 'Session', name: 'session', type: 'hidden', typeOptions: { expirable: true }, default: '' },
		],
		async preAuthentication(this: IHttpRequestHelper, { base: address }: ICredentialDataDecryptedObject) {
			const { access_token: token } = (await this.helpers.httpRequest({
				method: 'POST',
				url: `${address as string}/token`,
				json: true,
			})) as IDataObject;
			return { session: token as string };
		},
		authenticate: (credentials, options: IHttpRequestOptions) =>
			Promise.resolve({ ...options, headers: { ...options.headers, authorization: `Bearer ${credentials.session as string}` } }),
	};

	const requesting: Execute = async function () {
		const [type = ''] = Object.keys(this.getNode().credentials ?? {});
		const answers = await Promise.all(
			this.getInputData().map(async ({ json }, item) => ({
				json: (await this.helpers.httpRequestWithAuthentication.call(this, type, { url: `${base}${json.path as string}` })) as IDataObject,
				pairedItem: { item },
			})),
		);
		return [answers];
	};

	const engineWithCredentials = (): Engine =>
		createEngine({
			nodeTypes: { 'test.probe': probe(requesting) },
			credentialTypes: [oAuth2, key, session],
			credentials: {
				oauth: {
					name: 'My account',
					type: 'testOAuth2Api',
					data: {
						base,
						clientId: 'client',
						clientSecret: 'secret',
						accessTokenUrl: `${base}/token`,
						oauthTokenData: { access_token: 'expired', refresh_token: 'refresh' },
					},
				},
				key: { name: 'My key', type: 'testKeyApi', data: { base, key: 'abc' } },
				session: { name: 'My session', type: 'testSessionApi', data: { base } },
			},
		});

	test('an expired OAuth2 token is refreshed once for several items, and stored', async () => {
		const { outputs, credentialsAfter } = await engineWithCredentials().run({
			node: { type: 'test.probe', credentials: { testOAuth2Api: 'oauth' } },
			items: [{ path: '/guarded' }, { path: '/guarded' }, { path: '/guarded' }],
		});
		expect(outputs[0]).toHaveLength(3);
		const refreshes = requests.filter(({ path }) => path === '/token');
		expect(refreshes).toHaveLength(1);
		expect(Object.fromEntries(new URLSearchParams(refreshes[0]?.body))).toMatchObject({
			grant_type: 'refresh_token',
			refresh_token: 'refresh',
			client_id: 'client',
		});
		expect(credentialsAfter.oauth?.data.oauthTokenData).toMatchObject({ access_token: validToken, refresh_token: 'refresh' });
	});

	test('a credential has the defaults of its parents, the values that were saved over them, and its expressions resolved', async () => {
		const resolved = await engineWithCredentials().resolveCredential('oauth');
		expect(resolved).toMatchObject({
			grantType: 'authorizationCode',
			authUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
			accessTokenUrl: `${base}/token`,
			authentication: 'body',
			scope: 'one two',
			oauthTokenData: { access_token: 'expired' },
		});
	});

	test('the generic form of authenticate sets headers and query', async () => {
		await engineWithCredentials().run({ node: { type: 'test.probe', credentials: { testKeyApi: 'key' } }, items: [{ path: '/a' }] });
		expect(requests).toMatchObject([{ path: '/a?fixed=yes', headers: { 'x-key': 'Key abc' } }]);
	});

	test('preAuthentication fetches what expires, stores it, and fetches it again after a 401', async () => {
		const engine = engineWithCredentials();
		const node = { type: 'test.probe', credentials: { testSessionApi: 'session' } };
		const first = await engine.run({ node, items: [{ path: '/guarded' }] });
		expect(requests.map(({ path }) => path)).toEqual(['/token', '/guarded']);
		expect(first.credentialsAfter.session?.data.session).toBe(validToken);
		await engine.run({ node, items: [{ path: '/guarded' }] });
		expect(requests.map(({ path }) => path)).toEqual(['/token', '/guarded', '/guarded']);
		validToken = 'revoked';
		const last = await engine.run({ node, items: [{ path: '/guarded' }] });
		expect(requests.map(({ path }) => path).slice(3)).toEqual(['/guarded', '/token', '/guarded']);
		expect(last.outputs[0]?.[0]?.json).toMatchObject({ ok: true });
	});

	test("a credential's Test button makes the real request, refreshes a token, and applies rules", async () => {
		const engine = engineWithCredentials();
		await expect(engine.testCredential('oauth')).resolves.toEqual({ status: 'OK', message: 'Connection successful!' });
		await expect(engine.testCredential('key')).resolves.toEqual({ status: 'Error', message: 'The rule matched' });
		engine.saveCredential('key', { name: 'Gone', type: 'testKeyApi', data: { base: 'http://127.0.0.1:1', key: '' } });
		await expect(engine.testCredential('key')).resolves.toEqual({ status: 'Error', message: 'ECONNREFUSED' });
		engine.saveCredential('oauth', {
			name: 'Other',
			type: 'testOAuth2Api',
			data: {
				...engine.credentials().oauth?.data,
				accessTokenUrl: `${base}/other`,
				oauthTokenData: { access_token: 'x', refresh_token: 'y' },
			},
		});
		await expect(engine.testCredential('oauth')).resolves.toMatchObject({ status: 'Error' });
	});

	test('list searches and resource mappings run in the context of the editor', async () => {
		const engine = createEngine({
			credentialTypes: [oAuth2, key, session],
			credentials: { key: { name: 'My key', type: 'testKeyApi', data: { base, key: 'abc' } } },
			nodeTypes: {
				'test.probe': probe(
					requesting,
					{},
					{
						listSearch: {
							async find(filter, paginationToken) {
								const credential = await this.getCredentials('testKeyApi');
								await this.helpers.httpRequestWithAuthentication.call(this, 'testKeyApi', { url: `${base}/list` });
								const name = JSON.stringify([this.getCurrentNodeParameter('value'), filter, paginationToken, credential.key]);
								return { results: [{ name, value: 'v' }], paginationToken: 2 as unknown as string };
							},
						},
						resourceMapping: {
							fields() {
								const fieldOf = (id: string) => ({ id, displayName: id, required: false, defaultMatch: false, display: true });
								return Promise.resolve({ fields: [fieldOf('a'), fieldOf('b'), fieldOf('a')] });
							},
						},
					},
				),
			},
		});
		const method = { type: 'test.probe', parameters: { value: 'current' }, credentials: { testKeyApi: 'key' } };
		await expect(engine.listSearch('find', { ...method, filter: 'text', paginationToken: '1' })).resolves.toEqual({
			results: [{ name: '["current","text","1","abc"]', value: 'v' }],
			paginationToken: '2',
		});
		expect(requests).toMatchObject([{ path: '/list?fixed=yes', headers: { 'x-key': 'Key abc' } }]);
		const { fields } = await engine.resourceMapping('fields', method);
		expect(fields.map(({ id }) => id)).toEqual(['a', 'b']);
		await expect(engine.loadOptions('missing', method)).rejects.toThrow('no loadOptions method named "missing"');
	});

	test('Stop closes the open request', async () => {
		let closed: Promise<void> | undefined;
		const arrived = new Promise<void>((resolve) => {
			onHeldRequest = (response) => {
				closed = new Promise((close) => response.once('close', close));
				resolve();
			};
		});
		const run = engineWithCredentials().run({
			node: { type: 'test.probe', credentials: { testKeyApi: 'key' } },
			items: [{ path: '/never' }],
		});
		await arrived;
		run.cancel();
		expect((await run).status).toBe('canceled');
		// A request that stays open would let this test run into its time-out.
		await closed;
	});
});

describe('the package under test', () => {
	const manifest = { name: 'n8n-nodes-other', n8n: { nodes: ['dist/nodes/Other/OtherNode.node.js'], credentials: [] } };

	function packageIn(parent: string): string {
		mkdirSync(parent, { recursive: true });
		const folder = mkdtempSync(join(parent, 'package-'));
		writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
		return folder;
	}

	test('can be the folder of an unpacked package inside the repository', async () => {
		const folder = packageIn(join(repository, '.cache'));
		try {
			mkdirSync(join(folder, 'dist/nodes/Other'), { recursive: true });
			writeFileSync(
				join(folder, 'dist/nodes/Other/OtherNode.node.js'),
				`const { NodeOperationError } = require('n8n-workflow');
				exports.OtherNode = class {
					description = { name: 'otherNode', displayName: 'Other', version: 1, group: [], description: '', defaults: {}, inputs: ['main'], outputs: ['main'], properties: [] };
					async execute() { throw new NodeOperationError(this.getNode(), 'Its own error'); }
				};`,
			);
			const { error } = await createEngine({ package: { folder } }).run({ node: { type: 'otherNode' } });
			// The engine keeps the class's own fields only of errors that it knows by instanceof.
			expect(error).toMatchObject({ message: 'Its own error', node: { type: 'n8n-nodes-other.otherNode' } });
		} finally {
			rmSync(folder, { recursive: true });
		}
	});

	test('with its own n8n-workflow is refused', () => {
		const folder = packageIn(tmpdir());
		try {
			mkdirSync(join(folder, 'node_modules', 'n8n-workflow'), { recursive: true });
			writeFileSync(join(folder, 'node_modules', 'n8n-workflow', 'index.js'), '');
			expect(() => createEngine({ package: { folder } })).toThrow('another copy of n8n-workflow');
		} finally {
			rmSync(folder, { recursive: true });
		}
	});
});
