import { limits } from './limits';
import { chooseFields } from './pagination';
import { pythonJson } from './json';
import type { Administrator, Endpoint, Instance, Role, Script } from './model';
import type { Trace } from './traces';

/** A time as the service writes it: UTC with microseconds. */
const time = (milliseconds: number): string => new Date(milliseconds).toISOString().replace('Z', '000Z');

/** The path of an instance. */
export const instancePath = (name: string): string => `/v1.1/instances/${name}/`;

/** An administrator as `GET /v1.1/account/` shows it. */
export const accountView = ({ id, email, first_name, last_name }: Administrator) => ({
	id,
	email,
	first_name,
	last_name,
	is_active: true,
	has_password: true,
	metadata: {},
});

/** An instance. The reference names no fields besides the name: the others are a guess. */
export function instanceView(instance: Instance, owner: Administrator, role: Role) {
	const { name, description } = instance;
	const created = time(instance.createdAt);
	return {
		name,
		description,
		role,
		owner: { id: owner.id, email: owner.email, first_name: owner.first_name, last_name: owner.last_name },
		metadata: {},
		created_at: created,
		updated_at: created,
		links: { self: instancePath(name), scripts: `${instancePath(name)}snippets/scripts/`, 'script-endpoints': `${instancePath(name)}endpoints/scripts/` },
	};
}

/** A script. In a list its source is cut. */
export function scriptView(script: Script, listed: boolean) {
	const all = `${instancePath(script.instance)}snippets/scripts/`;
	const self = `${all}${script.id}/`;
	const cut = listed && script.source.length > limits.scriptSourceListed;
	return {
		id: script.id,
		runtime_name: script.runtime_name,
		source: cut ? `${script.source.slice(0, limits.scriptSourceListed)}\n(...truncated...)` : script.source,
		created_at: time(script.createdAt),
		updated_at: time(script.updatedAt),
		config: script.config,
		label: script.label,
		description: script.description,
		links: { self, runtimes: `${all}runtimes/`, run: `${self}run/`, traces: `${self}traces/` },
	};
}

/** The path of an endpoint's public link. */
export const publicPath = (endpoint: Endpoint): string =>
	`${instancePath(endpoint.instance)}endpoints/scripts/p/${endpoint.publicLink}/${endpoint.name}/`;

/** A Script Endpoint. */
export function endpointView(endpoint: Endpoint) {
	const self = `${instancePath(endpoint.instance)}endpoints/scripts/${endpoint.name}/`;
	return {
		name: endpoint.name,
		description: endpoint.description,
		script: endpoint.script,
		public_link: endpoint.publicLink,
		public: endpoint.public,
		links: {
			self,
			run: `${self}run/`,
			'reset-link': `${self}reset_link/`,
			script: `${instancePath(endpoint.instance)}snippets/scripts/${endpoint.script}/`,
			'public-link': publicPath(endpoint),
			traces: `${self}traces/`,
		},
	};
}

/**
 * A trace.
 * @param list the path of the list to which it belongs
 * @param listed in a list, what is too long is replaced
 */
export function traceView(trace: Trace, list: string, listed: boolean) {
	// The service measures Python's own notation of the value, which is as long as its JSON with a blank after each comma and colon.
	const shown = (value: unknown, name: string): unknown =>
		listed && pythonJson(value, false).length > limits.listedResultCharacters ? { __error__: `${name} is too big to show in trace.` } : value;
	return {
		id: trace.id,
		status: trace.status,
		executed_at: trace.executedAt === null ? null : time(trace.executedAt),
		duration: trace.duration,
		result: shown(trace.result, 'Result'),
		...(trace.args === undefined ? {} : { meta: trace.meta, args: shown(trace.args, 'Payload') }),
		links: { self: `${list}${trace.id}/` },
	};
}

/** The default reply of an endpoint, as text: a trace without links. */
export function replyView(trace: Trace): string {
	const { status, result, duration, id } = trace;
	return pythonJson({ status, executed_at: trace.executedAt === null ? null : time(trace.executedAt), result, duration, id });
}

/** Each object of a page, with the fields that the query asks for. */
export const chosen = (objects: readonly object[], query: URLSearchParams) => objects.map((object) => chooseFields(object, query));
