import { z } from 'zod';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

function durationMs(text: string): number {
  const [, count = 'NaN', unit = ''] = DURATION.exec(text) ?? [];
  return Number(count) * (UNIT_MS[unit] ?? Number.NaN);
}

/** A duration with its unit (`5s`, `1.5h`), as milliseconds. */
export const duration = z
  .string()
  .regex(DURATION, 'write a duration with its unit: 500ms, 10s, 15m, 24h, 7d')
  .transform(durationMs);

/** A moment before the start of the sandbox (`-26h`), as milliseconds before it; never divided by the speed. */
export const past = z
  .string()
  .regex(/^-\d+(?:\.\d+)?(?:ms|s|m|h|d)$/, 'write how long before the start: -26h, -30m')
  .transform((text) => -durationMs(text.slice(1)));

/** Files of a commit: text by path; null deletes. */
export const files = z.record(z.string(), z.string().nullable());

/** Two words at least, joined by dashes. */
export const scenarioName = z
  .string()
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)+$/, 'write at least two lower-case words joined by dashes');
