import { expect } from 'chai';
import fc from 'fast-check';
import type { HealthStatus } from '../../../src/model/application.js';
import type { UptimeEvidence } from '../../../src/model/candidate.js';
import type { HealthHistory, HealthSample, TimeWindow } from '../../../src/ports/metrics-backend.js';
import { uptimeOf, windowsToRead } from '../../../src/stages/3-resolution/uptime.js';
import { T0 } from '../../support/attempt-parts.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const GRACE = 10 * MINUTE;
const span = (fromHours: number, toHours: number): TimeWindow => ({
  from: T0 + fromHours * HOUR,
  to: T0 + toHours * HOUR,
});
/** What was seen at a moment; `undefined` = nothing at all. */
type Seen = (at: number) => readonly HealthStatus[] | undefined;
const healthy: Seen = () => ['Healthy'];
const samplesOf = ({ from, to }: TimeWindow, seen: Seen): readonly HealthSample[] => {
  const samples: HealthSample[] = [];
  for (let at = Math.ceil(from / MINUTE) * MINUTE; at <= to; at += MINUTE) {
    const statuses = seen(at);
    if (statuses !== undefined) samples.push({ at, statuses });
  }
  return samples;
};
/** Reads what has to be read of a history, and adds it up. */
const uptime = (spans: readonly TimeWindow[], seen: Seen = healthy): UptimeEvidence =>
  uptimeOf(
    spans,
    windowsToRead(spans).map((window) => ({
      span: window,
      history: { kind: 'samples', stepMs: MINUTE, samples: samplesOf(window, seen) },
    })),
  );
const measured = (ratio: number, observedMs: number, coverage = 1): UptimeEvidence => ({
  kind: 'measured',
  ratio,
  observedMs,
  coverage,
});
const ratioOf = (e: UptimeEvidence): number => (e.kind === 'measured' ? e.ratio : Number.NaN);
/** Down in the given minutes before `to`, up at all other times. */
const downFor =
  (minutes: number, to: number, how: HealthStatus = 'Degraded'): Seen =>
  (at) => [at >= to - minutes * MINUTE && at < to ? how : 'Healthy'];

