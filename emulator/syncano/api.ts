import type { Clock } from '../clock';
import type { EmulatedAnswer, EmulatedRequest } from '../service';
import { billingDetails, details, detailAnswer, htmlNotFound, jsonAnswer, Refusal, refuse, refuseField } from './answers';
import { mediaType, readBody } from './body';
import { heldTrace } from './faults';
import { isObject } from './json';
import { findKey, makeLink, makeToken, readToken } from './keys';
import { limits } from './limits';
import { type Administrator, type Endpoint, type Instance, isRuntime, type ResponseTemplate, type Role, runtimes, type Script } from './model';
import { chooseFields, paginate } from './pagination';
import { endpointArguments, readEndpointArguments, requireObject, scriptArguments } from './payload';
import { replyTo } from './reply';
import type { Runs } from './runs';
import type { Throttle } from './throttle';
import type { Trace, TraceStore } from './traces';
import { accountView, chosen, endpointView, instancePath, instanceView, scriptView, traceView } from './views';

/** What the API works on. */
export interface ApiState {
	readonly clock: Clock;
	readonly runs: Runs;
	readonly throttle: Throttle;
	readonly instances: Map<string, Instance>;
	readonly administrators: Administrator[];
	/** To whom all instances belong. */
	readonly owner: Administrator;
	readonly legacyCodeboxEnabled: () => boolean;
	/** Milliseconds until the caller of an endpoint gets a 408. */
	readonly endpointWait: number;
	/** Milliseconds that the run of an endpoint may wait for its turn. */
	readonly endpointQueueWait: number;
	readonly rates: { readonly instance: number; readonly administrator: number };
	/** META.api_host; undefined for the host of the request. */
	readonly apiHost: string | undefined;
	/** META.space_host; left out where undefined. */
	readonly spaceHost: string | undefined;
	addScript(instance: Instance, fields: Pick<Script, 'label' | 'runtime_name' | 'source'> & Partial<Script>): Script;
	addEndpoint(instance: Instance, fields: Pick<Endpoint, 'name' | 'script'> & Partial<Endpoint>): Endpoint;
}

/** One request on its way through the API. */
interface Call {
	readonly request: EmulatedRequest;
	/** The verb that counts: a `_method` in a body of text/plain overrides the request's own. */
	readonly method: string;
	/** What the route's pattern has found in the path. */
	readonly part: (name: string) => string;
	readonly instance: Instance;
	/** Undefined for a public link. */
	readonly administrator: Administrator | undefined;
	/** The body, parsed; throws the service's refusal. */
	readonly body: () => Promise<unknown>;
	/** Throws a 403 unless the administrator may write. */
	readonly requireWriter: () => void;
}

const olderPath = /^\/v1\/instances\/(?<instance>[^/]+)\/(?<rest>webhooks\/p\/.*)$/;

type Handler = (call: Call) => Promise<EmulatedAnswer> | EmulatedAnswer;

interface Route {
	readonly pattern: RegExp;
	readonly handlers: Readonly<Record<string, Handler>>;
	/** Runs a script: the size of the request is limited, and it cannot be part of a batch. */
	readonly runs?: 'script' | 'endpoint' | 'publicEndpoint';
}

