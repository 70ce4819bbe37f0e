import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ClientNodeKubernetes } from '../../../src/adapters/kubernetes/client-node-kubernetes.js';
import { createKubernetes } from '../../../src/adapters/kubernetes/create-kubernetes.js';
import { SystemClock } from '../../../src/base/clock.js';
import { LocalHttp, type Answer } from '../../support/local-http.js';

export const FEW_RETRIES = { count: 2, backoffMs: [1] };

/** The adapter on a local API server, through a kubeconfig file as people have one. */
export interface KubernetesFixture {
  readonly server: LocalHttp;
  readonly kubernetes: ClientNodeKubernetes;
  readonly signal: AbortSignal;
  readonly kubeconfig: string;
  close(): Promise<void>;
}
export async function startKubernetes(timeoutMs = 10_000): Promise<KubernetesFixture> {
  const server = await LocalHttp.start();
  const folder = await mkdtemp(path.join(tmpdir(), 'kubeconfig-'));
  const kubeconfig = path.join(folder, 'config.yaml');
  // The client library refuses http:// unless certificates are not to be verified.
  await writeFile(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'local', cluster: { server: server.url, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'operator', user: { token: 'k8s-token' } }],
      contexts: [
        { name: 'here', context: { cluster: 'local', user: 'operator' } },
        { name: 'broken', context: { cluster: 'nowhere', user: 'operator' } },
      ],
      'current-context': 'here',
    }),
  );
  const kubernetes = await createKubernetes(
    { access: { kind: 'kubeconfig', file: kubeconfig }, timeoutMs },
    new SystemClock(),
    FEW_RETRIES,
  );
  return {
    server,
    kubernetes,
    kubeconfig,
    signal: new AbortController().signal,
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** A refusal as the API server writes it. */
export const apiStatus = (code: number, reason: string, message: string): Answer => ({
  status: code,
  json: { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code },
});
