import { createHash } from 'node:crypto';
import { request, type IncomingHttpHeaders } from 'node:http';
import { OperatorError } from '../../../src/base/errors.js';
import { AccessTokens } from '../../../src/surface/http/access-tokens.js';
import { ApiServer, type ApiOptions } from '../../../src/surface/http/api-server.js';
import type { ListenOptions } from '../../../src/surface/http/listener.js';
import { ROLES, type Role } from '../../../src/surface/role.js';
import { attemptId } from '../../support/attempt-parts.js';
import { ManualClock } from '../../support/manual-clock.js';
import { FakeOperator } from '../fake-operator.js';

/** An order that changes something. */
export const ABORT = `/api/v1/attempts/${attemptId()}:abort`;
export const tokenOf = (role: Role): string => `${role}-${'0123456789abcdef'.repeat(4)}`;
export const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');
/** One token for each role, named after it. */
export const tokensFileText = (): string =>
  JSON.stringify(ROLES.map((role) => ({ name: `some-${role}`, role, sha256: sha256Hex(tokenOf(role)) })));

/** A served operator, and what its doors were heard to say. */
export interface Served {
  readonly operator: FakeOperator;
  readonly server: ApiServer;
  readonly clock: ManualClock;
  readonly errors: OperatorError[];
}
export async function serve(
  options: { readonly tokens?: boolean; readonly listen?: Partial<ListenOptions> } & Partial<
    Pick<ApiOptions, 'queries'>
  > = {},
): Promise<Served> {
  const operator = new FakeOperator();
  const clock = new ManualClock();
  const errors: OperatorError[] = [];
  const tokens = options.tokens === false ? undefined : AccessTokens.parse(tokensFileText(), 'tokens.json');
  const server = await ApiServer.start({
    queries: operator,
    commands: operator,
    tokens: () => tokens,
    clock,
    listen: { host: '127.0.0.1', port: 0, ...options.listen },
    onError: (error) => {
      errors.push(error);
    },
  });
  return { operator, server, clock, errors };
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}
export interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly role?: Role;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}
/** One request over a real socket; `path` goes out as it is. */
export function ask(server: Pick<ApiServer, 'url'>, a: Ask): Promise<Reply> {
  const { hostname, port } = new URL(server.url);
  const headers = {
    ...(a.role === undefined ? {} : { authorization: `Bearer ${tokenOf(a.role)}` }),
    ...(a.body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(a.body)) }),
    ...a.headers,
  };
  return new Promise((resolve, reject) => {
    const out = request(
      { hostname, port, method: a.method ?? 'GET', path: a.path, headers, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const isJson = (response.headers['content-type'] ?? '').includes('json');
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: isJson && text !== '' ? (JSON.parse(text) as Record<string, unknown>) : {},
          });
        });
      },
    );
    out.on('error', reject);
    out.end(a.body);
  });
}
export const order = (
  server: Pick<ApiServer, 'url'>,
  path: string,
  role: Role | undefined,
  reason = 'because of a test',
): Promise<Reply> =>
  ask(server, { method: 'POST', path, body: JSON.stringify({ reason }), ...(role === undefined ? {} : { role }) });