/** The routes of the API, and what they do. */
export class Api {
	private readonly routes: Route[] = [
		{ pattern: /^$/, handlers: { GET: (call) => this.getInstance(call) } },
		{ pattern: /^batch\/$/, handlers: { POST: (call) => this.batch(call) } },
		{ pattern: /^snippets\/scripts\/$/, handlers: { GET: (call) => this.listScripts(call), POST: (call) => this.createScript(call) } },
		{ pattern: /^snippets\/scripts\/runtimes\/$/, handlers: { GET: () => this.listRuntimes() } },
		{
			pattern: /^snippets\/scripts\/(?<script>[^/]+)\/$/,
			handlers: {
				GET: (call) => jsonAnswer(200, chooseFields(scriptView(this.script(call, details.notFound), false), call.request.url.searchParams)),
				PUT: (call) => this.updateScript(call),
				PATCH: (call) => this.updateScript(call),
				DELETE: (call) => this.deleteScript(call),
			},
		},
		{ pattern: /^snippets\/scripts\/(?<script>[^/]+)\/run\/$/, handlers: { POST: (call) => this.runScript(call) }, runs: 'script' },
		{ pattern: /^snippets\/scripts\/(?<script>[^/]+)\/traces\/(?:(?<trace>[^/]+)\/)?$/, handlers: { GET: (call) => this.scriptTraces(call) } },
		{ pattern: /^endpoints\/scripts\/$/, handlers: { GET: (call) => this.listEndpoints(call), POST: (call) => this.createEndpoint(call) } },
		{
			pattern: /^endpoints\/scripts\/p\/(?<link>[^/]+)\/[^/]+\/$/,
			handlers: { GET: (call) => this.runPublicLink(call), POST: (call) => this.runPublicLink(call) },
			runs: 'publicEndpoint',
		},
		{
			pattern: /^endpoints\/scripts\/(?<endpoint>[^/]+)\/$/,
			handlers: {
				GET: (call) => jsonAnswer(200, chooseFields(endpointView(this.endpoint(call, details.notFound)), call.request.url.searchParams)),
				PUT: (call) => this.updateEndpoint(call),
				PATCH: (call) => this.updateEndpoint(call),
				DELETE: (call) => this.deleteEndpoint(call),
			},
		},
		{
			pattern: /^endpoints\/scripts\/(?<endpoint>[^/]+)\/run\/$/,
			handlers: { GET: (call) => this.runEndpoint(call), POST: (call) => this.runEndpoint(call) },
			runs: 'endpoint',
		},
		{ pattern: /^endpoints\/scripts\/(?<endpoint>[^/]+)\/reset_link\/$/, handlers: { POST: (call) => this.resetLink(call) } },
		{ pattern: /^endpoints\/scripts\/(?<endpoint>[^/]+)\/traces\/(?:(?<trace>[^/]+)\/)?$/, handlers: { GET: (call) => this.endpointTraces(call) } },
	];

	/** The only route that the older version of the API has here: a public link, with or without a name behind it. */
	private readonly olderRoute: Route = {
		pattern: /^webhooks\/p\/(?<link>[^/]+)\/(?:[^/]+\/)?$/,
		handlers: { GET: (call) => this.runPublicLink(call), POST: (call) => this.runPublicLink(call) },
		runs: 'publicEndpoint',
	};

	constructor(private readonly state: ApiState) {}

	/** Whether a path is one of this API's. */
	owns(pathname: string): boolean {
		return pathname.startsWith('/v1.1/') || olderPath.test(pathname);
	}

	/** Answers a request; `undefined` where its path belongs to another service. */
	async answer(request: EmulatedRequest, inBatch = false): Promise<EmulatedAnswer | undefined> {
		const { pathname } = request.url;
		if (!this.owns(pathname)) return undefined;
		const older = olderPath.exec(pathname);
		let parsed: Promise<unknown> | undefined;
		const body = () => (parsed ??= readBody(request));
		try {
			if (older !== null) return await this.inInstance(request, older.groups?.instance ?? '', older.groups?.rest ?? '', [this.olderRoute], body, inBatch);
			if (pathname === '/v1.1/account/') return await this.outsideInstances(request, body, ({ administrator }) => accountView(administrator));
			if (pathname === '/v1.1/instances/') return await this.outsideInstances(request, body, ({ administrator }) => this.listInstances(request, administrator));
			const within = /^\/v1\.1\/instances\/(?<instance>[^/]+)\/(?<rest>.*)$/.exec(pathname);
			if (within === null) return htmlNotFound;
			return await this.inInstance(request, within.groups?.instance ?? '', within.groups?.rest ?? '', this.routes, body, inBatch);
		} catch (error) {
			if (!(error instanceof Refusal)) throw error;
			if ([400, 413, 415].includes(error.answer.status)) return error.answer;
			// Whatever else is wrong, the service reads the body again while it writes its error, and then trips over malformed JSON.
			const malformed = await body().then(
				() => undefined,
				(problem: unknown) => (problem instanceof Refusal && problem.answer.status === 400 ? problem.answer : undefined),
			);
			return malformed ?? error.answer;
		}
	}

