import { basename } from 'node:path';
import { runToEnd } from './cleanUp';

/**
 * Runs npm to its end: under `npm run` the very npm that was called, else the one in the path.
 * @param options.node the Node that npm itself shall run on, which is also the one it compiles for; the present one by default
 * @returns what it printed on standard output
 * @throws with the end of npm's messages when it fails
 */
export async function npm(args: readonly string[], options: { cwd: string; env?: NodeJS.ProcessEnv; node?: string }): Promise<string> {
	const script = process.env.npm_execpath;
	const underNpm = script !== undefined && basename(script).startsWith('npm-cli');
	const command = underNpm ? (options.node ?? process.execPath) : 'npm';
	const { code, output, errors } = await runToEnd(command, underNpm ? [script, ...args] : args, { cwd: options.cwd, env: options.env });
	if (code !== 0) {
		const tail = errors.trimEnd().split('\n').slice(-40).join('\n');
		throw new Error(`npm ${args.join(' ')} failed with exit code ${code}:\n${tail}`);
	}
	return output;
}
