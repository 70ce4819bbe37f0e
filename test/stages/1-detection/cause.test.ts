import { expect } from 'chai';
import type { ResourceStatus } from '../../../src/model/application.js';
import { causeOf } from '../../../src/stages/1-detection/cause.js';
import { degradedApplication, DEPLOYMENT } from '../../support/merge-evidence.js';

const of = (...resources: Partial<ResourceStatus>[]): string =>
  causeOf(degradedApplication({ resources: resources.map((r) => ({ ...DEPLOYMENT, ...r })) }));

describe('the cause of a degradation', () => {
  it('is a workload when one of the five kinds with replicas is Degraded, whatever else is', () => {
    for (const kind of ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Rollout'])
      expect(of({ kind: 'CronJob' }, { kind: 'Application' }, { kind }), kind).to.equal('workload');
  });
  it('is no workload when only others are Degraded', () => {
    for (const kind of ['HorizontalPodAutoscaler', 'PersistentVolumeClaim', 'CronJob', 'ExternalSecret', 'Job', 'Pod'])
      expect(of({ kind }), kind).to.equal('not-a-workload');
  });
  it('is a child application when nothing but child applications is Degraded', () => {
    expect(of({ kind: 'Application' }, { kind: 'Application' }, { health: 'Healthy' })).to.equal('child-application');
    expect(of({ kind: 'Application' }, { kind: 'CronJob' })).to.equal('not-a-workload');
  });
  it('is not known when Argo CD calls nothing Degraded', () => {
    expect(of()).to.equal('unknown');
    expect(of({ health: 'Progressing' }, { health: 'Missing' })).to.equal('unknown');
    const { health: _health, ...silent } = DEPLOYMENT;
    expect(causeOf(degradedApplication({ resources: [silent] }))).to.equal('unknown');
  });
  it('is never a hook', () => {
    expect(of({ hook: true })).to.equal('unknown');
    expect(of({ hook: true }, { kind: 'Application' })).to.equal('child-application');
  });
});
