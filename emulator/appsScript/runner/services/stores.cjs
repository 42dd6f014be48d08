'use strict';
/*
 * PropertiesService, CacheService and LockService. Their contents live in the emulator and outlive the run.
 * Not here: the total of 500 kB of a property store, Google's eviction of cached values before their time.
 * Document stores are there for scripts that belong to a document only; for others they are null, as at Google's.
 */
module.exports = (kit) => {
	const properties = (kind) => {
		const store = kit.hostObject('Properties', {
			getProperty: (key) => kit.call('properties.get', kind, String(key)),
			setProperty(key, value) {
				kit.call('properties.set', kind, { [String(key)]: String(value) }, false);
				return store;
			},
			setProperties(values, deleteOthers = false) {
				const texts = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
				kit.call('properties.set', kind, texts, deleteOthers === true);
				return store;
			},
			getProperties: () => kit.call('properties.all', kind),
			getKeys: () => Object.keys(kit.call('properties.all', kind)),
			deleteProperty(key) {
				kit.call('properties.delete', kind, String(key));
				return store;
			},
			deleteAllProperties() {
				kit.call('properties.set', kind, {}, true);
				return store;
			},
		});
		return store;
	};
	const cache = (kind) =>
		kit.hostObject('Cache', {
			get: (key) => kit.call('cache.get', kind, String(key)),
			getAll: (keys) => Object.fromEntries(keys.map((key) => [key, kit.call('cache.get', kind, String(key))]).filter(([, value]) => value !== null)),
			put: (key, value, seconds = 600) => void kit.call('cache.put', kind, String(key), String(value), Number(seconds)),
			putAll(values, seconds = 600) {
				for (const [key, value] of Object.entries(values)) kit.call('cache.put', kind, key, String(value), Number(seconds));
			},
			remove: (key) => void kit.call('cache.remove', kind, String(key)),
			removeAll(keys) {
				for (const key of keys) kit.call('cache.remove', kind, String(key));
			},
		});
	const lock = (kind) => {
		let held = false;
		const tryLock = (milliseconds) => {
			held = held || kit.call('lock.take', kind, Number(milliseconds)) === true;
			return held;
		};
		return kit.hostObject('Lock', {
			tryLock,
			waitLock(milliseconds) {
				if (!tryLock(milliseconds)) throw new kit.Exception("Lock timeout: another process was holding the lock for too long.");
			},
			hasLock: () => held,
			releaseLock() {
				if (held) kit.call('lock.release', kind);
				held = false;
			},
		});
	};
	const ofDocument = (make) => (kit.info.bound ? make('document') : null);
	return {
		PropertiesService: kit.hostObject('PropertiesService', {
			getScriptProperties: () => properties('script'),
			getUserProperties: () => properties('user'),
			getDocumentProperties: () => ofDocument(properties),
		}),
		CacheService: kit.hostObject('CacheService', {
			getScriptCache: () => cache('script'),
			getUserCache: () => cache('user'),
			getDocumentCache: () => ofDocument(cache),
		}),
		LockService: kit.hostObject('LockService', {
			getScriptLock: () => lock('script'),
			getUserLock: () => lock('user'),
			getDocumentLock: () => ofDocument(lock),
		}),
	};
};
