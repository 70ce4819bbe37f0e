import { allOf, holds, overFact, type Case, type Judgement } from './rule.js';

/** I8 (semantics 8, `facts/github.md` 3.4): the pull request can be merged, and it is exactly ours. Pure. */
export function isMergeable(c: Case): Judgement {
  const { evidence: e, attempt } = c;
  const own = overFact(e.ownCommit, (o) => ({
    holds: o.byUs && o.treeAsPlanned,
    value: o.byUs ? (o.treeAsPlanned ? 'our commit' : 'another tree than planned') : 'not our commit',
    reason:
      o.byUs && o.treeAsPlanned
        ? 'the head is the commit the operator made'
        : 'the head is not the commit the operator made: whoever changed it merges it',
  }));
  const rules = overFact(e.rules, (r) => ({
    holds: !r.mergeQueue,
    value: r.mergeQueue ? 'merge queue' : 'no merge queue',
    reason: r.mergeQueue
      ? 'the branch is merged through a merge queue only: a person adds it to the queue'
      : 'the branch can be merged directly',
  }));
  const method = overFact(e.mergeMethod, (m) => holds(m, `merge method ${m}`));
  const restores = overFact(e.mergeRestores, (same) => ({
    holds: same,
    value: same ? 'the test merge equals the candidate' : 'the test merge differs from the candidate',
    reason: same
      ? "merging restores exactly the candidate's files"
      : `merging would not give ${attempt.application} the candidate's files: a person must look at what else changed`,
  }));
  return allOf(own, rules, method, restores, pullRequestIsReady(c));
}
function pullRequestIsReady({ evidence: e, attempt }: Case): Judgement {
  const judgement = overFact(e.pullRequest, (pr) => {
    const faults = [
      pr.merged || pr.state !== 'open' ? 'it is not open' : '',
      pr.draft ? 'it is a draft: mark it ready' : '',
      pr.locked ? 'its conversation is locked: unlock it' : '',
      pr.sameRepository ? '' : 'its head is in another repository',
      pr.baseBranch === attempt.target.branch
        ? ''
        : `it goes to ${pr.baseBranch}, not to ${attempt.target.branch}: change its base back`,
      pr.headSha === e.headSha && pr.headSha === attempt.pullRequest.headSha ? '' : 'its head moved',
      pr.commits === 1 ? '' : `it has ${pr.commits} commits`,
      pr.autoMerge ? 'somebody armed auto-merge: disarm it' : '',
      pr.mergeable === false ? 'it conflicts with its base: a person resolves that' : '',
      pr.mergeable === null || stateIsClean(pr.mergeableState, e)
        ? ''
        : `GitHub calls it ${pr.mergeableState}${STATE_WORDS[pr.mergeableState] ?? ''}`,
    ].filter((f) => f !== '');
    return {
      holds: faults.length === 0,
      value: `${pr.state}, ${pr.mergeableState}`,
      reason: faults.join('; ') || 'open, one commit of ours, mergeable',
    };
  });
  const computing = e.pullRequest.kind === 'known' && e.pullRequest.value.mergeable === null;
  return computing && judgement.verdict === 'pass'
    ? {
        ...judgement,
        verdict: 'unknown',
        reason: 'GitHub is still computing whether it can be merged: it is asked again',
      }
    : judgement;
}
const STATE_WORDS: Readonly<Record<string, string>> = {
  blocked: ': a review, a check or another rule of the branch is missing',
  behind: ': the branch must be up to date before a merge',
  unstable: ': a check that nobody requires is failing or pending',
};
/** `unstable` = a check that is not required is failing or pending: fine only when I6 passed on required ones. */
function stateIsClean(state: string, e: Case['evidence']): boolean {
  if (state === 'clean' || state === 'has_hooks') return true;
  return (
    state === 'unstable' && e.ci.kind === 'known' && e.ci.value.kind === 'success' && e.ci.value.basis === 'required'
  );
}
