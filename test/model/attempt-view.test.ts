import { expect } from 'chai';
import { viewOf } from '../../src/model/attempt-view.js';
import { settle } from '../../src/workflow/settle.js';
import { PLAN, T0 } from '../support/attempt-parts.js';
import { abortedFrom, attemptAt, attemptIn } from '../support/attempts.js';

describe('the view of an attempt', () => {
  it('shows what is about to be proposed, until it is', () => {
    expect(viewOf(attemptAt('intent-pr')).plan).to.deep.equal(PLAN);
    expect(viewOf(attemptAt('planning')).plan).to.equal(undefined);
    expect(viewOf(attemptIn('PRCreated'))).to.not.have.property('plan');
  });
  it('keeps for an observed attempt what would have been proposed', () => {
    const settled = settle(
      attemptAt('planning'),
      { kind: 'abort', reason: 'observed', why: 'would open', plan: PLAN },
      T0 + 60_000,
    );
    if (settled.kind !== 'move') throw new Error('an abort moves');
    const view = viewOf(settled.next);
    expect([view.plan?.branch, view.plan?.files]).to.deep.equal([PLAN.branch, PLAN.files]);
    expect(view.next.text).to.equal('Nothing is done: in mode observe it is only recorded what would have been.');
  });
  it('says why a rollback is only proposed', () => {
    expect(viewOf(attemptIn('PRCreated', { proposeOnly: ['quarantined'] })).proposeOnly).to.deep.equal(['quarantined']);
    expect(viewOf(attemptAt('confirming')).proposeOnly).to.deep.equal([]);
  });
  it('never says of a merged rollback that its pull request was closed', () => {
    for (const reason of ['not-recovered', 'not-synced', 'unverified', 'merge-differs', 'internal'] as const) {
      const { text } = viewOf(abortedFrom(attemptAt('verifying'), reason)).next;
      expect(text, reason)
        .to.contain('stays in the branch')
        .and.not.to.match(/closed|retry/);
    }
    expect(viewOf(abortedFrom(attemptIn('PRCreated'), 'superseded')).next.text).to.contain(
      'The pull request is closed.',
    );
  });
  it('says of an abort that came too late that the verification goes on', () => {
    const stop = { by: 'ada', via: 'cli', why: 'no', at: T0 } as const;
    expect(viewOf(attemptAt('verifying', { stop })).next.text).to.equal(
      'Watching that the application stays healthy. The abort of ada came too late: it is merged.',
    );
    expect(viewOf(attemptAt('deciding', { stop })).next.text).to.equal('Stopping: ada asked for it.');
  });
});
