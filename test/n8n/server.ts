/**
 * The running n8n server, and what its editor does over REST.
 */
import { createRequire } from 'node:module';
import type { ExecutionStatus, IConnections, INode, INodeExecutionData, INodeParameters, IRunExecutionData, ResourceMapperFields } from 'n8n-workflow';
import { type RunningProcess, startProcess } from './cleanUp';
import type { N8nInstallation } from './install';
import { untilReady } from './n8n';

/** The owner's account that every server here gets. It exists on this machine only, as long as the server's folder. */
export const OWNER = { email: 'owner@example.com', password: 'Cloud-Scripts-1', firstName: 'Olive', lastName: 'Owner' } as const;

/** An answer of n8n's REST interface that is not 2xx. */
export class RestError extends Error {
	constructor(
		readonly method: string,
		readonly path: string,
		readonly status: number,
		/** The body, parsed where it is JSON. */
		readonly body: unknown,
	) {
		// n8n puts its own stack beside the message.
		const withoutStack = (key: string, value: unknown) => (key === 'stacktrace' ? undefined : value);
		super(`${method} ${path} → ${status}: ${typeof body === 'string' ? body.slice(0, 500) : JSON.stringify(body, withoutStack)}`);
	}
}

/** An execution as n8n keeps it. */
export interface Execution {
	readonly id: string;
	readonly status: ExecutionStatus;
	/** Everything that the nodes gave; undefined where n8n kept nothing. */
	readonly data?: IRunExecutionData;
}

/** What the editor sends to fill a list of a node. */
export interface DynamicParameterRequest {
	readonly node: { readonly type: string; readonly version: number };
	/** Path of the parameter, e.g. `parameters.script`. */
	readonly path: string;
	/** The method of the node that fills it, e.g. `searchScripts`. */
	readonly method: string;
	readonly parameters: INodeParameters;
	/** By credential type. */
	readonly credentials: Readonly<Record<string, { readonly id: string; readonly name: string }>>;
	readonly filter?: string;
	readonly paginationToken?: string;
}

/** A server that was started by `N8n.startServer`, with its owner signed in. */
export class N8nServer {
	private cookie = '';

	private constructor(
		readonly url: string,
		readonly process: RunningProcess,
		private readonly installation: N8nInstallation,
	) {}

	/** @param environment must hold N8N_PORT */
	static async start(installation: N8nInstallation, environment: NodeJS.ProcessEnv): Promise<N8nServer> {
		const url = `http://127.0.0.1:${environment.N8N_PORT}`;
		const running = await startProcess(installation.node, [installation.n8n, 'start'], { env: environment, cwd: environment.N8N_USER_FOLDER });
		await untilReady(running, `${url}/healthz/readiness`);
		const server = new N8nServer(url, running, installation);
		const { userManagement } = await server.rest<{ userManagement: { showSetupOnFirstLoad: boolean } }>('GET', '/rest/settings');
		if (userManagement.showSetupOnFirstLoad) await server.rest('POST', '/rest/owner/setup', OWNER);
		else await server.rest('POST', '/rest/login', { emailOrLdapLoginId: OWNER.email, password: OWNER.password });
		return server;
	}

	/** Lines of n8n's log so far. */
	get log(): readonly string[] {
		return this.process.log;
	}

	/** Ends the server and its task runner. */
	async stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void> {
		await this.process.stop(signal);
	}

	/** Any request to the server, with the owner's session. Redirects are not followed. */
	async request(method: string, path: string, body?: unknown): Promise<Response> {
		const answer = await fetch(new URL(path, this.url), {
			method,
			headers: {
				'browser-id': 'cloud-scripts-tests',
				...(this.cookie === '' ? {} : { cookie: this.cookie }),
				...(body === undefined ? {} : { 'content-type': 'application/json' }),
			},
			body: body === undefined ? undefined : JSON.stringify(body),
			redirect: 'manual',
		});
		for (const cookie of answer.headers.getSetCookie()) {
			if (cookie.startsWith('n8n-auth=')) this.cookie = cookie.split(';')[0] ?? '';
		}
		return answer;
	}