describe('the uptime of a version', () => {
  it('is 100 % over 24 h for one that was Healthy all day', () => {
    expect(uptime([span(0, 30)])).to.deep.equal(measured(1, DAY));
  });
  it('counts the most recent 24 h of its deployed time only', () => {
    expect(uptime([span(0, 48)], (at) => [at < T0 + 24 * HOUR ? 'Degraded' : 'Healthy'])).to.deep.equal(
      measured(1, DAY),
    );
    expect(uptime([span(0, 48)], (at) => [at < T0 + 25 * HOUR ? 'Degraded' : 'Healthy'])).to.deep.equal(
      measured(23 / 24, DAY),
    );
  });
  it('is exactly 99 % with 14.4 min down: 14 min pass, 15 do not', () => {
    const spans = [span(0, 48)];
    expect(ratioOf(uptime(spans, downFor(14, T0 + 47 * HOUR)))).to.be.at.least(0.99);
    expect(ratioOf(uptime(spans, downFor(15, T0 + 47 * HOUR)))).to.be.below(0.99);
  });
  it('takes nothing but Healthy for up', () => {
    for (const how of ['Progressing', 'Degraded', 'Suspended', 'Missing', 'Unknown'] as const)
      expect(uptime([span(0, 48)], downFor(60, T0 + 47 * HOUR, how)), how).to.deep.equal(measured(23 / 24, DAY));
  });
  it('takes two series at once for down unless both say Healthy, as while controllers are resharded', () => {
    const resharding =
      (second: HealthStatus): Seen =>
      (at) =>
        at >= T0 + 46 * HOUR && at < T0 + 47 * HOUR ? ['Healthy', second] : ['Healthy'];
    expect(uptime([span(0, 48)], resharding('Healthy'))).to.deep.equal(measured(1, DAY));
    expect(uptime([span(0, 48)], resharding('Progressing'))).to.deep.equal(measured(23 / 24, DAY));
  });

  it('does not take the last Healthy of the version before for its own: the rollout that follows is still grace', () => {
    const rollout: Seen = (at) => [at >= T0 + MINUTE && at < T0 + 4 * MINUTE ? 'Progressing' : 'Healthy'];
    expect(uptime([span(0, 1)], rollout)).to.deep.equal(measured(1, HOUR - 4 * MINUTE));
    const relapse: Seen = (at) => [at >= T0 + 5 * MINUTE && at < T0 + 8 * MINUTE ? 'Degraded' : 'Healthy'];
    expect(uptime([span(0, 1)], relapse)).to.deep.equal(measured(57 / 60, HOUR));
  });
  it('is made of several deployments, the newest first', () => {
    const spans = [span(0, 12), span(20, 30), span(40, 46)];
    expect(uptime(spans)).to.deep.equal(measured(1, DAY));
    expect(windowsToRead(spans)).to.deep.equal([
      span(40, 46),
      span(20, 30),
      { from: T0 + 12 * HOUR - (DAY - (6 + 10) * HOUR + 2 * GRACE) - GRACE, to: T0 + 12 * HOUR },
    ]);
  });
  it('does not depend on the order in which the histories were read', () => {
    const spans = [span(0, 12), span(20, 30), span(40, 46)];
    const early: Seen = (at) => [at < T0 + 15 * HOUR ? 'Degraded' : 'Healthy'];
    const read = windowsToRead(spans).map((window): { span: TimeWindow; history: HealthHistory } => ({
      span: window,
      history: { kind: 'samples', stepMs: MINUTE, samples: samplesOf(window, early) },
    }));
    expect(uptimeOf(spans, read.toReversed())).to.deep.equal(uptimeOf(spans, read));
  });
  it('says how long it was observed when all its deployments together are shorter than 24 h', () => {
    expect(uptime([span(0, 3), span(10, 12)], healthy)).to.deep.equal(measured(1, 5 * HOUR));
  });
  it('is still 24 h for many short deployments that each spent their rollout grace', () => {
    const spans = Array.from({ length: 40 }, (_, i) => span(i * 2, i * 2 + 1));
    const slow: Seen = (at) => [(at - T0) % (2 * HOUR) < GRACE ? 'Progressing' : 'Healthy'];
    expect(uptime(spans, slow)).to.deep.equal(measured(1, DAY));
  });

  it('leaves out the rollout until the version is Healthy for the first time', () => {
    expect(uptime([span(0, 5)], (at) => [at < T0 + 4 * MINUTE ? 'Progressing' : 'Healthy'])).to.deep.equal(
      measured(1, 5 * HOUR - 4 * MINUTE),
    );
  });
  it('leaves out ten minutes of rollout at most', () => {
    expect(uptime([span(0, 5)], (at) => [at < T0 + 20 * MINUTE ? 'Progressing' : 'Healthy'])).to.deep.equal(
      measured(280 / 290, 5 * HOUR - GRACE),
    );
  });
  it('leaves out the rollout of each deployment', () => {
    const slow: Seen = (at) => [(at - T0) % (10 * HOUR) < 6 * MINUTE ? 'Progressing' : 'Healthy'];
    expect(uptime([span(0, 3), span(10, 12)], slow)).to.deep.equal(measured(1, 5 * HOUR - 12 * MINUTE));
  });

  it('is 0 %, and not unavailable, for a version that never was Healthy', () => {
    expect(uptime([span(0, 5)], () => ['Degraded'])).to.deep.equal(measured(0, 5 * HOUR - GRACE));
  });
  it('is 0 %, and not unavailable, for a version that was replaced before it ever was Healthy', () => {
    expect(uptime([{ from: T0, to: T0 + 8 * MINUTE }], () => ['Progressing'])).to.deep.equal(measured(0, 0));
  });
  it('is unavailable when nothing was seen at all', () => {
    expect(uptime([span(0, 5)], () => undefined)).to.deep.equal({
      kind: 'unavailable',
      why: 'only 0 % of the expected samples are there',
    });
    expect(uptime([{ from: T0, to: T0 + 8 * MINUTE }], () => undefined)).to.deep.equal({
      kind: 'unavailable',
      why: 'it was deployed for less than one sample',
    });
    expect(uptime([])).to.deep.equal({ kind: 'unavailable', why: 'it was deployed for less than one sample' });
  });
  it('is unavailable below 95 % of the expected samples, and counts what is there from 95 % on', () => {
    const gap =
      (minutes: number): Seen =>
      (at) =>
        at >= T0 + 3 * HOUR && at < T0 + 3 * HOUR + minutes * MINUTE ? undefined : ['Healthy'];
    expect(uptime([span(0, 5)], gap(15))).to.deep.equal(measured(1, 5 * HOUR, 0.95));
    expect(uptime([span(0, 5)], gap(16))).to.deep.equal({
      kind: 'unavailable',
      why: 'only 94 % of the expected samples are there',
    });
  });
  it('takes an empty sample for a gap, not for down', () => {
    expect(uptime([span(0, 5)], (at) => (at === T0 + HOUR ? [] : ['Healthy']))).to.deep.equal(
      measured(1, 5 * HOUR, 299 / 300),
    );
  });
  it('is unavailable when any window that counts could not be read: a warning, NaN, an error', () => {
    const lost: HealthHistory = { kind: 'unavailable', why: 'answered the value NaN' };
    const spans = [span(0, 3), span(10, 12)];
    const [newer, older] = windowsToRead(spans).map((window) => ({
      span: window,
      history: { kind: 'samples', stepMs: MINUTE, samples: samplesOf(window, healthy) } as HealthHistory,
    }));
    if (newer === undefined || older === undefined) throw new RangeError('two windows were expected');
    expect(uptimeOf(spans, [{ ...newer, history: lost }, older])).to.deep.equal(lost);
    expect(uptimeOf(spans, [newer, { ...older, history: lost }])).to.deep.equal(lost);
  });
  it('is unavailable when the samples have no spacing', () => {
    for (const stepMs of [0, Number.NaN]) {
      const history: HealthHistory = { kind: 'samples', stepMs, samples: samplesOf(span(0, 5), healthy) };
      expect(uptimeOf([span(0, 5)], [{ span: span(0, 5), history }]).kind, String(stepMs)).to.equal('unavailable');
    }
  });

  it('is between 0 and 1, over no more than was deployed, and over 24 h once so much was, beside the rollouts', () => {
    const anyPart = fc.record({ gap: fc.integer({ min: 1, max: 600 }), length: fc.integer({ min: 0, max: 1200 }) });
    const anySpans = fc.array(anyPart, { minLength: 1, maxLength: 6 }).map((parts) => {
      let at = T0;
      return parts.map(({ gap, length }): TimeWindow => ({ from: (at += gap * MINUTE), to: (at += length * MINUTE) }));
    });
    fc.assert(
      fc.property(anySpans, fc.integer({ min: 2, max: 60 }), (spans, every) => {
        const e = uptime(spans, (at) => [Math.floor(at / MINUTE) % every === 0 ? 'Degraded' : 'Healthy']);
        if (e.kind === 'unavailable') return;
        const deployed = spans.reduce((sum, s) => sum + s.to - s.from, 0);
        expect(e.ratio).to.be.within(0, 1);
        expect(e.observedMs).to.be.within(0, Math.min(DAY, deployed));
        if (deployed >= DAY + spans.length * GRACE) expect(e.observedMs).to.equal(DAY);
      }),
      { numRuns: 60 },
    );
  });
});
