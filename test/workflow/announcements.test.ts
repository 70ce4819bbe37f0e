import { expect } from 'chai';
import { OperatorError } from '../../src/base/errors.js';
import { noticeOf } from '../../src/workflow/attempt-notice.js';
import { Announcements } from '../../src/workflow/announcements.js';
import { attemptId, SHOP, T0 } from '../support/attempt-parts.js';
import { abortedFrom, attemptAt, attemptIn, nextVersion, STEP_NAMES } from '../support/attempts.js';
import { FakeLogger, FakeNotifier } from '../support/fakes/fake-outside.js';
import { flush, ManualClock } from '../support/manual-clock.js';

describe('announcements', () => {
  let clock: ManualClock;
  let notifier: FakeNotifier;
  let logger: FakeLogger;
  let announcements: Announcements;
  beforeEach(() => {
    clock = new ManualClock(T0);
    notifier = new FakeNotifier();
    logger = new FakeLogger();
    announcements = new Announcements(clock, notifier, logger);
  });
  const failing = (times: number): void => {
    let left = times;
    notifier.before = () => {
      if (left-- > 0) throw new OperatorError('NOTIFICATION_FAILED', 'transient', 'pager is down');
    };
  };
  it('go out at once, critical where somebody must get up', async () => {
    announcements.announce('brake-closed', undefined, '3 of 10');
    announcements.announce('stale-failure', SHOP, 'Degraded for 30 min');
    await flush(2);
    expect(notifier.notices).to.deep.equal([
      {
        id: `brake-closed/operator/${T0}`,
        kind: 'brake-closed',
        severity: 'critical',
        at: T0,
        title: 'The brake is closed: no new rollback is proposed',
        text: '3 of 10',
      },
      {
        id: `stale-failure/${SHOP}/${T0}`,
        kind: 'stale-failure',
        severity: 'warning',
        at: T0,
        title: 'Degraded for too long to be rolled back by the operator',
        text: 'Degraded for 30 min',
        application: SHOP,
      },
    ]);
  });
  it('are tried again after 2, 10 and 30 s, under the same id', async () => {
    failing(3);
    announcements.announce('stale-failure', SHOP, 'x');
    await clock.advance(11_000);
    expect(notifier.notices).to.deep.equal([]);
    await clock.advance(32_000);
    expect(notifier.notices.map((n) => n.id)).to.deep.equal([`stale-failure/${SHOP}/${T0}`]);
  });
  it('are given up after that, loudly', async () => {
    failing(9);
    announcements.announce('stale-failure', SHOP, 'x');
    await clock.advance(120_000);
    expect([logger.at('error'), clock.sleeping]).to.deep.equal([['a notification was given up'], 0]);
  });
  it('stop with the process, without a word', async () => {
    failing(9);
    announcements.announce('stale-failure', SHOP, 'x');
    await flush(2);
    announcements.stop();
    await flush(2);
    expect([clock.sleeping, logger.at('error')]).to.deep.equal([0, []]);
  });
});

describe('what people are told about an attempt', () => {
  const kind = (a: Parameters<typeof noticeOf>[0]): string | undefined => noticeOf(a, T0)?.kind;
  it('in each step', () => {
    expect(Object.fromEntries(STEP_NAMES.map((s) => [s, kind(attemptAt(s))]))).to.deep.equal({
      confirming: undefined,
      held: undefined,
      resolving: undefined,
      planning: undefined,
      'waiting-for-sibling': undefined,
      'intent-pr': undefined,
      'waiting-for-ci': 'rollback-proposed',
      deciding: undefined,
      'waiting-for-human': 'approval-needed',
      'intent-merge': undefined,
      syncing: 'rollback-merged',
      verifying: 'rollback-merged',
    });
  });
  it('at the end', () => {
    expect(kind(attemptIn('RollbackComplete'))).to.equal('rollback-completed');
    const severity = (reason: Parameters<typeof abortedFrom>[1]): string | undefined =>
      noticeOf(abortedFrom(attemptAt('verifying'), reason), T0)?.severity;
    expect(
      ['merge-differs', 'not-recovered', 'not-synced', 'unverified'].map((r) => severity(r as 'unverified')),
    ).to.deep.equal(['critical', 'critical', 'critical', 'critical']);
    expect([severity('recovered'), severity('ci-failed')]).to.deep.equal(['info', 'warning']);
  });
  it('nothing, when nothing was proposed and it recovered, or the one alert of the brake has said it for all', () => {
    expect(kind(abortedFrom(attemptAt('held'), 'recovered'))).to.equal(undefined);
    expect(kind(abortedFrom(attemptAt('held'), 'refused(brake)'))).to.equal(undefined);
    expect(kind(abortedFrom(attemptAt('held'), 'refused(budget)'))).to.equal('rollback-aborted');
    expect(kind(abortedFrom(attemptAt('waiting-for-ci'), 'recovered'))).to.equal('rollback-aborted');
  });
  it('loudly, when a quarantined version is recognised by its content alone', () => {
    const proposeOnly = ['quarantined: it came back'];
    expect(noticeOf(attemptAt('planning', { proposeOnly }), T0)).to.include({
      kind: 'bad-version-returned',
      severity: 'critical',
    });
    const { policy } = attemptAt('planning');
    const told = { ...policy, modeLoweredBy: ['quarantined: it came back'] };
    expect(noticeOf(attemptAt('planning', { proposeOnly, policy: told }), T0)).to.equal(undefined);
  });
  it('an abort that came too late is critical', () => {
    expect(noticeOf(attemptAt('syncing', { stop: { by: 'ada', via: 'cli', why: 'no', at: T0 } }), T0)).to.include({
      kind: 'aborted-too-late',
      severity: 'critical',
    });
  });
  it('keeps its id over versions, so that a receiver can drop a repeat', () => {
    const a = attemptAt('waiting-for-ci');
    expect(noticeOf(nextVersion(a), T0)?.id).to.equal(`${attemptId()}/rollback-proposed`);
  });
});
