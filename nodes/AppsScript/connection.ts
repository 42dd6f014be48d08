import type { IExecuteFunctions, ILoadOptionsFunctions } from 'n8n-workflow';

import { credentialData } from '../shared/credential';

/** The node's credential types. */
export type CredentialTypeName = 'googleAppsScriptOAuth2Api' | 'googleAppsScriptHeadlessApi';

/** @param authentication the node's field *Authentication* */
export const credentialTypeOf = (authentication: unknown): CredentialTypeName => (authentication === 'headless' ? 'googleAppsScriptHeadlessApi' : 'googleAppsScriptOAuth2Api');

/** Where requests go and who signs them. Addresses have no trailing slash. */
export interface Connection {
	readonly credentialType: CredentialTypeName;
	readonly apiBaseUrl: string;
	readonly driveBaseUrl: string;
	readonly tokenInfoUrl: string;
}

/** Google's public addresses. */
const PUBLIC = {
	apiBaseUrl: 'https://script.googleapis.com',
	driveBaseUrl: 'https://www.googleapis.com',
	tokenInfoUrl: 'https://oauth2.googleapis.com/tokeninfo',
} as const;

/**
 * The connection of a node. n8n decrypts and evaluates a credential on every read: call it once an execution.
 * @throws {PlanError} with reason `notConnected` where the node has no credential
 */
export async function connectionOf(context: IExecuteFunctions | ILoadOptionsFunctions, authentication: unknown): Promise<Connection> {
	const credentialType = credentialTypeOf(authentication);
	const data = await credentialData(context, credentialType);
	return {
		credentialType,
		apiBaseUrl: address(data, 'apiBaseUrl'),
		driveBaseUrl: address(data, 'driveBaseUrl'),
		tokenInfoUrl: address(data, 'tokenInfoUrl'),
	};
}

function address(data: Readonly<Record<string, unknown>>, name: keyof typeof PUBLIC): string {
	const given = data[name];
	const text = typeof given === 'string' ? given.trim() : '';
	return (text === '' ? PUBLIC[name] : text).replace(/\/+$/, '');
}
