import { createPublicKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';

/** A person with a Google account. */
export interface GoogleUser {
	/** Google's stable id of the account. */
	readonly id: string;
	readonly email: string;
	readonly name: string;
	/** The switch at script.google.com/home/usersettings, which management methods need. */
	appsScriptApiEnabled: boolean;
}

/** A Google Cloud project, as far as the emulated services look at it. */
export interface CloudProject {
	/** The project number, digits. */
	readonly number: string;
	/** Whether script.googleapis.com is enabled in it. */
	appsScriptApiEnabled: boolean;
	/** Whether drive.googleapis.com is enabled in it. */
	driveApiEnabled: boolean;
	/** Of a consent screen in testing, refresh tokens end after 7 days. */
	consentScreen: 'production' | 'testing';
	/** Scopes that a Workspace administrator has blocked; asking for one answers `admin_policy_enforced`. */
	readonly blockedScopes: Set<string>;
}

/** An OAuth client (an id and a secret) of a Cloud project. */
export interface OAuthClient {
	readonly id: string;
	readonly secret: string;
	readonly cloudProject: CloudProject;
	/** Addresses to which consent may lead back; `undefined` allows every loopback address. */
	readonly redirectUris: readonly string[] | undefined;
}

/** The JSON file that Google hands out with a service account's key. */
export interface ServiceAccountKeyFile {
	readonly type: 'service_account';
	readonly project_id: string;
	readonly private_key_id: string;
	readonly private_key: string;
	readonly client_email: string;
	readonly client_id: string;
	readonly auth_uri: string;
	readonly token_uri: string;
	readonly universe_domain: 'googleapis.com';
}

/** A service account with its registered public keys. */
export interface ServiceAccount {
	readonly email: string;
	/** The numeric client id to which an administrator grants scopes. */
	readonly clientId: string;
	readonly cloudProject: CloudProject;
	/** By `private_key_id`. */
	readonly publicKeys: ReadonlyMap<string, KeyObject>;
	/** What the administrator granted for domain-wide delegation. */
	readonly delegatedScopes: Set<string>;
	/** Present where the emulator made the key itself. */
	readonly keyFile: ServiceAccountKeyFile | undefined;
}

/** Digits that look like Google's ids. */
function digits(length: number): string {
	let text = '1';
	for (const byte of randomBytes(length - 1)) text += String(byte % 10);
	return text;
}

let generatedKey: { readonly publicKey: KeyObject; readonly privateKey: string } | undefined;

/** One RSA key for all service accounts whose key does not matter: making one takes longer than starting the emulator. */
function sharedKey(): { readonly publicKey: KeyObject; readonly privateKey: string } {
	if (generatedKey !== undefined) return generatedKey;
	const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
	const made = { publicKey: pair.publicKey, privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
	generatedKey = made;
	return made;
}

/** Who there is: people, Cloud projects, OAuth clients, service accounts. */
export class GoogleAccounts {
	readonly users: GoogleUser[] = [];
	readonly cloudProjects: CloudProject[] = [];
	readonly clients: OAuthClient[] = [];
	readonly serviceAccounts: ServiceAccount[] = [];

	addUser(options: { readonly email?: string; readonly name?: string; readonly appsScriptApiEnabled?: boolean } = {}): GoogleUser {
		const email = options.email ?? `user${this.users.length + 1}@example.com`;
		const user: GoogleUser = {
			id: digits(21),
			email,
			name: options.name ?? email.split('@')[0] ?? email,
			appsScriptApiEnabled: options.appsScriptApiEnabled ?? true,
		};
		this.users.push(user);
		return user;
	}

	addCloudProject(options: Partial<Omit<CloudProject, 'blockedScopes'>> & { readonly blockedScopes?: Iterable<string> } = {}): CloudProject {
		const project: CloudProject = {
			number: options.number ?? digits(12),
			appsScriptApiEnabled: options.appsScriptApiEnabled ?? true,
			driveApiEnabled: options.driveApiEnabled ?? true,
			consentScreen: options.consentScreen ?? 'production',
			blockedScopes: new Set(options.blockedScopes ?? []),
		};
		this.cloudProjects.push(project);
		return project;
	}

	addClient(options: {
		readonly id?: string;
		readonly secret?: string;
		readonly cloudProject: CloudProject;
		readonly redirectUris?: readonly string[];
	}): OAuthClient {
		const client: OAuthClient = {
			id: options.id ?? `${options.cloudProject.number}-${randomBytes(16).toString('hex')}.apps.googleusercontent.com`,
			secret: options.secret ?? `GOCSPX-${randomBytes(21).toString('base64url')}`,
			cloudProject: options.cloudProject,
			redirectUris: options.redirectUris,
		};
		this.clients.push(client);
		return client;
	}

	/**
	 * @param options `publicKey`: PEM of a key that the caller made; without it the emulator makes one and hands out the key file
	 * @param tokenAddress what the key file says of where to get tokens
	 */
	addServiceAccount(
		options: {
			readonly email?: string;
			readonly cloudProject: CloudProject;
			readonly delegatedScopes?: Iterable<string>;
			readonly publicKey?: string;
		},
		tokenAddress: string,
	): ServiceAccount {
		const projectId = `project-${options.cloudProject.number}`;
		const email = options.email ?? `robot${this.serviceAccounts.length + 1}@${projectId}.iam.gserviceaccount.com`;
		const clientId = digits(21);
		const keyId = randomBytes(20).toString('hex');
		const own = options.publicKey === undefined ? sharedKey() : undefined;
		const publicKey = own?.publicKey ?? createPublicKey(options.publicKey ?? '');
		const account: ServiceAccount = {
			email,
			clientId,
			cloudProject: options.cloudProject,
			publicKeys: new Map([[keyId, publicKey]]),
			delegatedScopes: new Set(options.delegatedScopes ?? []),
			keyFile:
				own === undefined
					? undefined
					: {
							type: 'service_account',
							project_id: projectId,
							private_key_id: keyId,
							private_key: own.privateKey,
							client_email: email,
							client_id: clientId,
							auth_uri: tokenAddress.replace(/\/token$/, '/o/oauth2/v2/auth'),
							token_uri: tokenAddress,
							universe_domain: 'googleapis.com',
						},
		};
		this.serviceAccounts.push(account);
		return account;
	}
}
