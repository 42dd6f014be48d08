import { parse, type Pattern } from 'acorn';

/** A function of a file, as `functionSet` lists it. */
export interface ListedFunction {
	readonly name: string;
	readonly parameters?: readonly string[];
}

/** The name of a parameter; for a destructured one a guess. */
function parameterName(pattern: Pattern, index: number): string {
	switch (pattern.type) {
		case 'Identifier':
			return pattern.name;
		case 'AssignmentPattern':
			return parameterName(pattern.left, index);
		case 'RestElement':
			return parameterName(pattern.argument, index);
		default:
			return `arg${index}`;
	}
}

/** The functions that a file declares at its top level, without the private ones (that those are left out is a guess). */
export function listFunctions(source: string, withParameters: boolean): ListedFunction[] {
	let program;
	try {
		program = parse(source, { ecmaVersion: 'latest', sourceType: 'script' });
	} catch {
		return [];
	}
	const found: ListedFunction[] = [];
	for (const statement of program.body) {
		if (statement.type !== 'FunctionDeclaration' || statement.id.name.endsWith('_')) continue;
		const { name } = statement.id;
		found.push(withParameters ? { name, parameters: statement.params.map(parameterName) } : { name });
	}
	return found;
}
