import { createHash, createPrivateKey } from 'node:crypto';

import type { JWT, UserRefreshClient } from 'google-auth-library';
import type { ICredentialDataDecryptedObject, ICredentialTestRequest, ICredentialType, IDisplayOptions, IHttpRequestOptions, INodeProperties, Icon } from 'n8n-workflow';

const SCOPE = 'https://www.googleapis.com/auth/';
const DOCUMENTATION = 'https://github.com/cloud-scripts/n8n-nodes-cloud-scripts#google-without-a-browser';
const DELEGATION_GUIDE = 'https://developers.google.com/identity/protocols/oauth2/service-account#delegatingauthority';
const EXPIRATION_GUIDE = 'https://developers.google.com/identity/protocols/oauth2#expiration';

/** Google's token address, which an assertion names as its audience wherever it is sent. */
const GOOGLE_TOKEN_URL = 'https://oauth2.googleapis.com/token';

/** Google's public addresses, by the field that can put another in their place. */
const PUBLIC = {
	apiBaseUrl: 'https://script.googleapis.com',
	driveBaseUrl: 'https://www.googleapis.com',
	tokenInfoUrl: 'https://oauth2.googleapis.com/tokeninfo',
	tokenUrl: GOOGLE_TOKEN_URL,
} as const;

/** A token with less time left is replaced before it is used: no run, the longest of which are waited for 380 s, sees its token end. */
const LONGEST_RUN_MS = 380_000;

/** Of tokens that live shorter than any run, this part is used; a fixed margin would ask for a new one before every request. */
const LEFT_OVER_OF_SHORT_LIFE = 2 / 3;

/** A token that was refused is replaced; where its successor is refused so soon after, the tokens are not what is wrong. */
const REPLACED_AT_MOST_EVERY_MS = 60_000;

/** Sign-ins that are remembered; each is one credential, as it was at some time. */
const MOST_SIGN_INS = 100;

const TOKEN_TIMEOUT_MS = 30_000;

/**
 * google-auth-library asks a token address that is busy or out of reach up to four times. Who asks again this soon after it has given up (the package's
 * nodes do, after a while, for each item) is answered after one try, so that the tries do not multiply.
 */
const ONE_TRY_EACH_WITHIN_MS = 60_000;

/** What went wrong, and what the person can do about it. */
interface SignInFailure {
	readonly message: string;
	readonly hint: string;
	readonly documentationUrl: string;
	/** Set where nothing was refused: the token address was busy or out of reach. */
	readonly reason?: 'noConnection';
}

/** A sign-in that failed. n8n shows the message alone in the Test button and in other nodes; the package's nodes read `signIn`. */
class SignInError extends Error {
	override name = 'SignInError';

	/** Before 2.34 n8n keeps of this error but its message and this. */
	readonly errorCode: string;

	constructor(readonly signIn: SignInFailure) {
		// n8n puts a canned text in the place of a message that has the code of a connection's error in it.
		super(`${signIn.message.replace(/ \(E[A-Z_]+\)/g, '')}. ${signIn.hint}`);
		this.errorCode = signIn.reason === 'noConnection' ? 'ESIGNIN_PASSING' : 'ESIGNIN';
	}
}

function refuse(message: string, hint: string, documentationUrl: string = DOCUMENTATION): never {
	throw new SignInError({ message, hint, documentationUrl });
}

const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

/** An address of the credential: Google's, unless the person gave another. */
function address(credentials: ICredentialDataDecryptedObject, field: keyof typeof PUBLIC): URL {
	const given = credentials.otherAddresses === true ? text(credentials[field]) : '';
	try {
		return new URL(given === '' ? PUBLIC[field] : given);
	} catch {
		return refuse(`"${given}" is not an address`, `Correct it in the credential, under Use Other Addresses: it begins with https://, like ${PUBLIC[field]}.`);
	}
}

/** What a sign-in is made of. */
type SignInData =
	| { readonly with: 'refreshToken'; readonly tokenUrl: string; readonly clientId: string; readonly clientSecret: string; readonly refreshToken: string }
	| {
			readonly with: 'serviceAccount';
			readonly tokenUrl: string;
			readonly email: string;
			readonly privateKey: string;
			/** Of the key file; the one that an administrator grants scopes to. */
			readonly clientId: string;
			readonly subject: string;
			readonly scopes: readonly string[];
	  };

