import { InputError } from '../shared/parameters';
import { cleanText } from '../shared/text';

/** Addresses in which Google's editor and its dialogs show a script ID. */
const SCRIPT_URL = /^https:\/\/script\.google\.com\/(?:[^?#]*\/)?(?:d|projects)\/([\w-]+)/;
/** Addresses in which they show a deployment ID. */
const DEPLOYMENT_URL = /^https:\/\/(?:script\.google\.com\/(?:[^?#]*\/)?s\/|script\.googleapis\.com\/v1\/scripts\/)([\w-]+)/;

/** The value of *Deployment* that stands for the newest versioned API executable of the script. */
export const AUTOMATIC_DEPLOYMENT = 'auto';

/**
 * The script ID in what a person gave: an ID, or an address of the script editor.
 * @throws {InputError}
 */
export function scriptIdOf(given: string): string {
	const text = given.trim();
	return checkedId(SCRIPT_URL.exec(text)?.[1] ?? text, 'Script', 'Paste the ID from Project Settings > IDs, or the address of the script editor.');
}

/**
 * The ID for the path of scripts.run in what a person gave: a deployment ID, a script ID, or an address that holds one.
 * @throws {InputError}
 */
export function deploymentIdOf(given: string): string {
	const text = given.trim();
	const id = DEPLOYMENT_URL.exec(text)?.[1] ?? SCRIPT_URL.exec(text)?.[1] ?? text;
	return checkedId(id, 'Deployment', 'Paste the deployment ID (AKfycb…) from Deploy > Manage deployments > API Executable, or choose it from the list.');
}

function checkedId(id: string, field: string, hint: string): string {
	if (id === '') throw new InputError(`${field} is empty`, hint);
	if (/^https?:/i.test(id)) throw new InputError(`${field} is an address in which no ID was found: "${cleanText(id, 120)}"`, hint);
	if (/[\s/\\]/.test(id)) throw new InputError(`${field} "${cleanText(id, 120)}" has a space or a slash in it, which no ID has`, hint);
	if (/^\.+$|[\p{C}]/u.test(id) || id.length > 1_000) throw new InputError(`${field} "${cleanText(id, 120)}" is not an ID`, hint);
	return id;
}

/**
 * The name of the function to run, `Library.function` included.
 * @throws {InputError}
 */
export function functionNameOf(given: string): string {
	const name = given.trim();
	if (name === '') throw new InputError('Function is empty', 'Choose a function from the list or give its name, e.g. addRow.');
	const call = /^([^()]*)\(.*\)\s*;?$/s.exec(name);
	if (call !== null) {
		throw new InputError(
			`Function "${cleanText(name, 120)}" has parentheses`,
			`Give the name alone: ${cleanText((call[1] as string).trim(), 80)}. What the function receives goes into Parameters.`,
		);
	}
	if (!/^[\p{ID_Start}$_][\p{ID_Continue}$]*(\.[\p{ID_Start}$_][\p{ID_Continue}$]*)*$/u.test(name)) {
		throw new InputError(`Function "${cleanText(name, 120)}" is not a name of a function`, 'Give the exact name as in the script, e.g. addRow or Library.addRow.');
	}
	return name;
}
