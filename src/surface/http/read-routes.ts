import { applicationKey } from '../../model/application.js';
import { utc } from '../../base/time-words.js';
import type { DependencyState, Readiness } from '../operator-queries.js';
import { jsonAnswer, textAnswer, type Answer } from './answer.js';
import { problem } from './problem.js';
import type { Call, Route } from './route.js';

const items = (list: readonly unknown[]): Answer => jsonAnswer(200, { version: 1, items: list });

/** `[+]argocd ok`, as Kubernetes' own probes say it. */
function dependencyLine(d: DependencyState): string {
  const last = d.lastSuccessAt === undefined ? '' : `, last success ${utc(d.lastSuccessAt)}`;
  const optional = d.required ? '' : ' (not required)';
  return d.ok ? `[+]${d.name} ok${optional}` : `[-]${d.name} failed${optional}: ${d.detail}${last}`;
}
function readinessText({ ready, dependencies }: Readiness): string {
  return [...dependencies.map(dependencyLine), ready ? 'ready' : 'not ready', ''].join('\n');
}

/** Everything that can be asked. */
export const READ_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/readyz',
    role: 'anyone',
    handle: ({ queries }) => {
      const { ready } = queries.readiness();
      return Promise.resolve(textAnswer(ready ? 200 : 503, ready ? 'ok\n' : 'not ready; see /readyz?verbose\n'));
    },
  },
  {
    method: 'GET',
    path: '/api/v1/summary',
    role: 'viewer',
    handle: async ({ queries }) => jsonAnswer(200, await queries.summary()),
  },
  {
    method: 'GET',
    path: '/api/v1/apps',
    role: 'viewer',
    handle: async ({ queries }) => items(await queries.applications()),
  },
  {
    method: 'GET',
    path: '/api/v1/apps/{namespace}/{name}',
    role: 'viewer',
    handle: async ({ queries }, { parameters }) => {
      const key = keyOf(parameters);
      const found = await queries.explain(key);
      return found === undefined
        ? problem('not-found', `No application ${key} was ever listed by Argo CD.`)
        : jsonAnswer(200, found);
    },
  },
  {
    method: 'GET',
    path: '/api/v1/attempts',
    role: 'viewer',
    handle: async ({ queries }) => items(await queries.attempts()),
  },
  {
    method: 'GET',
    path: '/api/v1/attempts/{id}',
    role: 'viewer',
    handle: async ({ queries }, { parameters }) => {
      const id = parameters['id'] ?? '';
      const found = await queries.attempt(id);
      return found === undefined
        ? problem('not-found', `No attempt ${id}; ended attempts are kept 7 days.`)
        : jsonAnswer(200, found);
    },
  },
  {
    method: 'GET',
    path: '/api/v1/quarantine',
    role: 'viewer',
    handle: async ({ queries }) => items(await queries.quarantine()),
  },
  {
    method: 'GET',
    path: '/api/v1/config',
    role: 'viewer',
    handle: ({ queries }) =>
      Promise.resolve({ status: 200, contentType: 'application/yaml; charset=utf-8', body: queries.config() }),
  },
];

/** `/readyz?verbose` names dependencies and faults: for those who may read. */
export const VERBOSE_READINESS: Route = {
  method: 'GET',
  path: '/readyz',
  role: 'viewer',
  handle: ({ queries }) => {
    const readiness = queries.readiness();
    return Promise.resolve(textAnswer(readiness.ready ? 200 : 503, readinessText(readiness)));
  },
};

/** The application that an address names. */
export const keyOf = (parameters: Call['parameters']): `${string}/${string}` =>
  applicationKey(parameters['namespace'] ?? '', parameters['name'] ?? '');
