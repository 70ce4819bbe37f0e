import { expect } from 'chai';
import fc from 'fast-check';
import { isFrozen } from '../../src/governance/freeze.js';
import type { FreezeWindow } from '../../src/model/policy.js';

const MINUTE = 60_000;
const weekly = (days: readonly number[], from: string, to: string, timeZone = 'UTC'): FreezeWindow => ({
  kind: 'weekly',
  name: 'w',
  timeZone,
  days,
  fromMinute: minuteOf(from),
  toMinute: minuteOf(to),
});
const minuteOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
const frozen = (window: FreezeWindow, ...moments: string[]): readonly boolean[] =>
  moments.map((m) => isFrozen(window, Date.parse(m)));

describe('a freeze window', () => {
  it('that is absolute is open from its beginning up to its end, which no longer belongs to it', () => {
    const from = Date.parse('2026-12-23T18:00:00Z');
    const window: FreezeWindow = {
      kind: 'absolute',
      name: 'holidays',
      timeZone: 'Europe/Berlin',
      from,
      to: from + MINUTE,
    };
    expect([from - 1, from, from + MINUTE - 1, from + MINUTE].map((at) => isFrozen(window, at))).to.deep.equal([
      false,
      true,
      true,
      false,
    ]);
  });
  it('of each week is open on its days only, from its first minute up to its last', () => {
    // 2026-01-02 is a Friday.
    const friday = weekly([5], '16:00', '18:00');
    expect(
      frozen(
        friday,
        '2026-01-02T15:59:59Z',
        '2026-01-02T16:00:00Z',
        '2026-01-02T17:59:59Z',
        '2026-01-02T18:00:00Z',
        '2026-01-03T17:00:00Z',
      ),
    ).to.deep.equal([false, true, true, false, false]);
  });
  it('up to 24:00 ends at midnight', () => {
    expect(frozen(weekly([5], '16:00', '24:00'), '2026-01-02T23:59:59Z', '2026-01-03T00:00:00Z')).to.deep.equal([
      true,
      false,
    ]);
  });
  it('that ends before it begins reaches into the next day, and belongs to the day it began on', () => {
    const overNight = weekly([5], '22:00', '06:00');
    expect(
      frozen(
        overNight,
        '2026-01-02T05:00:00Z',
        '2026-01-02T22:00:00Z',
        '2026-01-03T05:59:59Z',
        '2026-01-03T06:00:00Z',
        '2026-01-03T22:00:00Z',
      ),
    ).to.deep.equal([false, true, true, false, false]);
  });
  it('over midnight reaches from Sunday into Monday', () => {
    // 2026-01-04 is a Sunday.
    expect(frozen(weekly([7], '22:00', '06:00'), '2026-01-05T05:00:00Z', '2026-01-06T05:00:00Z')).to.deep.equal([
      true,
      false,
    ]);
  });
  it('that ends when it begins lasts a whole day', () => {
    expect(
      frozen(
        weekly([5], '09:00', '09:00'),
        '2026-01-02T08:59:00Z',
        '2026-01-02T09:00:00Z',
        '2026-01-03T08:59:00Z',
        '2026-01-03T09:00:00Z',
      ),
    ).to.deep.equal([false, true, true, false]);
  });
  it('means the day and the time of its own time zone', () => {
    // Friday 16:00 in Auckland (UTC+13) is Friday 03:00 in UTC; in Los Angeles (UTC-8) it is Saturday 00:00.
    expect(
      frozen(weekly([5], '16:00', '17:00', 'Pacific/Auckland'), '2026-01-02T03:30:00Z', '2026-01-02T16:30:00Z'),
    ).to.deep.equal([true, false]);
    expect(
      frozen(weekly([5], '16:00', '17:00', 'America/Los_Angeles'), '2026-01-03T00:30:00Z', '2026-01-02T16:30:00Z'),
    ).to.deep.equal([true, false]);
    expect(
      frozen(weekly([5], '16:00', '17:00', 'Asia/Kathmandu'), '2026-01-02T10:14:00Z', '2026-01-02T10:15:00Z'),
    ).to.deep.equal([false, true]);
  });
  it('keeps its local time in summer and in winter', () => {
    const berlin = weekly([5], '16:00', '17:00', 'Europe/Berlin');
    expect(frozen(berlin, '2026-01-02T15:30:00Z', '2026-07-03T14:30:00Z', '2026-07-03T15:30:00Z')).to.deep.equal([
      true,
      true,
      false,
    ]);
  });
  it('that begins within the hour the clock leaves out opens right after it', () => {
    // Berlin, Sunday 2026-03-29: 02:00 becomes 03:00 at 01:00 UTC.
    const gap = weekly([7], '02:30', '04:00', 'Europe/Berlin');
    expect(
      frozen(gap, '2026-03-29T00:59:59Z', '2026-03-29T01:00:00Z', '2026-03-29T01:59:59Z', '2026-03-29T02:00:00Z'),
    ).to.deep.equal([false, true, true, false]);
  });
  it('within the hour that comes twice is open both times', () => {
    // Berlin, Sunday 2026-10-25: 03:00 becomes 02:00 at 01:00 UTC.
    const twice = weekly([7], '02:15', '02:45', 'Europe/Berlin');
    expect(frozen(twice, '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z', '2026-10-25T00:50:00Z')).to.deep.equal([
      true,
      true,
      false,
    ]);
  });
  it('over midnight of a night with a clock change still ends at its local time', () => {
    const night = weekly([6], '22:00', '06:00', 'Europe/Berlin');
    expect(
      frozen(night, '2026-03-29T03:59:59Z', '2026-03-29T04:00:00Z', '2026-10-25T04:59:59Z', '2026-10-25T05:00:00Z'),
    ).to.deep.equal([true, false, true, false]);
  });
  it('on all days from 00:00 to 24:00 is always open, in every time zone', () => {
    const anyZone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Chatham', 'Africa/Casablanca');
    fc.assert(
      fc.property(anyZone, fc.integer({ min: 0, max: 60 * 366 * 24 }), (timeZone, minute) => {
        expect(
          isFrozen(weekly([1, 2, 3, 4, 5, 6, 7], '00:00', '24:00', timeZone), Date.UTC(2026, 0, 1) + minute * MINUTE),
        ).to.equal(true);
      }),
    );
  });
  it('and the window of the remaining time are never open, and never closed, both at once', () => {
    const all = [1, 2, 3, 4, 5, 6, 7];
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1439 }), fc.integer({ min: 0, max: 60 * 366 * 24 }), (split, minute) => {
        const at = Date.UTC(2026, 0, 1) + minute * MINUTE;
        const window = { kind: 'weekly', name: 'w', timeZone: 'America/New_York', days: all } as const;
        expect(isFrozen({ ...window, fromMinute: 0, toMinute: split }, at)).to.not.equal(
          isFrozen({ ...window, fromMinute: split, toMinute: 0 }, at),
        );
      }),
    );
  });
});
