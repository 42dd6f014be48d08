import type { Lost, NotSent } from './answer';
import type { Failure, FailureOutcome, Reason } from './outcome';

/**
 * What an HTTP status that is no success means by itself, by RFC 9110 and the services' own error tables. In doubt the script may have run: a redirect is
 * not followed and may have come after the run, and 5xx, 408 and 499 say that somebody gave up, not that the script did not start.
 */
export function meaningOfStatus(status: number): { readonly outcome: FailureOutcome; readonly reason: Reason } {
	if (status >= 500) return { outcome: 'notFinished', reason: 'serverError' };
	if (status < 400) return { outcome: 'notFinished', reason: 'badAnswer' };
	switch (status) {
		case 401:
			return { outcome: 'requestError', reason: 'unauthorized' };
		case 403:
			return { outcome: 'requestError', reason: 'forbidden' };
		case 404:
			return { outcome: 'requestError', reason: 'notFound' };
		case 408:
		case 499:
			return { outcome: 'notFinished', reason: 'noAnswer' };
		case 413:
		case 414:
		case 431:
			return { outcome: 'requestError', reason: 'tooLarge' };
		case 429:
			return { outcome: 'requestError', reason: 'throttled' };
		default:
			return { outcome: 'requestError', reason: 'rejected' };
	}
}

/** What it means that no answer came. @param service its name, for the sentence */
export function meaningOfSilence(answer: NotSent | Lost, service: string): Failure {
	if (answer.kind === 'notSent') return { outcome: 'requestError', reason: 'noConnection', message: `${service} could not be reached (${answer.code})` };
	if (answer.error !== undefined) return { outcome: 'notFinished', reason: 'noAnswer', message: `No answer came from ${service}: ${answer.error}` };
	const broke = `The connection to ${service} broke before its answer was complete${answer.code === undefined ? '' : ` (${answer.code})`}`;
	return { outcome: 'notFinished', reason: 'noAnswer', message: answer.how === 'timeout' ? `No answer came from ${service} within the time-out` : broke };
}
