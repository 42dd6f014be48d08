'use strict';
/*
 * Session and MailApp. Mail goes nowhere: it is kept in the emulator's list `appsScript.outbox`.
 * Not here: the check that the project has the scope for mail, attachments, the daily quota counting down.
 */
module.exports = (kit) => {
	const user = () => kit.hostObject('User', { getEmail: () => kit.info.userEmail, getUserLoginId: () => kit.info.userEmail });
	return {
		Session: kit.hostObject('Session', {
			getActiveUser: user,
			getEffectiveUser: user,
			getScriptTimeZone: () => kit.info.timeZone,
			getActiveUserLocale: () => kit.info.locale,
		}),
		MailApp: kit.hostObject('MailApp', {
			sendEmail(first, subject, body, options) {
				const mail = typeof first === 'object' && first !== null ? first : { to: first, subject, body, ...options };
				if (typeof mail.to !== 'string' || mail.to === '') throw new kit.Exception('Failed to send email: no recipient');
				kit.call('mail.send', Object.fromEntries(Object.entries(mail).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))));
			},
			getRemainingDailyQuota: () => 100,
		}),
	};
};
