const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** What a Date can hold. */
const LAST_TIME = 8.64e15;

/** A length of time in the two units that matter: `40 s`, `2 min 20 s`, `26 h`, `3 d 2 h`. */
export function duration(ms: number): string {
  const length = Math.abs(ms);
  if (!Number.isFinite(length)) return 'an unknown time';
  if (length < MINUTE) return `${Math.floor(length / SECOND)} s`;
  if (length < HOUR) return twoUnits(length, MINUTE, 'min', SECOND, 's');
  if (length < 2 * DAY) return twoUnits(length, HOUR, 'h', MINUTE, 'min');
  return twoUnits(length, DAY, 'd', HOUR, 'h');
}
function twoUnits(ms: number, big: number, bigName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % big) / small);
  return `${Math.floor(ms / big)} ${bigName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`;
}

/** `2026-01-05 14:02:11 UTC`. */
export const utc = (at: number): string =>
  Math.abs(at) <= LAST_TIME ? `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC` : 'an unknown time';

/** `40 s ago`, `in 2 min`, `now`. */
export function ago(at: number, now: number): string {
  if (Math.abs(now - at) < SECOND) return 'now';
  return at < now ? `${duration(now - at)} ago` : `in ${duration(at - now)}`;
}

/** `2026-01-05 14:02:11 UTC (40 s ago)`. */
export const when = (at: number, now: number): string => `${utc(at)} (${ago(at, now)})`;
