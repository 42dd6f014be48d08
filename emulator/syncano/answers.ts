import type { EmulatedAnswer } from '../service';

/** A request that the service refuses; thrown where it is found out and answered at one place. */
export class Refusal extends Error {
	constructor(readonly answer: EmulatedAnswer) {
		super(`HTTP ${answer.status}`);
	}
}

const json = { 'content-type': 'application/json' };

/** A JSON answer. */
export const jsonAnswer = (status: number, body: unknown, headers: Record<string, string> = {}): EmulatedAnswer => ({
	status,
	headers: { ...json, ...headers },
	// As text, so that null and numbers are JSON too.
	body: JSON.stringify(body),
});

/** The service's usual error: `{"detail": …}`. */
export const detailAnswer = (status: number, detail: string, headers: Record<string, string> = {}): EmulatedAnswer =>
	jsonAnswer(status, { detail }, headers);

/** A refusal with the service's usual error. */
export const refuse = (status: number, detail: string, headers: Record<string, string> = {}): Refusal =>
	new Refusal(detailAnswer(status, detail, headers));

/** A refusal of a body's field. */
export const refuseField = (field: string, message: string): Refusal => new Refusal(jsonAnswer(400, { [field]: [message] }));

/** Django's own page for a path without a route: among others, any path without its trailing slash. */
export const htmlNotFound: EmulatedAnswer = {
	status: 404,
	headers: { 'content-type': 'text/html' },
	body: '<h1>Not Found</h1><p>The requested resource was not found on this server.</p>',
};

/** The texts of the errors that come from more than one place. */
export const details = {
	badPage: 'Incorrect page parameter provided.',
	noPermission: 'You do not have permission to perform this action.',
	noSuchKey: 'No such API Key.',
	notFound: 'Not found.',
	templateNotFound: 'Could not satisfy the request Accept header.',
	tookTooMuchTime: 'Script took too much time.',
	tooBigRequest: 'Too big request passed.',
	batching: 'Batching not allowed.',
	tooLarge: 'Request size limit exceeded (524288).',
} as const;

/** What a billing problem of the instance's owner answers. */
export const billingDetails = {
	noSubscription: 'No active subscription.',
	hardLimit: 'Hard limit reached.',
	freeLimits: 'Free limits exceeded.',
	overdueInvoices: 'Account blocked due to overdue invoices.',
} as const;

/** A problem with the bill of an instance's owner. */
export type BillingProblem = keyof typeof billingDetails;
