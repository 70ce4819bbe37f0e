import { expect } from 'chai';
import { OperatorError } from '../../src/base/errors.js';
import { WorkloadReader } from '../../src/governance/workload-reader.js';
import { isInCluster, type ApplicationSnapshot, type ResourceStatus } from '../../src/model/application.js';
import type { WorkloadStatus } from '../../src/model/workload.js';
import { failureOf } from '../support/failure.js';
import { ManualClock } from '../support/manual-clock.js';
import { degradedApplication, DEPLOYMENT, NOW, replicas } from '../support/merge-evidence.js';

const clock = new ManualClock(NOW);
const { signal } = new AbortController();
const TRACKING_ID = 'shop:apps/Deployment:shop/shop';
const LIVE = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'shop', namespace: 'shop', generation: 2 },
  spec: { replicas: 3 },
  status: { availableReplicas: 2, replicas: 3, updatedReplicas: 1, observedGeneration: 2 },
};
type Read = () => Promise<WorkloadStatus>;
const error = (category: 'terminal' | 'denied' | 'cancelled'): Promise<never> =>
  Promise.reject(new OperatorError('KUBERNETES_NO', category, 'no'));
const reader = (
  kubernetes: Read | undefined,
  argocd: () => Promise<Readonly<Record<string, unknown>>> = () => Promise.resolve(LIVE),
): WorkloadReader =>
  new WorkloadReader(clock, { getLiveResource: argocd }, kubernetes && { getDeploymentStatus: kubernetes });
const available = async (
  r: WorkloadReader,
  app: ApplicationSnapshot = degradedApplication(),
): Promise<readonly (number | string)[]> =>
  (await r.ailing(app, signal)).map(({ status }) => (status.kind === 'known' ? status.value.available : status.why));
const byKubernetes: Read = () => Promise.resolve(replicas({ available: 1, trackingId: TRACKING_ID }));

describe('the replicas of a workload', () => {
  it('are read through Kubernetes in the own cluster', async () => {
    expect(await available(reader(byKubernetes))).to.deep.equal([1]);
  });
  it('are read through Argo CD when the application is deployed elsewhere, where the own cluster would show another', async () => {
    expect(
      await available(
        reader(byKubernetes),
        degradedApplication({ destination: { server: 'https://remote', namespace: 'shop' } }),
      ),
    ).to.deep.equal([2]);
  });
  it('are read through Argo CD when Kubernetes is not configured, or refuses', async () => {
    expect(await available(reader(undefined))).to.deep.equal([2]);
    expect(await available(reader(() => error('denied')))).to.deep.equal([2]);
  });
  it('are not taken from an object that another application tracks, or nobody', async () => {
    expect(
      await available(reader(() => Promise.resolve(replicas({ trackingId: 'cart:apps/Deployment:shop/shop' })))),
    ).to.deep.equal([2]);
    expect(await available(reader(() => Promise.resolve(replicas())))).to.deep.equal([2]);
  });
  it('are those of an application outside the namespace of Argo CD by the tracking id it has there', async () => {
    const app = degradedApplication({ application: 'teams/shop', controllerNamespace: 'argocd' });
    expect(
      await available(
        reader(() => Promise.resolve(replicas({ available: 0, trackingId: `teams_${TRACKING_ID}` }))),
        app,
      ),
    ).to.deep.equal([0]);
    expect(await available(reader(byKubernetes), app)).to.deep.equal([2]);
  });
  it('are unknown when neither can be read', async () => {
    expect(
      await available(
        reader(
          () => error('denied'),
          () => error('terminal'),
        ),
      ),
    ).to.deep.equal(['KUBERNETES_NO: no']);
  });
  it('are not made up when the reading is cancelled', async () => {
    expect(await failureOf(available(reader(() => error('cancelled'))))).to.equal('KUBERNETES_NO cancelled');
  });
  it('are read of unhealthy workloads only, or of all of them: never of hooks and other kinds', async () => {
    const resources: readonly ResourceStatus[] = [
      { ...DEPLOYMENT, name: 'degraded' },
      { ...DEPLOYMENT, name: 'healthy', health: 'Healthy' },
      { ...DEPLOYMENT, name: 'hook', hook: true },
      { ...DEPLOYMENT, kind: 'Job', name: 'job' },
    ];
    const app = degradedApplication({ resources });
    const names = (list: readonly { readonly name: string }[]): readonly string[] => list.map((w) => w.name);
    expect(names(await reader(byKubernetes).ailing(app, signal))).to.deep.equal(['degraded']);
    expect(names(await reader(byKubernetes).all(app, signal))).to.deep.equal(['degraded', 'healthy']);
  });
});

describe('an application is deployed to the own cluster', () => {
  it('when its destination says so by address or by name, and not when it says nothing', () => {
    const own = (destination: ApplicationSnapshot['destination']): boolean => isInCluster({ destination });
    expect([own({ server: 'https://kubernetes.default.svc' }), own({ name: 'in-cluster' })]).to.deep.equal([
      true,
      true,
    ]);
    expect([own({}), own({ server: 'https://remote', name: 'in-cluster' }), own({ name: 'remote' })]).to.deep.equal([
      false,
      false,
      false,
    ]);
  });
});
