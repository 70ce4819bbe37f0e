import type { Clock } from './clock.js';
import { asOperatorError } from './errors.js';

/** `MCP_RETRY_COUNT` and `MCP_RETRY_BACKOFF` of the architecture. */
export interface RetryPolicy {
  readonly count: number;
  readonly backoffMs: readonly number[];
}

/** An upstream that asks for a longer pause than this is not waited for inside a call; the controller looks again later. */
const LONGEST_PAUSE_MS = 15_000;

/**
 * Calls `fn` again after a transient error, at most `policy.count` times (architecture: 1 s, 2 s, 4 s).
 * Only for reads, and for writes that look before they act. The last error is thrown as it was.
 */
export async function withRetry<T>(
  clock: Clock,
  policy: RetryPolicy,
  signal: AbortSignal,
  fn: () => Promise<T>,
): Promise<T> {
  for (let tried = 0; ; tried++) {
    try {
      return await fn();
    } catch (error) {
      const e = asOperatorError(error);
      const planned = policy.backoffMs[Math.min(tried, policy.backoffMs.length - 1)] ?? 0;
      const pause = Math.max(planned, e.retryAfterMs ?? 0);
      if (e.category !== 'transient' || tried >= policy.count || pause > LONGEST_PAUSE_MS || signal.aborted) throw e;
      await clock.sleep(pause, signal);
    }
  }
}
