import { emulatorOfThisFile, get } from './support';

const emulator = emulatorOfThisFile();
const AUTH = 'https://www.googleapis.com/auth/';

it.each([`${AUTH}userinfo.email`, 'email'])('userinfo tells who a token with %s speaks for, in the names of either version', async (scope) => {
	const token = emulator().google.issueToken({ scopes: [scope] });
	const { id, email } = emulator().google.defaultUser;
	expect(await get(emulator(), '/oauth2/v2/userinfo', token)).toMatchObject({ status: 200, body: { id, email, verified_email: true } });
	expect(await get(emulator(), '/oauth2/v3/userinfo', token)).toMatchObject({ status: 200, body: { sub: id, email, email_verified: 'true' } });
});

it.each([`${AUTH}userinfo.profile`, 'openid'])('userinfo keeps the address from a token with %s', async (scope) => {
	const answer = await get(emulator(), '/oauth2/v2/userinfo', emulator().google.issueToken({ scopes: [scope] }));
	expect(answer).toMatchObject({ status: 200, body: { id: emulator().google.defaultUser.id } });
	expect(answer.text).not.toContain('@');
});

it('userinfo refuses a token that is none, has ended, or has no scope for it', async () => {
	const tokens = [undefined, 'ya29.none', emulator().google.issueToken({ lifetimeSeconds: 0 }), emulator().google.issueToken({ scopes: [`${AUTH}drive`] })];
	for (const token of tokens) expect((await get(emulator(), '/oauth2/v2/userinfo', token)).status).toBe(401);
});
