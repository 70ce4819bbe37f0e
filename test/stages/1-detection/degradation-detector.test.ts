import { expect } from 'chai';
import { OperatorError, type ErrorCategory } from '../../../src/base/errors.js';
import type { ApplicationSnapshot } from '../../../src/model/application.js';
import type { HealthFinding } from '../../../src/model/health-finding.js';
import { DegradationDetector } from '../../../src/stages/1-detection/degradation-detector.js';
import { StalledProgress } from '../../../src/stages/1-detection/stalled-progress.js';
import { BAD, SHOP, T0 } from '../../support/attempt-parts.js';
import { failureOf } from '../../support/failure.js';
import { FakeArgoCd } from '../../support/fakes/fake-argocd.js';
import { FakeKubernetes } from '../../support/fakes/fake-outside.js';
import { ManualClock } from '../../support/manual-clock.js';
import { deploymentOf, SHOP_SETTINGS, snapshotOf } from '../../support/snapshots.js';

const MINUTE = 60_000;

describe('DegradationDetector', () => {
  let argocd: FakeArgoCd;
  let kubernetes: FakeKubernetes;
  let stalledMs: number | undefined;
  let detector: DegradationDetector;
  beforeEach(() => {
    argocd = new FakeArgoCd();
    kubernetes = new FakeKubernetes();
    stalledMs = undefined;
    const clock = new ManualClock(T0);
    detector = new DegradationDetector(clock, argocd, new StalledProgress(kubernetes, () => stalledMs));
  });
  const check = (snapshot?: ApplicationSnapshot): Promise<HealthFinding> => {
    if (snapshot !== undefined) argocd.set(snapshot);
    return detector.check({ application: SHOP, project: 'staging' }, 10_000, new AbortController().signal);
  };
  const refusing = (category: ErrorCategory, code = 'ARGOCD_SAID'): void => {
    argocd.hooks.before = () => {
      throw new OperatorError(code, category, 'no answer');
    };
  };

  it('a check is one live look: health, what runs, since when, and what ails', async () => {
    const snapshot = snapshotOf();
    expect(await check(snapshot)).to.deep.equal({
      application: SHOP,
      check: { at: T0, intervalMs: 10_000, health: 'Degraded', running: { revisions: [BAD], settings: SHOP_SETTINGS } },
      snapshot,
      onset: T0,
      cause: 'workload',
    });
    expect(argocd.hooks.calls).to.deep.equal([`getApplicationHealth ${SHOP}`]);
  });
  it('what runs is what was last synced, not what was last compared', async () => {
    const found = await check(snapshotOf({ syncRevisions: ['0'.repeat(40)] }));
    expect(found.check.running?.revisions).to.deep.equal([BAD]);
  });
  it('an application that never was synced has no known version', async () => {
    const { deployed: _deployed, ...never } = snapshotOf();
    expect((await check(never)).check).not.to.have.property('running');
  });
  const STALE: readonly (readonly [string, Partial<ApplicationSnapshot>])[] = [
    ['not reconciled for 420 s', { reconciledAt: T0 - 420_001 }],
    ['skip-reconcile', { annotations: { 'argocd.argoproj.io/skip-reconcile': 'true' } }],
    ['ComparisonError', { conditions: [{ type: 'ComparisonError', message: 'no' }] }],
    ['InvalidSpecError', { conditions: [{ type: 'InvalidSpecError', message: 'no' }] }],
    ['UnknownError', { conditions: [{ type: 'UnknownError', message: 'no' }] }],
    ['being deleted', { deleting: true }],
  ];
  for (const [why, more] of STALE) {
    it(`a stale word is Unknown, not Degraded: ${why}`, async () => {
      const found = await check(snapshotOf(more));
      expect(found.check).to.include({ health: 'Unknown' }).and.to.have.property('unknownBecause');
    });
  }
  it('a word just young enough is believed', async () => {
    expect((await check(snapshotOf({ reconciledAt: T0 - 420_000 }))).check.health).to.equal('Degraded');
  });
  for (const category of ['transient', 'denied', 'terminal', 'config', 'unknown'] as const) {
    it(`an answer that could not be had (${category}) is Unknown, and no error`, async () => {
      refusing(category);
      expect(await check()).to.deep.equal({
        application: SHOP,
        check: { at: T0, intervalMs: 10_000, health: 'Unknown', unknownBecause: 'no answer' },
        cause: 'unknown',
      });
    });
  }
  it("only Argo CD's own word makes an application gone", async () => {
    expect((await check()).check).to.include({ health: 'Unknown', gone: true });
    refusing('denied');
    expect((await check()).check).not.to.have.property('gone');
  });
  it('a cancellation and a bug are thrown', async () => {
    refusing('cancelled');
    expect(await failureOf(check())).to.equal('ARGOCD_SAID cancelled');
    refusing('bug');
    expect(await failureOf(check())).to.equal('ARGOCD_SAID bug');
  });
  it('one list is one call', async () => {
    argocd.set(snapshotOf(), snapshotOf({ application: 'argocd/cart' }));
    const entries = await detector.listFleet(new AbortController().signal);
    expect([entries.map((e) => e.application), argocd.hooks.calls]).to.deep.equal([
      [SHOP, 'argocd/cart'],
      ['listFleet'],
    ]);
  });

  describe('with detection.stalledProgress', () => {
    const PROGRESSING = snapshotOf({
      health: 'Progressing',
      healthChangedAt: T0 - 4 * MINUTE,
      resources: [deploymentOf(SHOP, 'Progressing')],
    });
    const trouble = (reason: string) => ({ pod: 'shop-1', container: 'app', reason, message: '', restarts: 3 });
    beforeEach(() => {
      stalledMs = 3 * MINUTE;
      kubernetes.pods = [trouble('CrashLoopBackOff')];
    });
    it('an application that has been Progressing for longer with failing pods counts as degraded', async () => {
      const { check: seen, cause } = await check(PROGRESSING);
      expect([seen.health, seen.stalled, cause]).to.deep.equal([
        'Degraded',
        'Progressing for 240 s, pod shop-1: CrashLoopBackOff',
        'workload',
      ]);
    });
    it('not before its time, not with other troubles, not when it is off', async () => {
      expect((await check({ ...PROGRESSING, healthChangedAt: T0 - 3 * MINUTE })).check.health).to.equal('Progressing');
      kubernetes.pods = [trouble('Unschedulable')];
      expect((await check(PROGRESSING)).check.health).to.equal('Progressing');
      kubernetes.pods = [trouble('CrashLoopBackOff')];
      stalledMs = undefined;
      expect((await check(PROGRESSING)).check.health).to.equal('Progressing');
    });
    it('pods that cannot be read are no signal', async () => {
      kubernetes.hooks.before = () => {
        throw new OperatorError('KUBERNETES_DENIED', 'denied', '403');
      };
      expect((await check(PROGRESSING)).check.health).to.equal('Progressing');
    });
    it('an application on another cluster is not judged by the pods of this one', async () => {
      await check({ ...PROGRESSING, destination: { server: 'https://elsewhere.example' } });
      expect(kubernetes.hooks.calls).to.deep.equal([]);
    });
  });
});
