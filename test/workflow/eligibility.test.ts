import { expect } from 'chai';
import { eligibility, INELIGIBLE_CODES, type EligibilityQuestion } from '../../src/workflow/eligibility.js';
import { attemptId, BAD, POLICY, SHOP, T0 } from '../support/attempt-parts.js';
import { latchOf, pauseOf, quarantineOf, restorationOf } from '../support/observations.js';
import { findingOf, snapshotOf, SHOP_SETTINGS, unknownFinding } from '../support/snapshots.js';

const MINUTE = 60_000;
const DEGRADED = snapshotOf();
const ask = (q: Partial<EligibilityQuestion> = {}) =>
  eligibility({
    finding: findingOf(DEGRADED),
    policy: POLICY,
    pause: undefined,
    marks: [],
    baseline: T0 - 60 * MINUTE,
    notBefore: T0,
    maxFailureAgeMs: 20 * MINUTE,
    now: T0 + MINUTE,
    ...q,
  });
const code = (q: Partial<EligibilityQuestion>): string => {
  const answer = ask(q);
  return answer.kind === 'ineligible' ? answer.code : 'eligible';
};
const UNREAD = { kind: 'unreadable', application: SHOP, why: 'the record k cannot be read: delete it' } as const;
const observing = { ...POLICY, mode: 'observe' } as const;

