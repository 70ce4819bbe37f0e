import { expect } from 'chai';
import { createKubernetes } from '../../../src/adapters/kubernetes/create-kubernetes.js';
import { SystemClock } from '../../../src/base/clock.js';
import type { WorkloadReference } from '../../../src/model/workload.js';
import { failureOf } from '../../support/failure.js';
import type { Answer } from '../../support/local-http.js';
import { apiStatus, FEW_RETRIES, startKubernetes, type KubernetesFixture } from './kubernetes-fixture.js';

type Json = Record<string, unknown>;
const WEB: WorkloadReference = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  namespace: 'payments',
  name: 'stg-payments-api',
};
const REVISION = 'deployment.kubernetes.io/revision';

/** One replica whose new pod cannot start: the old one still serves. */
const STUCK: Json = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: WEB.name,
    namespace: WEB.namespace,
    uid: 'd-1',
    generation: 8,
    annotations: {
      'argocd.argoproj.io/tracking-id': 'payments-api-staging:apps/Deployment:payments/stg-payments-api',
      [REVISION]: '8',
    },
  },
  spec: {
    replicas: 1,
    selector: {
      matchLabels: { app: 'api' },
      matchExpressions: [{ key: 'tier', operator: 'In', values: ['web', 'api'] }],
    },
  },
  status: {
    observedGeneration: 8,
    replicas: 2,
    updatedReplicas: 1,
    readyReplicas: 1,
    availableReplicas: 1,
    unavailableReplicas: 1,
  },
};
const replicaSet = (name: string, revision: string, availableReplicas: number, owner = 'd-1'): Json => ({
  metadata: {
    name,
    namespace: WEB.namespace,
    generation: 1,
    annotations: { [REVISION]: revision },
    ownerReferences: [{ kind: 'Deployment', uid: owner, controller: true }],
  },
  spec: { replicas: 1 },
  status: { observedGeneration: 1, replicas: 1, ...(availableReplicas === 0 ? {} : { availableReplicas }) },
});
const DEPLOYMENT_PATH = '/apis/apps/v1/namespaces/payments/deployments/stg-payments-api';
const SETS_PATH = '/apis/apps/v1/namespaces/payments/replicasets';

