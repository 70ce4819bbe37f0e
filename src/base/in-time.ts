/**
 * Waits at most `ms` for something that cannot be stopped; then throws what `whenLate` makes of it: it is given a promise
 * that resolves when that has ended after all, however it ended.
 */
export async function inTime<T>(
  pending: Promise<T>,
  ms: number,
  whenLate: (ended: Promise<unknown>) => Error,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(whenLate(Promise.allSettled([pending]))), ms);
  });
  try {
    return await Promise.race([pending, late]);
  } finally {
    clearTimeout(timer);
  }
}
