import type { GoogleEmulator } from '../google';
import type { EmulatedAnswer, EmulatedRequest } from '../service';
import { checkAccess } from './access';
import { apiError, insufficientScopes, jsonAnswer } from './bodies';
import { parseFields, selectFields, type FieldTree } from './fields';
import { pageOf } from './pages';
import type { ProjectStore, ScriptProject } from './projects';

const AUTH = 'https://www.googleapis.com/auth/';
const READ_SCOPES = ['drive', 'drive.readonly', 'drive.metadata', 'drive.metadata.readonly'].map((name) => AUTH + name);
/** A token with this scope sees only what was made with the same client: here, nothing. */
const OWN_FILES_SCOPE = `${AUTH}drive.file`;
const SCRIPT_TYPE = 'application/vnd.google-apps.script';

const DEFAULT_FIELDS: FieldTree = {
	kind: true,
	nextPageToken: true,
	incompleteSearch: true,
	files: { kind: true, id: true, name: true, mimeType: true },
};

type Condition = (project: ScriptProject, email: string | undefined) => boolean;

/** One condition of a search. */
function readTerm(term: string): Condition | undefined {
	const match = /^(name|mimeType|trashed|'me')\s*(=|!=|contains|in)\s*(.+)$/.exec(term.trim());
	if (match === null) return undefined;
	const [, field, operator, rawValue = ''] = match;
	const quoted = /^'((?:[^'\\]|\\.)*)'$/.exec(rawValue.trim());
	const value = quoted?.[1]?.replace(/\\(.)/g, '$1');
	if (field === "'me'" && operator === 'in') return rawValue.trim() === 'owners' ? (project, email) => project.owner.email === email : undefined;
	if (field === 'trashed' && operator === '=') return rawValue.trim() === 'false' ? () => true : rawValue.trim() === 'true' ? () => false : undefined;
	if (value === undefined) return undefined;
	if (field === 'mimeType') {
		if (operator === '=') return () => value === SCRIPT_TYPE;
		if (operator === '!=') return () => value !== SCRIPT_TYPE;
		return operator === 'contains' ? () => SCRIPT_TYPE.startsWith(value) : undefined;
	}
	if (field !== 'name') return undefined;
	if (operator === '=') return (project) => project.title === value;
	if (operator === '!=') return (project) => project.title !== value;
	// Drive matches the beginnings of words.
	if (operator === 'contains') {
		return (project) => ` ${project.title.toLowerCase()}`.replace(/[^\p{L}\p{N}]+/gu, ' ').includes(` ${value.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ')}`);
	}
	return undefined;
}

/** Drive's search language as far as it concerns scripts: conditions on name, mimeType, trashed and owners, joined by `and`. */
function readSearch(text: string): Condition | undefined {
	const conditions: Condition[] = [];
	// At each `and` outside of quotes; a quote within a value is escaped by a backslash.
	for (const term of text.split(/\s+and\s+(?=(?:[^'\\]|'(?:[^'\\]|\\.)*')*$)/)) {
		const condition = readTerm(term);
		if (condition === undefined) return undefined;
		conditions.push(condition);
	}
	return (project, email) => conditions.every((condition) => condition(project, email));
}

function invalidValue(request: EmulatedRequest, location: string): EmulatedAnswer {
	const message = `Invalid Value`;
	return jsonAnswer(request, 400, {
		error: { code: 400, message, errors: [{ message, domain: 'global', reason: 'invalid', location, locationType: 'parameter' }] },
	});
}

/** GET /drive/v3/files, which knows script projects only. Projects bound to a document are not listed (a guess). */
export class DriveFiles {
	constructor(
		private readonly google: GoogleEmulator,
		private readonly projects: ProjectStore,
	) {}

	handle(request: EmulatedRequest): EmulatedAnswer | undefined {
		if (request.method !== 'GET' || request.url.pathname !== '/drive/v3/files') return undefined;
		const access = checkAccess(this.google, request, 'drive');
		if ('refusal' in access) return access.refusal;
		const { token } = access;
		const ownFilesOnly = !READ_SCOPES.some((scope) => token.scopes.includes(scope));
		if (ownFilesOnly && !token.scopes.includes(OWN_FILES_SCOPE)) {
			return apiError(request, insufficientScopes('drive.googleapis.com', 'google.apps.drive.v3.DriveFiles.List'));
		}

		const query = request.url.searchParams;
		const search = query.get('q');
		const condition = search === null || search === '' ? () => true : readSearch(search);
		if (condition === undefined) return invalidValue(request, 'q');
		const { owner } = token;
		const email = owner.kind === 'user' ? owner.user.email : undefined;
		const visible = this.projects
			.all()
			.filter((project) => !ownFilesOnly && project.parentId === undefined && (owner.kind === 'serviceAccount' || project.mayRead(owner.user)) && condition(project, email));
		const sorted = sortBy(visible, query.get('orderBy') ?? '');
		if (sorted === undefined) return invalidValue(request, 'orderBy');
		const page = pageOf(request, sorted, 100, 1000);
		if (page === undefined) return invalidValue(request, query.has('pageToken') ? 'pageToken' : 'pageSize');
		const fieldsText = query.get('fields');
		const fields = fieldsText === null ? DEFAULT_FIELDS : parseFields(fieldsText);
		if (fields === undefined) return invalidValue(request, 'fields');
		const body = {
			kind: 'drive#fileList',
			incompleteSearch: false,
			...(page.nextPageToken === undefined ? {} : { nextPageToken: page.nextPageToken }),
			files: page.items.map((project) => ({
				kind: 'drive#file',
				id: project.scriptId,
				name: project.title,
				mimeType: SCRIPT_TYPE,
				createdTime: new Date(project.createTime).toISOString(),
				modifiedTime: new Date(project.updateTime).toISOString(),
				trashed: false,
				owners: [{ kind: 'drive#user', displayName: project.owner.name, emailAddress: project.owner.email, me: project.owner.email === email }],
				webViewLink: `https://script.google.com/d/${project.scriptId}/edit`,
			})),
		};
		return jsonAnswer(request, 200, selectFields(body, fields));
	}
}

/** `name`, `name_natural`, `modifiedTime`, `createdTime`, `recency`, each with or without `desc`; the first decides most. */
function sortBy(projects: readonly ScriptProject[], order: string): readonly ScriptProject[] | undefined {
	const comparisons: Array<(one: ScriptProject, other: ScriptProject) => number> = [];
	for (const part of order.split(',').filter((text) => text.trim() !== '')) {
		const [key, direction, ...more] = part.trim().split(/\s+/);
		if (more.length > 0 || (direction !== undefined && direction !== 'desc')) return undefined;
		const sign = direction === 'desc' ? -1 : 1;
		if (key === 'name' || key === 'name_natural') comparisons.push((one, other) => sign * one.title.localeCompare(other.title, 'en', { numeric: key === 'name_natural' }));
		else if (key === 'createdTime') comparisons.push((one, other) => sign * (one.createTime - other.createTime));
		else if (key === 'modifiedTime' || key === 'recency' || key === 'modifiedByMeTime' || key === 'viewedByMeTime') {
			comparisons.push((one, other) => sign * (one.updateTime - other.updateTime));
		} else return undefined;
	}
	return [...projects].sort((one, other) => {
		for (const compare of comparisons) {
			const difference = compare(one, other);
			if (difference !== 0) return difference;
		}
		return 0;
	});
}
