import { z } from 'zod';
import { DEFAULT_TIMING, type Timing } from '../model/timing.js';
import { formatDuration } from '../base/written-duration.js';
import { count, group, list, wait, waitOrNone } from './scalars.js';

type DurationKey = { [K in keyof Timing]: Timing[K] extends number ? K : never }[keyof Timing];
function duration(key: DurationKey, what: string): z.ZodPrefault<z.ZodType<number, string>> {
  const standard = formatDuration(DEFAULT_TIMING[key]);
  return wait(standard).prefault(standard).describe(what);
}
const grace = formatDuration(DEFAULT_TIMING.unreachableGrace);

/** `timing`: every wait of the product under its own name. */
export const timingSchema = group({
  HEALTH_CHECK_INTERVAL: duration('HEALTH_CHECK_INTERVAL', 'How often a suspect is looked at.'),
  DEGRADATION_PERSISTENCE_CHECKS: count(1, 8)
    .default(DEFAULT_TIMING.DEGRADATION_PERSISTENCE_CHECKS)
    .describe('Consecutive Degraded checks that confirm a degradation.'),
  HEALTH_RESTORATION_DURATION: duration(
    'HEALTH_RESTORATION_DURATION',
    'How long health must hold before it counts as restored.',
  ),
  CANDIDATE_SEARCH_TIMEOUT: duration('CANDIDATE_SEARCH_TIMEOUT', 'Time to find the version to go back to.'),
  CI_WAIT_TIMEOUT: duration('CI_WAIT_TIMEOUT', 'Time for the checks of the pull request to end.'),
  MERGE_APPROVAL_TIMEOUT: duration('MERGE_APPROVAL_TIMEOUT', 'How long people are waited for.'),
  MCP_RETRY_COUNT: count(0, 10)
    .default(DEFAULT_TIMING.MCP_RETRY_COUNT)
    .describe('How often a failed call is repeated.'),
  MCP_RETRY_BACKOFF: list(wait('1s'), '[1s, 2s, 4s]')
    .min(1, { error: 'is empty; write `[1s, 2s, 4s]`' })
    .prefault(DEFAULT_TIMING.MCP_RETRY_BACKOFF.map(formatDuration))
    .describe('Pauses before the repeats; the last one counts for all further ones.'),
  confirmTimeout: duration('confirmTimeout', 'Time for a degradation to be confirmed; afterwards it is dismissed.'),
  proposalTimeout: duration('proposalTimeout', 'Time to open the pull request.'),
  ciSettleWindow: duration('ciSettleWindow', 'How long the set of checks must stay the same when none is required.'),
  syncTimeout: duration('syncTimeout', 'Time for Argo CD to sync the merge commit.'),
  recoveryTimeout: duration('recoveryTimeout', 'Time for the application to become healthy after the sync.'),
  retryAfter: duration('retryAfter', 'Pause before the one automatic retry after an outage.'),
  unreachableGrace: waitOrNone(grace)
    .prefault(grace)
    .describe('Extra time, once, when an upstream cannot be reached at a deadline.'),
  pullRequestPollInterval: duration('pullRequestPollInterval', 'How often a waiting pull request is looked at.'),
  reevaluationInterval: duration(
    'reevaluationInterval',
    'How often the rules are judged again while people are waited for.',
  ),
  refreshInterval: duration(
    'refreshInterval',
    'How often Argo CD is asked to refresh until the merge commit is synced.',
  ),
  sweepInterval: duration('sweepInterval', 'How often due attempts are looked for.'),
} satisfies Record<keyof Timing, z.ZodType>).describe('Every wait of the operator, with a unit: 500ms, 10s, 15m, 24h.');
