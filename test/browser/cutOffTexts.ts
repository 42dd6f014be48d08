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
 * It runs in the page, so that it can use nothing from outside.
 */
export function cutOffTexts(root: PageElement): string[] {
	const ownText = (element: PageElement): string => {
		if (element.tagName === 'INPUT') return (element.value ?? '') || (element.placeholder ?? '');
		const isText = ({ nodeType, textContent }: { nodeType: number; textContent: string | null }) => nodeType === 3 && textContent?.trim() !== '';
		return Array.from(element.childNodes).some(isText) ? element.innerText : '';
	};
	const isCutOff = (element: PageElement): boolean => {
		for (let box: PageElement | null = element; box !== null && box !== root; box = box.parentElement) {
			const { overflowX, textOverflow } = box.ownerDocument.defaultView.getComputedStyle(box);
			const cuts = (box === element || textOverflow === 'ellipsis') && (overflowX === 'hidden' || overflowX === 'clip');
			if (cuts && box.scrollWidth > box.clientWidth + 1) return true;
		}
		return false;
	};
	return [...root.querySelectorAll('*')]
		.filter((element) => ownText(element).trim() !== '' && element.getClientRects().length > 0 && isCutOff(element))
		.map((element) => ownText(element).trim());
}
