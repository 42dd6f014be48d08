'use strict';
/* Services that scripts often use and the emulator does not have: each says so, instead of looking like a misspelt name. */
module.exports = (kit) => {
	const names = ['UrlFetchApp', 'DriveApp', 'GmailApp', 'CalendarApp', 'DocumentApp', 'FormApp', 'SlidesApp', 'ScriptApp', 'HtmlService', 'ContentService', 'XmlService', 'Jdbc', 'Charts', 'Maps', 'LanguageApp', 'ContactsApp', 'GroupsApp'];
	return Object.fromEntries(names.map((name) => [name, kit.hostObject(name, {})]));
};
