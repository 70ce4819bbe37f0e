import { expect } from 'chai';
import { ABORT_RULES, type AbortReason, type PlainAbortReason } from '../../src/model/abort-reason.js';
import { DEADLINES } from '../../src/model/deadlines.js';
import type { Outcome } from '../../src/model/outcome.js';
import type { Duty, OpenAttempt, StepName } from '../../src/model/rollback-attempt.js';
import { settle, settleUnreachable, type Settled } from '../../src/workflow/settle.js';
import { attemptId, CANDIDATE, MERGE, POLICY, T0 } from '../support/attempt-parts.js';
import { attemptAt, STEP_NAMES } from '../support/attempts.js';
import { latchOf } from '../support/observations.js';

const MINUTE = 60_000;
const wait = (a: OpenAttempt, now: number, more: object = {}): Settled =>
  settle(a, { kind: 'wait', lookAgainAt: now + 5_000, why: 'not yet', ...more } as Outcome, now);
const abort = (a: OpenAttempt, reason: AbortReason): Extract<Settled, { kind: 'move' }> => {
  const settled = settle(a, { kind: 'abort', reason, why: 'because' }, T0 + MINUTE);
  if (settled.kind !== 'move') throw new Error('an abort moves');
  return settled;
};
const dutiesAfter = (a: OpenAttempt, reason: AbortReason): readonly Duty[] => {
  const { next } = abort(a, reason);
  return next.state === 'Abort' ? next.aftercare.owed : [];
};