	private async outsideInstances(
		request: EmulatedRequest,
		body: () => Promise<unknown>,
		view: (call: { administrator: Administrator }) => unknown,
	): Promise<EmulatedAnswer> {
		const key = await findKey(request, body);
		if (key === undefined) throw refuse(403, details.noPermission);
		const administrator = this.administratorOf(key);
		this.state.throttle.count(`administrator ${administrator.id}`, this.state.rates.administrator);
		if (request.method !== 'GET') throw this.wrongMethod(request.method, ['GET']);
		return jsonAnswer(200, view({ administrator }));
	}

	private async inInstance(
		request: EmulatedRequest,
		name: string,
		rest: string,
		routes: readonly Route[],
		body: () => Promise<unknown>,
		inBatch: boolean,
	): Promise<EmulatedAnswer> {
		let route: Route | undefined;
		let parts: Record<string, string | undefined> = {};
		for (const candidate of routes) {
			const match = candidate.pattern.exec(rest);
			if (match === null) continue;
			route = candidate;
			parts = match.groups ?? {};
			break;
		}
		if (route === undefined) return htmlNotFound;
		if (route.runs !== undefined) this.limitSize(request, route.runs);

		const instance = this.state.instances.get(name.toLowerCase());
		if (instance === undefined) throw refuse(404, 'Instance was not found.');
		const access = route.runs === 'publicEndpoint' ? undefined : await this.access(request, instance, body);
		if (access !== undefined) {
			if (request.method !== 'GET' && access.role === 'read') throw refuse(403, details.noPermission);
			if (instance.billing !== undefined) throw refuse(403, billingDetails[instance.billing]);
		}
		this.state.throttle.count(`instance ${instance.name}`, instance.requestsPerSecond ?? this.state.rates.instance);

		const method = await this.effectiveMethod(request, body);
		const requireWriter = () => {
			if (access?.role === 'read') throw refuse(403, details.noPermission);
		};
		if (method !== request.method && method !== 'GET') requireWriter();
		const handler = route.handlers[method];
		if (handler === undefined) throw this.wrongMethod(method, Object.keys(route.handlers));
		if (route.runs !== undefined && inBatch) throw refuse(405, details.batching);
		const part = (wanted: string) => decoded(parts[wanted] ?? '');
		return await handler({ request, method, part, instance, administrator: access?.administrator, body, requireWriter });
	}

	private limitSize(request: EmulatedRequest, runs: NonNullable<Route['runs']>): void {
		const declared = Number(request.headers['content-length'] ?? request.body.length);
		if (declared > limits.requestBody) throw refuse(413, details.tooLarge);
		if (runs === 'script') return;
		const headers = Object.entries(request.headers).reduce((sum, [name, value]) => sum + name.length + String(value).length + 4, 0);
		const line = request.method.length + request.url.pathname.length + request.url.search.length + ' HTTP/1.1  '.length;
		if (line + headers > limits.requestHead) throw refuse(400, details.tooBigRequest);
	}

	private administratorOf(key: string): Administrator {
		const administrator = this.state.administrators.find(({ accountKey }) => accountKey === key);
		if (administrator !== undefined) return administrator;
		const ofInstance = [...this.state.instances.values()].some(({ instanceKey }) => instanceKey === key);
		throw refuse(403, ofInstance ? details.noPermission : details.noSuchKey);
	}

