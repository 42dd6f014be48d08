import type { EmulatedAnswer, EmulatedRequest } from '../service';

/** The fields of a form-encoded body. */
export function formFields(request: EmulatedRequest): URLSearchParams {
	return new URLSearchParams(request.body.toString('utf8'));
}

/** The token of `Authorization: Bearer …`, or of the query parameter `access_token`. */
export function bearerToken(request: EmulatedRequest): string | undefined {
	const match = /^Bearer\s+(.+)$/i.exec(request.headers.authorization ?? '');
	return match?.[1]?.trim() ?? request.url.searchParams.get('access_token') ?? undefined;
}

/** A page of HTML, as Google sends where a person is expected to read. */
export function page(status: number, title: string, text: string): EmulatedAnswer {
	const escape = (part: string) => part.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
	return {
		status,
		headers: { 'content-type': 'text/html; charset=UTF-8' },
		body: `<!DOCTYPE html>\n<html lang="en"><head><title>${escape(title)}</title></head><body><h1>${escape(title)}</h1><p>${escape(text)}</p></body></html>\n`,
	};
}
