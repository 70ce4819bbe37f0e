import type { EpochMs } from '../model/application.js';
import type { FreezeWindow } from '../model/policy.js';

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Local weekday (1 = Monday) and minutes since local midnight; daylight saving is the time zone database's business. */
function localTime(at: EpochMs, timeZone: string): { readonly day: number; readonly minute: number } {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const part = (type: string): string => parts.find((p) => p.type === type)?.value ?? '';
  return { day: WEEKDAYS.indexOf(part('weekday')) + 1, minute: Number(part('hour')) * 60 + Number(part('minute')) };
}

/** Is the window open at that moment? A weekly window that ends at or before its start reaches into the next day. */
export function isFrozen(window: FreezeWindow, at: EpochMs): boolean {
  if (window.kind === 'absolute') return at >= window.from && at < window.to;
  const { day, minute } = localTime(at, window.timeZone);
  const dayBefore = day === 1 ? 7 : day - 1;
  if (window.toMinute > window.fromMinute) {
    return window.days.includes(day) && minute >= window.fromMinute && minute < window.toMinute;
  }
  return (
    (window.days.includes(day) && minute >= window.fromMinute) ||
    (window.days.includes(dayBefore) && minute < window.toMinute)
  );
}
