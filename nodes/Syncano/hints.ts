import type { Failure } from '../shared/outcome';

/** What a request was for. */
export type Target = 'script' | 'endpoint' | 'publicLink' | 'trace' | 'traces' | 'list';

/** What the key that was sent looks like: the last hex digit of an Account Key is even, that of an instance's API key odd. */
export type KeyKind = 'none' | 'account' | 'instance' | 'unknown';

/** What a hint can be chosen by. */
export interface FailureFacts {
	/** The failure, but for its hint. */
	readonly failure: Failure;
	readonly target: Target;
	readonly sentKey: KeyKind;
	/** The row of the server's own error that was answered. */
	readonly serverError?: string;
	/** Whether the payload that was sent is an object with the one key `payload`. */
	readonly wrapped: boolean;
}

export interface Hint {
	readonly hint: string;
	readonly documentationUrl: string;
}

interface HintRow extends Hint {
	/** By this name it is found. */
	readonly id: string;
	readonly when: (facts: FailureFacts) => boolean;
}

const README = 'https://github.com/cloud-scripts/n8n-nodes-cloud-scripts';
const NODE_GUIDE = `${README}#syncano-script`;
const CREDENTIAL_GUIDE = `${README}#syncano-credential`;
const OUTCOMES_GUIDE = `${README}#outcomes`;
const SERVER_SOURCE = 'https://github.com/Syncano/syncano-platform';

const is = (facts: FailureFacts, reason: Failure['reason']) => facts.failure.reason === reason;
const answers = (facts: FailureFacts, ...rows: string[]) => facts.serverError !== undefined && rows.includes(facts.serverError);
const about = (facts: FailureFacts, ...targets: Target[]) => targets.includes(facts.target);
const redirects = (facts: FailureFacts) => is(facts, 'badAnswer') && (facts.failure.httpStatus ?? 0) >= 300 && (facts.failure.httpStatus ?? 0) < 400;
const LOOK_FIRST = 'The script may have run all the same. Look at its traces (Trace > Get Many) before you run it again; where running twice does no harm, switch on Safe to Repeat.';

/**
 * What to do after a failure: the first row that fits counts, so the particular ones stand before the general ones. Sources: the server's code and
 * its own test cases; the clients' issue threads.
 */
