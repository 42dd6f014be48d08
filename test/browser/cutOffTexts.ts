/** What is used of an element of a page; the tests are compiled without the browser's types. */
interface PageElement {
	readonly tagName: string;
	readonly value?: string;
	readonly placeholder?: string;
	readonly innerText: string;
	readonly childNodes: ArrayLike<{ readonly nodeType: number; readonly textContent: string | null }>;
	readonly parentElement: PageElement | null;
	readonly scrollWidth: number;
	readonly clientWidth: number;
	readonly ownerDocument: { readonly defaultView: { getComputedStyle(element: PageElement): { readonly overflowX: string; readonly textOverflow: string } } };
	querySelectorAll(selector: string): Iterable<PageElement>;
	getClientRects(): ArrayLike<unknown>;
}

/**
 * Texts within an element that are not shown whole: cut off by the box they are in, with or without dots.
 * It runs in the page, so that it can use nothing from outside; not even named functions, which tsx wraps.
 */
export function cutOffTexts(root: PageElement): string[] {
	const found: string[] = [];
	for (const element of root.querySelectorAll('*')) {
		const isInput = element.tagName === 'INPUT';
		const hasText = Array.from(element.childNodes).some(({ nodeType, textContent }) => nodeType === 3 && textContent?.trim() !== '');
		const text = (isInput ? element.value || element.placeholder || '' : hasText ? element.innerText : '').trim();
		if (text === '' || element.getClientRects().length === 0) continue;
		for (let box: PageElement | null = element; box !== null && box !== root; box = box.parentElement) {
			const { overflowX, textOverflow } = box.ownerDocument.defaultView.getComputedStyle(box);
			const cuts = (box === element || textOverflow === 'ellipsis') && (overflowX === 'hidden' || overflowX === 'clip');
			if (cuts && box.scrollWidth > box.clientWidth + 1) {
				found.push(text);
				break;
			}
		}
	}
	return found;
}
