import { OperatorError } from '../../base/errors.js';

/**
 * The `next` address of a `link` header, below the base address; undefined = this was the last page. Throws
 * `GITHUB_FOREIGN_LINK` (config) when it leads away from the base address: the token must not follow it.
 */
export function nextPage(link: string | undefined, baseUrl: string): string | undefined {
  const next = /<([^<>]+)>;[^,]*\brel="next"/.exec(link ?? '')?.[1];
  if (next === undefined) return undefined;
  const base = new URL(baseUrl);
  const url = URL.canParse(next, baseUrl) ? new URL(next, baseUrl) : undefined;
  const prefix = base.pathname.replace(/\/+$/, '');
  if (url?.origin === base.origin && url.pathname.startsWith(`${prefix}/`)) {
    // Octokit would take `:name` for a placeholder.
    return `${url.pathname.slice(prefix.length)}${url.search}`.replaceAll(':', '%3A');
  }
  throw new OperatorError(
    'GITHUB_FOREIGN_LINK',
    'config',
    `GitHub's next page is at ${url?.origin ?? 'no address at all'}, not under github.apiUrl ${baseUrl}`,
  );
}
