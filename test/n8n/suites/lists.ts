import type { Suite } from './context';

export const lists: Suite = {
	title: 'Lists in the editor',
	async run() {},
};
