import type { RepositoryId } from '../ports/source-control.js';

/** Where a repository lives. `owner` and `name` are spelled as the URL spells them. */
export interface RepositoryAddress extends RepositoryId {
  /** Lower case, without port: the same server answers ssh and https on different ports. */
  readonly host: string;
}

interface UrlParts {
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
}

const WITH_SCHEME = /^([a-z][a-z0-9+.-]*):\/\/(?:[^/@]*@)?(\[[^\]]*\]|[^/:?#]*)(?::\d*)?(\/[^?#]*)?/i;
/** `git@host:owner/name`, as scp writes it; a path that starts with a slash is allowed. */
const SCP = /^(?:[^/@:\s]+@)?(\[[^\]]+\]|[^/:@\s]+):(?!\/\/)([^?#]+)/;
const GIT_SCHEMES: readonly string[] = ['https', 'http', 'ssh', 'git', 'git+ssh', 'git+https', 'ssh+git'];
/** Other doors of the same house (GitHub: SSH over the HTTPS port). */
const HOST_ALIASES: ReadonlyMap<string, string> = new Map([
  ['ssh.github.com', 'github.com'],
  ['www.github.com', 'github.com'],
]);

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // A stray percent sign is a character of the name, not an encoding.
    return path;
  }
}

function tidyPath(path: string): string {
  const segments = decoded(path)
    .split('/')
    .filter((s) => s !== '' && s !== '.');
  return segments.join('/').replace(/\.git$/i, '');
}

function splitUrl(url: string): UrlParts | undefined {
  const text = url.trim();
  const withScheme = WITH_SCHEME.exec(text);
  if (withScheme) {
    const [, scheme = '', host = '', path = ''] = withScheme;
    return { scheme: scheme.toLowerCase(), host: host.toLowerCase(), path: tidyPath(path) };
  }
  const scp = SCP.exec(text);
  if (!scp) return undefined;
  const [, host = '', path = ''] = scp;
  return { scheme: 'ssh', host: host.toLowerCase(), path: tidyPath(path) };
}

/**
 * One spelling for every way to write a git URL: `host/owner/name`, lower case, without scheme, user, port and `.git`.
 * Case is dropped because GitHub ignores it: two spellings of one repository must never count as two.
 * What is no git URL (`oci://`, a path on disk) keeps its scheme, so that it equals nothing but itself.
 */
export function normaliseRepositoryUrl(url: string): string {
  const parts = splitUrl(url);
  if (!parts) return url.trim().toLowerCase();
  const host = HOST_ALIASES.get(parts.host) ?? parts.host;
  const address = `${host}/${parts.path}`.toLowerCase();
  return GIT_SCHEMES.includes(parts.scheme) ? address : `${parts.scheme}://${address}`;
}

/** Owner and name of a repository on a GitHub host; undefined = no git URL, or not of the form `owner/name`. */
export function parseRepositoryUrl(url: string): RepositoryAddress | undefined {
  const parts = splitUrl(url);
  if (!parts || !GIT_SCHEMES.includes(parts.scheme) || parts.host === '') return undefined;
  const [owner, name, ...rest] = parts.path.split('/');
  if (!owner || !name || rest.length > 0 || owner === '..' || name === '..') return undefined;
  return { host: HOST_ALIASES.get(parts.host) ?? parts.host, owner, name };
}

/** Both URLs name the same repository, however they are written. */
export const sameRepositoryUrl = (a: string, b: string): boolean =>
  normaliseRepositoryUrl(a) === normaliseRepositoryUrl(b);

/** Both ids name the same repository of one GitHub (case does not count there). */
export const sameRepository = (a: RepositoryId, b: RepositoryId): boolean =>
  a.owner.toLowerCase() === b.owner.toLowerCase() && a.name.toLowerCase() === b.name.toLowerCase();
