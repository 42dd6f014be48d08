import type { FaultParameters, FaultRule, FaultSwitchboard } from '../faults';
import type { Journal } from '../journal';
import type { EmulatedAnswer, EmulatedRequest } from '../service';
import type { ControlPages } from './server';

const BASE = '/__emulator__/';

function text(status: number, body: string): EmulatedAnswer {
	return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}

function json(status: number, body: unknown): EmulatedAnswer {
	return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: `${JSON.stringify(body, undefined, 2)}\n` };
}

const isService = (value: unknown): value is FaultRule['service'] => value === undefined || value === 'appsScript' || value === 'google' || value === 'syncano';
const isText = (value: unknown): value is string | undefined => value === undefined || typeof value === 'string';
const isCount = (value: unknown): value is number | undefined => value === undefined || (Number.isInteger(value) && (value as number) >= 0);

/** A rule out of a body of JSON; or what is wrong with it. */
function readRule(body: string): FaultRule | string {
	let parsed: unknown;
	try {
		parsed = JSON.parse(body);
	} catch {
		return 'The body is not JSON.';
	}
	if (typeof parsed !== 'object' || parsed === null) return 'The body is not an object.';
	const { fault, service, urlIncludes, bodyIncludes, times, skip, parameters, ...others } = parsed as Record<string, unknown>;
	const strangers = Object.keys(others);
	if (strangers.length > 0) return `Unknown: ${strangers.join(', ')}.`;
	if (typeof fault !== 'string') return '"fault" must be the name of a fault.';
	if (!isService(service)) return '"service" must be appsScript, google or syncano.';
	if (!isText(urlIncludes) || !isText(bodyIncludes)) return '"urlIncludes" and "bodyIncludes" must be texts.';
	if (!isCount(times) || !isCount(skip)) return '"times" and "skip" must be whole numbers.';
	if (parameters !== undefined && (typeof parameters !== 'object' || parameters === null)) return '"parameters" must be an object.';
	return { fault, service, urlIncludes, bodyIncludes, times, skip, parameters: parameters as FaultParameters | undefined };
}

/** Pages with which a person looks into the emulator and switches faults, with curl for example. */
export class EmulatorControl implements ControlPages {
	constructor(
		private readonly faults: FaultSwitchboard,
		private readonly journal: Journal,
		private readonly address: string,
	) {}

	handle(request: EmulatedRequest): Promise<EmulatedAnswer | undefined> {
		const path = request.url.pathname;
		if (path !== BASE.slice(0, -1) && !path.startsWith(BASE)) return Promise.resolve(undefined);
		return Promise.resolve(this.answer(request, path.slice(BASE.length)));
	}

	private answer(request: EmulatedRequest, page: string): EmulatedAnswer {
		if (page === '' && request.method === 'GET') return text(200, this.help());
		if (page === 'journal') {
			if (request.method === 'GET') return json(200, { requests: this.journal.requests, executions: this.journal.executions });
			if (request.method === 'DELETE') {
				this.journal.clear();
				return json(200, {});
			}
		}
		if (page === 'faults') {
			if (request.method === 'GET') return json(200, { on: this.faults.list(), catalogue: this.descriptions() });
			if (request.method === 'DELETE') {
				this.faults.clear();
				return json(200, { on: [] });
			}
			if (request.method === 'POST') {
				const rule = readRule(request.body.toString('utf8'));
				if (typeof rule === 'string') return json(400, { error: rule });
				try {
					this.faults.add(rule);
				} catch (error) {
					return json(400, { error: error instanceof Error ? error.message : String(error) });
				}
				return json(200, { on: this.faults.list() });
			}
		}
		return text(404, `There is no such page. See ${this.address}${BASE}\n`);
	}

	private descriptions(): Record<string, { stage: string; description: string }> {
		return Object.fromEntries(Object.entries(this.faults.catalogue).map(([name, { stage, description }]) => [name, { stage, description }]));
	}

	private help(): string {
		const names = Object.entries(this.faults.catalogue).map(([name, { stage, description }]) => `  ${name.padEnd(28)} ${stage.padEnd(8)} ${description}`);
		return `This is the emulator of n8n-nodes-cloud-scripts.

  GET    ${this.address}${BASE}journal   what was requested, and which scripts really ran
  DELETE ${this.address}${BASE}journal   forgets it
  GET    ${this.address}${BASE}faults    the faults that are switched on, and all there are
  POST   ${this.address}${BASE}faults    switches one on
  DELETE ${this.address}${BASE}faults    switches all off

The next run meets a reset after the script has run:
  curl -d '{"fault":"resetAfterRun","times":1,"urlIncludes":":run"}' ${this.address}${BASE}faults

A fault may be narrowed by service (appsScript, google, syncano), urlIncludes, bodyIncludes, skip and times, and takes parameters:
  curl -d '{"fault":"http429RetryAfter","times":3,"parameters":{"seconds":2}}' ${this.address}${BASE}faults

"instead": the script does not run. "after": it runs, then its answer is spoiled.

${names.join('\n')}
`;
	}
}