	private async access(request: EmulatedRequest, instance: Instance, body: () => Promise<unknown>): Promise<{ administrator: Administrator; role: Role }> {
		const key = await findKey(request, body);
		if (key === undefined) throw refuse(403, details.noPermission);
		if (readToken(key, this.state.clock.now()) === instance.name) return { administrator: this.state.owner, role: 'full' };
		const administrator = this.administratorOf(key);
		const role = administrator.roles.get(instance.name);
		if (role === undefined) throw refuse(403, details.noPermission);
		return { administrator, role };
	}

	private async effectiveMethod(request: EmulatedRequest, body: () => Promise<unknown>): Promise<string> {
		if (mediaType(request) !== 'text/plain' || request.body.length === 0) return request.method;
		const read = await body();
		if (!isObject(read) || typeof read._method !== 'string') return request.method;
		const method = read._method.toUpperCase();
		delete read._method;
		return method;
	}

	private wrongMethod(method: string, allowed: readonly string[]): Refusal {
		return refuse(405, `Method "${method}" not allowed.`, { allow: [...allowed, 'HEAD', 'OPTIONS'].join(', ') });
	}

	private listInstances(request: EmulatedRequest, administrator: Administrator) {
		const own = [...this.state.instances.values()].filter(({ name }) => administrator.roles.has(name));
		const found = paginate(request.url, own, ({ id }) => id, { newestFirst: false });
		const objects = found.objects.map((instance) => instanceView(instance, this.state.owner, administrator.roles.get(instance.name) ?? 'read'));
		return { ...found, objects: chosen(objects, request.url.searchParams) };
	}

	private getInstance({ request, instance, administrator }: Call): EmulatedAnswer {
		const view = instanceView(instance, this.state.owner, administrator?.roles.get(instance.name) ?? 'full');
		return jsonAnswer(200, chooseFields(view, request.url.searchParams));
	}

	/** @param missing what is answered where there is none */
	private script({ instance, part }: Call, missing: string): Script {
		const id = part('script');
		const script = /^\d+$/.test(id) ? instance.scripts.get(Number(id)) : undefined;
		if (script === undefined) throw refuse(404, missing);
		return script;
	}

	/** @param missing what is answered where there is none */
	private endpoint({ instance, part }: Call, missing: string): Endpoint {
		const endpoint = instance.endpoints.get(part('endpoint').toLowerCase());
		if (endpoint === undefined) throw refuse(404, missing);
		return endpoint;
	}

	private listScripts({ request, instance }: Call): EmulatedAnswer {
		const prefix = request.url.searchParams.get('label__startswith') ?? '';
		const scripts = [...instance.scripts.values()].filter(({ label }) => label.startsWith(prefix)).sort((one, other) => one.id - other.id);
		const found = paginate(request.url, scripts, ({ id }) => id, { newestFirst: false });
		return jsonAnswer(200, { ...found, objects: chosen(found.objects.map((script) => scriptView(script, true)), request.url.searchParams) });
	}

	private listRuntimes(): EmulatedAnswer {
		const listed = Object.entries(runtimes).map(([name, runtime]) => [name, { name, ...runtime, image: 'syncano/script-docker-image', packages: [] }]);
		return jsonAnswer(200, Object.fromEntries(listed));
	}

	private checkScript(fields: Record<string, unknown>): Partial<Pick<Script, 'label' | 'description' | 'runtime_name' | 'source' | 'config'>> {
		const { label, description, runtime_name, source } = fields;
		for (const [name, value] of Object.entries({ label, description, source })) {
			if (value !== undefined && typeof value !== 'string') throw refuseField(name, 'Not a valid string.');
		}
		if (runtime_name !== undefined && (typeof runtime_name !== 'string' || !isRuntime(runtime_name))) {
			throw refuseField('runtime_name', `${JSON.stringify(runtime_name)} is not a valid choice.`);
		}
		if (typeof source === 'string' && Buffer.byteLength(source) > limits.scriptSource) {
			throw refuseField('source', `Ensure this field has no more than ${limits.scriptSource} characters.`);
		}
		let { config } = fields;
		if (typeof config === 'string') {
			try {
				config = JSON.parse(config) as unknown;
			} catch {
				throw refuseField('config', 'Not a valid JSON string.');
			}
		}
		if (config !== undefined && !isObject(config)) throw refuseField('config', 'Config passed in invalid format.');
		if (config !== undefined && JSON.stringify(config).length > limits.scriptConfiguration) throw refuseField('config', 'Config is too large.');
		const checked = { label, description, runtime_name, source, config };
		return Object.fromEntries(Object.entries(checked).filter(([, value]) => value !== undefined)) as ReturnType<Api['checkScript']>;
	}