export const HINTS: readonly HintRow[] = [
	{
		id: 'instanceKey',
		when: (facts) => facts.sentKey === 'instance' && (is(facts, 'forbidden') || is(facts, 'unauthorized')),
		hint: 'The key in the credential looks like an API key of an instance, because of its last character. Put an Account Key (it ends in 0, 2, 4, 6, 8, a, c or e) into the credential: only an administrator can run scripts.',
		documentationUrl: CREDENTIAL_GUIDE,
	},
	{
		id: 'keyWanted',
		when: (facts) => about(facts, 'publicLink') && facts.sentKey === 'none' && (is(facts, 'forbidden') || is(facts, 'unauthorized')),
		hint: 'This server wants a key with the public link. Switch on Send Key and choose the credential of this server.',
		documentationUrl: NODE_GUIDE,
	},
	{
		id: 'noSuchKey',
		when: (facts) => answers(facts, 'noSuchKey') || is(facts, 'unauthorized'),
		hint: 'The server does not know this key. Copy the Account Key again into the credential, and check that its Base URL is the server to which the key belongs.',
		documentationUrl: CREDENTIAL_GUIDE,
	},
	{
		id: 'noPermission',
		when: (facts) => answers(facts, 'noPermission', 'noKey'),
		hint: 'The administrator of this key may not do this: running a script, or an endpoint by POST, needs the role write or full in the instance. Endpoints run by GET need the role read. Scripts that belong to a socket cannot be run by themselves.',
		documentationUrl: NODE_GUIDE,
	},
	{
		id: 'billing',
		when: (facts) => answers(facts, 'billing'),
		hint: "This is about the account of the instance's owner: its subscription or limits. On a server of your own, the owner needs a subscription entry.",
		documentationUrl: SERVER_SOURCE,
	},
	{
		id: 'scriptsSwitchedOff',
		when: (facts) => answers(facts, 'scriptsSwitchedOff'),
		hint: 'A server that refuses without a word has scripts switched off. On a server of your own, set LEGACY_CODEBOX_ENABLED=true.',
		documentationUrl: SERVER_SOURCE,
	},
	{
		id: 'otherServer',
		when: (facts) => answers(facts, 'otherLocation', 'otherVersion'),
		hint: 'The instance lives at another address or belongs to another version of the API. Put the address of its own location into the Base URL of the credential.',
		documentationUrl: CREDENTIAL_GUIDE,
	},
	{
		id: 'noInstance',
		when: (facts) => answers(facts, 'noInstance'),
		hint: 'Check the name of the instance in the node or, where the node names none, in the credential.',
		documentationUrl: CREDENTIAL_GUIDE,
	},
	{
		id: 'publicLinkNotFound',
		when: (facts) => about(facts, 'publicLink') && is(facts, 'notFound'),
		hint: 'There is no public endpoint behind this link: the endpoint is not public, or its link was reset. Copy the link again from the endpoint.',
		documentationUrl: NODE_GUIDE,
	},
	{
		id: 'traceNotFound',
		when: (facts) => about(facts, 'trace') && answers(facts, 'notFound'),
		hint: 'A trace is kept for 24 hours, and for 5 minutes once the script has 100 newer ones; after 48 hours without a run, IDs begin again at 1. Whether the run of an expired trace succeeded cannot be found out any more.',
		documentationUrl: NODE_GUIDE,
	},
	{
		id: 'noEndpoint',
		when: (facts) => answers(facts, 'noEndpoint', 'notFound') && about(facts, 'endpoint', 'traces', 'trace'),
		hint: 'Check the name of the endpoint, or the ID of the script; choose it from the list.',
		documentationUrl: NODE_GUIDE,
	},
	{
		id: 'noScript',
		when: (facts) => answers(facts, 'noScript', 'notFound'),
		hint: 'Check the ID of the script, or choose it from the list.',
		documentationUrl: NODE_GUIDE,
	},
	{
		id: 'noApiThere',
		when: (facts) => is(facts, 'notFound'),
		hint: 'No Syncano API v1.1 is at this address. Check the Base URL in the credential: it ends before /v1.1.',
		documentationUrl: CREDENTIAL_GUIDE,
	},
	{
		id: 'badPayload',
		when: (facts) => answers(facts, 'badPayload', 'badJson', 'wrongContentType'),
		hint: 'Syncano takes an object (for a Script also an array) as payload. Check what the fields of the node give for this item.',
		documentationUrl: NODE_GUIDE,
	},
	{
		id: 'requestHeadTooBig',
		when: (facts) => answers(facts, 'requestHeadTooBig'),
		hint: 'A GET request carries about 8 kB. Set Method to POST.',
		documentationUrl: NODE_GUIDE,
	},
	{
		id: 'bodyTooBig',
		when: (facts) => is(facts, 'tooLarge'),
		hint: 'The server takes 524,288 bytes. Send less, or put the data where the script can fetch it and send its address.',
		documentationUrl: NODE_GUIDE,
	},
	{
		id: 'unknownTemplate',
		when: (facts) => answers(facts, 'unknownTemplate'),
		hint: 'The server has no response template of this name. Whether the script ran before it looked for the template is not known: look at its traces before you run it again.',
		documentationUrl: NODE_GUIDE,
	},
	{
		id: 'throttled',
		when: (facts) => is(facts, 'throttled'),
		hint: 'An instance answers about 60 requests a second. Set Concurrency to In Order or Automatic, and run the item again: it did not start.',
		documentationUrl: NODE_GUIDE,
	},
	{
		id: 'blocked',
		when: (facts) => is(facts, 'blocked'),
		hint: 'Syncano blocks runs when more than 50 times as many wait as may run at once, when there is a problem with the bill of the owner, and when scripts are switched off. Lower Max Concurrency, then run the item again: it did not start.',
		documentationUrl: NODE_GUIDE,
	},
	{
		id: 'queueTimeout',
		when: (facts) => is(facts, 'queueTimeout'),
		hint: 'All places for running scripts were taken for more than 30 seconds. Lower Max Concurrency, or use Script > Run, which waits longer, then run the item again: it did not start.',
		documentationUrl: NODE_GUIDE,
	},
	{
		id: 'tookTooMuchTime',
		when: (facts) => answers(facts, 'tookTooMuchTime'),
		hint: 'The server waits 300 seconds for an endpoint and then answers this, also for runs that were blocked or waited in the queue for too long. Look at the traces of the endpoint (Trace > Get Many) for what became of it before you run it again.',
		documentationUrl: NODE_GUIDE,
	},
	{
		id: 'timeout',
		when: (facts) => is(facts, 'timeout'),
		hint: 'A script may run for 30 seconds unless its config sets another timeout (at most 300). Raise "timeout" in the config of the script or give it less to do. Look at what it had done before you run it again.',
		documentationUrl: NODE_GUIDE,
	},
	{
		id: 'stderr',
		when: (facts) => is(facts, 'stderr'),
		hint: 'The run counts as a success for Syncano, but the script wrote to stderr; Node.js scripts that throw end like this. Mend the script, or switch off Fail on Stderr.',
		documentationUrl: NODE_GUIDE,
	},
	{
		id: 'outputTooBig',
		when: (facts) => is(facts, 'exception') && facts.failure.message === 'stdout and/or stderr max size exceeded.',
		hint: 'What the script printed or answered could not be read: it is longer than 524,288 characters, or the response was made with a wrong status. The script had run by then.',
		documentationUrl: NODE_GUIDE,
	},
	{
		id: 'exception',
		when: (facts) => is(facts, 'exception'),
		hint: 'The script itself failed; what it had printed stands under "result". Mend the script or its payload. What it had done before has happened.',
		documentationUrl: NODE_GUIDE,
	},
	{
		id: 'pending',
		when: (facts) => is(facts, 'pending'),
		hint: 'The run goes on. Look again later with Trace > Get and the trace ID, or raise Wait Limit; do not start it again before you know how it ended.',
		documentationUrl: NODE_GUIDE,
	},
	{
		id: 'traceLost',
		when: (facts) => is(facts, 'noAnswer') && facts.failure.traceId !== undefined,
		hint: 'The run was started, but its trace could not be read any more, so nobody can say how it ended. Look at what the script does before you run it again.',
		documentationUrl: NODE_GUIDE,
	},
	{
		id: 'publicLinkRedirected',
		when: (facts) => about(facts, 'publicLink') && redirects(facts),
		hint: 'The link leads elsewhere, and the node does not follow. Put the address at the end of the redirect (often https instead of http) into Public Link.',
		documentationUrl: NODE_GUIDE,
	},
	{
		id: 'redirected',
		when: redirects,
		hint: 'The address leads elsewhere, and the key is not taken along. Put the address at the end of the redirect (often https instead of http) into the Base URL of the credential.',
		documentationUrl: CREDENTIAL_GUIDE,
	},
	{
		id: 'lookAgain',
		when: (facts) => about(facts, 'trace') && facts.failure.outcome === 'notFinished',
		hint: 'The trace could not be read just now, which says nothing about the run. Look again later.',
		documentationUrl: OUTCOMES_GUIDE,
	},
	{
		id: 'mayHaveRun',
		when: (facts) => facts.failure.outcome === 'notFinished',
		hint: LOOK_FIRST,
		documentationUrl: OUTCOMES_GUIDE,
	},
	{
		id: 'noConnection',
		when: (facts) => is(facts, 'noConnection'),
		hint: 'Nothing was started. Check the network, the proxy and the Base URL in the credential, then try again.',
		documentationUrl: CREDENTIAL_GUIDE,
	},
	{
		id: 'refused',
		when: () => true,
		hint: 'The server did not accept the request, so no script was started. Check the fields of the node and the Base URL in the credential.',
		documentationUrl: NODE_GUIDE,
	},
];

/** Said beside other hints where the script may have looked for its arguments in vain. */
export const WRAPPED_HINT = {
	script: 'The payload is an object with the one key "payload": the node puts it under "payload" by itself, so the script finds its values under ARGS.payload. Give the inner object alone.',
	endpoint: 'The payload is an object with the one key "payload": an endpoint takes its values directly, so the script finds them under ARGS.payload. Give the inner object alone.',
} as const;

/** What to do about a failure. */
export function hintFor(facts: FailureFacts): Hint {
	// The last row fits everything.
	const row = HINTS.find((candidate) => candidate.when(facts)) as HintRow;
	const wrapped = facts.wrapped && facts.failure.outcome === 'scriptError';
	return {
		hint: wrapped ? `${row.hint} ${facts.target === 'script' ? WRAPPED_HINT.script : WRAPPED_HINT.endpoint}` : row.hint,
		documentationUrl: row.documentationUrl,
	};
}
