import './environment';
import { getAdditionalKeys } from 'n8n-core';
import {
	ICredentialsHelper,
	NodeHelpers,
	Workflow,
	getCredentialOwnRequestAllowedDomains,
	injectDomainRestrictionFields,
	isExpression,
	type ICredentialDataDecryptedObject,
	type ICredentials,
	type ICredentialsExpressionResolveValues,
	type ICredentialType,
	type IDataObject,
	type IExecuteData,
	type IHttpRequestHelper,
	type IHttpRequestOptions,
	type INode,
	type INodeCredentialsDetails,
	type INodeProperties,
	type INodeType,
	type IRequestOptionsSimplified,
	type IWorkflowExecuteAdditionalData,
	type WorkflowExecuteMode,
} from 'n8n-workflow';
import { GoogleOAuth2Api, OAuth2Api } from './parent-credentials';
import type { PackageUnderTest } from './package-under-test';

/** A credential as n8n keeps it in its database, but readable. */
export interface SavedCredential {
	name: string;
	/** The credential type's name. */
	type: string;
	data: ICredentialDataDecryptedObject;
}

/** All credential types by name: n8n's own parents, the package's, and those that a test adds. */
export class CredentialTypes {
	private readonly known = new Map<string, ICredentialType>();

	constructor(
		private readonly packageUnderTest: PackageUnderTest,
		added: ICredentialType[],
	) {
		for (const type of [new OAuth2Api(), new GoogleOAuth2Api(), ...added]) this.add(type);
	}

	private add(type: ICredentialType): ICredentialType {
		// n8n adds its two fields for allowed domains to every credential when it loads it.
		type.properties = injectDomainRestrictionFields(type);
		this.known.set(type.name, type);
		return type;
	}

	find(name: string): ICredentialType | undefined {
		const known = this.known.get(name);
		if (known) return known;
		const loaded = this.packageUnderTest.credential(name);
		return loaded && this.add(loaded);
	}

	get(name: string): ICredentialType {
		const type = this.find(name);
		if (!type) throw new Error(`Unrecognized credential type: ${name}`);
		return type;
	}

	parents(name: string): string[] {
		const own = this.find(name)?.extends ?? [];
		return own.flatMap((parent) => [parent, ...this.parents(parent)]);
	}
}

const mockNode: INode = { id: 'mock', name: '', typeVersion: 1, type: 'mock', position: [0, 0], parameters: {} };
const mockType = { description: { properties: [] } } as unknown as INodeType;
const mockNodeTypes = { getByName: () => mockType, getByNameAndVersion: () => mockType, getKnownTypes: () => ({}) };

/**
 * n8n's CredentialsHelper (n8n 2.40.7, dist/credentials-helper.js) with a map in place of the database. Left out, because
 * nothing here has them: encryption, external secrets, end-user credentials, overwrites, n8n's AI gateway, policies.
 */
export class CredentialsHelper extends ICredentialsHelper {
	/** id → name, type and the data as JSON text, as a database would hold it. */
	private readonly saved = new Map<string, { name: string; type: string; json: string }>();

	constructor(
		private readonly types: CredentialTypes,
		saved: Record<string, SavedCredential>,
	) {
		super();
		for (const [id, credential] of Object.entries(saved)) this.save(id, credential);
	}

	save(id: string, { name, type, data }: SavedCredential): void {
		this.saved.set(id, { name, type, json: JSON.stringify(data) });
	}

	/** A copy of everything saved, by id. */
	snapshot(): Record<string, SavedCredential> {
		return Object.fromEntries(
			[...this.saved].map(([id, { name, type, json }]) => [id, { name, type, data: JSON.parse(json) as ICredentialDataDecryptedObject }]),
		);
	}

	/** What a node refers to as `{ id, name }`. */
	reference(id: string): INodeCredentialsDetails {
		return { id, name: this.saved.get(id)?.name ?? id };
	}

	private entity(reference: INodeCredentialsDetails, type: string): { id: string; name: string; data: ICredentialDataDecryptedObject } {
		if (!reference.id) throw new Error(`Found credential with no ID. (credential "${reference.name}" of type "${type}")`);
		const found = this.saved.get(reference.id);
		if (found?.type !== type) throw new Error(`Credential with ID "${reference.id}" does not exist for type "${type}".`);
		return { id: reference.id, name: found.name, data: JSON.parse(found.json) as ICredentialDataDecryptedObject };
	}

