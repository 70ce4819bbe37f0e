/** Every wait of the product has a name here; the architecture's constants keep its spelling. Milliseconds, but for the two counts. */
export interface Timing {
  readonly HEALTH_CHECK_INTERVAL: number;
  /** A count of checks. */
  readonly DEGRADATION_PERSISTENCE_CHECKS: number;
  readonly HEALTH_RESTORATION_DURATION: number;
  readonly CANDIDATE_SEARCH_TIMEOUT: number;
  readonly CI_WAIT_TIMEOUT: number;
  readonly MERGE_APPROVAL_TIMEOUT: number;
  /** A count of retries. */
  readonly MCP_RETRY_COUNT: number;
  readonly MCP_RETRY_BACKOFF: readonly number[];
  readonly confirmTimeout: number;
  readonly proposalTimeout: number;
  readonly ciSettleWindow: number;
  readonly syncTimeout: number;
  readonly recoveryTimeout: number;
  /** After `search-timeout`, `unavailable` or `internal` without a pull request: one automatic retry after this. */
  readonly retryAfter: number;
  /** Extra time once, when the looks fail at a deadline because an upstream cannot be reached. */
  readonly unreachableGrace: number;
  /** How often a waiting pull request is looked at. */
  readonly pullRequestPollInterval: number;
  /** How often the rules are evaluated again while a human is waited for. */
  readonly reevaluationInterval: number;
  /** How often Argo CD is asked to refresh while the merge commit is not synced. */
  readonly refreshInterval: number;
  /** How often the agenda is swept. */
  readonly sweepInterval: number;
}

/** The names of the durations a deadline can be made of. */
export type DeadlineName =
  | 'MERGE_APPROVAL_TIMEOUT'
  | 'CANDIDATE_SEARCH_TIMEOUT'
  | 'CI_WAIT_TIMEOUT'
  | 'confirmTimeout'
  | 'proposalTimeout'
  | 'syncTimeout'
  | 'recoveryTimeout';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** The architecture's values and the semantics' own. */
export const DEFAULT_TIMING: Timing = {
  HEALTH_CHECK_INTERVAL: 10 * SECOND,
  DEGRADATION_PERSISTENCE_CHECKS: 3,
  HEALTH_RESTORATION_DURATION: 60 * SECOND,
  CANDIDATE_SEARCH_TIMEOUT: 120 * SECOND,
  CI_WAIT_TIMEOUT: 300 * SECOND,
  MERGE_APPROVAL_TIMEOUT: 3600 * SECOND,
  MCP_RETRY_COUNT: 3,
  MCP_RETRY_BACKOFF: [1 * SECOND, 2 * SECOND, 4 * SECOND],
  confirmTimeout: 10 * MINUTE,
  proposalTimeout: 10 * MINUTE,
  ciSettleWindow: 60 * SECOND,
  syncTimeout: 10 * MINUTE,
  recoveryTimeout: 15 * MINUTE,
  retryAfter: 15 * MINUTE,
  unreachableGrace: 10 * MINUTE,
  pullRequestPollInterval: 5 * SECOND,
  reevaluationInterval: 60 * SECOND,
  refreshInterval: 60 * SECOND,
  sweepInterval: 1 * SECOND,
};
