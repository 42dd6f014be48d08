'use strict';
/*
 * Utilities: sleep, getUuid, formatDate, base64, digests, newBlob.
 * Not here: zip, gzip, CSV, formatString, HMAC and RSA signatures. formatDate knows the letters G y M d E D H k h K m s S a z Z X
 * and quoted text, in English. Blobs hold bytes, a type and a name; they do not convert between types.
 */
module.exports = (kit) => {
	/** Apps Script's bytes are signed. */
	const toSigned = (binary) => Array.from(binary, (character) => (character.charCodeAt(0) << 24) >> 24);
	const toBinary = (bytes) => bytes.map((byte) => String.fromCharCode(byte & 255)).join('');
	const binaryOf = (data) => {
		if (Array.isArray(data)) return toBinary(data);
		if (typeof data === 'string') return kit.host.utf8('encode', data);
		if (typeof data === 'object' && data !== null && typeof data.getBytes === 'function') return toBinary(data.getBytes());
		throw new kit.Exception(`The parameters (${typeof data}) don't match the method signature.`);
	};
	const webSafe = (text) => text.replace(/\+/g, '-').replace(/\//g, '_');
	const unsafe = (text) => text.replace(/-/g, '+').replace(/_/g, '/');
	const decodeBase64 = (text) => {
		if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text)) throw new kit.Exception('Could not decode string.');
		return toSigned(kit.host.base64('decode', text));
	};

	const newBlob = (data, contentType, name) => {
		let binary = binaryOf(data);
		let type = contentType ?? (typeof data === 'string' ? 'text/plain' : null);
		let title = name ?? null;
		const blob = kit.hostObject('Blob', {
			getBytes: () => toSigned(binary),
			getDataAsString: () => kit.host.utf8('decode', binary),
			getContentType: () => type,
			getName: () => title,
			setBytes(bytes) {
				binary = toBinary(bytes);
				return blob;
			},
			setDataFromString(text) {
				binary = kit.host.utf8('encode', text);
				return blob;
			},
			setContentType(value) {
				type = value;
				return blob;
			},
			setName(value) {
				title = value;
				return blob;
			},
			copyBlob: () => newBlob(toSigned(binary), type, title),
		});
		return blob;
	};

	const pad = (value, length) => String(value).padStart(length, '0');
	const formatDate = (date, timeZone, format) => {
		if (Object.prototype.toString.call(date) !== '[object Date]' || Number.isNaN(date.getTime())) {
			throw new kit.Exception("The parameters don't match the method signature for Utilities.formatDate.");
		}
		// Offsets are written as GMT+2 or GMT+02:30. A zone that it does not know Java, which formats at Google's, takes for GMT.
		const offset = /^GMT([+-])(\d{1,2})(?::?(\d{2}))?$/.exec(timeZone);
		const shift = offset === null ? 0 : (offset[1] === '-' ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3] ?? 0));
		const shown = new Date(date.getTime() + shift * 60000);
		let zone = timeZone;
		try {
			new Intl.DateTimeFormat('en-US', { timeZone: zone });
		} catch {
			zone = 'UTC';
		}
		if (offset !== null || zone === 'GMT') zone = 'UTC';
		const parts = Object.fromEntries(
			new Intl.DateTimeFormat('en-US', {
				timeZone: zone,
				hourCycle: 'h23',
				year: 'numeric',
				month: '2-digit',
				day: '2-digit',
				hour: '2-digit',
				minute: '2-digit',
				second: '2-digit',
				weekday: 'long',
				era: 'short',
			})
				.formatToParts(shown)
				.map(({ type, value }) => [type, value]),
		);
		const year = Number(parts.year);
		const month = Number(parts.month);
		const day = Number(parts.day);
		const hour = Number(parts.hour);
		const monthName = new Intl.DateTimeFormat('en-US', { timeZone: zone, month: 'long' }).format(shown);
		const wallClock = Date.UTC(year, month - 1, day, hour, Number(parts.minute), Number(parts.second));
		const offsetMinutes = Math.round((wallClock - Math.floor(date.getTime() / 1000) * 1000) / 60000);
		const sign = offsetMinutes < 0 ? '-' : '+';
		const offsetHours = pad(Math.floor(Math.abs(offsetMinutes) / 60), 2);
		const offsetRest = pad(Math.abs(offsetMinutes) % 60, 2);
		const one = (letter, count) => {
			switch (letter) {
				case 'G':
					return parts.era === 'A' || parts.era === 'AD' ? 'AD' : 'BC';
				case 'y':
					return count === 2 ? pad(year % 100, 2) : pad(year, count);
				case 'M':
					return count >= 4 ? monthName : count === 3 ? monthName.slice(0, 3) : pad(month, count);
				case 'd':
					return pad(day, count);
				case 'D':
					return pad(Math.round((Date.UTC(year, month - 1, day) - Date.UTC(year, 0, 1)) / 86400000) + 1, count);
				case 'E':
					return count >= 4 ? parts.weekday : parts.weekday.slice(0, 3);
				case 'H':
					return pad(hour, count);
				case 'k':
					return pad(hour === 0 ? 24 : hour, count);
				case 'h':
					return pad(hour % 12 === 0 ? 12 : hour % 12, count);
				case 'K':
					return pad(hour % 12, count);
				case 'm':
					return pad(Number(parts.minute), count);
				case 's':
					return pad(Number(parts.second), count);
				case 'S':
					return pad(date.getMilliseconds(), count);
				case 'a':
					return hour < 12 ? 'AM' : 'PM';
				case 'Z':
					return `${sign}${offsetHours}${offsetRest}`;
				case 'X':
					if (offsetMinutes === 0) return 'Z';
					return count === 1 ? `${sign}${offsetHours}` : `${sign}${offsetHours}${count === 2 ? '' : ':'}${offsetRest}`;
				case 'z':
					if (offset !== null) return `GMT${sign}${offsetHours}:${offsetRest}`;
					return (
						new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: count >= 4 ? 'long' : 'short' })
							.formatToParts(date)
							.find(({ type }) => type === 'timeZoneName')
							?.value.replace(/^UTC$/, 'GMT') ?? ''
					);
				default:
					throw new kit.Exception(`Illegal pattern character '${letter}'`);
			}
		};
		return format.replace(/'((?:[^']|'')*)'|([A-Za-z])\2*/g, (whole, quoted, letter) => {
			if (quoted !== undefined) return quoted === '' ? "'" : quoted.replace(/''/g, "'");
			return one(letter, whole.length);
		});
	};

	const DigestAlgorithm = { MD5: 'md5', SHA_1: 'sha1', SHA_256: 'sha256', SHA_384: 'sha384', SHA_512: 'sha512' };
	const Charset = { US_ASCII: 'US_ASCII', UTF_8: 'UTF_8' };
	return {
		Utilities: kit.hostObject('Utilities', {
			Charset,
			DigestAlgorithm,
			sleep(milliseconds) {
				if (!(milliseconds >= 0 && milliseconds <= 300000)) throw new kit.Exception(`Invalid argument: ${milliseconds}`);
				kit.call('sleep', milliseconds);
			},
			getUuid: () => kit.call('uuid'),
			formatDate,
			base64Encode: (data) => kit.host.base64('encode', binaryOf(data)),
			base64EncodeWebSafe: (data) => webSafe(kit.host.base64('encode', binaryOf(data))),
			base64Decode: (text) => decodeBase64(text),
			base64DecodeWebSafe: (text) => decodeBase64(unsafe(text)),
			computeDigest: (algorithm, data) => toSigned(kit.host.base64('decode', kit.host.digest(algorithm, kit.host.base64('encode', binaryOf(data))))),
			newBlob,
		}),
	};
};