describe('eligibility of a degradation', () => {
  it('a fresh degradation of a managed application is eligible, with what runs and since when', () => {
    expect(ask()).to.deep.equal({
      kind: 'eligible',
      bad: { revisions: [BAD], settings: SHOP_SETTINGS, deployedAt: T0 - 10 * MINUTE },
      onset: T0,
      proposeOnly: [],
    });
  });
  it("without Argo CD's word the onset is our first Degraded check", () => {
    const { onset: _onset, ...finding } = findingOf(DEGRADED, T0 + 5_000);
    expect(ask({ finding })).to.include({ kind: 'eligible', onset: T0 + 5_000 });
  });

  const TABLE: readonly (readonly [(typeof INELIGIBLE_CODES)[number], string, Partial<EligibilityQuestion>])[] = [
    ['unmanaged', 'no environment matches', { policy: undefined }],
    ['mode-off', 'the mode is off', { policy: { ...POLICY, mode: 'off' } }],
    ['not-degraded', 'it is Progressing', { finding: findingOf(snapshotOf({ health: 'Progressing' })) }],
    ['not-degraded', 'it could not be asked', { finding: unknownFinding(T0) }],
    [
      'not-degraded',
      'it could not be asked, so nobody knows where it belongs',
      { finding: unknownFinding(T0), policy: undefined },
    ],
    [
      'stale-status',
      'Argo CD does not reconcile it',
      {
        finding: {
          ...findingOf(DEGRADED),
          check: { at: T0, intervalMs: 10_000, health: 'Unknown', unknownBecause: 'not reconciled for 500 s' },
        },
      },
    ],
    [
      'version-unknown',
      'nobody knows what is deployed',
      { finding: { ...findingOf(DEGRADED), check: { at: T0, intervalMs: 10_000, health: 'Degraded' } } },
    ],
    [
      'child-application',
      'only a child application is Degraded',
      { finding: findingOf(DEGRADED, T0, { cause: 'child-application' }) },
    ],
    ['paused', 'somebody paused', { pause: pauseOf() }],
    [
      'record-unreadable',
      'a mark of it cannot be read, which may be a veto; nor may a pull request be only proposed',
      { marks: [quarantineOf(), UNREAD] },
    ],
    ['latched', 'it was tried before', { marks: [latchOf()] }],
    ['rollback-of-rollback', 'a rollback put this version here', { marks: [restorationOf({ revisions: [BAD] })] }],
    ['before-baseline', 'it was Degraded before the operator was let loose', { baseline: T0 }],
    ['stale-failure', 'it has been Degraded for longer than 20 min', { now: T0 + 20 * MINUTE + 1 }],
  ];
  for (const [expected, when, q] of TABLE) {
    it(`${expected}: ${when}`, () => {
      expect(code(q)).to.equal(expected);
    });
  }
  it('every code has its row', () => {
    expect(new Set(TABLE.map(([c]) => c))).to.deep.equal(new Set(INELIGIBLE_CODES));
  });
  it('a degradation that the operator saw begin counts, though Argo CD dates it to the second of the baseline', () => {
    expect(code({ baseline: T0, notRedAt: T0 + 400 })).to.equal('eligible');
    expect(code({ baseline: T0, notRedAt: T0 - 400 })).to.equal('before-baseline');
  });
  it('where Argo CD does not say when it turned, it counts when lists tell that it turned later', () => {
    const { onset: _unsaid, ...finding } = findingOf(snapshotOf());
    const { at } = finding.check;
    expect(code({ finding, baseline: T0, notBefore: T0 + 1 })).to.equal('eligible');
    expect(code({ finding, baseline: T0, notBefore: T0 })).to.equal('before-baseline');
    expect(code({ finding, baseline: T0, notBefore: T0 - 1, notRedAt: T0 })).to.equal('eligible');
    expect(ask({ finding, baseline: 0, notBefore: 1, listedSince: at - MINUTE })).to.include({ onset: at - MINUTE });
    expect(code({ finding, baseline: 0, notBefore: 1, listedSince: at - 21 * MINUTE })).to.equal('stale-failure');
  });
  it('a degradation 20 min old is still young enough', () => {
    expect(code({ now: T0 + 20 * MINUTE })).to.equal('eligible');
  });
  it('people are told of a stale failure and of a rollback that would be rolled back, not of a latch', () => {
    const notice = (q: Partial<EligibilityQuestion>): unknown => {
      const answer = ask(q);
      return answer.notice;
    };
    expect(notice({ now: T0 + 21 * MINUTE })).to.equal('stale-failure');
    expect(notice({ marks: [restorationOf({ revisions: [BAD] })] })).to.equal('rollback-of-rollback');
    expect(notice({ marks: [latchOf()] })).to.equal(undefined);
  });
  it('a mark that cannot be read bars whatever runs; the answer names the mend, and is asked for again each minute', () => {
    expect(ask({ marks: [UNREAD], now: T0 + MINUTE })).to.deep.equal({
      kind: 'ineligible',
      code: 'record-unreadable',
      why: UNREAD.why,
      until: T0 + 2 * MINUTE,
    });
  });
  it('a mark of other revisions does not bar', () => {
    const other = ['0'.repeat(40)];
    expect(code({ marks: [latchOf({ revisions: other }), restorationOf({ revisions: other })] })).to.equal('eligible');
  });
  it('the lasting reason comes before the pause', () => {
    expect(code({ pause: pauseOf(), marks: [latchOf()] })).to.equal('latched');
  });

  describe('a latch that allows a retry', () => {
    const latch = latchOf({ reason: 'unavailable', attempt: attemptId(5), retryAt: T0 + 15 * MINUTE });
    it('bars until its time, and says until when', () => {
      expect(ask({ marks: [latch], now: T0 + 15 * MINUTE - 1 })).to.include({
        kind: 'ineligible',
        code: 'latched',
        until: T0 + 15 * MINUTE,
      });
    });
    it('then lets one attempt through, which inherits the onset test of the attempt it repeats', () => {
      expect(ask({ marks: [latch], now: T0 + 60 * MINUTE, baseline: T0 })).to.include({
        kind: 'eligible',
        retryOf: attemptId(5),
        onset: T0,
      });
    });
    it('not while another latch of the content is final', () => {
      expect(code({ marks: [latch, latchOf({ attempt: attemptId(6), at: T0 - 1 })], now: T0 + 60 * MINUTE })).to.equal(
        'latched',
      );
    });
  });
  describe('a latch left by observing', () => {
    it('bars while the mode is observe', () => {
      expect(code({ policy: observing, marks: [latchOf({ reason: 'observed' })] })).to.equal('latched');
    });
    it('bars nothing in any other mode', () => {
      expect(code({ marks: [latchOf({ reason: 'observed' })] })).to.equal('eligible');
    });
  });
  it('a quarantined version that came back may only be proposed, with a louder alert', () => {
    const answer = ask({ marks: [quarantineOf()] });
    expect(answer).to.include({ kind: 'eligible', notice: 'bad-version-returned' });
    expect(answer.kind === 'eligible' && answer.proposeOnly.map((r) => r.split(':')[0])).to.deep.equal(['quarantined']);
  });
  it('a version that a rollback put there may be proposed away again after 7 days', () => {
    const mark = restorationOf({ revisions: [BAD], until: T0 + 30 * 24 * 60 * MINUTE });
    const ask7 = (days: number) => ask({ marks: [{ ...mark, at: T0 + MINUTE - days * 24 * 60 * MINUTE }] });
    expect(ask7(6.9)).to.include({ kind: 'ineligible', code: 'rollback-of-rollback' });
    const answer = ask7(7);
    expect(answer.kind === 'eligible' && answer.proposeOnly.map((r) => r.split(':')[0])).to.deep.equal([
      'restored-before',
    ]);
  });
  it('a cause that is no workload, or unknown, may only be proposed', () => {
    for (const cause of ['not-a-workload', 'unknown'] as const) {
      const answer = ask({ finding: findingOf(DEGRADED, T0, { cause }) });
      expect(answer.kind === 'eligible' && answer.proposeOnly.map((r) => r.split(':')[0]), cause).to.deep.equal([
        'cause-not-a-workload',
      ]);
    }
  });
});
