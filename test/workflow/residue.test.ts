import { expect } from 'chai';
import { ABORT_RULES, type AbortReason } from '../../src/model/abort-reason.js';
import type { OpenAttempt } from '../../src/model/rollback-attempt.js';
import { latchOf, residueOf } from '../../src/workflow/residue.js';
import { attemptId, BAD, BAD_CONTENT, GOOD_CONTENT, MERGED, POLICY, SHOP, T0 } from '../support/attempt-parts.js';
import { abortedFrom, attemptAt, attemptIn } from '../support/attempts.js';

const DAY = 86_400_000;
const NOW = T0 + 100_000;
const after = (a: OpenAttempt, reason: AbortReason, more: object = {}) => latchOf(abortedFrom(a, reason, more), NOW);

describe('what a transition leaves behind', () => {
  it('the intent of a pull request uses up the budget of pull requests', () => {
    expect(residueOf(attemptAt('planning'), attemptAt('intent-pr'), NOW)).to.deep.equal({
      spends: [{ kind: 'pull-request', attempt: attemptId(), application: SHOP, environment: 'staging', at: NOW }],
    });
  });
  it('the intent of a merge uses up the budget of merges', () => {
    expect(residueOf(attemptAt('deciding'), attemptAt('intent-merge'), NOW).spends).to.deep.equal([
      { kind: 'merge', attempt: attemptId(), application: SHOP, environment: 'staging', at: NOW },
    ]);
  });
  it('other steps leave nothing', () => {
    for (const [from, to] of [
      ['confirming', 'resolving'],
      ['resolving', 'planning'],
      ['intent-pr', 'waiting-for-ci'],
      ['waiting-for-ci', 'deciding'],
      ['deciding', 'waiting-for-human'],
      ['syncing', 'verifying'],
    ] as const) {
      expect(residueOf(attemptAt(from), attemptAt(to), NOW), to).to.deep.equal({});
    }
  });
  it('a merge quarantines the bad content and remembers what was restored, both for 30 days', () => {
    expect(residueOf(attemptAt('intent-merge'), attemptAt('syncing'), NOW).marks).to.deep.equal([
      {
        kind: 'quarantine',
        application: SHOP,
        attempt: attemptId(),
        at: NOW,
        content: BAD_CONTENT,
        revisions: [BAD],
        until: NOW + 30 * DAY,
      },
      {
        kind: 'restoration',
        application: SHOP,
        attempt: attemptId(),
        at: NOW,
        content: GOOD_CONTENT,
        revisions: [MERGED],
        until: NOW + 30 * DAY,
      },
    ]);
  });
  it('a rollback that ends without recovery counts as failed for the brake', () => {
    expect(
      residueOf(attemptAt('verifying'), abortedFrom(attemptAt('verifying'), 'not-recovered'), NOW).spends?.map(
        (s) => s.kind,
      ),
    ).to.deep.equal(['failed-rollback']);
    expect(
      residueOf(attemptAt('deciding'), abortedFrom(attemptAt('deciding'), 'approval-timeout'), NOW),
    ).not.to.have.property('spends');
  });
});

describe('the latch of an end', () => {
  it('holds 30 days for the bad content and every revision seen to carry it', () => {
    expect(after(attemptAt('waiting-for-ci'), 'ci-failed')).to.deep.equal({
      kind: 'latch',
      application: SHOP,
      attempt: attemptId(),
      content: BAD_CONTENT,
      revisions: [BAD],
      reason: 'ci-failed',
      at: NOW,
      until: NOW + 30 * DAY,
      onset: T0,
    });
  });
  it('is not left by a completed rollback: its quarantine speaks up when the bad version comes back', () => {
    expect(latchOf(attemptIn('RollbackComplete'), NOW)).to.equal(undefined);
  });
  it('is left by every reason but recovered', () => {
    const reasons = Object.keys(ABORT_RULES).map(
      (r): AbortReason => (r === 'refused' ? 'refused(brake)' : (r as AbortReason)),
    );
    expect(reasons.filter((reason) => after(attemptAt('waiting-for-ci'), reason) === undefined)).to.deep.equal([
      'recovered',
    ]);
  });
  it('is for the revisions alone where the content never became known', () => {
    expect(after(attemptAt('resolving'), 'no-candidate'))
      .to.include({ reason: 'no-candidate' })
      .and.not.to.have.property('content');
  });
  it('allows one retry after 15 min for three reasons, when no pull request was opened', () => {
    const retrying = (Object.keys(ABORT_RULES) as AbortReason[]).filter(
      (reason) => after(attemptAt('resolving'), reason)?.retryAt === NOW + POLICY.timing.retryAfter,
    );
    expect(retrying).to.deep.equal(['search-timeout', 'unavailable', 'internal']);
  });
  it('allows none once a pull request is there, and none to an attempt that is itself a retry', () => {
    expect(after(attemptAt('waiting-for-ci'), 'unavailable')).not.to.have.property('retryAt');
    expect(after(attemptAt('resolving'), 'unavailable', { retryOf: attemptId(8) })).not.to.have.property('retryAt');
  });
});
