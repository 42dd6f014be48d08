import type { ICredentialDataDecryptedObject, ICredentialTestRequest, ICredentialType, IHttpRequestOptions, INodeProperties, Icon } from 'n8n-workflow';

/** n8n's older request helper, which the HTTP Request node uses, has the address under `uri`. */
type AnyRequestOptions = Omit<IHttpRequestOptions, 'url'> & { readonly url?: string; readonly uri?: string };

/** Signs a request to the credential's own server; the key is sent to no other, whatever address a node asks for and wherever an answer leads. */
function signed(credentials: ICredentialDataDecryptedObject, requestOptions: AnyRequestOptions): IHttpRequestOptions {
	const own = new URL(text(credentials.baseUrl)).origin;
	if (new URL(requestOptions.url ?? requestOptions.uri ?? '', requestOptions.baseURL).origin !== own) {
		throw new Error(`The Account Key is sent only to ${own}, the server of the credential`);
	}
	const options = {
		...requestOptions,
		headers: { ...requestOptions.headers, 'X-API-KEY': text(credentials.accountKey) },
		disableFollowRedirect: true,
		// The same in the words of n8n's older request helper.
		followRedirect: false,
		followAllRedirects: false,
	};
	return options as IHttpRequestOptions;
}

const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

/** The Account Key of a Syncano v1.1 server, hosted or one's own. */
export class SyncanoApi implements ICredentialType {
	name = 'syncanoApi';

	displayName = 'Syncano API';

	icon: Icon = { light: 'file:../nodes/Syncano/syncano.svg', dark: 'file:../nodes/Syncano/syncano.dark.svg' };

	documentationUrl = 'https://github.com/cloud-scripts/n8n-nodes-cloud-scripts#syncano-credential';

	properties: INodeProperties[] = [
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://api.syncano.io',
			required: true,
			description: 'Address of the Syncano server, without /v1.1 at its end',
		},
		{
			displayName: 'Account Key',
			name: 'accountKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description: 'The key of an administrator. It ends in 0, 2, 4, 6, 8, a, c or e; a key that ends in another character is an API key of the instance, which cannot run scripts.',
		},
		{
			displayName: 'Instance Name',
			name: 'instanceName',
			type: 'string',
			default: '',
			placeholder: 'e.g. my-instance',
			description: 'The instance that nodes use unless they name another one',
		},
	];

	authenticate = (credentials: ICredentialDataDecryptedObject, requestOptions: AnyRequestOptions): Promise<IHttpRequestOptions> =>
		new Promise((resolve) => resolve(signed(credentials, requestOptions)));

	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{ $credentials.baseUrl.trim().replace(/\\/+(v1\\.1\\/*)?$/, "") }}',
			url: '={{ $credentials.instanceName.trim() ? "/v1.1/instances/" + encodeURIComponent($credentials.instanceName.trim()) + "/" : "/v1.1/account/" }}',
		},
		rules: [
			{ type: 'responseCode', properties: { value: 403, message: 'The server refused the key, or the key may not see this instance. It has to be an Account Key.' } },
			{ type: 'responseCode', properties: { value: 404, message: 'The server has no instance of this name, or no Syncano API is at this Base URL.' } },
		],
	};
}
