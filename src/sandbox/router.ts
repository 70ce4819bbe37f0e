import type { Reply, SandboxRequest } from './http-message.js';

/** Path parameters, decoded. Reading one that the pattern does not name is a fault of the sandbox and throws. */
export class RouteParams {
  readonly #values: ReadonlyMap<string, string>;
  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }
  get(name: string): string {
    const value = this.#values.get(name);
    if (value === undefined) throw new Error(`the route has no parameter ${name}`);
    return value;
  }
}

export type RouteHandler<C> = (request: SandboxRequest, params: RouteParams, context: C) => Reply | Promise<Reply>;

export interface FoundRoute<C> {
  readonly handler: RouteHandler<C>;
  readonly params: RouteParams;
}

interface Route<C> {
  readonly method: string;
  readonly expression: RegExp;
  readonly names: readonly string[];
  readonly handler: RouteHandler<C>;
}

/**
 * Routes by pattern: `:name` is one segment, `*name` one or more. A pattern is matched against the path as sent and the
 * parameters are decoded afterwards, so `%2F` inside a segment is a slash of its value. The first route that matches
 * wins: add the narrower one first.
 */
export class Router<C = undefined> {
  readonly #routes: Route<C>[] = [];

  on(method: string, pattern: string, handler: RouteHandler<C>): this {
    const names: string[] = [];
    const source = pattern
      .split('/')
      .map((segment) => {
        if (!/^[:*]/.test(segment)) return segment.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
        names.push(segment.slice(1));
        return segment.startsWith(':') ? '([^/]+)' : '(.+)';
      })
      .join('/');
    this.#routes.push({ method, expression: new RegExp(`^${source}/?$`), names, handler });
    return this;
  }

  /** Undefined = no such route. A path that is not validly percent-encoded matches none. */
  find(method: string, path: string): FoundRoute<C> | undefined {
    for (const route of this.#routes) {
      const match = route.method === method ? route.expression.exec(path) : null;
      if (!match) continue;
      const values = decodeAll(match.slice(1));
      if (!values) return undefined;
      const params = new Map(route.names.map((name, index) => [name, values[index] ?? '']));
      return { handler: route.handler, params: new RouteParams(params) };
    }
    return undefined;
  }

  /** Runs the route of a request; undefined = there is none. */
  async dispatch(request: SandboxRequest, context: C): Promise<Reply | undefined> {
    const found = this.find(request.method, request.path);
    return found && (await found.handler(request, found.params, context));
  }
}

function decodeAll(parts: readonly string[]): readonly string[] | undefined {
  try {
    return parts.map((part) => decodeURIComponent(part));
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
