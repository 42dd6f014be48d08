import type { FaultDefinition } from '../faults';

function refusal(status: number, error: string, description: string | undefined, text: string): FaultDefinition {
	return {
		stage: 'instead',
		description: text,
		answer: () => ({ status, body: description === undefined ? { error } : { error, error_description: description } }),
	};
}

/** What the token endpoint refuses with. Use them with `service: 'google'` or `urlIncludes: '/token'`. */
export const googleFaults: Readonly<Record<string, FaultDefinition>> = {
	invalidGrant: refusal(400, 'invalid_grant', 'Token has been expired or revoked.', '400 invalid_grant (recorded): the refresh token has ended.'),
	unauthorizedClient: refusal(
		401,
		'unauthorized_client',
		'Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.',
		'401 unauthorized_client (recorded): scopes are not granted for domain-wide delegation.',
	),
	adminPolicyEnforced: refusal(
		400,
		'admin_policy_enforced',
		'Access to your account data is restricted by policies within your organization.',
		'400 admin_policy_enforced: blocked by a Workspace administrator. The word is recorded (clasp #85), the description is a guess.',
	),
	invalidClient: refusal(401, 'invalid_client', 'The OAuth client was not found.', '401 invalid_client: wrong client id or secret.'),
	invalidToken: refusal(400, 'invalid_token', 'Invalid Value', '400 invalid_token (recorded), as tokeninfo answers.'),
	tokenWithoutScope: {
		stage: 'after',
		description: 'The answer of tokeninfo (or of the token endpoint) without `scope`, over which google-auth-library trips.',
		answer: (_request, real) => {
			const { scope: _scope, ...rest } = real?.body as Record<string, unknown>;
			return { status: real?.status ?? 200, headers: real?.headers, body: rest };
		},
	},
};
