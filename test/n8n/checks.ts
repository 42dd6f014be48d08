import { endAll, isEnding } from './cleanUp';

/** A check: what is promised, in words, and what throws when it does not hold. */
export type Check = (promise: string, body: () => Promise<void> | void) => Promise<void>;

/** What came of the checks. */
export interface Tally {
	passed: number;
	failed: number;
}

/** Runs each check at once, one after the other, and prints a line for it; a failure does not keep the next from being run. */
export function checksInto(tally: Tally): Check {
	return async (promise, body) => {
		const startedAt = Date.now();
		try {
			await body();
			tally.passed += 1;
			console.log(`  ✓ ${promise} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`);
		} catch (error) {
			tally.failed += 1;
			console.log(`  ✗ ${promise}`);
			const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
			console.log(text.replace(/^/gm, '      '));
		}
	};
}

/** Those suites of which the command line names a word of the title, e.g. `npm run test:n8n -- queue`; all where it names none. */
export function suitesNamed<S extends { readonly title: string }>(suites: readonly S[]): S[] {
	const words = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
	return suites.filter(({ title }) => words.length === 0 || words.some((word) => title.toLowerCase().includes(word.toLowerCase())));
}

/**
 * Runs suites one after the other. One that throws outside of its checks is a failed check, and the next is run all the same.
 * @param check what the checks of a suite go through
 */
export async function runSuites<S extends { readonly title: string }>(suites: readonly S[], check: Check, run: (suite: S) => Promise<void>): Promise<void> {
	for (const suite of suites) {
		if (isEnding()) break;
		console.log(`\n${suite.title}`);
		try {
			await run(suite);
		} catch (error) {
			await check('runs to its end', () => {
				throw error;
			});
		}
	}
}

/** Runs a program of checks to its end, cleans up, and prints `N passed, N failed` as the last line; the exit code is 1 where something failed. */
export function runProgram(program: () => Promise<Tally>): void {
	program()
		.then(async ({ passed, failed }) => {
			await endAll();
			console.log(`\n${passed} passed, ${failed} failed`);
			process.exitCode = failed === 0 ? 0 : 1;
		})
		.catch(async (error: unknown) => {
			if (isEnding()) return;
			console.error(error);
			await endAll();
			console.log('\n0 passed, 1 failed');
			process.exitCode = 1;
		});
}