describe('settling an outcome', () => {
  describe('wait', () => {
    it('rests until the time asked for, and stores nothing', () => {
      const a = attemptAt('waiting-for-ci');
      expect(wait(a, a.enteredAt + 1_000)).to.deep.equal({
        kind: 'rest',
        lookAgainAt: a.enteredAt + 6_000,
        why: 'not yet',
      });
    });
    it('never rests past the deadline', () => {
      const a = attemptAt('waiting-for-ci');
      expect(wait(a, a.step.deadline - 1_000)).to.include({ kind: 'rest', lookAgainAt: a.step.deadline });
    });
    /** What the semantics say of each step whose time is over (section 2). */
    const EXPIRY: Readonly<Record<StepName, readonly [afterMs: number, means: string]>> = {
      confirming: [10 * MINUTE, 'forget'],
      held: [60 * MINUTE, 'refused(brake)'],
      resolving: [2 * MINUTE, 'search-timeout'],
      planning: [10 * MINUTE, 'unavailable'],
      'waiting-for-sibling': [60 * MINUTE, 'approval-timeout'],
      'intent-pr': [10 * MINUTE, 'unavailable'],
      'waiting-for-ci': [5 * MINUTE, 'ci-timeout'],
      deciding: [60 * MINUTE, 'approval-timeout'],
      'waiting-for-human': [60 * MINUTE, 'approval-timeout'],
      'intent-merge': [60 * MINUTE, 'approval-timeout'],
      syncing: [10 * MINUTE, 'not-synced'],
      verifying: [15 * MINUTE, 'not-recovered'],
    };
    for (const step of STEP_NAMES) {
      const [afterMs, means] = EXPIRY[step];
      it(`in ${step} ends after ${afterMs / MINUTE} min as ${means}, and not a moment before`, () => {
        const a = attemptAt(step);
        expect(wait(a, a.enteredAt + afterMs - 1).kind).to.equal('rest');
        const settled = wait(a, a.enteredAt + afterMs);
        if (settled.kind === 'move') expect(settled.next).to.include({ state: 'Abort', reason: means });
        else expect(settled.kind).to.equal(means);
      });
    }
    it('ends as the module said, where it knew better', () => {
      const a = attemptAt('planning');
      const settled = wait(a, a.step.deadline, { expiresAs: 'superseded' });
      expect(settled.kind === 'move' && settled.next).to.include({ state: 'Abort', reason: 'superseded' });
    });
    it('held by a pause ends as refused(paused), held by a budget as refused(budget)', () => {
      for (const by of ['paused', 'budget'] as const) {
        const held = attemptAt('held');
        const a = { ...held, step: { ...held.step, by } };
        const settled = wait(a, a.step.deadline);
        expect(settled.kind === 'move' && settled.next).to.include({ reason: `refused(${by})` });
      }
    });
  });

  describe('a look that failed', () => {
    it('rests within the deadline and for unreachableGrace after it, then ends as unavailable', () => {
      const a = attemptAt('waiting-for-ci');
      const end = a.step.deadline + POLICY.timing.unreachableGrace;
      expect(settleUnreachable(a, '503', a.step.deadline - 1, a.step.deadline - 2)).to.include({ kind: 'rest' });
      expect(settleUnreachable(a, '503', end, end - 1)).to.include({ kind: 'rest' });
      const settled = settleUnreachable(a, '503', end + 1, end);
      expect(settled.kind === 'move' && settled.next).to.include({ state: 'Abort', reason: 'unavailable', why: '503' });
    });
    it('of an unconfirmed degradation is dropped, not aborted', () => {
      const a = attemptAt('confirming');
      expect(settleUnreachable(a, '503', 0, a.step.deadline + POLICY.timing.unreachableGrace)).to.deep.equal({
        kind: 'forget',
        why: '503',
      });
    });
    it('does not put off the end because the upstream asks for an hour of silence', () => {
      const a = attemptAt('waiting-for-ci');
      const end = a.step.deadline + POLICY.timing.unreachableGrace;
      expect(settleUnreachable(a, '429', end + 60 * MINUTE, a.step.deadline)).to.include({
        kind: 'rest',
        lookAgainAt: end,
      });
    });
  });

  describe('step', () => {
    it('stays in the state, counts the version up and gives the step its deadline from the table', () => {
      const a = attemptAt('deciding');
      const settled = settle(
        a,
        {
          kind: 'step',
          step: { name: 'waiting-for-human', evaluation: MERGE.evaluation, barredBy: ['I3_replica_shortage'] },
          why: 'left to people',
        } as Outcome,
        a.enteredAt + MINUTE,
      );
      if (settled.kind !== 'move') throw new Error('a step moves');
      expect(settled.next).to.deep.include({ state: a.state, version: a.version + 1, enteredAt: a.enteredAt });
      // Deciding and waiting alternate: going back and forth never extends the time for people.
      expect('step' in settled.next && settled.next.step).to.include({
        name: 'waiting-for-human',
        deadline: a.enteredAt + 60 * MINUTE,
      });
    });
    it('counts a deadline from the step where steps do not alternate', () => {
      const a = attemptAt('planning');
      const settled = settle(
        a,
        {
          kind: 'step',
          step: { name: 'intent-pr', plan: attemptAt('intent-pr').step.plan },
          why: 'will open',
        } as Outcome,
        a.enteredAt + MINUTE,
      );
      expect(settled.kind === 'move' && 'step' in settled.next && settled.next.step.deadline).to.equal(
        a.enteredAt + MINUTE + POLICY.timing.proposalTimeout,
      );
      expect(DEADLINES['intent-pr'].from).to.equal('step');
    });
  });

  describe('advance', () => {
    it('adds exactly what the module found, and starts the clock of the new state', () => {
      const a = attemptAt('resolving');
      const { candidate, table, target, badContent, proposeOnly, diagnosis, confirmation } = {
        ...attemptAt('planning'),
      };
      const found = { candidate, table, target, badContent, proposeOnly, diagnosis, confirmation };
      const now = T0 + 40_000;
      const settled = settle(
        a,
        {
          kind: 'advance',
          to: 'CandidateResolved',
          with: { ...found, step: { name: 'planning' } },
          why: 'found',
        } as Outcome,
        now,
      );
      const { step: _step, ...kept } = a;
      expect(settled).to.deep.equal({
        kind: 'move',
        why: 'found',
        residue: {},
        next: {
          ...kept,
          ...found,
          state: 'CandidateResolved',
          version: a.version + 1,
          enteredAt: now,
          step: { name: 'planning', deadline: now + POLICY.timing.proposalTimeout },
        },
      });
    });
    it('to the end owes the last report and carries no step any more', () => {
      const now = T0 + 200_000;
      const settled = settle(
        attemptAt('verifying'),
        { kind: 'advance', to: 'RollbackComplete', with: { recoveredAt: now - MINUTE }, why: 'healthy' },
        now,
      );
      if (settled.kind !== 'move') throw new Error('it moves');
      expect(settled.next).to.deep.include({
        state: 'RollbackComplete',
        closedAt: now,
        recoveredAt: now - MINUTE,
        aftercare: { owed: ['reports'], until: now + 24 * 60 * MINUTE },
      });
      expect(settled.next).not.to.have.property('step');
    });
    it('to a state that the table does not allow is a bug, whatever a module answers', () => {
      const leap = {
        kind: 'advance',
        to: 'RollbackComplete',
        with: { recoveredAt: T0 },
        why: 'leap',
      } as unknown as Outcome;
      expect(() => settle(attemptAt('waiting-for-ci'), leap, T0)).to.throw('complete is not allowed from PRCreated');
    });
  });

  describe('dismiss', () => {
    it('forgets an unconfirmed degradation, with what is to be remembered', () => {
      const remember = latchOf();
      expect(
        settle(
          attemptAt('resolving'),
          { kind: 'dismiss', why: 'already tried', remember, notice: 'rollback-of-rollback' },
          T0,
        ),
      ).to.deep.equal({ kind: 'forget', why: 'already tried', remember, notice: 'rollback-of-rollback' });
    });
    it('of anything further on is a bug', () => {
      expect(() => settle(attemptAt('planning'), { kind: 'dismiss', why: 'no' } as Outcome, T0)).to.throw(
        'dismiss is not allowed from CandidateResolved',
      );
    });
  });

  describe('abort', () => {
    it('keeps the whole last state, the stop request and the attempt it repeats', () => {
      const a = attemptAt('deciding', { stop: { by: 'ada', via: 'cli', why: 'no', at: T0 }, retryOf: attemptId(9) });
      const { next, why } = abort(a, 'aborted-by-user');
      expect(why).to.equal('aborted-by-user: because');
      expect(next).to.deep.include({
        state: 'Abort',
        reason: 'aborted-by-user',
        last: a,
        stop: a.stop,
        retryOf: attemptId(9),
        version: a.version + 1,
        closedAt: T0 + MINUTE,
      });
    });
    it('from every open state is allowed', () => {
      for (const step of STEP_NAMES) expect(abort(attemptAt(step), 'internal').next.state).to.equal('Abort');
    });
    it('without a pull request owes the report alone', () => {
      for (const step of ['confirming', 'held', 'resolving', 'planning'] as const)
        expect(dutiesAfter(attemptAt(step), 'internal'), step).to.deep.equal(['reports']);
    });
    it('at an intent owes a look for the pull request that nobody may have seen yet', () => {
      expect(dutiesAfter(attemptAt('intent-pr'), 'unavailable')).to.deep.equal(['pull-request', 'reports']);
    });
    it('under a later plan owes it still, also while a sibling is waited for', () => {
      const { step: planning, ...planned } = attemptAt('planning');
      expect(dutiesAfter({ ...planned, step: { ...planning, asked: true } }, 'superseded')).to.deep.equal([
        'pull-request',
        'reports',
      ]);
      const { step: waiting, ...held } = attemptAt('waiting-for-sibling');
      expect(dutiesAfter({ ...held, step: { ...waiting, asked: true } }, 'superseded')).to.deep.equal([
        'pull-request',
        'reports',
      ]);
    });
    /** Semantics 7: closed for every reason but these. */
    const HANDS_OFF = ['taken-over', 'pr-closed-by-human', 'rejected-by-human', 'foreign-branch'];
    const LEFT_OPEN = ['ci-failed', 'ci-timeout', 'approval-timeout'];
    for (const reason of Object.keys(ABORT_RULES) as PlainAbortReason[]) {
      if (reason === 'observed') continue;
      const owed = HANDS_OFF.includes(reason)
        ? ['reports']
        : LEFT_OPEN.includes(reason)
          ? ['reports', 'watch-open-pr']
          : ['pull-request', 'reports'];
      it(`${reason} with an open pull request owes ${owed.join(' and ')}`, () => {
        expect(dutiesAfter(attemptAt('waiting-for-ci'), reason)).to.deep.equal(owed);
      });
    }
    it('of an observed attempt owes the scorecard', () => {
      expect(dutiesAfter(attemptAt('planning', { candidate: CANDIDATE }), 'observed')).to.deep.equal([
        'reports',
        'scorecard',
      ]);
    });
  });
});
