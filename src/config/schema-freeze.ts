import { z } from 'zod';
import type { FreezeWindow } from '../model/policy.js';
import { group, list, text, word } from './scalars.js';
import { epochOfLocalTime, isTimeZone } from './time-zone.js';

const WEEK_DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
const CLOCK = /^(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/;
const clock = text('a time of day', '16:00', CLOCK);
const LOCAL_TIME = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d$/;
// Date.parse alone would take the 30th of February for the 2nd of March.
const exists = (written: string): boolean => new Date(`${written}Z`).toISOString().startsWith(written);
const moment = text('a local date and time', '2026-12-23T18:00', LOCAL_TIME).refine(
  (v) => !LOCAL_TIME.test(v) || exists(v),
  {
    error: 'no such day; write a date that exists',
  },
);

const minuteOf = (written: string): number => Number(written.slice(0, 2)) * 60 + Number(written.slice(3));

/** One entry of `guards.freeze`: from and to once, or each week. */
export const freezeSchema = group({
  name: text('a name', 'holidays').describe('Shown when it bars a merge.'),
  timeZone: text('a time zone', 'Europe/Berlin')
    .refine(isTimeZone, { error: 'no such time zone; write it like `Europe/Berlin` or `UTC`' })
    .describe('Time zone of all times below.'),
  from: moment.describe('Once: from this local time ...').optional(),
  to: moment.describe('... until this one.').optional(),
  weekly: group({
    days: list(word(WEEK_DAYS), '[friday]')
      .min(1, { error: 'is empty; write `[friday]`' })
      .describe('Days on which it begins.'),
    from: clock.describe('From this local time ...'),
    to: clock.describe('... until this one; at or before from = on the day after.'),
  })
    .describe('Or: each week.')
    .optional(),
}).transform((freeze, context): FreezeWindow => {
  const { name, timeZone, from, to, weekly } = freeze;
  if (weekly !== undefined && from === undefined && to === undefined) {
    const days = [...new Set(weekly.days.map((day) => WEEK_DAYS.indexOf(day) + 1))];
    return { kind: 'weekly', name, timeZone, days, fromMinute: minuteOf(weekly.from), toMinute: minuteOf(weekly.to) };
  }
  if (weekly !== undefined || from === undefined || to === undefined) {
    context.addIssue({
      code: 'custom',
      message:
        'a freeze needs from and to, or weekly; write `from: 2026-12-23T18:00` and `to: 2027-01-02T08:00`, or `weekly: { days: [friday], from: 16:00, to: 24:00 }`',
    });
    return z.NEVER;
  }
  const window = {
    kind: 'absolute',
    name,
    timeZone,
    from: epochOfLocalTime(from, timeZone),
    to: epochOfLocalTime(to, timeZone),
  } as const;
  if (window.from < window.to) return window;
  context.addIssue({ code: 'custom', message: 'ends before it begins; write a `to` that is later than `from`' });
  return z.NEVER;
});