	private async createScript({ instance, body }: Call): Promise<EmulatedAnswer> {
		const fields = requireObject(await body());
		for (const name of ['label', 'runtime_name']) if (fields[name] === undefined) throw refuseField(name, 'This field is required.');
		const { label = '', runtime_name = '', source = '', ...others } = this.checkScript(fields);
		return jsonAnswer(201, scriptView(this.state.addScript(instance, { label, runtime_name, source, ...others }), false));
	}

	private async updateScript(call: Call): Promise<EmulatedAnswer> {
		const script = this.script(call, details.notFound);
		if (script.socket !== undefined) throw refuse(403, details.noPermission);
		Object.assign(script, this.checkScript(requireObject(await call.body())));
		script.updatedAt = this.state.clock.now();
		return jsonAnswer(200, scriptView(script, false));
	}

	private deleteScript(call: Call): EmulatedAnswer {
		const script = this.script(call, details.notFound);
		if (script.socket !== undefined) throw refuse(403, details.noPermission);
		call.instance.scripts.delete(script.id);
		return { status: 204 };
	}

	private async runScript(call: Call): Promise<EmulatedAnswer> {
		const { instance, request } = call;
		const script = this.script(call, details.notFound);
		if (script.socket !== undefined) throw refuse(403, details.noPermission);
		if (!this.state.legacyCodeboxEnabled()) throw refuse(400, '');
		const ARGS = scriptArguments(await call.body());
		const trace = instance.traces.scripts.add(`scripts/${script.id}`);
		const view = traceView(trace, `${instancePath(instance.name)}snippets/scripts/${script.id}/traces/`, false);
		const META = { executed_by: 'codebox', executor: script.id, ...this.commonMeta(call, script) };
		this.state.runs.offer({ requestId: request.id, instance, script, trace, ARGS, META });
		return jsonAnswer(200, view);
	}

	private commonMeta({ request, instance }: Call, script: Script): Record<string, unknown> {
		return {
			instance: instance.name,
			api_host: this.state.apiHost ?? request.url.host,
			...(this.state.spaceHost === undefined ? {} : { space_host: this.state.spaceHost }),
			async: 0,
			...(script.config.allow_full_access === true ? { token: makeToken(instance.name, this.state.clock.now() + 3_600_000) } : {}),
		};
	}

	private scriptTraces(call: Call): EmulatedAnswer {
		const script = this.script(call, 'Script was not found.');
		const list = `${instancePath(call.instance.name)}snippets/scripts/${script.id}/traces/`;
		return this.traces(call, call.instance.traces.scripts, `scripts/${script.id}`, list);
	}

	private endpointTraces(call: Call): EmulatedAnswer {
		const endpoint = this.endpoint(call, 'Script Endpoint was not found.');
		const list = `${instancePath(call.instance.name)}endpoints/scripts/${endpoint.name}/traces/`;
		return this.traces(call, call.instance.traces.endpoints, `endpoints/${endpoint.name}`, list);
	}

	private traces({ request, part }: Call, store: TraceStore, owner: string, list: string): EmulatedAnswer {
		const query = request.url.searchParams;
		if (part('trace') !== '') {
			const id = part('trace');
			const trace: Trace | undefined = /^\d+$/.test(id) ? (store.get(Number(id)) ?? heldTrace(Number(id), owner, this.state.clock.now())) : undefined;
			if (trace === undefined) throw refuse(404, details.notFound);
			return jsonAnswer(200, chooseFields(traceView(trace, list, false), query));
		}
		const found = paginate(request.url, store.list(owner), ({ id }) => id, { newestFirst: true });
		return jsonAnswer(200, { ...found, objects: chosen(found.objects.map((trace) => traceView(trace, list, true)), query) });
	}

