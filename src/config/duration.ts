const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof UNIT_MS;

/** A whole number and a unit: `500ms`, `10s`, `15m`, `24h`, `7d`. */
export const DURATION_PATTERN = /^(\d{1,9})(ms|s|m|h|d)$/;

/** Milliseconds of a written duration; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const [, digits, unit] = DURATION_PATTERN.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * UNIT_MS[unit as Unit];
}

/** An exact way to write a duration: 3600000 is `1h`, 90000 is `90s`; a day is `24h`, as people say. */
export function formatDuration(ms: number): string {
  const units = Object.entries(UNIT_MS).toReversed();
  const [unit, size] = units.find(
    ([, unitMs]) => ms >= unitMs && ms % unitMs === 0 && (unitMs !== UNIT_MS.d || ms > unitMs),
  ) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}

/** Why `value` is no duration and what to write instead. */
export function durationFault(value: unknown, example: string): string {
  if (typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value))) {
    const unit = /[a-z]+$/.exec(example)?.[0] ?? 's';
    return `\`${value}\` has no unit; write \`${value}${unit}\` (units: ms, s, m, h, d)`;
  }
  const seen = typeof value === 'string' ? `\`${value}\` is not a duration` : 'not a duration';
  return `${seen}; write a whole number and one of ms, s, m, h, d, such as \`${example}\``;
}
