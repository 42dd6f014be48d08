/** How the emulated Apps Script API behaves where the live one has limits, or where nobody knows for sure. May be changed at any time. */
export interface AppsScriptSettings {
	/** A run that takes longer is ended with code 10. Google's is 6 minutes. */
	timeLimitMilliseconds: number;
	/** More runs at once of one user are refused in the body. */
	simultaneousPerUser: number;
	/** More runs at once of one script are refused in the body (the sentence for it is a guess: the one for users). */
	simultaneousPerScript: number;
	/** More starts within a second of one user are refused with the `exec qps` sentence. Google's number is not known. */
	startsPerSecond: number;
	/** More starts within 24 hours of one user are refused with the daily sentence. */
	startsPerDay: number;
	/**
	 * What a script id in the path of scripts.run meets: the storage sentence inside HTTP 200 (2026 reports), 404 (2026 reports), or
	 * a run of the newest API executable, as the API's older reference describes.
	 */
	scriptIdInPath: 'storageNotFound' | 'notFound' | 'runs';
	/** What a token without all scopes of the project meets: both are reported. */
	missingScopes: 'forbidden' | 'unauthorized';
	/** Whether the person's switch at script.google.com/home/usersettings matters for scripts.run too; reports differ. */
	userToggleMattersForRun: boolean;
	/** What `errorType` of an exception says: both are reported. */
	errorType: 'ScriptError' | 'javascript';
	/** The code of a return value that is not supported: both are reported. */
	unsupportedReturnCode: 3 | 500;
	/** Whether `functionSet` tells parameter names; the documented field is in no payload that was seen. */
	parametersInFunctionSet: boolean;
}

export const DEFAULT_SETTINGS: AppsScriptSettings = {
	timeLimitMilliseconds: 6 * 60_000,
	simultaneousPerUser: 30,
	simultaneousPerScript: 1000,
	startsPerSecond: Infinity,
	startsPerDay: Infinity,
	scriptIdInPath: 'storageNotFound',
	missingScopes: 'forbidden',
	userToggleMattersForRun: false,
	errorType: 'ScriptError',
	unsupportedReturnCode: 3,
	parametersInFunctionSet: false,
};
