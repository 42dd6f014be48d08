import type { IHttpRequestOptions } from 'n8n-workflow';

import { SyncanoApi } from '../../credentials/SyncanoApi.credentials';
import { baseUrlOf, checkedId, checkedName, instanceUrl, keyKindOf, publicLinkOf } from '../../nodes/Syncano/connection';

const KEY = 'a'.repeat(40);
const signed = (baseUrl: string, options: object) => new SyncanoApi().authenticate({ baseUrl, accountKey: ` ${KEY} ` }, options as IHttpRequestOptions);

describe('the key', () => {
	test.each([
		['its own server', 'https://api.syncano.io', { url: 'https://api.syncano.io/v1.1/account/' }],
		['its own server with a path and a port', 'http://host:8000/syncano/', { url: 'http://host:8000/v1.1/account/' }],
		['an address relative to it', 'https://api.syncano.io/', { baseURL: 'https://api.syncano.io', url: '/v1.1/account/' }],
		["n8n's older request helper", 'https://api.syncano.io', { uri: 'https://API.syncano.io:443/v1.1/account/' }],
	])('goes to %s, and redirects are not followed', async (_what, baseUrl, options) => {
		await expect(signed(baseUrl, { headers: { a: 'b' }, ...options })).resolves.toMatchObject({
			headers: { a: 'b', 'X-API-KEY': KEY },
			disableFollowRedirect: true,
			followRedirect: false,
		});
	});

	test.each([
		['another host', { url: 'https://api.syncano.io.evil.example/v1.1/' }],
		['another port', { url: 'https://api.syncano.io:8443/v1.1/' }],
		['another scheme', { url: 'http://api.syncano.io/v1.1/' }],
		['another host behind a name', { url: 'https://api.syncano.io@evil.example/' }],
		['another host by two slashes', { baseURL: 'https://api.syncano.io', url: '//evil.example/v1.1/' }],
		['an absolute address over a base', { baseURL: 'https://api.syncano.io', url: 'https://evil.example/' }],
		["another host by n8n's older request helper", { uri: 'https://evil.example/' }],
	])('does not go to %s', async (_what, options) => {
		await expect(signed('https://api.syncano.io', options)).rejects.toThrow('sent only to https://api.syncano.io');
	});

	test('its last digit says what kind it is', () => {
		expect([`${'0'.repeat(39)}e`, `${'0'.repeat(39)}F`, 'a:b:c', ''].map(keyKindOf)).toEqual(['account', 'instance', 'unknown', 'none']);
	});
});

describe('addresses', () => {
	test.each([
		['https://api.syncano.io', 'https://api.syncano.io'],
		['https://api.syncano.io/', 'https://api.syncano.io'],
		['http://localhost:8000//', 'http://localhost:8000'],
		['https://host/some/path/', 'https://host/some/path'],
		['https://host/some/path/v1.1/', 'https://host/some/path'],
		['HTTPS://Host:443/v1.1', 'https://host'],
	])('Base URL %s', (given, expected) => expect(baseUrlOf(given)).toBe(expected));

	test.each(['', 'api.syncano.io', 'ftp://host', 'https://host/?a=1', 'https://host/#a'])('no Base URL: %j', (given) => {
		expect(() => baseUrlOf(given)).toThrow(/Base URL/);
	});

	test('the instance of the node goes before that of the credential, and one is needed', () => {
		const connection = { baseUrl: 'https://host', instance: 'mine', keyKind: 'account' } as const;
		expect(instanceUrl(connection, '')).toBe('https://host/v1.1/instances/mine');
		expect(instanceUrl(connection, ' other ')).toBe('https://host/v1.1/instances/other');
		expect(() => instanceUrl({ ...connection, instance: '' }, '')).toThrow(/names an instance/);
	});

	test.each(['..', 'a/b', 'a b', 'a?b', 'a#b', 'a%2Fb', 'a\\b', 'a\u0000b', ''])('no name: %j', (given) => {
		expect(() => checkedName(given, 'Endpoint')).toThrow(/Endpoint/);
	});

	test.each(['0', '-1', '1.5', '1e3', '7/run', '', '99999999999999999999'])('no ID: %j', (given) => {
		expect(() => checkedId(given, 'Script')).toThrow(/Script/);
	});

	test.each([
		['https://host/v1.1/instances/i/endpoints/scripts/p/0123456789abcdef0123456789abcdef01234567/door/', 'door'],
		['https://host/v1/instances/i/webhooks/p/0123456789abcdef0123456789abcdef01234567/', 'public link'],
		['https://host/', 'public link'],
	])('the public link %s is called "%s" in records, which never shows the link itself', (url, name) => {
		expect(publicLinkOf(url)).toEqual({ url, name });
	});
});
