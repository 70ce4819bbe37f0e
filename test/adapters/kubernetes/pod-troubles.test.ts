import { expect } from 'chai';
import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { labelSelectorOf } from '../../../src/adapters/kubernetes/label-selector.js';
import { podTroublesOf } from '../../../src/adapters/kubernetes/pod-troubles.js';

const container = (state: V1ContainerStatus['state'], more: Partial<V1ContainerStatus> = {}): V1ContainerStatus => ({
  name: 'app',
  image: 'i',
  imageID: '',
  ready: false,
  restartCount: 0,
  ...(state === undefined ? {} : { state }),
  ...more,
});
const podWith = (name: string, minute: number, status: NonNullable<V1Pod['status']>): V1Pod => ({
  metadata: { name, creationTimestamp: new Date(Date.UTC(2026, 0, 1, 0, minute)) },
  status,
});
const pod = (name: string, minute: number, ...containerStatuses: V1ContainerStatus[]): V1Pod =>
  podWith(name, minute, { containerStatuses });
const running = { running: { startedAt: new Date() } };

describe('what ails pods (podTroublesOf)', () => {
  it('shows why a crash-looping container ended, and how often', () => {
    const crashed = container(
      { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s\n restarting' } },
      { restartCount: 6, lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } },
    );
    expect(podTroublesOf([pod('p', 1, crashed)])).to.deep.equal([
      {
        pod: 'p',
        container: 'app',
        reason: 'CrashLoopBackOff, OOMKilled',
        message: 'back-off 5m0s restarting',
        restarts: 6,
        exitCode: 137,
      },
    ]);
  });
  it('shows an image that cannot be pulled', () => {
    const waiting = container({ waiting: { reason: 'ImagePullBackOff', message: 'manifest unknown' } });
    expect(podTroublesOf([pod('p', 1, waiting)])).to.deep.equal([
      { pod: 'p', container: 'app', reason: 'ImagePullBackOff', message: 'manifest unknown', restarts: 0 },
    ]);
  });
  it('shows a container that ended in error, a failing init container, and one that is never ready', () => {
    const ended = pod('ended', 3, container({ terminated: { exitCode: 1, reason: 'Error', message: 'no database' } }));
    const migrate = container({ terminated: { exitCode: 2, reason: 'Error' } }, { name: 'migrate' });
    const init = podWith('init', 2, {
      initContainerStatuses: [migrate],
      containerStatuses: [container({ waiting: { reason: 'PodInitializing' } })],
    });
    const unready = pod('unready', 1, container(running));
    expect(podTroublesOf([unready, init, ended]).map((t) => [t.pod, t.container, t.reason, t.exitCode])).to.deep.equal([
      ['ended', 'app', 'Error', 1],
      ['init', 'migrate', 'Error', 2],
      ['unready', 'app', 'NotReady', undefined],
    ]);
  });
  it('shows a pod that found no node', () => {
    const condition = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message: '0/3 nodes are available',
    };
    const unscheduled = podWith('p', 1, { phase: 'Pending', conditions: [condition] });
    expect(podTroublesOf([unscheduled])).to.deep.equal([
      { pod: 'p', container: '', reason: 'Unschedulable', message: '0/3 nodes are available', restarts: 0 },
    ]);
  });
  it('says nothing of pods that are ready, are starting, or ended well', () => {
    const recovered = container(running, { ready: true, restartCount: 3, lastState: { terminated: { exitCode: 1 } } });
    const starting = container({ waiting: { reason: 'ContainerCreating' } });
    expect(
      podTroublesOf([
        pod('a', 1, container(running, { ready: true })),
        pod('b', 1, recovered),
        pod('c', 1, starting),
        pod('d', 1, container({ terminated: { exitCode: 0 } })),
      ]),
    ).to.deep.equal([]);
  });
  it('shows the newest pods first and at most 10', () => {
    const pods = Array.from({ length: 30 }, (_, minute) =>
      pod(`p${minute}`, minute, container({ waiting: { reason: 'ErrImagePull' } })),
    );
    expect(podTroublesOf(pods).map((t) => t.pod)).to.deep.equal([
      'p29',
      'p28',
      'p27',
      'p26',
      'p25',
      'p24',
      'p23',
      'p22',
      'p21',
      'p20',
    ]);
  });
});

describe('the pods of a workload (labelSelectorOf)', () => {
  const selector = (of: unknown): string | undefined => labelSelectorOf({ spec: { selector: of } });
  it('writes every kind of requirement', () => {
    const matchExpressions = [
      { key: 'a', operator: 'In', values: ['x', 'y'] },
      { key: 'b', operator: 'NotIn', values: ['z'] },
      { key: 'c', operator: 'Exists' },
      { key: 'd', operator: 'DoesNotExist' },
    ];
    expect(selector({ matchLabels: { app: 'web' }, matchExpressions })).to.equal('app=web,a in (x,y),b notin (z),c,!d');
  });
  it('selects nothing rather than everything', () => {
    expect(selector({})).to.equal(undefined);
    expect(selector(undefined)).to.equal(undefined);
    expect(selector({ matchLabels: { app: 'web' }, matchExpressions: [{ key: 'a', operator: 'Near' }] })).to.equal(
      undefined,
    );
  });
});
