import { expect } from 'chai';
import { workloadStatusOf } from '../../../src/model/workload-status.js';
import type { WorkloadStatus } from '../../../src/model/workload.js';
import { failureOf } from '../../support/failure.js';

type Json = Record<string, unknown>;
const object = (kind: string, spec: Json, status: Json, metadata: Json = {}): Json => ({
  apiVersion: kind === 'Rollout' ? 'argoproj.io/v1alpha1' : 'apps/v1',
  kind,
  metadata: { name: 'web', namespace: 'shop', generation: 8, ...metadata },
  spec,
  status: { observedGeneration: 8, ...status },
});
const numbers = (o: Json): Pick<WorkloadStatus, 'desired' | 'available' | 'updatedAvailable' | 'observed'> => {
  const { desired, available, updatedAvailable, observed } = workloadStatusOf(o);
  return { desired, available, ...(updatedAvailable === undefined ? {} : { updatedAvailable }), observed };
};

describe('what a live object says of its replicas (workloadStatusOf)', () => {
  it('names the object and who tracks it', () => {
    const metadata = { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:shop/web' } };
    expect(
      workloadStatusOf(
        object('Deployment', { replicas: 2 }, { replicas: 2, updatedReplicas: 2, availableReplicas: 2 }, metadata),
      ),
    ).to.deep.equal({
      group: 'apps',
      version: 'v1',
      kind: 'Deployment',
      namespace: 'shop',
      name: 'web',
      desired: 2,
      available: 2,
      updatedAvailable: 2,
      observed: true,
      trackingId: 'shop:apps/Deployment:shop/web',
    });
  });
  it('counts a Deployment whose availableReplicas is left out as having none', () => {
    expect(numbers(object('Deployment', { replicas: 3 }, { replicas: 3, updatedReplicas: 3 }))).to.deep.equal({
      desired: 3,
      available: 0,
      updatedAvailable: 0,
      observed: true,
    });
  });
  it('takes one replica where the spec names none', () => {
    expect(numbers(object('Deployment', {}, {})).desired).to.equal(1);
  });
  it('keeps 0 desired replicas as 0', () => {
    expect(numbers(object('Deployment', { replicas: 0 }, {})).desired).to.equal(0);
  });
  it('does not trust numbers of an older spec, nor of no status at all', () => {
    expect(numbers(object('Deployment', { replicas: 3 }, { observedGeneration: 7 })).observed).to.equal(false);
    expect(numbers(object('Deployment', { replicas: 3 }, { observedGeneration: undefined })).observed).to.equal(false);
    expect(numbers({ ...object('Deployment', { replicas: 3 }, {}), status: undefined }).observed).to.equal(false);
    expect(numbers(object('Deployment', { replicas: 3 }, {}, { generation: undefined })).observed).to.equal(false);
  });
  it('does not say how many new pods are available when one old and one new pod share one available', () => {
    expect(
      numbers(object('Deployment', { replicas: 1 }, { replicas: 2, updatedReplicas: 1, availableReplicas: 1 })),
    ).to.deep.equal({ desired: 1, available: 1, observed: true });
  });
  it('says it where the counts leave no doubt', () => {
    const updated = (replicas: number, updatedReplicas: number, availableReplicas: number): unknown =>
      numbers(object('Deployment', { replicas: 4 }, { replicas, updatedReplicas, availableReplicas })).updatedAvailable;
    expect(updated(5, 0, 4)).to.equal(0);
    expect(updated(5, 2, 0)).to.equal(0);
    expect(updated(5, 2, 5)).to.equal(2);
    expect(updated(5, 2, 3)).to.equal(undefined);
  });
  it('reads a StatefulSet, also one that is updated and one of an old cluster', () => {
    const rolledOut = { currentRevision: 'a', updateRevision: 'a', replicas: 3, availableReplicas: 2 };
    expect(numbers(object('StatefulSet', { replicas: 3 }, rolledOut))).to.deep.equal({
      desired: 3,
      available: 2,
      updatedAvailable: 2,
      observed: true,
    });
    const rolling = {
      currentRevision: 'a',
      updateRevision: 'b',
      replicas: 3,
      updatedReplicas: 1,
      availableReplicas: 2,
    };
    expect(numbers(object('StatefulSet', { replicas: 3 }, rolling)).updatedAvailable).to.equal(undefined);
    expect(numbers(object('StatefulSet', { replicas: 3 }, { replicas: 3, readyReplicas: 3 })).available).to.equal(3);
  });
  it('reads a DaemonSet by the nodes it should be on', () => {
    const status = {
      desiredNumberScheduled: 5,
      currentNumberScheduled: 5,
      updatedNumberScheduled: 5,
      numberAvailable: 4,
    };
    expect(numbers(object('DaemonSet', {}, status))).to.deep.equal({
      desired: 5,
      available: 4,
      updatedAvailable: 4,
      observed: true,
    });
    expect(numbers(object('DaemonSet', {}, { desiredNumberScheduled: 5 })).available).to.equal(0);
  });
  it('reads a ReplicaSet, whose pods are all of one revision', () => {
    expect(numbers(object('ReplicaSet', { replicas: 2 }, { replicas: 2, availableReplicas: 1 }))).to.deep.equal({
      desired: 2,
      available: 1,
      updatedAvailable: 1,
      observed: true,
    });
  });
  it('reads an Argo Rollout, which writes its observed generation as text', () => {
    const status = { observedGeneration: '8', replicas: 2, updatedReplicas: 2, availableReplicas: 1 };
    expect(numbers(object('Rollout', { replicas: 2 }, status))).to.deep.equal({
      desired: 2,
      available: 1,
      updatedAvailable: 1,
      observed: true,
    });
    expect(numbers(object('Rollout', { replicas: 2 }, { ...status, observedGeneration: '7' })).observed).to.equal(
      false,
    );
    expect(numbers(object('Rollout', { replicas: 2 }, { ...status, observedGeneration: '6f4c9d' })).observed).to.equal(
      false,
    );
    expect(numbers(object('Rollout', { replicas: 2 }, { ...status, observedGeneration: '' })).observed).to.equal(false);
  });
  it('refuses what has no replicas, and what has no name', async () => {
    expect(await failureOf(() => workloadStatusOf(object('Service', {}, {})))).to.equal('WORKLOAD_UNREADABLE terminal');
    expect(await failureOf(() => workloadStatusOf({ kind: 'Deployment' }))).to.equal('WORKLOAD_UNREADABLE terminal');
  });
});
