import { answerOfError } from '../../nodes/shared/answerOfError';

const URL_OF_RUN = 'https://script.googleapis.com/v1/scripts/AKfycbx:run';
/** What axios throws where no answer came. */
const silence = (url: string, code: string) => ({ isAxiosError: true, message: 'no answer', code, config: { url } });

// n8n itself waits for the token address for five minutes: too long for a test on its engine.
describe('a request to which no answer came', () => {
	test.each(['ECONNABORTED', 'ETIMEDOUT'])('%s of the token address: nothing was sent to the script, and no wait makes another try worth its time', (code) => {
		expect(answerOfError(silence('https://oauth2.googleapis.com/token', code), URL_OF_RUN, true)).toEqual({
			kind: 'notSignedIn',
			failure: expect.objectContaining({ outcome: 'requestError', reason: 'noConnection', retryAfter: Infinity }) as unknown,
		});
	});

	test('a token address that broke off may be asked again', () => {
		expect(answerOfError(silence('https://oauth2.googleapis.com/token', 'ECONNRESET'), URL_OF_RUN, true)).toEqual({
			kind: 'notSignedIn',
			failure: expect.not.objectContaining({ retryAfter: expect.anything() as unknown }) as unknown,
		});
	});

	test.each(['ECONNABORTED', 'ECONNRESET'])('%s of the service: the script may have run', (code) => {
		expect(answerOfError(silence(URL_OF_RUN, code), URL_OF_RUN, true)).toMatchObject({ kind: 'lost' });
	});
});
