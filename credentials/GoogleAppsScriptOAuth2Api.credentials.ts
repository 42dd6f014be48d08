import type { ICredentialTestRequest, ICredentialType, INodeProperties, INodePropertyOptions, Icon } from 'n8n-workflow';

const SCOPE = 'https://www.googleapis.com/auth/';

/** A scope of the list of 26 that the reference page of scripts.run once had; the present one has the 12 that are not marked. */
const scope = (name: string, value: string, listed: 'listed' | 'no longer listed'): INodePropertyOptions => ({
	name,
	value,
	description: listed === 'listed' ? value : `${value} (choose it if the script uses it; Google's page of scripts.run no longer names it)`,
});

/** In the order of their names, as n8n wants long lists of options. */
const scopes: INodePropertyOptions[] = [
	scope('Admin Directory: Groups', `${SCOPE}admin.directory.group`, 'listed'),
	scope('Admin Directory: Users', `${SCOPE}admin.directory.user`, 'listed'),
	scope('Apps Feed', 'https://apps-apis.google.com/a/feeds', 'no longer listed'),
	scope('Apps Feed: Aliases', 'https://apps-apis.google.com/a/feeds/alias/', 'no longer listed'),
	scope('Apps Feed: Groups', 'https://apps-apis.google.com/a/feeds/groups/', 'no longer listed'),
	scope('Calendar', 'https://www.google.com/calendar/feeds', 'listed'),
	scope('Contacts', 'https://www.google.com/m8/feeds', 'listed'),
	scope('Documents', `${SCOPE}documents`, 'listed'),
	scope('Documents: Current Only', `${SCOPE}documents.currentonly`, 'no longer listed'),
	scope('Drive', `${SCOPE}drive`, 'listed'),
	scope('Dynamic Creatives', `${SCOPE}dynamiccreatives`, 'no longer listed'),
	scope('Email Address of the User', `${SCOPE}userinfo.email`, 'listed'),
	scope('External Requests', `${SCOPE}script.external_request`, 'no longer listed'),
	scope('Forms', `${SCOPE}forms`, 'listed'),
	scope('Forms: Current Only', `${SCOPE}forms.currentonly`, 'listed'),
	scope('Gmail', 'https://mail.google.com/', 'listed'),
	scope('Groups', `${SCOPE}groups`, 'listed'),
	scope('Lists in the Editor: Deployments (Read-Only)', `${SCOPE}script.deployments.readonly`, 'listed'),
	scope('Lists in the Editor: Functions and Parameters (Read-Only)', `${SCOPE}script.projects.readonly`, 'listed'),
	scope('Lists in the Editor: Script Projects in Drive (Read-Only)', `${SCOPE}drive.metadata.readonly`, 'listed'),
	scope('Script: Control Panel', `${SCOPE}script.cpanel`, 'no longer listed'),
	scope('Script: Send Mail', `${SCOPE}script.send_mail`, 'no longer listed'),
	scope('Script: Storage', `${SCOPE}script.storage`, 'no longer listed'),
	scope('Script: Triggers and Script App', `${SCOPE}script.scriptapp`, 'no longer listed'),
	scope('Script: Web App Deployment', `${SCOPE}script.webapp.deploy`, 'no longer listed'),
	scope('Sites', 'https://sites.google.com/feeds', 'no longer listed'),
	scope('Spreadsheets', `${SCOPE}spreadsheets`, 'listed'),
	scope('Spreadsheets: Current Only', `${SCOPE}spreadsheets.currentonly`, 'no longer listed'),
	scope('SQL Service', `${SCOPE}sqlservice`, 'no longer listed'),
];

/** Sign-in to Google by consent in the browser; n8n keeps and refreshes the token. */
export class GoogleAppsScriptOAuth2Api implements ICredentialType {
	name = 'googleAppsScriptOAuth2Api';

	extends = ['googleOAuth2Api'];

	displayName = 'Google Apps Script OAuth2 API';

	icon: Icon = { light: 'file:../nodes/AppsScript/appsScript.svg', dark: 'file:../nodes/AppsScript/appsScript.dark.svg' };

	documentationUrl = 'https://github.com/cloud-scripts/n8n-nodes-cloud-scripts#google-sign-in-in-the-browser';

