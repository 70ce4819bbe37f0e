/**
 * Starts all jobs, at most `atOnce` at the same time and in their order, and answers a promise for each by its name. None
 * of them counts as unhandled: whoever awaits one hears of its failure.
 */
export function runInLanes<T>(
  names: readonly string[],
  atOnce: number,
  job: (name: string) => Promise<T>,
): ReadonlyMap<string, Promise<T>> {
  const waiting = [...names];
  const starters = new Map<string, (value: Promise<T>) => void>();
  const results = new Map(
    names.map((name) => {
      const result = new Promise<T>((resolve) => {
        starters.set(name, resolve);
      });
      result.catch(() => undefined);
      return [name, result] as const;
    }),
  );
  const serve = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const running = job(name);
      starters.get(name)?.(running);
      await running.catch(() => undefined);
    }
  };
  for (let lane = 0; lane < atOnce; lane++) void serve();
  return results;
}
