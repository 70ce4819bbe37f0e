import type { Clock } from '../../base/clock.js';
import { OperatorError } from '../../base/errors.js';

/**
 * Tries again while the answer is unknown: only for reads, and for transactions that recognise themselves. In the end an
 * unknown is STORE_UNAVAILABLE (transient): the caller reads before it decides again.
 */
export async function patiently<T>(
  clock: Pick<Clock, 'sleep'>,
  pausesMs: readonly number[],
  call: () => Promise<T>,
): Promise<T> {
  for (let tried = 0; ; tried++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof OperatorError) || error.category !== 'unknown') throw error;
      const pauseMs = pausesMs[tried];
      if (pauseMs === undefined)
        throw new OperatorError(error.code, 'transient', error.message, { cause: error.cause });
      await clock.sleep(pauseMs);
    }
  }
}
