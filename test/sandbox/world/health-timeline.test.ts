import { expect } from 'chai';
import { HealthTimeline, seedTimeline } from '../../../src/sandbox/world/health-timeline.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** Share of one-minute samples that are Healthy, and how many there are, after the rollout's first two minutes. */
function shareOf(
  timeline: HealthTimeline,
  from: number,
  to: number,
): { readonly share: number; readonly count: number } {
  let healthy = 0;
  let count = 0;
  for (let at = from + 2 * MINUTE; at < to; at += MINUTE) {
    const span = timeline.at(at);
    if (!span) continue;
    count += 1;
    if (span.health === 'Healthy') healthy += 1;
  }
  return { share: healthy / count, count };
}

describe('HealthTimeline', () => {
  it('has nothing before its first span', () => {
    const timeline = new HealthTimeline();
    timeline.record({ from: 1000, health: 'Healthy', sync: 'Synced' });
    expect(timeline.at(999)).to.equal(undefined);
    expect(timeline.at(1000)?.health).to.equal('Healthy');
  });

  for (const uptime of [1, 0.97, 0.5]) {
    it(`seeds a past of 26 hours that was up ${uptime * 100} % of the time`, () => {
      const timeline = new HealthTimeline();
      seedTimeline(timeline, [{ at: 0, uptime }], [], 26 * HOUR);
      const { share, count } = shareOf(timeline, 0, 26 * HOUR);
      expect(share).to.be.closeTo(uptime, 0.01);
      expect(count).to.equal(26 * 60 - 2);
    });
  }

  it('starts every deployment with a rollout that is Progressing', () => {
    const timeline = new HealthTimeline();
    seedTimeline(
      timeline,
      [
        { at: 0, uptime: 1 },
        { at: HOUR, uptime: 1 },
      ],
      [],
      2 * HOUR,
    );
    expect([0, MINUTE * 5, HOUR + 1000, HOUR + MINUTE * 5].map((at) => timeline.at(at)?.health)).to.deep.equal([
      'Progressing',
      'Healthy',
      'Progressing',
      'Healthy',
    ]);
  });

  it('has no samples inside a gap and goes on after it', () => {
    const timeline = new HealthTimeline();
    seedTimeline(timeline, [{ at: 0, uptime: 1 }], [{ from: 2 * HOUR, to: 3 * HOUR }], 6 * HOUR);
    expect(timeline.at(2.5 * HOUR)).to.equal(undefined);
    expect(timeline.at(3 * HOUR)?.health).to.equal('Healthy');
  });
});
