import type { OperatorCommands } from '../operator-commands.js';
import type { OperatorQueries } from '../operator-queries.js';
import type { Role, Who } from '../role.js';
import type { Answer } from './answer.js';

/** What a handler may use. */
export interface Services {
  readonly queries: OperatorQueries;
  readonly commands: OperatorCommands;
}
/** A request that has passed the door. */
export interface Call {
  /** Decoded and checked parts of the path. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly who: Who;
  /** Why, for commands; empty for reads. */
  readonly reason: string;
}
/** One row of the API: who may do what. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** Literal but for `{namespace}`, `{name}` and `{id}`. */
  readonly path: string;
  /** The least role; `anyone` also without a token. */
  readonly role: Role | 'anyone';
  handle(services: Services, call: Call): Promise<Answer>;
}

/** Names of Kubernetes objects, and ids. Anything else cannot exist, so it is not looked for. */
const PARAMETERS: Readonly<Record<string, RegExp>> = {
  namespace: /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/,
  name: /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/,
  id: /^[0-9A-Za-z-]{1,64}$/,
};

const literal = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
/** The parameters of a path that a route fits, or undefined. */
export function matchPath(route: Pick<Route, 'path'>, path: string): Readonly<Record<string, string>> | undefined {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? '');
  const pattern = route.path
    .split(/\{\w+\}/)
    .map(literal)
    .join('([^/:]+)');
  const found = new RegExp(`^${pattern}$`).exec(path);
  if (found === null) return undefined;
  const values = found.slice(1).map(decode);
  const fits = names.every((name, i) => PARAMETERS[name]?.test(values[i] ?? '') === true);
  return fits ? Object.fromEntries(names.map((name, i) => [name, values[i] ?? ''])) : undefined;
}
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
