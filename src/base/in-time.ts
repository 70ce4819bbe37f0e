/**
 * Waits at most `ms` for something that cannot be stopped; then throws what `whenLate` makes of it: it is given a promise
 * that resolves when that has ended after all, however it ended.
 */
export function inTime<T>(pending: Promise<T>, ms: number, whenLate: (ended: Promise<unknown>) => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(whenLate(Promise.allSettled([pending]))), ms);
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      act();
    };
    pending.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}
