/** The service's limits, from its source and documentation. Times in milliseconds unless the name says seconds; sizes in bytes unless it says otherwise. */
export const limits = {
	/** A request body (the whole of it, not the payload alone). */
	requestBody: 524_288,
	/** Request line and headers together, for endpoints. The live service's figure is 'about' this. */
	requestHead: 8_192,
	/** stdout and stderr together, in characters. */
	outputCharacters: 524_288,
	/** `len(str(result))` up to which a list of traces shows the result (or an endpoint trace's args). */
	listedResultCharacters: 65_536,
	scriptSource: 3 * 1024 * 1024,
	scriptSourceListed: 64 * 1024,
	scriptConfiguration: 256 * 1024,
	defaultTimeoutSeconds: 30,
	maximumTimeoutSeconds: 300,
	/** After a script's own limit, until its process is ended. */
	graceAfterTimeout: 5_000,
	/** How long the caller of an endpoint waits for a result. */
	endpointWait: 300_000,
	/** How long the run of an endpoint may wait for its turn. */
	endpointQueueWait: 30_000,
	traceList: 100,
	traceLife: 86_400_000,
	traceLifeOnceTrimmed: 300_000,
	traceCounterLife: 172_800_000,
	pageSize: 100,
	concurrency: { builder: 2, paid: 8 },
	/** So many runs per runner may wait; more are blocked. */
	queuePerRunner: 50,
	/** Requests a second. */
	rates: { instance: 60, administrator: 60, anonymous: 10 },
} as const;
