import { expect } from 'chai';
import type { JsonObject } from '../../../src/sandbox/json-path.js';
import { objectHealth } from '../../../src/sandbox/workloads/workload-health.js';
import { WorkloadRollout } from '../../../src/sandbox/workloads/workload-rollout.js';
import { workloadStatus } from '../../../src/sandbox/workloads/workload-status.js';

const START = Date.UTC(2026, 0, 1);

function manifest(kind: string, image: string, spec: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'web' },
    spec: {
      replicas: 4,
      ...spec,
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }] } },
    },
  };
}

/** A rollout that has settled on a good version. */
function settled(kind: string, spec: JsonObject, speed = 1): WorkloadRollout {
  const rollout = new WorkloadRollout({
    podStartMs: 10_000 / speed,
    observeMs: 100 / speed,
    speed,
    failureOf: (template) => (JSON.stringify(template).includes('bad') ? 'CrashLoopBackOff' : undefined),
  });
  rollout.apply(manifest(kind, 'good', spec), START);
  rollout.advance(START + 100_000);
  return rollout;
}

const liveOf = (rollout: WorkloadRollout): JsonObject => ({
  ...rollout.manifest,
  metadata: { name: 'web', generation: rollout.generation },
  status: workloadStatus(rollout),
});
const available = (rollout: WorkloadRollout): unknown => workloadStatus(rollout)['availableReplicas'] ?? 0;

describe('WorkloadRollout', () => {
  const table: readonly (readonly [string, number, JsonObject, number])[] = [
    ['1 replica', 1, {}, 1],
    ['2 replicas', 2, {}, 2],
    ['3 replicas', 3, {}, 3],
    ['4 replicas', 4, {}, 3],
    ['5 replicas', 5, {}, 4],
    ['7 replicas', 7, {}, 6],
    ['8 replicas', 8, {}, 6],
    ['strategy Recreate', 4, { strategy: { type: 'Recreate' } }, 0],
    ['maxUnavailable 0', 4, { strategy: { rollingUpdate: { maxUnavailable: 0 } } }, 4],
    [
      'maxUnavailable and maxSurge both rounded to nothing',
      3,
      { strategy: { rollingUpdate: { maxUnavailable: '10%', maxSurge: 0 } } },
      2,
    ],
  ];
  for (const [name, replicas, spec, left] of table) {
    it(`leaves ${left} pods available after a bad image with ${name}`, () => {
      const rollout = settled('Deployment', { ...spec, replicas });
      expect(available(rollout)).to.equal(replicas);
      rollout.apply(manifest('Deployment', 'bad', { ...spec, replicas }), START + 200_000);
      rollout.advance(START + 900_000);
      expect(available(rollout)).to.equal(left);
      expect(objectHealth(liveOf(rollout))?.status).to.equal('Degraded');
    });
  }

  it('rolls a good version out to the end and calls it complete', () => {
    const rollout = settled('Deployment', {});
    rollout.apply(manifest('Deployment', 'better'), START + 200_000);
    rollout.advance(START + 205_000);
    expect(objectHealth(liveOf(rollout))?.status).to.equal('Progressing');
    rollout.advance(START + 300_000);
    expect(workloadStatus(rollout)).to.deep.include({
      observedGeneration: 2,
      replicas: 4,
      updatedReplicas: 4,
      readyReplicas: 4,
      availableReplicas: 4,
    });
    expect(rollout.progress?.reason).to.equal('NewReplicaSetAvailable');
    expect(objectHealth(liveOf(rollout))).to.deep.equal({ status: 'Healthy' });
  });

  it('is Progressing until progressDeadlineSeconds after the last progress, then Degraded', () => {
    const rollout = settled('Deployment', { progressDeadlineSeconds: 60 });
    rollout.apply(manifest('Deployment', 'bad', { progressDeadlineSeconds: 60 }), START + 200_000);
    rollout.advance(START + 200_100 + 59_999);
    expect(objectHealth(liveOf(rollout))?.status).to.equal('Progressing');
    rollout.advance(START + 200_100 + 60_000);
    expect(objectHealth(liveOf(rollout))?.status).to.equal('Degraded');
  });

  it('divides the deadline that the manifest names by the speed', () => {
    const rollout = settled('Deployment', { progressDeadlineSeconds: 60 }, 20);
    rollout.apply(manifest('Deployment', 'bad', { progressDeadlineSeconds: 60 }), START + 200_000);
    rollout.advance(START + 203_004);
    expect(rollout.progress?.reason).to.equal('ReplicaSetUpdated');
    rollout.advance(START + 203_006);
    expect(rollout.progress?.reason).to.equal('ProgressDeadlineExceeded');
  });

  it('leaves out numbers that are 0, as Kubernetes does', () => {
    const rollout = settled('Deployment', { strategy: { type: 'Recreate' } });
    rollout.apply(manifest('Deployment', 'bad', { strategy: { type: 'Recreate' } }), START + 200_000);
    rollout.advance(START + 900_000);
    expect(workloadStatus(rollout)).to.not.have.any.keys('availableReplicas', 'readyReplicas');
    expect(workloadStatus(rollout)).to.include({ unavailableReplicas: 4, updatedReplicas: 4 });
  });

  it('finds the old ReplicaSet again on the way back and is healthy soon', () => {
    const rollout = settled('Deployment', {});
    const good = rollout.current?.hash;
    rollout.apply(manifest('Deployment', 'bad'), START + 200_000);
    rollout.advance(START + 900_000);
    rollout.apply(manifest('Deployment', 'good'), START + 900_000);
    expect(rollout.generation).to.equal(3);
    rollout.advance(START + 900_150);
    expect(rollout.current?.hash).to.equal(good);
    rollout.advance(START + 920_000);
    expect(objectHealth(liveOf(rollout))?.status).to.equal('Healthy');
    expect(rollout.replicaSets).to.have.length(2);
  });

  it('does not look at a new spec at once: observedGeneration stays behind', () => {
    const rollout = settled('Deployment', {});
    rollout.apply(manifest('Deployment', 'better'), START + 200_000);
    rollout.advance(START + 200_050);
    expect(workloadStatus(rollout)['observedGeneration']).to.equal(1);
    expect(objectHealth(liveOf(rollout))?.message).to.contain('observed deployment generation less');
  });

  for (const kind of ['StatefulSet', 'DaemonSet']) {
    it(`never calls a ${kind} Degraded, however long it is stuck`, () => {
      const rollout = settled(kind, { replicas: 3 });
      expect(objectHealth(liveOf(rollout))?.status).to.equal('Healthy');
      rollout.apply(manifest(kind, 'bad', { replicas: 3 }), START + 200_000);
      rollout.advance(START + 9_000_000);
      expect(objectHealth(liveOf(rollout))?.status).to.equal('Progressing');
      expect(rollout.counts()).to.include({ total: 3, available: 2 });
    });
  }
});
