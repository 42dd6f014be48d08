import type { IExecuteFunctions } from 'n8n-workflow';

/** Whether an agent calls the node as its tool and awaits one answer: n8n-core hands the call to the node without the workflow's engine. */
export function calledByAgent(context: IExecuteFunctions): boolean {
	// Absent before n8n 2.15 (and in 1.82 altogether).
	return (context as Partial<Pick<IExecuteFunctions, 'isToolExecution'>>).isToolExecution?.() ?? false;
}

/**
 * Whether the node runs as a tool, called by the agent itself or, as newer agents have it, by the workflow's engine on the agent's behalf. Only
 * output 0 reaches the agent either way.
 */
export function runsAsTool(context: IExecuteFunctions): boolean {
	const node = context.getNode();
	return calledByAgent(context) || node.type.endsWith('Tool') || node.rewireOutputLogTo === 'ai_tool';
}
