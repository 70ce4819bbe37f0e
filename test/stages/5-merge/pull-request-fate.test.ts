import { expect } from 'chai';
import type { Comment } from '../../../src/ports/source-control.js';
import { abortComments, pullRequestFate, type PullRequestFate } from '../../../src/stages/5-merge/pull-request-fate.js';
import { HEAD, MERGED, T0 } from '../../support/attempt-parts.js';
import { mergeablePullRequest } from '../../support/merge-evidence.js';

const SELF = 'ai-operator[bot]';
const ada = { login: 'ada', kind: 'human' } as const;
const self = { login: SELF, kind: 'bot' } as const;
const fate = (overrides: Parameters<typeof mergeablePullRequest>[0] = {}): PullRequestFate =>
  pullRequestFate(mergeablePullRequest(overrides), HEAD, SELF);
const merged = { merged: true, state: 'closed', mergeable: null } as const;

describe('our pull request', () => {
  it('is open as long as it is what we opened', () => {
    expect(fate()).to.deep.equal({ kind: 'open' });
  });
  it('is merged by the operator only when GitHub says that our account merged it', () => {
    expect(fate({ ...merged, mergedBy: self })).to.deep.equal({
      kind: 'merged',
      commit: MERGED,
      by: 'operator',
      login: SELF,
    });
    expect(fate({ ...merged, mergedBy: ada })).to.deep.equal({
      kind: 'merged',
      commit: MERGED,
      by: 'human',
      login: 'ada',
    });
    expect(fate(merged)).to.deep.equal({ kind: 'merged', commit: MERGED, by: 'human' });
  });
  it('is merged even when somebody pushed before the merge: whether its files are right is asked afterwards', () => {
    expect(fate({ ...merged, mergedBy: ada, headSha: '1'.repeat(40), commits: 3 }).kind).to.equal('merged');
  });
  it('names no merge commit when GitHub does not yet', () => {
    const { mergeCommit: _mergeCommit, ...rest } = mergeablePullRequest({ ...merged, mergedBy: self });
    expect(pullRequestFate(rest, HEAD, SELF)).to.include({ kind: 'merged', commit: '' });
  });
  it('is vetoed when anybody but us closed it, also when nobody knows who', () => {
    expect(fate({ state: 'closed', closedBy: ada })).to.deep.equal({ kind: 'closed', by: 'ada', ours: false });
    expect(fate({ state: 'closed' })).to.deep.equal({ kind: 'closed', by: 'somebody', ours: false });
  });
  it('is not vetoed when our own account closed it', () => {
    expect(fate({ state: 'closed', closedBy: self })).to.deep.equal({ kind: 'closed', by: SELF, ours: true });
  });
  it('is taken over when its head moved or holds more than our commit', () => {
    expect(fate({ headSha: '1'.repeat(40) })).to.deep.equal({
      kind: 'taken-over',
      why: 'the head moved from eeeeeeeeee to 1111111111',
    });
    expect(fate({ commits: 2 })).to.deep.equal({ kind: 'taken-over', why: 'the branch holds 2 commits' });
  });
});

describe('a comment', () => {
  const asks = (overrides: Partial<Comment>): boolean =>
    abortComments([{ id: 1, author: ada, body: '/abort', createdAt: T0, edited: false, ...overrides }], T0).length ===
    1;
  const rows: readonly (readonly [claim: string, comment: Partial<Comment>, asks: boolean])[] = [
    ['asks for an abort with /abort on its first line', {}, true],
    ['asks for an abort with /abort and words below', { body: '/abort\r\nthe database was migrated' }, true],
    ['asks for an abort with blanks around /abort', { body: '  /abort  ' }, true],
    ['does not ask with words on the same line', { body: '/abort please' }, false],
    ['does not ask when /abort stands further down', { body: 'hello\n/abort' }, false],
    ['does not ask when /abort is quoted', { body: '> /abort' }, false],
    ['does not ask in other letters', { body: '/ABORT' }, false],
    ['of a bot does not ask', { author: self }, false],
    ['that was edited does not ask, as others may edit it', { edited: true }, false],
    ['from before the pull request was opened does not ask', { createdAt: T0 - 1 }, false],
  ];
  for (const [claim, comment, expected] of rows) {
    it(claim, () => {
      expect(asks(comment)).to.equal(expected);
    });
  }
});
