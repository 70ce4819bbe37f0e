/** The units a duration is written in, in milliseconds. */
export const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** An exact way to write a duration: 3600000 is `1h`, 90000 is `90s`; a day is `24h`, as people say. */
export function formatDuration(ms: number): string {
  const units = Object.entries(UNIT_MS).toReversed();
  const [unit, size] = units.find(
    ([, unitMs]) => ms >= unitMs && ms % unitMs === 0 && (unitMs !== UNIT_MS.d || ms > unitMs),
  ) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}