	getParentTypes(name: string): string[] {
		return this.types.parents(name);
	}

	isCredentialUsableByNode(): boolean {
		return true;
	}

	getCredentials(): Promise<ICredentials> {
		return Promise.reject(new Error('Encrypted credentials are not available in the harness'));
	}

	getCredentialsProperties(name: string): INodeProperties[] {
		const type = this.types.get(name);
		if (type.extends === undefined) {
			return name === 'oAuth2Api'
				? [
						...type.properties,
						{
							displayName: 'oauthTokenData',
							name: 'oauthTokenData',
							type: 'json',
							required: false,
							default: {},
						} as unknown as INodeProperties,
					]
				: type.properties;
		}
		const combined: INodeProperties[] = [];
		for (const parent of type.extends) NodeHelpers.mergeNodeProperties(combined, this.getCredentialsProperties(parent));
		NodeHelpers.mergeNodeProperties(combined, type.properties);
		return combined;
	}

	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		typeName: string,
		incoming: IHttpRequestOptions | IRequestOptionsSimplified,
		workflow?: Workflow,
		node?: INode,
	): Promise<IHttpRequestOptions> {
		const options = incoming as IHttpRequestOptions;
		const { authenticate } = this.types.get(typeName);
		if (typeof authenticate === 'function') return await authenticate(credentials, options);
		if (authenticate === undefined) return options;
		if (!workflow || !node) throw new Error('Workflow and node are required for declarative credential authentication');
		options.headers ??= {};
		const target = options as unknown as Record<string, Record<string, unknown> | undefined>;
		for (const [place, fields] of Object.entries(authenticate.properties as Record<string, Record<string, string>>)) {
			for (const [key, value] of Object.entries(fields)) {
				(target[place] ??= {})[this.resolve(key, credentials, workflow, node)] = this.resolve(value, credentials, workflow, node);
			}
		}
		return options;
	}

	private resolve(value: string, credentials: ICredentialDataDecryptedObject, workflow: Workflow, node: INode): string {
		if (!isExpression(value)) return value;
		const resolved = workflow.expression.getSimpleParameterValue(
			node,
			value,
			'internal',
			{ $credentials: credentials as IDataObject },
			undefined,
			'',
		);
		return resolved ? String(resolved) : '';
	}

	async preAuthentication(
		helpers: IHttpRequestHelper,
		credentials: ICredentialDataDecryptedObject,
		typeName: string,
		node: INode,
		credentialsExpired: boolean,
	): Promise<ICredentialDataDecryptedObject | undefined> {
		const type = this.types.get(typeName);
		const expirable = type.properties.find((property) => property.type === 'hidden' && property.typeOptions?.expirable === true)?.name;
		if (expirable === undefined || type.preAuthentication === undefined) return undefined;
		const testing = node.parameters.temp === '' && node.type === 'n8n-nodes-base.noOp';
		if (credentials[expirable] !== '' && !credentialsExpired && !testing) return undefined;

		const output = (await type.preAuthentication.call(
			onlyAllowedDomains(helpers, credentials),
			credentials,
		)) as ICredentialDataDecryptedObject;
		if (output[expirable] === undefined || !node.credentials) return undefined;

		const reference = node.credentials[type.name];
		if (!reference) throw new Error(`Node "${node.name}" has no credential of type "${type.name}"`);
		const stored = this.entity(reference, type.name).data;
		const changed = { ...stored };
		for (const [key, value] of Object.entries(output)) {
			// An expression that a user put into a field is not overwritten by what it came to.
			if (key === expirable || !isExpression(stored[key])) changed[key] = value;
		}
		await this.updateCredentials(reference, type.name, changed);
		return Object.assign(credentials, output);
	}

	async runPreAuthentication(
		helpers: IHttpRequestHelper,
		credentials: ICredentialDataDecryptedObject,
		typeName: string,
	): Promise<ICredentialDataDecryptedObject | undefined> {
		const { preAuthentication } = this.types.get(typeName);
		if (preAuthentication === undefined) return undefined;
		return (await preAuthentication.call(onlyAllowedDomains(helpers, credentials), credentials)) as ICredentialDataDecryptedObject;
	}

	async getDecrypted(
		additionalData: IWorkflowExecuteAdditionalData,
		reference: INodeCredentialsDetails,
		type: string,
		mode: WorkflowExecuteMode,
		executeData?: IExecuteData,
		raw?: boolean,
		expressionResolveValues?: ICredentialsExpressionResolveValues,
	): Promise<ICredentialDataDecryptedObject> {
		const { data } = this.entity(reference, type);
		if (raw === true) return data;
		return await this.applyDefaults(additionalData, data, type, mode, executeData, expressionResolveValues);
	}

	/** The saved data with the defaults of all fields, and with expressions (`$self`, `$vars`) resolved. */
	async applyDefaults(
		additionalData: IWorkflowExecuteAdditionalData,
		saved: ICredentialDataDecryptedObject,
		type: string,
		mode: WorkflowExecuteMode,
		executeData?: IExecuteData,
		values?: ICredentialsExpressionResolveValues,
	): Promise<ICredentialDataDecryptedObject> {
		const properties = this.getCredentialsProperties(type);
		const data = NodeHelpers.getNodeParameters(
			properties,
			saved as IDataObject as never,
			true,
			false,
			null,
			null,
		) as ICredentialDataDecryptedObject;
		for (const name of ['oauthTokenData', 'allowedHttpRequestDomains', 'allowedDomains']) {
			const value = saved[name];
			if (value !== undefined && (name === 'oauthTokenData' || data[name] === undefined)) data[name] = value;
		}
		const keys = getAdditionalKeys(additionalData, mode, null, { isCredential: true });
		if (values) {
			try {
				return values.workflow.expression.getParameterValue(
					data as never,
					values.runExecutionData,
					values.runIndex,
					values.itemIndex,
					values.node.name,
					values.connectionInputData,
					mode,
					keys,
					executeData,
					false,
					data,
				) as ICredentialDataDecryptedObject;
			} catch (error) {
				if (error instanceof Error) error.message += ' [Error resolving credentials]';
				throw error;
			}
		}
		const workflow = new Workflow({ nodes: [mockNode], connections: {}, active: false, nodeTypes: mockNodeTypes });
		await workflow.expression.acquireIsolate();
		try {
			return workflow.expression.getComplexParameterValue(
				mockNode,
				data as never,
				mode,
				keys,
				undefined,
				undefined,
				data,
			) as unknown as ICredentialDataDecryptedObject;
		} finally {
			await workflow.expression.releaseIsolate();
		}
	}

	updateCredentials(reference: INodeCredentialsDetails, type: string, data: ICredentialDataDecryptedObject): Promise<void> {
		return new Promise((resolve) => {
			const { id, name } = this.entity(reference, type);
			this.save(id, { name, type, data });
			resolve();
		});
	}

	async updateCredentialsOauthTokenData(
		reference: INodeCredentialsDetails,
		type: string,
		data: ICredentialDataDecryptedObject,
	): Promise<void> {
		const { data: stored } = this.entity(reference, type);
		const { oauthTokenData } = data;
		await this.updateCredentials(reference, type, { ...stored, ...(oauthTokenData === undefined ? {} : { oauthTokenData }) });
	}
}

/** The domains a credential is restricted to hold for the requests of its own sign-in as well. */
function onlyAllowedDomains(helpers: IHttpRequestHelper, credentials: ICredentialDataDecryptedObject): IHttpRequestHelper {
	return {
		helpers: {
			httpRequest: async (options: IHttpRequestOptions): Promise<unknown> => {
				const allowedDomains = getCredentialOwnRequestAllowedDomains(credentials);
				if (allowedDomains === undefined) return await helpers.helpers.httpRequest(options);
				if (options.allowedDomains !== undefined) {
					throw new Error(
						'This credential restricts requests to specific domains, which cannot be combined with the domains its authentication step asks for.',
					);
				}
				return await helpers.helpers.httpRequest({ ...options, allowedDomains });
			},
		},
	} as IHttpRequestHelper;
}
