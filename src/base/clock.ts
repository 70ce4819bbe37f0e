/** Time, injected: `now` for records, `monotonic` for durations, `sleep` for waits. Tests move a manual one. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. */
  now(): number;
  /** Never goes back; milliseconds from an arbitrary origin. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own clock. */
export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }
  monotonic(): number {
    return performance.now();
  }
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const onAbort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }
}

/**
 * Runs `fn` each `interval()` milliseconds, one at a time, dropping missed ticks; returns when the signal aborts.
 * The interval is asked anew for every tick, so that a slow upstream can stretch it.
 */
export async function everyInterval(
  clock: Clock,
  interval: () => number,
  fn: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let next = clock.monotonic();
  while (!signal.aborted) {
    await fn();
    const intervalMs = interval();
    next += intervalMs;
    const late = clock.monotonic() - next;
    if (late > 0) next += Math.ceil(late / intervalMs) * intervalMs;
    try {
      await clock.sleep(next - clock.monotonic(), signal);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
  }
}
