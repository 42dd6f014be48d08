/** Where the CPU time of n8n's process goes, from a profile of V8's. */

interface Frame {
	readonly functionName: string;
	readonly url: string;
}

interface CpuProfile {
	readonly nodes: ReadonlyArray<{ readonly id: number; readonly callFrame: Frame; readonly children?: readonly number[] }>;
	readonly samples: readonly number[];
	/** Microseconds from the sample before. */
	readonly timeDeltas: readonly number[];
}

const CREDENTIAL = 'reading the credential (query, decryption, its expressions)';
const PARAMETERS = 'the node’s parameters and expressions';
const REQUEST = 'the request (axios, Node’s HTTP and sockets)';
const GARBAGE = 'garbage collection';
const NODE = 'the node’s own code';
const OTHER = 'everything else';

/** What the time can be spent on, in the order in which it is printed. */
export const ACTIVITIES = [CREDENTIAL, PARAMETERS, REQUEST, GARBAGE, NODE, OTHER] as const;
export type Activity = (typeof ACTIVITIES)[number];

/** The first that knows a frame says what it is for; frames that nobody knows are asked about their callers. */
const KNOWN: ReadonlyArray<readonly [Activity, (frame: Frame) => boolean]> = [
	[GARBAGE, ({ functionName }) => functionName === '(garbage collector)'],
	// During a run nothing else asks n8n's database or decrypts.
	[CREDENTIAL, ({ url }) => /credentials-helper\.js|\/@n8n\/typeorm\/|\/sqlite3\/|\/encryption\//.test(url)],
	[PARAMETERS, ({ functionName }) => /^_?getNodeParameter$/.test(functionName)],
	[REQUEST, ({ url }) => /\/axios\/|\/follow-redirects\/|\/@n8n\/backend-network\/|^node:(?:_http|net|internal\/(?:net|dns)|dns)|request-helpers\//.test(url)],
	[NODE, ({ url }) => /\/n8n-nodes-cloud-scripts(?:-bench)?\/|\/n8n-nodes-base\//.test(url)],
];

/** Milliseconds by activity. Time in which nothing was to do, and that of measuring itself, is left out. */
export function activitiesOf(profile: CpuProfile): ReadonlyMap<Activity, number> {
	const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
	const parents = new Map(profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
	const known = new Map<number, Activity | undefined>();
	const activityOf = (id: number): Activity | undefined => {
		if (known.has(id)) return known.get(id);
		const frame = frames.get(id);
		let activity: Activity | undefined = OTHER;
		if (frame === undefined || frame.functionName === '(idle)' || frame.url === 'node:inspector') activity = undefined;
		else {
			const found = KNOWN.find(([, knows]) => knows(frame));
			const parent = parents.get(id);
			if (found !== undefined) activity = found[0];
			else if (parent !== undefined) activity = activityOf(parent);
		}
		known.set(id, activity);
		return activity;
	};
	const times = new Map<Activity, number>(ACTIVITIES.map((activity) => [activity, 0]));
	profile.samples.forEach((id, index) => {
		const activity = activityOf(id);
		if (activity !== undefined) times.set(activity, (times.get(activity) ?? 0) + (profile.timeDeltas[index] ?? 0) / 1_000);
	});
	return times;
}

/** @throws for what is no profile */
export function readProfile(text: string): CpuProfile {
	const profile = JSON.parse(text) as CpuProfile;
	if (!Array.isArray(profile.nodes) || profile.samples.length !== profile.timeDeltas.length) throw new Error('This is no CPU profile');
	return profile;
}
