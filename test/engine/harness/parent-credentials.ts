import type { ICredentialType, INodeProperties } from 'n8n-workflow';

/*
 * The two credential types of n8n itself that this package's credentials extend, in their fields, defaults and
 * conditions as n8n-nodes-base 2.40.2 has them (credentials/OAuth2Api, credentials/GoogleOAuth2Api), which is not installed
 * for its size. What only concerns the editor or other grant types is left out.
 */

const registeredByHand = { show: { useDynamicClientRegistration: [false] } };

const oAuth2Properties: INodeProperties[] = [
	{ displayName: 'Use Dynamic Client Registration', name: 'useDynamicClientRegistration', type: 'hidden', default: false },
	{
		displayName: 'Grant Type',
		name: 'grantType',
		type: 'options',
		displayOptions: registeredByHand,
		options: [
			{ name: 'Authorization Code', value: 'authorizationCode' },
			{ name: 'Client Credentials', value: 'clientCredentials' },
			{ name: 'PKCE', value: 'pkce' },
		],
		default: 'authorizationCode',
	},
	{
		displayName: 'Authorization URL',
		name: 'authUrl',
		type: 'string',
		displayOptions: { show: { grantType: ['authorizationCode', 'pkce'], useDynamicClientRegistration: [false] } },
		default: '',
	},
	{ displayName: 'Access Token URL', name: 'accessTokenUrl', type: 'string', displayOptions: registeredByHand, default: '' },
	{ displayName: 'Client ID', name: 'clientId', type: 'string', displayOptions: registeredByHand, default: '' },
	{ displayName: 'Authentication', name: 'clientCredentialType', type: 'hidden', default: 'clientSecret' },
	{ displayName: 'Client Secret', name: 'clientSecret', type: 'string', displayOptions: registeredByHand, default: '' },
	{ displayName: 'Private Key', name: 'privateKey', type: 'hidden', default: '' },
	{ displayName: 'Certificate', name: 'certificate', type: 'hidden', default: '' },
	{ displayName: 'Scope', name: 'scope', type: 'string', displayOptions: registeredByHand, default: '' },
	{
		displayName: 'Auth URI Query Parameters',
		name: 'authQueryParameters',
		type: 'string',
		displayOptions: { show: { grantType: ['authorizationCode', 'pkce'], useDynamicClientRegistration: [false] } },
		default: '',
	},
	{
		displayName: 'Authentication',
		name: 'authentication',
		type: 'options',
		displayOptions: registeredByHand,
		options: [
			{ name: 'Body', value: 'body' },
			{ name: 'Header', value: 'header' },
		],
		default: 'header',
	},
	{ displayName: 'Ignore SSL Issues', name: 'ignoreSSLIssues', type: 'boolean', default: false, doNotInherit: true },
	{ displayName: 'Token Expired Status Code', name: 'tokenExpiredStatusCode', type: 'number', default: 401, doNotInherit: true },
];

export class OAuth2Api implements ICredentialType {
	name = 'oAuth2Api';

	displayName = 'OAuth2 API';

	genericAuth = true;

	properties = oAuth2Properties;
}

export class GoogleOAuth2Api implements ICredentialType {
	name = 'googleOAuth2Api';

	extends = ['oAuth2Api'];

	displayName = 'Google OAuth2 API';

	properties: INodeProperties[] = [
		{ displayName: 'Grant Type', name: 'grantType', type: 'hidden', default: 'authorizationCode' },
		{
			displayName: 'Authorization URL',
			name: 'authUrl',
			type: 'hidden',
			default: 'https://accounts.google.com/o/oauth2/v2/auth',
		},
		{ displayName: 'Access Token URL', name: 'accessTokenUrl', type: 'hidden', default: 'https://oauth2.googleapis.com/token' },
		{
			displayName: 'Auth URI Query Parameters',
			name: 'authQueryParameters',
			type: 'hidden',
			default: 'access_type=offline&prompt=consent',
		},
		{ displayName: 'Authentication', name: 'authentication', type: 'hidden', default: 'body' },
	];
}