describe('Kubernetes (ClientNodeKubernetes)', () => {
  let fixture: KubernetesFixture;
  beforeEach(async () => {
    fixture = await startKubernetes();
  });
  afterEach(() => fixture.close());

  const serve = (answers: Record<string, Answer>): void => {
    fixture.server.answer = ({ path }) => answers[path] ?? apiStatus(404, 'NotFound', `${path} not found`);
  };
  const status = (): Promise<unknown> => fixture.kubernetes.getDeploymentStatus(WEB, fixture.signal);

  it('shows the new pods of a stuck Deployment apart from the old ones that still serve', async () => {
    serve({
      [DEPLOYMENT_PATH]: { json: STUCK },
      [SETS_PATH]: {
        json: {
          metadata: {},
          items: [replicaSet('foreign', '8', 5, 'd-2'), replicaSet('old', '7', 1), replicaSet('new', '8', 0)],
        },
      },
    });
    expect(await status()).to.deep.equal({
      ...WEB,
      desired: 1,
      available: 1,
      updatedAvailable: 0,
      observed: true,
      trackingId: 'payments-api-staging:apps/Deployment:payments/stg-payments-api',
    });
    const [first, second] = fixture.server.requests;
    expect(first?.headers.authorization).to.equal('Bearer k8s-token');
    expect(second?.query.get('labelSelector')).to.equal('app=api,tier in (web,api)');
  });

  it('leaves the new pods unknown when ReplicaSets may not be listed, or the new one is not there yet', async () => {
    serve({
      [DEPLOYMENT_PATH]: { json: STUCK },
      [SETS_PATH]: apiStatus(403, 'Forbidden', 'replicasets.apps is forbidden'),
    });
    expect(await status()).to.not.have.property('updatedAvailable');
    serve({ [DEPLOYMENT_PATH]: { json: STUCK }, [SETS_PATH]: { json: { items: [replicaSet('old', '7', 1)] } } });
    expect(await status()).to.not.have.property('updatedAvailable');
  });

  it('reads the other workloads, each at its own address', async () => {
    const json = {
      metadata: { name: 'x', namespace: 'shop', generation: 3 },
      spec: { replicas: 2 },
      status: { observedGeneration: '3', replicas: 2, updatedReplicas: 2, availableReplicas: 1 },
    };
    serve({ '/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/x': { json } });
    const rollout: WorkloadReference = {
      group: 'argoproj.io',
      version: 'v1alpha1',
      kind: 'Rollout',
      namespace: 'shop',
      name: 'x',
    };
    expect(await fixture.kubernetes.getDeploymentStatus(rollout, fixture.signal)).to.deep.equal({
      ...rollout,
      desired: 2,
      available: 1,
      updatedAvailable: 1,
      observed: true,
    });
    for (const [kind, plural] of [
      ['StatefulSet', 'statefulsets'],
      ['DaemonSet', 'daemonsets'],
      ['ReplicaSet', 'replicasets'],
    ] as const) {
      serve({ [`/apis/apps/v1/namespaces/payments/${plural}/x`]: { json: { ...json, kind } } });
      const answer = await fixture.kubernetes.getDeploymentStatus({ ...WEB, kind, name: 'x' }, fixture.signal);
      expect(answer.kind).to.equal(kind);
    }
  });

  it('does not ask about what is no workload', async () => {
    expect(
      await failureOf(fixture.kubernetes.getDeploymentStatus({ ...WEB, group: '', kind: 'Service' }, fixture.signal)),
    ).to.equal('WORKLOAD_UNREADABLE terminal');
    expect(fixture.server.calls).to.deep.equal([]);
  });

  it('an object that is not there is terminal, a refusal is denied', async () => {
    serve({});
    expect(await failureOf(status())).to.equal('KUBERNETES_NOT_FOUND terminal');
    serve({ [DEPLOYMENT_PATH]: apiStatus(403, 'Forbidden', 'deployments.apps is forbidden') });
    expect(await failureOf(status())).to.equal('KUBERNETES_DENIED denied');
    serve({ [DEPLOYMENT_PATH]: apiStatus(401, 'Unauthorized', 'Unauthorized') });
    expect(await failureOf(status())).to.equal('KUBERNETES_UNAUTHENTICATED denied');
  });

  it('shows what the API server said', async () => {
    serve({ [DEPLOYMENT_PATH]: apiStatus(403, 'Forbidden', 'User "ai-operator" cannot get deployments.apps') });
    const message = await status().catch((error: unknown) => String(error));
    expect(message)
      .to.include('GET deployments payments/stg-payments-api')
      .and.include('User "ai-operator" cannot get deployments.apps')
      .and.not.include('k8s-token');
  });

  it('asks again after a server error and after silence, then calls it transient', async () => {
    const impatient = await startKubernetes(100);
    const { server, kubernetes, signal } = impatient;
    server.answer = () =>
      server.requests.length === 1 ? apiStatus(500, 'InternalError', 'etcd leader changed') : 'hang';
    expect(await failureOf(kubernetes.getDeploymentStatus(WEB, signal))).to.equal('KUBERNETES_UNREACHABLE transient');
    expect(server.requests).to.have.length(3);
    await impatient.close();
  });

  it('a page of HTML is not Kubernetes', async () => {
    serve({ [DEPLOYMENT_PATH]: { text: '<html></html>', type: 'text/html' } });
    expect(await failureOf(status())).to.equal('KUBERNETES_NOT_JSON config');
  });

  it('JSON that breaks off is transient', async () => {
    serve({ [DEPLOYMENT_PATH]: { text: '{"kind":"Depl', type: 'application/json' } });
    expect(await failureOf(status())).to.equal('KUBERNETES_MALFORMED transient');
  });

  it('a call that was aborted is cancelled', async () => {
    fixture.server.answer = () => 'hang';
    const abort = new AbortController();
    const failed = failureOf(fixture.kubernetes.version(abort.signal));
    setTimeout(() => {
      abort.abort();
    }, 20);
    expect(await failed).to.equal('CANCELLED cancelled');
  });

  it('a server that is not there is transient', async () => {
    const gone = await startKubernetes();
    await gone.close();
    expect(await failureOf(gone.kubernetes.version(gone.signal))).to.equal('KUBERNETES_UNREACHABLE transient');
  });

  it('says the version of the cluster', async () => {
    serve({
      '/version': {
        json: {
          major: '1',
          minor: '33',
          gitVersion: 'v1.33.2',
          gitCommit: '',
          gitTreeState: '',
          buildDate: '',
          goVersion: '',
          compiler: '',
          platform: '',
        },
      },
    });
    expect(await fixture.kubernetes.version(fixture.signal)).to.equal('v1.33.2');
  });

  it('finds pods by the selector of their workload and refuses one that would select all', async () => {
    serve({
      [DEPLOYMENT_PATH]: { json: STUCK },
      '/api/v1/namespaces/payments/pods': {
        json: {
          items: [
            {
              metadata: { name: 'p', creationTimestamp: '2026-01-01T00:00:00Z' },
              status: { phase: 'Failed', reason: 'Evicted', message: 'low on memory' },
            },
          ],
        },
      },
    });
    expect(await fixture.kubernetes.listPods(WEB, fixture.signal)).to.deep.equal([
      { pod: 'p', container: '', reason: 'Evicted', message: 'low on memory', restarts: 0 },
    ]);
    expect(fixture.server.requests.at(-1)?.query.get('labelSelector')).to.equal('app=api,tier in (web,api)');
    serve({ [DEPLOYMENT_PATH]: { json: { ...STUCK, spec: { replicas: 1 } } } });
    expect(await failureOf(fixture.kubernetes.listPods(WEB, fixture.signal))).to.equal(
      'KUBERNETES_NO_SELECTOR terminal',
    );
  });

  it('says what is wrong with a configuration before any call', async () => {
    const open = (access: Parameters<typeof createKubernetes>[0]['access']): Promise<string> =>
      failureOf(createKubernetes({ access, timeoutMs: 100 }, new SystemClock(), FEW_RETRIES));
    expect(await open({ kind: 'kubeconfig', file: `${fixture.kubeconfig}.missing` })).to.equal(
      'KUBERNETES_CONFIG config',
    );
    expect(await open({ kind: 'kubeconfig', file: fixture.kubeconfig, context: 'elsewhere' })).to.equal(
      'KUBERNETES_CONFIG config',
    );
    expect(await open({ kind: 'kubeconfig', file: fixture.kubeconfig, context: 'broken' })).to.equal(
      'KUBERNETES_CONFIG config',
    );
    expect(await open({ kind: 'in-cluster' })).to.equal('KUBERNETES_CONFIG config');
  });
});
