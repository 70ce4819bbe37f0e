import type { EpochMs } from '../model/application.js';

/** Whether this runtime knows a time zone of that name. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== '';
  } catch {
    return false; // the only way Intl has to say no
  }
}

/**
 * The instant of a local time (`2026-12-23T18:00`) in a time zone. A time that a clock change skips is taken as if the
 * clock had not been changed; one that happens twice is the first.
 */
export function epochOfLocalTime(local: string, timeZone: string): EpochMs {
  const asIfUtc = Date.parse(`${local}Z`);
  const first = asIfUtc - offsetMs(asIfUtc - 86_400_000, timeZone);
  const second = asIfUtc - offsetMs(asIfUtc + 86_400_000, timeZone);
  const fits = [first, second].filter((at) => at + offsetMs(at, timeZone) === asIfUtc);
  return fits.length === 0 ? first : Math.min(...fits);
}

function offsetMs(at: EpochMs, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const local = Date.parse(
    `${part['year']}-${part['month']}-${part['day']}T${part['hour']}:${part['minute']}:${part['second']}Z`,
  );
  return local - Math.floor(at / 1000) * 1000;
}