	private listEndpoints({ request, instance }: Call): EmulatedAnswer {
		const found = paginate(request.url, [...instance.endpoints.values()], ({ id }) => id, { newestFirst: false });
		return jsonAnswer(200, { ...found, objects: chosen(found.objects.map(endpointView), request.url.searchParams) });
	}

	private checkEndpoint(instance: Instance, fields: Record<string, unknown>): Partial<Pick<Endpoint, 'script' | 'public' | 'description'>> {
		const { script, description } = fields;
		if (script !== undefined && !instance.scripts.has(Number(script))) throw refuseField('script', `Invalid pk "${JSON.stringify(script)}" - object does not exist.`);
		if (fields.public !== undefined && typeof fields.public !== 'boolean') throw refuseField('public', `${JSON.stringify(fields.public)} is not a valid boolean.`);
		return {
			...(script === undefined ? {} : { script: Number(script) }),
			...(typeof fields.public === 'boolean' ? { public: fields.public } : {}),
			...(typeof description === 'string' ? { description } : {}),
		};
	}

	private async createEndpoint({ instance, body }: Call): Promise<EmulatedAnswer> {
		const fields = requireObject(await body());
		const { name } = fields;
		if (fields.script === undefined) throw refuseField('script', 'This field is required.');
		if (typeof name !== 'string' || !/^[a-zA-Z0-9_-]{1,64}$/.test(name)) throw refuseField('name', 'Enter a valid "slug".');
		if (instance.endpoints.has(name.toLowerCase())) throw refuseField('name', 'This field must be unique.');
		const { script = 0, ...others } = this.checkEndpoint(instance, fields);
		return jsonAnswer(201, endpointView(this.state.addEndpoint(instance, { name, script, ...others })));
	}

	private async updateEndpoint(call: Call): Promise<EmulatedAnswer> {
		const endpoint = this.endpoint(call, details.notFound);
		Object.assign(endpoint, this.checkEndpoint(call.instance, requireObject(await call.body())));
		return jsonAnswer(200, endpointView(endpoint));
	}

	private deleteEndpoint(call: Call): EmulatedAnswer {
		call.instance.endpoints.delete(this.endpoint(call, details.notFound).name);
		return { status: 204 };
	}

	private resetLink(call: Call): EmulatedAnswer {
		const endpoint = this.endpoint(call, details.notFound);
		endpoint.publicLink = makeLink(`${endpoint.publicLink} after a reset`);
		return jsonAnswer(200, endpointView(endpoint));
	}

	private async runPublicLink(call: Call): Promise<EmulatedAnswer> {
		const link = call.part('link').toLowerCase();
		const endpoint = [...call.instance.endpoints.values()].find(({ publicLink }) => publicLink === link);
		if (endpoint === undefined || !endpoint.public) throw refuse(404, details.notFound);
		return await this.startEndpoint(call, endpoint);
	}

	private async runEndpoint(call: Call): Promise<EmulatedAnswer> {
		const endpoint = this.endpoint(call, details.notFound);
		if (!this.state.legacyCodeboxEnabled()) throw refuse(400, '');
		return await this.startEndpoint(call, endpoint);
	}

	private template({ request, instance }: Call): ResponseTemplate | undefined {
		const header = (name: string) => {
			const value = request.headers[name];
			return typeof value === 'string' ? value : undefined;
		};
		const query = request.url.searchParams;
		const name = query.get('template') ?? query.get('template_response') ?? header('x-template') ?? header('x-template-response');
		if (name === undefined) return undefined;
		const template = instance.templates.get(name);
		if (template === undefined) throw refuse(406, details.templateNotFound);
		return template;
	}

