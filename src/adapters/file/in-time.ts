/**
 * Waits at most `ms` for a write; then throws what `whenLate` makes of it. A write cannot be taken back: `whenLate` is
 * given a promise that resolves when it has ended after all, however it ended.
 */
export async function inTime<T>(
  writing: Promise<T>,
  ms: number,
  whenLate: (ended: Promise<unknown>) => Error,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(whenLate(Promise.allSettled([writing]))), ms);
  });
  try {
    return await Promise.race([writing, late]);
  } finally {
    clearTimeout(timer);
  }
}
