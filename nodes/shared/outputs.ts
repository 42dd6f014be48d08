import type { ExpressionString, INodeOutputConfiguration } from 'n8n-workflow';

/**
 * The node's outputs, from its parameters as the editor has them, which may be undefined. n8n evaluates its text, so it may use nothing from outside:
 * neither imports nor the compiler's helpers.
 */
function outputsFor(parameters: { routing?: string } | undefined): Array<string | INodeOutputConfiguration> {
	if (parameters?.routing !== 'byOutcome') return ['main'];
	return ['Success', 'Script Error', 'Not Finished', 'Request Error'].map((displayName) => ({ type: 'main', displayName }) as INodeOutputConfiguration);
}

/** The value of `outputs` of both nodes: one output, or one an outcome with *One Output per Outcome*. */
export const outputsExpression: ExpressionString = `={{(${outputsFor.toString()})($parameter)}}`;
