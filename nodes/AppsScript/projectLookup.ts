import type { IExecuteFunctions } from 'n8n-workflow';

import { sendRequest } from '../shared/egress';
import { isRecord, parseJson } from '../shared/json';
import { requestError, type Failure } from '../shared/outcome';
import { cleanText } from '../shared/text';
import type { Connection } from './connection';
import type { Deployment } from './deployments';
import { hintFor } from './hints';
import { getJson, listDeployments, type Looked, type ReadEffort } from './managementApi';
import { readContent, type ProjectContent } from './projectContent';

/** What tokeninfo says of the token that requests are signed with. */
export interface TokenInfo {
	/** Undefined where the answer names none. */
	readonly scopes?: readonly string[];
	/** The OAuth client's id, or the service account's. */
	readonly audience?: string;
	/** Told to tokens with the scope userinfo.email. */
	readonly email?: string;
}

const TOKEN_INFO_TIMEOUT_MS = 15_000;

/** With the hint of the table, where the failure has none of its own. */
function explained(failure: Failure): Failure {
	return failure.hint === undefined ? { ...failure, ...hintFor({ failure, id: '', function: '', devMode: false }) } : failure;
}

/** What is known of the project and the sign-in; asked for once in an execution, whoever wants to know. */
export class ProjectLookup {
	private readonly known = new Map<string, Promise<Looked<unknown>>>();

	constructor(
		private readonly context: IExecuteFunctions,
		private readonly connection: Connection,
	) {}

	deployments(scriptId: string, effort?: ReadEffort): Promise<Looked<Deployment[]>> {
		return this.once(`deployments ${scriptId}`, () => listDeployments(this.context, this.connection, scriptId, effort));
	}

	/** @param version without it, the code as last saved */
	content(scriptId: string, version: number | undefined, effort?: ReadEffort): Promise<Looked<ProjectContent>> {
		return this.once(`content ${scriptId} ${version ?? ''}`, () => readContent(this.context, this.connection, scriptId, version, effort));
	}

	/** The address of the person who made the project; empty where the API does not say. */
	creator(scriptId: string): Promise<Looked<string>> {
		return this.once(`creator ${scriptId}`, async () => {
			const looked = await getJson(this.context, this.connection, this.connection.apiBaseUrl, `/v1/projects/${encodeURIComponent(scriptId)}`);
			if ('failure' in looked) return looked;
			const creator = isRecord(looked.value) && isRecord(looked.value.creator) ? looked.value.creator.email : undefined;
			return { value: typeof creator === 'string' ? cleanText(creator, 200) : '' };
		});
	}

	/** The version that a deployment runs, where its deployments have been read already; costs nothing. */
	async versionIfKnown(scriptId: string, deploymentId: string): Promise<number | undefined> {
		const looked = await (this.known.get(`deployments ${scriptId}`) as Promise<Looked<Deployment[]>> | undefined);
		return looked === undefined || 'failure' in looked ? undefined : looked.value.find((deployment) => deployment.deploymentId === deploymentId)?.versionNumber;
	}

	/** @param effort with `refresh`, a token that tokeninfo does not take is refreshed first, as any may have ended since it was used last */
	tokenInfo(effort: 'once' | 'refresh'): Promise<Looked<TokenInfo>> {
		return this.once('tokenInfo', async () => {
			const first = await this.askTokenInfo();
			if (first !== 'refused') return first;
			if (effort === 'refresh') {
				// tokeninfo answers 400 to a token that has ended; n8n refreshes OAuth2 tokens after a 401 only, which userinfo answers.
				const url = `${this.connection.driveBaseUrl}/oauth2/v2/userinfo`;
				const refreshed = await sendRequest(this.context, { method: 'GET', url, timeoutMs: TOKEN_INFO_TIMEOUT_MS }, this.connection.credentialType);
				if (refreshed.kind === 'notSignedIn') return { failure: explained(refreshed.failure) };
				const second = await this.askTokenInfo();
				if (second !== 'refused') return second;
			}
			return { failure: requestError('unauthorized', 'Google does not know the access token', 'Open the credential and connect it again (a refresh token: get a new one).') };
		});
	}

	private async askTokenInfo(): Promise<Looked<TokenInfo> | 'refused'> {
		const answer = await sendRequest(this.context, { method: 'POST', url: this.connection.tokenInfoUrl, timeoutMs: TOKEN_INFO_TIMEOUT_MS }, this.connection.credentialType);
		if (answer.kind === 'notSignedIn') return { failure: explained(answer.failure) };
		if (answer.kind === 'answered' && (answer.statusCode === 400 || answer.statusCode === 401)) return 'refused';
		const json = answer.kind === 'answered' && answer.statusCode === 200 ? parseJson(answer.body)?.value : undefined;
		if (!isRecord(json)) {
			const what = answer.kind === 'answered' ? `answered with HTTP status ${answer.statusCode}` : 'could not be reached';
			return { failure: requestError('noConnection', `The token info address ${what}`, 'Check the token info address in the credential.') };
		}
		return {
			value: {
				...(typeof json.scope === 'string' ? { scopes: json.scope.split(/\s+/).filter((scope) => scope !== '') } : {}),
				...(typeof json.aud === 'string' ? { audience: cleanText(json.aud, 200) } : {}),
				...(typeof json.email === 'string' ? { email: cleanText(json.email, 200) } : {}),
			},
		};
	}

	private once<T>(name: string, look: () => Promise<Looked<T>>): Promise<Looked<T>> {
		const known = (this.known.get(name) as Promise<Looked<T>> | undefined) ?? look();
		this.known.set(name, known);
		return known;
	}
}
