import { readFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import { ArgoCdHttpApi } from '../../../src/adapters/argocd/argocd-http-api.js';
import type { ArgoCdSettings } from '../../../src/adapters/argocd/argocd-client.js';
import { SystemClock } from '../../../src/base/clock.js';
import { Secret } from '../../../src/base/secret.js';
import { LocalHttp, type Answer } from '../../support/local-http.js';

/** An Argo CD adapter on a local server, and a signal that is never aborted. */
export interface ArgoCdFixture {
  readonly server: LocalHttp;
  readonly argocd: ArgoCdHttpApi;
  readonly signal: AbortSignal;
  close(): Promise<void>;
}
export async function startArgoCd(settings: Partial<ArgoCdSettings> = {}): Promise<ArgoCdFixture> {
  const server = await LocalHttp.start();
  const argocd = new ArgoCdHttpApi(
    { url: server.url, token: () => new Secret('t.o.k'), timeoutMs: 10_000, ...settings },
    new SystemClock(),
    { count: 2, backoffMs: [1] },
  );
  return {
    server,
    argocd,
    signal: new AbortController().signal,
    close: async () => {
      await argocd.close();
      await server.close();
    },
  };
}

/** An error as Argo CD's gateway writes it. */
export const gatewayError = (status: number, code: number, message: string): Answer => ({
  status,
  json: { error: message, code, message },
});

type Json = Record<string, unknown>;
/** One of the shared sample applications, or undefined (said aloud) when the folder is not there. */
export function sampleApplication(kind: 'kustomize' | 'multisource' | 'hydrator'): Json | undefined {
  const file = path.resolve(`../shared/data/argocd-application-${kind}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Json;
  console.warn(`SKIPPED: ${file} is not there`);
  return undefined;
}
/** A small application of our own, `fields` laid over its status. */
export function application(status: Json = {}, spec: Json = {}, metadata: Json = {}): Json {
  return {
    metadata: { name: 'shop', namespace: 'argocd', ...metadata },
    spec: {
      project: 'staging',
      destination: { server: 'https://kubernetes.default.svc', namespace: 'shop' },
      source: { repoURL: 'https://git.example/gitops.git', path: 'shop', targetRevision: 'main' },
      ...spec,
    },
    status: { health: { status: 'Healthy' }, sync: { status: 'Synced', revision: 'a'.repeat(40) }, ...status },
  };
}
