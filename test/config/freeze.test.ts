import { expect } from 'chai';
import { epochOfLocalTime, isTimeZone } from '../../src/config/time-zone.js';
import { ConfigFolder, LEAST } from './config-folder.js';

describe('a freeze', () => {
  const folder = new ConfigFolder();
  after(() => {
    folder.remove();
  });
  const freeze = (yaml: string): unknown =>
    folder.load(`${LEAST}guards: { freeze: [{ name: f, timeZone: Europe/Berlin, ${yaml} }] }\n`).config.guards
      .freeze[0];

  it('that is dated begins and ends at the local times of its zone', () => {
    expect(freeze('from: 2026-07-01T18:00, to: 2026-12-01T08:00')).to.deep.equal({
      kind: 'absolute',
      name: 'f',
      timeZone: 'Europe/Berlin',
      from: Date.parse('2026-07-01T16:00:00Z'),
      to: Date.parse('2026-12-01T07:00:00Z'),
    });
  });
  it('that is weekly counts days from Monday and minutes from midnight, each day once', () => {
    expect(freeze('weekly: { days: [friday, monday, friday], from: "16:30", to: 24:00 }')).to.deep.equal({
      kind: 'weekly',
      name: 'f',
      timeZone: 'Europe/Berlin',
      days: [5, 1],
      fromMinute: 990,
      toMinute: 1440,
    });
  });
});

describe('a local time', () => {
  const utc = (local: string, zone: string): string => new Date(epochOfLocalTime(local, zone)).toISOString();
  it('is an instant in every zone, half hours and the date line included', () => {
    expect(utc('2026-03-01T12:00', 'UTC')).to.equal('2026-03-01T12:00:00.000Z');
    expect(utc('2026-03-01T12:00', 'Asia/Kolkata')).to.equal('2026-03-01T06:30:00.000Z');
    expect(utc('2026-03-01T12:00', 'Pacific/Kiritimati')).to.equal('2026-02-28T22:00:00.000Z');
    expect(utc('2026-03-01T12:00', 'America/Los_Angeles')).to.equal('2026-03-01T20:00:00.000Z');
  });
  it('that a clock change skips counts as if the clock had not changed, and one that comes twice is the first', () => {
    expect(utc('2026-03-29T02:30', 'Europe/Berlin')).to.equal('2026-03-29T01:30:00.000Z');
    expect(utc('2026-03-29T03:30', 'Europe/Berlin')).to.equal('2026-03-29T01:30:00.000Z');
    expect(utc('2026-10-25T02:30', 'Europe/Berlin')).to.equal('2026-10-25T00:30:00.000Z');
  });
  it('needs a zone that exists', () => {
    expect(['Europe/Berlin', 'UTC', 'Mars/Base', ''].map(isTimeZone)).to.deep.equal([true, true, false, false]);
  });
});
