import { json } from '../http-message.js';
import type { Reply, SandboxRequest } from '../http-message.js';
import type { Links } from './links.js';

export interface Page {
  readonly number: number;
  readonly size: number;
  readonly from: number;
}

/** `page` and `per_page` as GitHub reads them: 30 a page unless told, at most 100, nonsense is ignored. */
export function pageOf(query: URLSearchParams): Page {
  const number = Math.max(1, wholeNumber(query.get('page')) ?? 1);
  const size = Math.min(100, Math.max(1, wholeNumber(query.get('per_page')) ?? 30));
  return { number, size, from: (number - 1) * size };
}

const wholeNumber = (text: string | null): number | undefined =>
  text !== null && /^\d+$/.test(text) ? Number(text) : undefined;

/** The header `Link` for one page of `total` items; nothing when all fit on one. */
export function linkHeader(request: SandboxRequest, links: Links, total: number): Readonly<Record<string, string>> {
  const page = pageOf(request.query);
  const last = Math.max(1, Math.ceil(total / page.size));
  const to = (number: number, rel: string): string => {
    const query = new URLSearchParams(request.query);
    query.set('page', String(number));
    return `<${links.api}${request.path}?${query.toString()}>; rel="${rel}"`;
  };
  const parts = [
    ...(page.number > 1 ? [to(page.number - 1, 'prev')] : []),
    ...(page.number < last ? [to(page.number + 1, 'next'), to(last, 'last')] : []),
    ...(page.number > 1 ? [to(1, 'first')] : []),
  ];
  return parts.length === 0 ? {} : { link: parts.join(', ') };
}

export interface PagedReply<T> {
  readonly request: SandboxRequest;
  readonly links: Links;
  readonly items: readonly T[];
  /** How the slice is wrapped; a plain array unless told. */
  readonly wrap?: (slice: readonly unknown[], total: number) => unknown;
  readonly shape: (item: T) => unknown;
}

/** One page of a list, with its header `Link`. */
export async function paged<T>(reply: PagedReply<T>): Promise<Reply> {
  const { from, size } = pageOf(reply.request.query);
  const slice = await Promise.all(reply.items.slice(from, from + size).map((item) => reply.shape(item)));
  const body = reply.wrap ? reply.wrap(slice, reply.items.length) : slice;
  return json(200, body, linkHeader(reply.request, reply.links, reply.items.length));
}