	properties: INodeProperties[] = [
		{
			displayName:
				'The OAuth client must belong to the same Google Cloud project as the script, and the Apps Script API must be enabled there. <a href="https://github.com/cloud-scripts/n8n-nodes-cloud-scripts#google-sign-in-in-the-browser" target="_blank">Step by step</a>.',
			name: 'projectNotice',
			type: 'notice',
			default: '',
		},
		{
			displayName: 'Scopes of the Script',
			name: 'scopes',
			type: 'multiOptions',
			default: [
				`${SCOPE}userinfo.email`,
				`${SCOPE}script.deployments.readonly`,
				`${SCOPE}script.projects.readonly`,
				`${SCOPE}drive.metadata.readonly`,
			],
			options: scopes,
			description:
				'Choose every scope that the script uses, not only those of one function. The three "Lists in the Editor" are for choosing scripts, deployments and functions from lists. After a change, connect the credential again.',
			hint: 'The script editor lists them: Overview > Project OAuth Scopes',
		},
		{
			displayName: 'More Scopes',
			name: 'additionalScopes',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://www.googleapis.com/auth/presentations',
			description: 'Scopes of the script that are not in the list above, separated by spaces or commas',
		},
		{
			displayName: 'Scope',
			name: 'scope',
			type: 'hidden',
			default: '={{ ["https://www.googleapis.com/auth/userinfo.email"].concat($self["scopes"] || [], ($self["additionalScopes"] || "").split(/[\\s,]+/)).filter((scope, index, all) => scope && all.indexOf(scope) === index).join(" ") }}',
		},
		{
			displayName: 'Use Other Addresses',
			name: 'otherAddresses',
			type: 'boolean',
			default: false,
			description: "Whether to use other addresses than Google's public ones, such as a private endpoint, a proxy or an emulator",
		},
		{
			displayName: 'API Address',
			name: 'apiBaseUrl',
			type: 'string',
			default: 'https://script.googleapis.com',
			displayOptions: { show: { otherAddresses: [true] } },
			description: 'Base URL of the Apps Script API',
		},
		{
			displayName: 'Drive Address',
			name: 'driveBaseUrl',
			type: 'string',
			default: 'https://www.googleapis.com',
			displayOptions: { show: { otherAddresses: [true] } },
			description: 'Base URL of the Drive API, which lists script projects',
		},
		{
			displayName: 'Token Info Address',
			name: 'tokenInfoUrl',
			type: 'string',
			default: 'https://oauth2.googleapis.com/tokeninfo',
			displayOptions: { show: { otherAddresses: [true] } },
			description: 'URL that tells which scopes a token has',
		},
		{
			displayName: 'Consent Address',
			name: 'consentUrl',
			type: 'string',
			default: 'https://accounts.google.com/o/oauth2/v2/auth',
			displayOptions: { show: { otherAddresses: [true] } },
			description: 'URL of the page on which a person signs in and agrees',
		},
		{
			displayName: 'Token Address',
			name: 'tokenUrl',
			type: 'string',
			default: 'https://oauth2.googleapis.com/token',
			displayOptions: { show: { otherAddresses: [true] } },
			description: 'URL that issues and refreshes tokens',
		},
		{
			displayName: 'Authorization URL',
			name: 'authUrl',
			type: 'hidden',
			default: '={{ $self["otherAddresses"] && $self["consentUrl"] || "https://accounts.google.com/o/oauth2/v2/auth" }}',
		},
		{
			displayName: 'Access Token URL',
			name: 'accessTokenUrl',
			type: 'hidden',
			default: '={{ $self["otherAddresses"] && $self["tokenUrl"] || "https://oauth2.googleapis.com/token" }}',
		},
	];

	/**
	 * Answers 200 to any token with the scope userinfo.email, which is always asked for, and 401 to an expired one, upon which n8n refreshes it.
	 * (tokeninfo answers 400 to an expired one: a good credential would fail the test an hour after it was connected.)
	 */
	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{ ($credentials.otherAddresses && $credentials.driveBaseUrl || "https://www.googleapis.com").replace(/\\/+$/, "") }}',
			url: '/oauth2/v2/userinfo',
		},
	};
}
