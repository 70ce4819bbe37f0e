import type { KubeConfig } from '@kubernetes/client-node';
import type { Clock } from '../../base/clock.js';
import { OperatorError } from '../../base/errors.js';
import type { RetryPolicy } from '../../base/retry.js';
import { ClientNodeKubernetes } from './client-node-kubernetes.js';
import { KubernetesCalls, type KubernetesClients } from './kubernetes-calls.js';

/** How the cluster the operator runs in is reached. */
export interface KubernetesSettings {
  /** `in-cluster` = the pod's service account; else a kubeconfig file, whose current context can be overruled. */
  readonly access:
    | { readonly kind: 'in-cluster' }
    | { readonly kind: 'kubeconfig'; readonly file: string; readonly context?: string };
  /** Deadline of one call, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Loads the client library (some 70 MB: only when Kubernetes is asked for) and makes the adapter. No call is made yet.
 * Throws `KUBERNETES_CONFIG` (config) when there is no usable configuration.
 */
export async function createKubernetes(
  settings: KubernetesSettings,
  clock: Clock,
  retryPolicy: RetryPolicy,
): Promise<ClientNodeKubernetes> {
  const library = await import('@kubernetes/client-node');
  const config = new library.KubeConfig();
  load(config, settings.access);
  const until: KubernetesClients['until'] = (signal) => ({
    middleware: [
      {
        pre: (context) => {
          context.setSignal(signal);
          return new library.Observable(Promise.resolve(context));
        },
        post: (context) => new library.Observable(Promise.resolve(context)),
      },
    ],
    middlewareMergeStrategy: 'append',
  });
  const clients: KubernetesClients = {
    objects: config.makeApiClient(library.CustomObjectsApi),
    core: config.makeApiClient(library.CoreV1Api),
    version: config.makeApiClient(library.VersionApi),
    until,
  };
  return new ClientNodeKubernetes(new KubernetesCalls(clients, settings.timeoutMs, clock, retryPolicy));
}

function load(config: KubeConfig, access: KubernetesSettings['access']): void {
  const refuse = (why: string, cause?: unknown): OperatorError =>
    new OperatorError('KUBERNETES_CONFIG', 'config', `kubernetes: ${why}`, cause === undefined ? {} : { cause });
  if (access.kind === 'in-cluster') {
    if (!process.env['KUBERNETES_SERVICE_HOST']) {
      throw refuse('not running in a cluster (no KUBERNETES_SERVICE_HOST); give a kubeconfig file');
    }
    config.loadFromCluster();
    return;
  }
  try {
    config.loadFromFile(access.file);
  } catch (error) {
    throw refuse(`kubeconfig ${access.file} cannot be read: ${String(error)}`, error);
  }
  const context = access.context ?? config.getCurrentContext();
  if (!config.getContextObject(context)) {
    throw refuse(`kubeconfig ${access.file} has no context ${context || '(none is current)'}`);
  }
  config.setCurrentContext(context);
  if (!config.getCurrentCluster()) throw refuse(`context ${context} of ${access.file} names no cluster`);
}