	/**
	 * A call of n8n's REST interface.
	 * @param T the shape of the answer's `data` (of the whole body where it has none); n8n's, so not checked
	 * @throws RestError for an answer that is not 2xx
	 */
	async rest<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
		const answer = await this.request(method, path, body);
		const text = await answer.text();
		let parsed: unknown = text;
		try {
			parsed = JSON.parse(text);
		} catch {
			// Not every answer is JSON.
		}
		if (!answer.ok) throw new RestError(method, path, answer.status, parsed);
		return (typeof parsed === 'object' && parsed !== null && 'data' in parsed ? parsed.data : parsed) as T;
	}

	/** What the credential's Test button does. */
	async testCredential(id: string): Promise<{ status: 'OK' | 'Error'; message: string }> {
		// The editor gets secrets masked and sends them back as they are; n8n puts the kept ones in their place.
		const { name, type, data } = await this.rest<{ name: string; type: string; data: unknown }>('GET', `/rest/credentials/${id}?includeData=true`);
		return await this.rest('POST', '/rest/credentials/test', { credentials: { id, name, type, data } });
	}

	/**
	 * Signs an OAuth2 credential in, as a person does in the browser who says yes: the consent page must answer with a redirect at once.
	 * @throws when the consent page answers otherwise or n8n does not take the code
	 */
	async connectOAuth2(credentialId: string): Promise<void> {
		const consentUrl = await this.rest<string>('GET', `/rest/oauth2-credential/auth?id=${credentialId}`);
		const consent = await fetch(consentUrl, { redirect: 'manual' });
		const location = consent.headers.get('location');
		if (location === null) throw new Error(`The consent page answered ${consent.status} without a redirect: ${await consent.text()}`);
		const callback = new URL(location);
		const answer = await this.request('GET', `${callback.pathname}${callback.search}`);
		const page = await answer.text();
		const { data } = await this.rest<{ data: { oauthTokenData?: unknown } }>('GET', `/rest/credentials/${credentialId}?includeData=true`);
		if (!answer.ok || data.oauthTokenData !== true) throw new Error(`n8n did not take the sign-in (${answer.status}): ${page.slice(0, 2000)}`);
	}

	private dynamicParameters<T>(what: string, request: DynamicParameterRequest): Promise<T> {
		return this.rest<T>('POST', `/rest/dynamic-node-parameters/${what}`, {
			path: request.path,
			methodName: request.method,
			nodeTypeAndVersion: { name: request.node.type, version: request.node.version },
			currentNodeParameters: request.parameters,
			credentials: request.credentials,
			filter: request.filter,
			paginationToken: request.paginationToken,
		});
	}

	/** The entries of a resource locator's list. */
	async listSearch(request: DynamicParameterRequest): Promise<{ results: { name: string; value: string | number | boolean; url?: string }[]; paginationToken?: string }> {
		return await this.dynamicParameters('resource-locator-results', request);
	}

	/** The fields of a resource mapper. */
	async resourceMapperFields(request: DynamicParameterRequest): Promise<ResourceMapperFields> {
		return await this.dynamicParameters('resource-mapper-fields', request);
	}

	/** Makes a workflow's present version the one that its triggers start. Resolves when they listen. */
	async publishWorkflow(id: string): Promise<void> {
		const { versionId } = await this.rest<{ versionId: string }>('GET', `/rest/workflows/${id}`);
		await this.rest('POST', `/rest/workflows/${id}/activate`, { versionId });
		// The triggers are started behind the answer's back.
		await until(`workflow ${id} is published`, 30_000, async () => {
			const { status, triggers } = await this.rest<{ status: string; triggers: unknown }>('GET', `/rest/workflows/${id}/publication-status`);
			if (status === 'failed' || status === 'partial') throw new Error(`Workflow ${id} could not be published: ${JSON.stringify(triggers)}`);
			return status === 'published' ? true : undefined;
		});
	}

	/** Saves a new workflow. @returns its id */
	async createWorkflow(workflow: { readonly name: string; readonly nodes: readonly INode[]; readonly connections: IConnections; readonly settings?: object }): Promise<string> {
		return (await this.rest<{ id: string }>('POST', '/rest/workflows', workflow)).id;
	}

	/** What the editor's Execute Workflow button does. @returns the id of the execution that was started */
	async runWorkflow(id: string, trigger: string): Promise<string> {
		const { executionId } = await this.rest<{ executionId: string }>('POST', `/rest/workflows/${id}/run`, { triggerToStartFrom: { name: trigger } });
		return executionId;
	}

	/** Calls the production address of a Webhook node. */
	async webhook(path: string, body: unknown): Promise<{ status: number; body: unknown }> {
		const answer = await fetch(`${this.url}/webhook/${path}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
		});
		const text = await answer.text();
		try {
			return { status: answer.status, body: JSON.parse(text) };
		} catch {
			return { status: answer.status, body: text };
		}
	}

	/** An execution as it stands now. */
	async execution(id: string): Promise<Execution> {
		const { status, data } = await this.rest<{ status: ExecutionStatus; data?: string }>('GET', `/rest/executions/${id}`);
		// n8n keeps executions in the format of the library flatted; its own copy reads it.
		const { parse } = createRequire(this.installation.n8n)('flatted') as { parse: (text: string) => IRunExecutionData };
		return { id, status, data: typeof data === 'string' && data !== '' ? parse(data) : undefined };
	}

	/** The executions of a workflow, newest first. */
	async executionsOf(workflowId: string): Promise<{ id: string; status: ExecutionStatus }[]> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const { results } = await this.rest<{ results: { id: string; status: ExecutionStatus }[] }>('GET', `/rest/executions?filter=${filter}`);
		return results;
	}

	/** Waits until an execution has ended. @throws after `limit` milliseconds */
	async executionEnd(id: string, limit = 120_000): Promise<Execution> {
		return await until(`execution ${id} has ended`, limit, async () => {
			const execution = await this.execution(id);
			return ['success', 'error', 'canceled', 'crashed'].includes(execution.status) ? execution : undefined;
		});
	}

	/** What the editor's Stop button does. */
	async stopExecution(id: string): Promise<void> {
		await this.rest('POST', `/rest/executions/${id}/stop`);
	}
}

/** Asks five times a second until there is an answer. @throws after `limit` milliseconds */
export async function until<T>(what: string, limit: number, look: () => Promise<T | undefined>): Promise<T> {
	for (const startedAt = Date.now(); Date.now() - startedAt < limit; ) {
		const found = await look();
		if (found !== undefined) return found;
		await new Promise((resolve) => setTimeout(resolve, 200));
	}
	throw new Error(`Waited ${limit / 1000} s in vain until ${what}`);
}

/** What a node put out in its last run: an array of items for each output. */
export function outputsOf(data: IRunExecutionData | undefined, node: string): INodeExecutionData[][] {
	const run = data?.resultData.runData[node]?.at(-1);
	return (run?.data?.main ?? []).map((items) => items ?? []);
}
