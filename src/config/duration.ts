import { UNIT_MS } from '../base/written-duration.js';

type Unit = keyof typeof UNIT_MS;

/** A whole number and a unit: `500ms`, `10s`, `15m`, `24h`, `7d`. */
export const DURATION_PATTERN = /^(\d{1,9})(ms|s|m|h|d)$/;

/** Milliseconds of a written duration; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const [, digits, unit] = DURATION_PATTERN.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * UNIT_MS[unit as Unit];
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