function signInData(credentials: ICredentialDataDecryptedObject): SignInData {
	const tokenUrl = address(credentials, 'tokenUrl').href;
	if (credentials.signInWith !== 'serviceAccount') {
		const clientId = text(credentials.clientId);
		const clientSecret = text(credentials.clientSecret);
		const refreshToken = text(credentials.refreshToken);
		const missing = [clientId === '' ? 'Client ID' : '', clientSecret === '' ? 'Client Secret' : '', refreshToken === '' ? 'Refresh Token' : ''].filter(Boolean);
		if (missing.length > 0) refuse(`The credential lacks: ${missing.join(', ')}`, 'Fill it in; all three belong to the same OAuth client.');
		return { with: 'refreshToken', tokenUrl, clientId, clientSecret, refreshToken };
	}
	const key = credentials.keyForm === 'fields' ? keyOfFields(credentials) : keyOfFile(text(credentials.serviceAccountKey));
	const subject = text(credentials.subject);
	if (subject === '') {
		refuse(
			'The credential lacks a subject',
			'Give the email address of the person on whose behalf scripts run. A service account by itself cannot run Apps Script functions; with domain-wide delegation it signs in as a person of your Google Workspace.',
			DELEGATION_GUIDE,
		);
	}
	const scopes = [...new Set(text(credentials.scope).split(/[\s,]+/).filter((scope) => scope !== ''))];
	if (scopes.length === 0) refuse('The credential lacks scopes', 'Copy the Project OAuth Scopes from the Overview page of the script editor into Scopes.');
	return { with: 'serviceAccount', tokenUrl, ...key, subject, scopes };
}

interface ServiceAccountKey {
	readonly email: string;
	readonly privateKey: string;
	readonly clientId: string;
}

const CREATE_KEY = 'In the Cloud console: IAM & Admin > Service Accounts > the account > Keys > Add key > Create new key > JSON.';

function keyOfFields(credentials: ICredentialDataDecryptedObject): ServiceAccountKey {
	const email = text(credentials.serviceAccountEmail);
	if (!email.includes('@')) refuse('The credential lacks the email address of the service account', 'It stands as client_email in the key file, and ends with .iam.gserviceaccount.com.');
	return { email, privateKey: pemOf(text(credentials.privateKey), 'Private Key'), clientId: '' };
}

/** The key of the JSON file that Google hands out, as people paste it. */
function keyOfFile(given: string): ServiceAccountKey {
	if (given === '') refuse("The credential lacks the service account's key", `Paste the whole JSON file. ${CREATE_KEY}`);
	if (given.startsWith('-----BEGIN')) refuse('This is the private key alone', 'Paste the whole JSON file, or choose Two Fields under Key As.');
	const file = parsedKeyFile(given);
	if (file === undefined) {
		const part = !given.startsWith('{') ? 'its beginning is missing' : !given.endsWith('}') ? 'its end is missing' : 'it is damaged';
		refuse(`The service account's key is no JSON file: ${part}`, 'Open the file that Google handed out in a text editor, and paste all of it, from { to }.');
	}
	if ('installed' in file || 'web' in file) {
		refuse('This is the file of an OAuth client, not the key of a service account', `${CREATE_KEY} Or choose Refresh Token under Sign In With.`);
	}
	if (file.type === 'authorized_user') {
		refuse('This file holds the refresh token of a person, not the key of a service account', 'Choose Refresh Token under Sign In With, and copy client_id, client_secret and refresh_token from the file.');
	}
	if (typeof file.type === 'string' && file.type !== 'service_account') {
		refuse(`This file is for sign-ins of the type "${file.type.slice(0, 60)}", which hold no key`, `Domain-wide delegation here needs a key of the service account. ${CREATE_KEY}`);
	}
	const missing = ['client_email', 'private_key'].filter((name) => text(file[name]) === '');
	if (missing.length > 0) refuse(`The service account's key lacks ${missing.join(' and ')}`, 'Paste the whole JSON file as Google handed it out.');
	return { email: text(file.client_email), privateKey: pemOf(text(file.private_key), 'private_key of the JSON file'), clientId: text(file.client_id) };
}

