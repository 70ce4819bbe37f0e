import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

/** One line of the table: what we do beside the bare thing, both of this run. */
export interface Row {
  readonly id: string;
  readonly what: string;
  readonly baseline: string;
  readonly unit: 'ms' | 'bytes' | 'count';
  readonly ours: number;
  /** Absent = the goal is an absolute one. */
  readonly bare?: number;
  /** Largest permitted `ours / bare`, or `ours` where there is no baseline. */
  readonly goal: number;
  readonly note?: string;
}
export const valueOf = (row: Row): number => (row.bare === undefined ? row.ours : row.ours / row.bare);
export const holds = (row: Row): boolean => valueOf(row) <= row.goal;

export interface Sample {
  readonly ms: number;
  /** Longest time in which the event loop did not come round. */
  readonly stallMs: number;
}
export type Task = () => Promise<unknown>;

const WARMING_CALLS = 100;

/** Collects garbage, when node was started with `--expose-gc`. */
export const collectGarbage = (): void => globalThis.gc?.();
/** What is younger than one collection; a full one throws compiled code away too, which no operator pays each period. */
const collectYoung = (): void => {
  globalThis.gc?.({ type: 'minor' });
};
/** Lets everything that is ready run once. */
export const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

async function sampleOf(task: Task, collect: () => void): Promise<Sample> {
  collect();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  await new Promise<void>((resolve) => {
    setTimeout(resolve, 5);
  });
  delay.enable();
  const started = performance.now();
  await task();
  const ms = performance.now() - started;
  // Lets the timer of the histogram see a stall that lasted to the end.
  await new Promise<void>((resolve) => {
    setTimeout(resolve, 5);
  });
  delay.disable();
  return { ms, stallMs: delay.max / 1e6 };
}
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};
/** Medians of both tasks in turn, A B A B, after one unmeasured round, each after a collection of garbage; `stallMs` is the longest of all rounds. */
export async function interleaved(
  ours: Task,
  bare: Task,
  rounds: number,
  garbage: 'all' | 'young' = 'all',
): Promise<{ readonly ours: Sample; readonly bare: Sample }> {
  const seen: { readonly ours: Sample[]; readonly bare: Sample[] } = { ours: [], bare: [] };
  const collect = garbage === 'all' ? collectGarbage : collectYoung;
  await ours();
  await bare();
  for (let round = 0; round < rounds; round++) {
    seen.ours.push(await sampleOf(ours, collect));
    seen.bare.push(await sampleOf(bare, collect));
  }
  const summary = (samples: readonly Sample[]): Sample => ({
    ms: median(samples.map((s) => s.ms)),
    stallMs: Math.max(...samples.map((s) => s.stallMs)),
  });
  return { ours: summary(seen.ours), bare: summary(seen.bare) };
}

/** Medians of single calls in milliseconds, A B A B, after as many unmeasured ones as compile what is run. Garbage is collected when it is. */
export async function callByCall(ours: Task, bare: Task, calls: number): Promise<{ ours: number; bare: number }> {
  const [seenOurs, seenBare]: [number[], number[]] = [[], []];
  for (let call = -WARMING_CALLS; call < calls; call++) {
    const [a, b] = [await timeOf(ours), await timeOf(bare)];
    if (call < 0) continue;
    seenOurs.push(a);
    seenBare.push(b);
  }
  return { ours: median(seenOurs), bare: median(seenBare) };
}
async function timeOf(task: Task): Promise<number> {
  const started = performance.now();
  await task();
  return performance.now() - started;
}
