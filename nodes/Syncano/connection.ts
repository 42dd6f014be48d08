import { credentialData } from '../shared/credential';
import type { RequestContext } from '../shared/egress';
import { requestError } from '../shared/outcome';
import { InputError, PlanError } from '../shared/parameters';
import { cleanText } from '../shared/text';
import type { KeyKind } from './hints';

/** The node's credential type. */
export const CREDENTIAL = 'syncanoApi';

const CREDENTIAL_GUIDE = 'https://github.com/cloud-scripts/n8n-nodes-cloud-scripts#syncano-credential';

/** Where requests go, and what their key looks like. */
export interface Connection {
	/** Without /v1.1 and without a slash at the end; a path before /v1.1 is part of it. */
	readonly baseUrl: string;
	/** The credential's instance; empty where it names none. */
	readonly instance: string;
	readonly keyKind: KeyKind;
}

/** @throws {PlanError} with reason `notConnected` where there is no credential, or none that could work */
export async function connectionOf(context: RequestContext): Promise<Connection> {
	const data = await credentialData(context, CREDENTIAL);
	const text = (name: string) => (typeof data[name] === 'string' ? data[name].trim() : '');
	return { baseUrl: baseUrlOf(text('baseUrl')), instance: text('instanceName'), keyKind: keyKindOf(text('accountKey')) };
}

/** A base URL in its one form. @throws {PlanError} */
export function baseUrlOf(given: string): string {
	const url = webAddress(given);
	if (url === undefined || url.search !== '' || url.hash !== '') throw notUsable(given);
	return `${url.origin}${url.pathname.replace(/\/+(v1\.1\/*)?$/, '')}`;
}

function webAddress(given: string): URL | undefined {
	try {
		const url = new URL(given);
		return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
	} catch {
		return undefined;
	}
}

function notUsable(given: string): PlanError {
	const what = given === '' ? 'is empty' : `is not the address of an API: "${cleanText(given, 120)}"`;
	return new PlanError(requestError('notConnected', `The Base URL in the credential ${what}`, 'Enter the address of the server, e.g. https://api.syncano.io.', CREDENTIAL_GUIDE));
}

/** Which kind of key this is, by the parity of its last hex digit (server source, core/helpers.py). */
export function keyKindOf(key: string): KeyKind {
	if (key === '') return 'none';
	if (!/^[\da-f]{40}$/i.test(key)) return 'unknown';
	return Number.parseInt(key.slice(-1), 16) % 2 === 0 ? 'account' : 'instance';
}

/** The address of an instance, without a slash at the end: the one that the node names, else the credential's. @throws {InputError} */
export function instanceUrl(connection: Connection, given: string): string {
	const name = given.trim() || connection.instance;
	if (name === '') throw new InputError('Neither the node nor the credential names an instance', 'Choose an instance in the node, or put its name into the credential.');
	return `${connection.baseUrl}/v1.1/instances/${encodeURIComponent(checkedName(name, 'Instance'))}`;
}

/** A name as part of a path. @throws {InputError} */
export function checkedName(given: string, field: string): string {
	const name = given.trim();
	if (name === '') throw new InputError(`${field} is empty`, 'Choose it from the list or give its name.');
	if (/[\s/\\?#%]|^\.+$|\p{C}/u.test(name) || name.length > 200) {
		throw new InputError(`${field} "${cleanText(name, 80)}" is not a name`, 'Names have letters, digits, hyphens and underscores; give the name alone, not an address.');
	}
	return name;
}

/** A whole number from 1 on, such as the ID of a script, as text. @throws {InputError} */
export function checkedId(given: string, field: string): string {
	const id = given.trim();
	if (/^0*[1-9]\d{0,15}$/.test(id)) return String(Number(id));
	throw new InputError(id === '' ? `${field} is empty` : `${field} "${cleanText(id, 80)}" is not a whole number`, 'Choose it from the list or give its number, e.g. 7.');
}

/** A public link, complete and with the slash at its end, without which the server knows no such address. @throws {InputError} */
export function publicLinkOf(given: string): { readonly url: string; readonly name: string } {
	const hint = 'Paste the whole link, e.g. https://api.syncano.io/v1.1/instances/my-instance/endpoints/scripts/p/<link>/<name>/.';
	if (given.trim() === '') throw new InputError('Public Link is empty', hint);
	const url = webAddress(given.trim());
	if (url === undefined) throw new InputError(`Public Link is not an address that begins with http:// or https://: "${cleanText(given, 120)}"`, hint);
	url.hash = '';
	if (!url.pathname.endsWith('/')) url.pathname += '/';
	const last = url.pathname.split('/').slice(-2)[0] ?? '';
	// Without a name the last part is the link itself, which is a secret of a kind.
	return { url: url.href, name: last === '' || /^[\da-f]{40}$/i.test(last) ? 'public link' : cleanText(last, 80) };
}