function parsedKeyFile(given: string): Record<string, unknown> | undefined {
	// Some editors turn the \n of the private key into real line breaks, which no JSON text may have.
	const repaired = given.replace(/("private_key"\s*:\s*")([^"]*)"/, (_whole, before: string, key: string) => `${before}${key.replace(/\r?\n/g, '\\n')}"`);
	for (const candidate of [given, repaired]) {
		try {
			const value: unknown = JSON.parse(candidate);
			if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
		} catch {
			// The next candidate, or none.
		}
	}
	return undefined;
}

/** A private key in the form that it is signed with. Line breaks that were escaped, doubled or lost on the way are put back. */
function pemOf(given: string, field: string): string {
	const key = given.replace(/^["']|["'],?$/g, '').replace(/\\+r/g, '').replace(/\\+n/g, '\n').trim();
	if (key === '') refuse(`The ${field} is empty`, CREATE_KEY);
	const label = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(key)?.[1];
	const ends = /-----END ([A-Z0-9 ]+)-----/.test(key);
	if (label === undefined || !ends) {
		const what = label !== undefined ? 'its end is missing' : ends ? 'its beginning is missing' : 'it is no private key';
		refuse(`The ${field} is not whole: ${what}`, 'Copy everything from -----BEGIN PRIVATE KEY----- to -----END PRIVATE KEY-----, these two lines included.');
	}
	if (label !== 'PRIVATE KEY' && label !== 'RSA PRIVATE KEY') {
		refuse(`The ${field} is of the wrong kind: ${label.toLowerCase()}`, `The private key of a service account is wanted, which begins with -----BEGIN PRIVATE KEY-----. ${CREATE_KEY}`);
	}
	const body = /-----BEGIN [A-Z0-9 ]+-----([\s\S]*?)-----END/.exec(key)?.[1]?.replace(/\s+/g, '') ?? '';
	const pem = `-----BEGIN ${label}-----\n${body.replace(/(.{64})(?=.)/g, '$1\n')}\n-----END ${label}-----\n`;
	const kind = kindOfKey(pem);
	if (kind === undefined) refuse(`The ${field} is damaged: a part in its middle is missing or changed`, 'Copy it again from the JSON file, or create a new key. A key cannot be downloaded twice.');
	if (kind !== 'rsa') refuse(`The ${field} is of the wrong kind: ${kind}`, `Keys of service accounts are RSA keys. ${CREATE_KEY}`);
	return pem;
}

function kindOfKey(pem: string): string | undefined {
	try {
		return createPrivateKey(pem).asymmetricKeyType;
	} catch {
		return undefined;
	}
}

/** How long a token address is waited for. */
interface Patience {
	/** When the token address was found busy or out of reach, in milliseconds since the epoch; not since it gave a token. */
	unreachableAt?: number;
}

/** One credential's tokens. */
interface SignIn {
	readonly client: Promise<JWT | UserRefreshClient>;
	readonly patience: Patience;
	/** The token that it gave last. */
	token?: string;
	/** When it took the place of one whose token was refused, in milliseconds since the epoch. */
	readonly replacedAt?: number;
}

/** By the hash of what they are made of: an edited credential begins anew, and no secret is kept as a key. */
const signIns = new Map<string, SignIn>();

/**
 * A token that outlives the run it is for. Those who ask at the same time share one refresh.
 * @param refused the token with which the same request was answered 401 just now
 */
async function accessToken(data: SignInData, refused: string | undefined): Promise<string> {
	const key = createHash('sha256').update(JSON.stringify(data)).digest('base64');
	let signIn = signIns.get(key);
	signIns.delete(key);
	if (signIn === undefined) {
		signIn = newSignIn(data);
	} else if (refused !== undefined && refused === signIn.token && Date.now() - (signIn.replacedAt ?? 0) >= REPLACED_AT_MOST_EVERY_MS) {
		signIn = newSignIn(data, Date.now());
	}
	// The map keeps the order of insertion: the first is the one that was used longest ago.
	signIns.set(key, signIn);
	if (signIns.size > MOST_SIGN_INS) signIns.delete(signIns.keys().next().value as string);

	const client = await signIn.client;
	try {
		const { token } = await client.getAccessToken();
		if (typeof token !== 'string' || token === '') return refuse('Could not sign in: the token address gave no access token', 'Check the token address in the credential.');
		signIn.token = token;
		signIn.patience.unreachableAt = undefined;
		return token;
	} catch (error) {
		if (error instanceof SignInError) throw error;
		const failure = failureOf(error, data);
		if (failure.reason === 'noConnection') signIn.patience.unreachableAt = Date.now();
		throw new SignInError(failure);
	}
}

function newSignIn(data: SignInData, replacedAt?: number): SignIn {
	const patience: Patience = {};
	return { client: createClient(data, patience), patience, replacedAt };
}

/** A client of google-auth-library, which is loaded here and nowhere else: who signs in by the browser never loads it. */
async function createClient(data: SignInData, patience: Readonly<Patience>): Promise<JWT | UserRefreshClient> {
	const { JWT, UserRefreshClient } = await import('google-auth-library');
	const common = { eagerRefreshThresholdMillis: LONGEST_RUN_MS, transporterOptions: { timeout: TOKEN_TIMEOUT_MS } };
	let client: JWT | UserRefreshClient;
	if (data.with === 'refreshToken') {
		const { clientId, clientSecret, refreshToken } = data;
		client = new UserRefreshClient({ ...common, clientId, clientSecret, refreshToken, endpoints: { oauth2TokenUrl: data.tokenUrl } });
	} else {
		client = new JWT({ ...common, email: data.email, key: data.privateKey, scopes: [...data.scopes], subject: data.subject });
	}
	client.transporter.interceptors.request.add({
		resolved: (config) => {
			// The library has Google's address built in for assertions, whatever `endpoints` says.
			if (config.url.href === GOOGLE_TOKEN_URL) config.url = new URL(data.tokenUrl);
			if (Date.now() - (patience.unreachableAt ?? -Infinity) < ONE_TRY_EACH_WITHIN_MS) config.retryConfig = { ...config.retryConfig, retry: 0 };
			return Promise.resolve(config);
		},
	});
	client.on('tokens', (tokens) => {
		const lifetime = typeof tokens.expiry_date === 'number' ? tokens.expiry_date - Date.now() : Infinity;
		client.eagerRefreshThresholdMillis = Math.min(LONGEST_RUN_MS, lifetime * LEFT_OVER_OF_SHORT_LIFE);
	});
	return client;
}

const TRY_AGAIN = 'Nothing was sent to the script. Try again later; if it stays, check the network, the proxy and the token address in the credential.';

/** The token address's refusal in words, and what to do about it. */
function failureOf(error: unknown, data: SignInData): SignInFailure {
	const { status, word, description, code } = refusalOf(error);
	const said = word === '' ? '' : `${word}${description === '' ? '' : ` (${description})`}`;
	const failure = (message: string, hint: string, documentationUrl: string = DOCUMENTATION): SignInFailure => ({ message: message.replace(/\.\)$/, ')'), hint, documentationUrl });
	const answer = status === undefined ? `could not be reached${code === undefined ? '' : ` (${code})`}` : `answered with HTTP status ${status}`;

	if (status === undefined || status === 408 || status === 429 || status >= 500) {
		return { ...failure(`Could not sign in: the token address ${answer}${said === '' ? '' : `: ${said}`}`, TRY_AGAIN), reason: 'noConnection' };
	}
	if (word === 'admin_policy_enforced') {
		return failure(
			`Signing in was refused: ${said}`,
			'The administrator of your Google Workspace does not let this client use these scopes. Ask for it to be trusted under Security > Access and data control > API controls > App access control.',
			'https://support.google.com/a/answer/7281227',
		);
	}
	if (word === 'invalid_client') return failure(`Signing in was refused: ${said}`, 'Client ID and Client Secret do not belong together, or the OAuth client was deleted. Copy both again from the Cloud console, APIs & Services > Credentials.');
	if (word === '') return failure(`Could not sign in: the token address ${answer}`, TRY_AGAIN);
	return data.with === 'refreshToken' ? refusedRefreshToken(word, said, failure) : refusedServiceAccount(data, word, said, failure);
}

type MakeFailure = (message: string, hint: string, documentationUrl?: string) => SignInFailure;

function refusedRefreshToken(word: string, said: string, failure: MakeFailure): SignInFailure {
	if (word === 'invalid_grant') {
		return failure(
			`Google refused the refresh token: ${said}`,
			'It has expired or consent was revoked: get a new one and put it into the credential. If that is needed every week, the OAuth consent screen is in Testing, where refresh tokens die after 7 days: publish it (Internal or In production) before you get the new one.',
			EXPIRATION_GUIDE,
		);
	}
	if (word === 'unauthorized_client') {
		return failure(`Google refused the refresh token: ${said}`, 'It was issued to another OAuth client. Client ID, Client Secret and Refresh Token have to be of the same client; get a refresh token with this one.');
	}
	return failure(`Signing in was refused: ${said}`, 'Check Client ID, Client Secret and Refresh Token in the credential.');
}

function refusedServiceAccount(data: Extract<SignInData, { with: 'serviceAccount' }>, word: string, said: string, failure: MakeFailure): SignInFailure {
	if (word === 'unauthorized_client') {
		const client = data.clientId === '' ? `the Unique ID of ${data.email}` : data.clientId;
		return failure(
			`The service account may not sign in as ${data.subject}: ${said}`,
			`The administrator of your Google Workspace has to grant domain-wide delegation (Security > Access and data control > API controls > Manage Domain Wide Delegation) to the client ID ${client} for exactly these scopes: ${data.scopes.join(',')}`,
			DELEGATION_GUIDE,
		);
	}
	if (word === 'invalid_scope') return failure(`Signing in was refused: ${said}`, `One of these scopes does not exist, check them in the credential: ${data.scopes.join(' ')}`);
	if (word === 'invalid_grant') {
		if (/email or user id/i.test(said)) return failure(`There is no ${data.subject}: ${said}`, 'The subject has to be the email address of a person in your Google Workspace. A gmail.com account cannot be signed in as.', DELEGATION_GUIDE);
		if (/signature/i.test(said)) return failure(`Google does not know the private key: ${said}`, `The key was deleted or disabled, or it is of another service account than ${data.email}. ${CREATE_KEY}`);
		if (/account not found/i.test(said)) return failure(`There is no service account ${data.email}: ${said}`, `It was deleted, or its address is misspelt. ${CREATE_KEY}`);
		if (/iat|timeframe|short-lived/i.test(said)) return failure(`Google refused the time of the sign-in: ${said}`, "The clock of n8n's host is wrong. Set it, for example by switching on time synchronisation.");
	}
	return failure(`Signing in was refused: ${said}`, 'Check the key, the subject and the scopes in the credential.', DELEGATION_GUIDE);
}

/** What the token address answered, from an error of google-auth-library (a GaxiosError). */
function refusalOf(error: unknown): { status?: number; word: string; description: string; code?: string } {
	const response = property(error, 'response');
	const status = property(response, 'status');
	const body = property(response, 'data');
	const code = [error, property(error, 'cause'), property(property(error, 'cause'), 'cause')].map((candidate) => property(candidate, 'code')).find((candidate) => typeof candidate === 'string');
	return {
		...(typeof status === 'number' ? { status } : {}),
		word: clean(property(body, 'error'), 80),
		description: clean(property(body, 'error_description'), 300),
		...(typeof code === 'string' ? { code } : {}),
	};
}

const clean = (value: unknown, longest: number): string => (typeof value === 'string' ? value.replace(/[\p{Cc}\p{Cf}]/gu, ' ').trim().slice(0, longest) : '');

function property(value: unknown, name: string): unknown {
	return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** n8n's older request helper, which the HTTP Request node uses, has the address under `uri`. */
type AnyRequestOptions = Omit<IHttpRequestOptions, 'url'> & { readonly url?: string; readonly uri?: string };

/** Signs a request to one of the credential's own servers; the token is sent to no other, whatever address a node asks for and wherever an answer leads. */
async function signed(credentials: ICredentialDataDecryptedObject, requestOptions: AnyRequestOptions): Promise<IHttpRequestOptions> {
	const own = [...new Set((['apiBaseUrl', 'driveBaseUrl', 'tokenInfoUrl'] as const).map((field) => address(credentials, field).origin))];
	const target = new URL(requestOptions.url ?? requestOptions.uri ?? '', requestOptions.baseURL === '' ? undefined : requestOptions.baseURL).origin;
	if (!own.includes(target)) {
		refuse(`The access token is not sent to ${target}`, `This credential signs requests to ${own.join(', ')} only. Other addresses can be named in the credential, under Use Other Addresses.`);
	}
	// n8n signs once more, over the first signature, when a request was answered 401 (n8n-core, request-helpers/authentication.js).
	const before = requestOptions.headers?.Authorization;
	const refused = typeof before === 'string' && before.startsWith('Bearer ') ? before.slice('Bearer '.length) : undefined;
	const token = await accessToken(signInData(credentials), refused);
	const options = {
		...requestOptions,
		// Into the caller's own headers, as n8n itself signs: the package's nodes learn so which secret they must not show.
		headers: Object.assign(requestOptions.headers ?? {}, { Authorization: `Bearer ${token}` }),
		disableFollowRedirect: true,
		// The same in the words of n8n's older request helper.
		followRedirect: false,
		followAllRedirects: false,
	};
	return options as IHttpRequestOptions;
}

const withRefreshToken: IDisplayOptions = { show: { signInWith: ['refreshToken'] } };
const withServiceAccount: IDisplayOptions = { show: { signInWith: ['serviceAccount'] } };
const withKeyFile: IDisplayOptions = { show: { signInWith: ['serviceAccount'], keyForm: ['file'] } };
const withKeyFields: IDisplayOptions = { show: { signInWith: ['serviceAccount'], keyForm: ['fields'] } };
const withOtherAddresses: IDisplayOptions = { show: { otherAddresses: [true] } };

/** Sign-in to Google without a browser: by a refresh token, or by a service account on a person's behalf. */
export class GoogleAppsScriptHeadlessApi implements ICredentialType {
	name = 'googleAppsScriptHeadlessApi';

	displayName = 'Google Apps Script Headless API';

	icon: Icon = { light: 'file:../nodes/AppsScript/appsScript.svg', dark: 'file:../nodes/AppsScript/appsScript.dark.svg' };

	documentationUrl = 'https://github.com/cloud-scripts/n8n-nodes-cloud-scripts#google-without-a-browser';

	properties: INodeProperties[] = [
		{
			displayName:
				`The OAuth client or service account must belong to the same Google Cloud project as the script, and the Apps Script API must be enabled there. <a href="${DOCUMENTATION}" target="_blank">Step by step</a>.`,
			name: 'projectNotice',
			type: 'notice',
			default: '',
		},
		{
			displayName: 'Sign In With',
			name: 'signInWith',
			type: 'options',
			default: 'refreshToken',
			options: [
				{ name: 'Refresh Token', value: 'refreshToken', description: 'Of a person who has agreed once, in any browser' },
				{ name: 'Service Account with Domain-Wide Delegation', value: 'serviceAccount', description: 'On behalf of a person of your Google Workspace' },
			],
		},
		{
			displayName: 'Client ID',
			name: 'clientId',
			type: 'string',
			default: '',
			placeholder: 'e.g. 123456789012-abc.apps.googleusercontent.com',
			displayOptions: withRefreshToken,
		},
		{ displayName: 'Client Secret', name: 'clientSecret', type: 'string', typeOptions: { password: true }, default: '', displayOptions: withRefreshToken },
		{
			displayName: 'Refresh Token',
			name: 'refreshToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			displayOptions: withRefreshToken,
			description:
				'It carries the scopes that were agreed to when it was issued, and needs every scope of the script project. While the OAuth consent screen is in Testing, it dies after 7 days.',
			hint: 'My script says 403: 1. open it in the script editor, 2. go to Overview > Project OAuth Scopes and copy the list, 3. get a new refresh token for exactly these scopes',
		},
		{
			displayName: 'Key As',
			name: 'keyForm',
			type: 'options',
			default: 'file',
			displayOptions: withServiceAccount,
			options: [
				{ name: 'JSON File', value: 'file', description: 'The whole file that Google handed out' },
				{ name: 'Two Fields', value: 'fields', description: 'Email address and private key' },
			],
		},
		{
			displayName: 'Service Account Key',
			name: 'serviceAccountKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			displayOptions: withKeyFile,
			description: 'The whole JSON file of the key, from { to }. Cloud console: IAM & Admin > Service Accounts > Keys.',
		},
		{
			displayName: 'Service Account Email',
			name: 'serviceAccountEmail',
			type: 'string',
			default: '',
			placeholder: 'e.g. robot@my-project.iam.gserviceaccount.com',
			displayOptions: withKeyFields,
		},
		{
			displayName: 'Private Key',
			name: 'privateKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			displayOptions: withKeyFields,
			description: 'From -----BEGIN PRIVATE KEY----- to -----END PRIVATE KEY-----, these two lines included. Line breaks may be written as \\n.',
		},
		{
			displayName: 'Subject',
			name: 'subject',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'e.g. name@example.com',
			displayOptions: withServiceAccount,
			description:
				'The email address of the person on whose behalf scripts run. Needed, because a service account by itself cannot run Apps Script functions. The person needs access to the script, and has to have the Apps Script API switched on.',
		},
		{
			displayName: 'Scopes',
			name: 'scope',
			type: 'string',
			default: `${SCOPE}userinfo.email ${SCOPE}script.deployments.readonly ${SCOPE}script.projects.readonly ${SCOPE}drive.metadata.readonly`,
			displayOptions: withServiceAccount,
			description:
				'Every scope of the script project, separated by spaces or commas. The four that are there from the beginning are only for choosing scripts, deployments and functions from lists, and for Check Setup. The administrator has to grant each of them to the service account.',
			hint: 'My script says 403: 1. open it in the script editor, 2. go to Overview > Project OAuth Scopes and copy the list to here, 3. have the administrator grant the same list to the service account',
		},
		{
			displayName: 'Use Other Addresses',
			name: 'otherAddresses',
			type: 'boolean',
			default: false,
			description: "Whether to send requests elsewhere than to Google's public addresses, such as a private endpoint, a proxy or an emulator",
		},
		{
			displayName: 'API Address',
			name: 'apiBaseUrl',
			type: 'string',
			default: PUBLIC.apiBaseUrl,
			displayOptions: withOtherAddresses,
			description: 'Where the Apps Script API is',
		},
		{
			displayName: 'Drive Address',
			name: 'driveBaseUrl',
			type: 'string',
			default: PUBLIC.driveBaseUrl,
			displayOptions: withOtherAddresses,
			description: 'Where the Drive API is, which lists script projects',
		},
		{
			displayName: 'Token Info Address',
			name: 'tokenInfoUrl',
			type: 'string',
			default: PUBLIC.tokenInfoUrl,
			displayOptions: withOtherAddresses,
			description: 'Where the scopes of a token are asked for',
		},
		{
			displayName: 'Token Address',
			name: 'tokenUrl',
			type: 'string',
			default: PUBLIC.tokenUrl,
			displayOptions: withOtherAddresses,
			description: 'Where tokens are issued and refreshed',
		},
	];

	/**
	 * A function and no `preAuthentication`: n8n's older request helper, which the HTTP Request node uses, answers any failure by that one, and sends the
	 * request once more, a POST too (n8n-core, request-helpers/authentication.js).
	 */
	authenticate = signed;

	/** tokeninfo knows every token, whatever its scopes; google-auth-library asks it in the same way. */
	test: ICredentialTestRequest = {
		request: {
			method: 'POST',
			url: `={{ $credentials.otherAddresses && $credentials.tokenInfoUrl || "${PUBLIC.tokenInfoUrl}" }}`,
		},
		rules: [{ type: 'responseCode', properties: { value: 400, message: 'Google handed out an access token, but does not know it: it was revoked just now.' } }],
	};
}