	private async startEndpoint(call: Call, endpoint: Endpoint): Promise<EmulatedAnswer> {
		const { request, instance, administrator } = call;
		const template = this.template(call);
		const script = instance.scripts.get(endpoint.script);
		if (script === undefined) throw refuse(404, details.notFound);
		const args = readEndpointArguments(await call.body(), request.url.searchParams);
		const shownMeta = {
			request: requestMeta(request),
			metadata: {},
			...(administrator === undefined ? {} : { admin: { id: administrator.id, email: administrator.email } }),
		};
		const { token, ...common } = this.commonMeta(call, script);
		const meta = { ...shownMeta, executed_by: 'webhook', executor: endpoint.name, ...common };
		const trace = instance.traces.endpoints.add(`endpoints/${endpoint.name}`, { meta, args });

		const waiting = new AbortController();
		const stopWaiting = () => waiting.abort();
		request.closed.addEventListener('abort', stopWaiting, { once: true });
		try {
			const finished = new Promise<Trace>((resolve) => {
				this.state.runs.offer({
					requestId: request.id,
					instance,
					script,
					trace,
					ARGS: endpointArguments(args, instance.createdYear),
					META: token === undefined ? meta : { ...meta, token },
					queueWait: this.state.endpointQueueWait,
					onResult: resolve,
				});
			});
			const givenUp = this.state.clock.sleep(this.state.endpointWait, waiting.signal).then(
				() => undefined,
				() => undefined,
			);
			const ended = await Promise.race([finished, givenUp]);
			const answer = ended === undefined ? detailAnswer(408, details.tookTooMuchTime) : replyTo(ended, template);
			return request.headers.origin === undefined ? answer : { ...answer, headers: { ...answer.headers, 'access-control-allow-origin': '*' } };
		} finally {
			request.closed.removeEventListener('abort', stopWaiting);
			stopWaiting();
		}
	}

	private async batch(call: Call): Promise<EmulatedAnswer> {
		const { requests } = requireObject(await call.body());
		if (!Array.isArray(requests)) throw refuseField('requests', 'This field is required.');
		const answers: unknown[] = [];
		for (const entry of requests as unknown[]) {
			const { method, path, body } = requireObject(entry);
			const bytes = Buffer.from(body === undefined ? '' : JSON.stringify(body));
			const { 'content-length': _length, ...headers } = call.request.headers;
			const inner: EmulatedRequest = {
				...call.request,
				method: String(method).toUpperCase(),
				url: new URL(String(path), call.request.url),
				headers: { ...headers, 'content-type': 'application/json' },
				body: bytes,
			};
			const answer = (await this.answer(inner, true)) ?? htmlNotFound;
			answers.push({ code: answer.status, content: parsedContent(answer.body) });
		}
		return jsonAnswer(200, answers);
	}
}

/** A part of a path without its percent signs; as it is where they mean nothing. */
function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

function parsedContent(body: unknown): unknown {
	try {
		return JSON.parse(String(body)) as unknown;
	} catch {
		return body ?? null;
	}
}

const hiddenHeaders = /^(?:x-api-key|x-user-key|authorization|x-forwarded-.*|x-real-ip|connection|content-type|content-length)$/;

/** META.request: the request's headers as a WSGI server names them, without keys and without what proxies add. */
function requestMeta(request: EmulatedRequest): Record<string, string> {
	const meta: Record<string, string> = {};
	for (const [name, value] of Object.entries(request.headers)) {
		if (value === undefined || hiddenHeaders.test(name)) continue;
		meta[`HTTP_${name.toUpperCase().replaceAll('-', '_')}`] = String(value);
	}
	const forwarded = request.headers['x-forwarded-for'];
	return {
		...meta,
		PATH_INFO: request.url.pathname,
		REQUEST_METHOD: request.method,
		REMOTE_ADDR: (typeof forwarded === 'string' ? forwarded.split(',')[0]?.trim() : undefined) ?? '127.0.0.1',
	};
}
