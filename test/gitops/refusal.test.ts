import { expect } from 'chai';
import { REFUSAL_CODES, REFUSAL_RULES, isRefusal, refusalConsequence, refuse } from '../../src/gitops/refusal.js';
import { followsBranch, looksLikeCommit, trackedRevision } from '../../src/gitops/target-revision.js';

describe('refusals', () => {
  it('cover every rule R1 to R16, each with a mend for people', () => {
    const refusals = REFUSAL_CODES.map((code) => refuse(code, 'x'));
    expect(new Set(refusals.map((r) => r.rule))).to.deep.equal(new Set(REFUSAL_RULES));
    for (const { code, mend } of refusals) {
      expect(code).to.match(/^[a-z]+(?:-[a-z]+)*$/);
      expect(mend.length, code).to.be.within(10, 120);
    }
  });

  it('allow no pull request for R1-R5 and R7-R9, one for people for R6 and R10-R15, a new plan for R16', () => {
    const none = ['R1', 'R2', 'R3', 'R4', 'R5', 'R7', 'R8', 'R9'];
    for (const rule of REFUSAL_RULES) {
      const expected = none.includes(rule) ? 'no-pull-request' : rule === 'R16' ? 'plan-again' : 'people-only';
      expect(refusalConsequence(rule), rule).to.equal(expected);
    }
  });

  it('cut an overlong detail and are told from other answers', () => {
    const refusal = refuse('helm-source', 'x'.repeat(1000));
    expect(refusal.detail).to.have.length(500);
    expect([isRefusal(refusal), isRefusal({ kind: 'closure' }), isRefusal(undefined)]).to.deep.equal([
      true,
      false,
      false,
    ]);
  });
});

describe('target revision', () => {
  it('empty or HEAD is the default branch, a full commit id is pinned, all else is a name', () => {
    expect([undefined, '', 'HEAD'].map((t) => trackedRevision(t, 'trunk'))).to.deep.equal(
      Array.from({ length: 3 }, () => ({ kind: 'named', name: 'trunk' })),
    );
    expect(trackedRevision('A'.repeat(40), 'main')).to.deep.equal({ kind: 'pinned', revision: 'a'.repeat(40) });
    expect(trackedRevision('refs/heads/rel/1', 'main')).to.deep.equal({ kind: 'named', name: 'rel/1' });
  });

  it('follows a branch only by its exact name', () => {
    expect(followsBranch('main', 'main', 'trunk')).to.equal(true);
    expect(followsBranch(undefined, 'main', 'trunk')).to.equal(false);
    expect(followsBranch('Main', 'main', 'trunk')).to.equal(false);
    expect(['1234567', 'a'.repeat(40), 'main', '123456'].map(looksLikeCommit)).to.deep.equal([
      true,
      true,
      false,
      false,
    ]);
  });
});
