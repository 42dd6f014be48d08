import type { AccessToken, GoogleEmulator } from '../google';
import { bearerToken } from '../http/query';
import type { EmulatedAnswer, EmulatedRequest } from '../service';
import { SENTENCES, apiError, insufficientScopes, serviceDisabled } from './bodies';

/** The token of a request, checked; or the refusal. */
export type Access = { readonly token: AccessToken } | { readonly refusal: EmulatedAnswer };

/** Checks the token and that the API is enabled in the Cloud project of the OAuth client. */
export function checkAccess(google: GoogleEmulator, request: EmulatedRequest, api: 'script' | 'drive'): Access {
	const token = google.findToken(bearerToken(request));
	if (token === undefined) return { refusal: apiError(request, { status: 401, message: SENTENCES.unauthenticated }) };
	const enabled = api === 'script' ? token.cloudProject.appsScriptApiEnabled : token.cloudProject.driveApiEnabled;
	if (!enabled) {
		const error = serviceDisabled(token.cloudProject.number, `${api}.googleapis.com`, api === 'script' ? 'Apps Script API' : 'Google Drive API');
		return { refusal: apiError(request, error) };
	}
	return { token };
}

/** Checks in addition that the token has one of the scopes, and the person's own switch for the Apps Script API. */
export function checkManagementAccess(google: GoogleEmulator, request: EmulatedRequest, scopes: readonly string[], method: string): Access {
	const access = checkAccess(google, request, 'script');
	if ('refusal' in access) return access;
	const { token } = access;
	if (!scopes.some((scope) => token.scopes.includes(scope))) {
		return { refusal: apiError(request, insufficientScopes('script.googleapis.com', method)) };
	}
	// A service account can read a script that is shared with it, though it has no such switch (clasp #1051).
	if (token.owner.kind === 'user' && !token.owner.user.appsScriptApiEnabled) {
		return { refusal: apiError(request, { status: 403, message: SENTENCES.userToggle }) };
	}
	return access;
}
