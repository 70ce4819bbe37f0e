/** What becomes of our pull request when an attempt is aborted (semantics 7). */
export type PullRequestFate = 'close' | 'leave-open' | 'hands-off';

interface AbortRule {
  /** What triggers it, for people. */
  readonly meaning: string;
  readonly pullRequest: PullRequestFate;
  /** False = the same content may be tried again at once. */
  readonly latches: boolean;
  /** One automatic retry, when no pull request was opened. */
  readonly retries?: true;
}

/** Every way an attempt can end without recovery; the keys are the closed set. */
export const ABORT_RULES = {
  'no-candidate': { meaning: 'no earlier version qualifies as stable', pullRequest: 'close', latches: true },
  'search-timeout': {
    meaning: 'the search for a candidate took longer than CANDIDATE_SEARCH_TIMEOUT',
    pullRequest: 'close',
    latches: true,
    retries: true,
  },
  'ci-failed': {
    meaning: 'a check failed on the head of the rollback pull request',
    pullRequest: 'leave-open',
    latches: true,
  },
  'ci-timeout': {
    meaning: 'the checks did not finish within CI_WAIT_TIMEOUT',
    pullRequest: 'leave-open',
    latches: true,
  },
  'approval-timeout': {
    meaning: 'nobody approved within MERGE_APPROVAL_TIMEOUT',
    pullRequest: 'leave-open',
    latches: true,
  },
  'rejected-by-human': { meaning: 'an eligible approver requested changes', pullRequest: 'hands-off', latches: true },
  'pr-closed-by-human': {
    meaning: 'somebody closed the rollback pull request: a veto',
    pullRequest: 'hands-off',
    latches: true,
  },
  'taken-over': {
    meaning: 'somebody pushed to the rollback branch and owns it now',
    pullRequest: 'hands-off',
    latches: true,
  },
  superseded: {
    meaning: "the application's files changed on the branch meanwhile",
    pullRequest: 'close',
    latches: true,
  },
  recovered: { meaning: 'the application became healthy by itself', pullRequest: 'close', latches: false },
  'not-synced': {
    meaning: 'the merged rollback was not synced within syncTimeout',
    pullRequest: 'close',
    latches: true,
  },
  'not-recovered': {
    meaning: 'the rollback is deployed and the application did not become healthy',
    pullRequest: 'close',
    latches: true,
  },
  unverified: {
    meaning: 'the application looks healthy but its workloads could not be read',
    pullRequest: 'close',
    latches: true,
  },
  'merge-differs': { meaning: 'the merged files are not those of the candidate', pullRequest: 'close', latches: true },
  'not-mergeable': { meaning: 'GitHub refuses to merge the pull request', pullRequest: 'close', latches: true },
  'foreign-branch': {
    meaning: "a branch of the rollback's name exists and is not ours",
    pullRequest: 'hands-off',
    latches: true,
  },
  'no-longer-managed': {
    meaning: 'the configuration no longer puts the application into this environment',
    pullRequest: 'close',
    latches: true,
  },
  'application-gone': { meaning: 'the application was deleted', pullRequest: 'close', latches: true },
  unavailable: {
    meaning: 'an upstream could not be reached in time',
    pullRequest: 'close',
    latches: true,
    retries: true,
  },
  observed: {
    meaning: 'the mode is observe: what would have been done is recorded',
    pullRequest: 'hands-off',
    latches: true,
  },
  denied: { meaning: 'an upstream does not permit a call the operator needs', pullRequest: 'close', latches: true },
  'aborted-by-user': { meaning: 'a person stopped the attempt', pullRequest: 'close', latches: true },
  internal: { meaning: 'an error of the operator itself', pullRequest: 'close', latches: true, retries: true },
  refused: { meaning: 'a rule forbids this rollback; the code says which', pullRequest: 'close', latches: true },
} as const satisfies Record<string, AbortRule>;

export type PlainAbortReason = Exclude<keyof typeof ABORT_RULES, 'refused'>;
/** `refused(<code>)` carries the code of the refusal. */
export type AbortReason = PlainAbortReason | `refused(${string})`;

/** The rule of a reason, whatever its code. */
export function abortRule(reason: AbortReason): AbortRule {
  return ABORT_RULES[reason.startsWith('refused(') ? 'refused' : (reason as PlainAbortReason)];
}
