import { expect } from 'chai';
import type { FailpointPlace } from '../../../src/base/failpoint.js';
import { hasEtcd } from '../../support/real-etcd.js';
import { hasNats } from '../../support/real-nats.js';
import type { Lane } from './kill-world.js';
import { PLACES } from './plots.js';
import { closeLane, runOne, startLane } from './run-one.js';

/** The seed that kills at this place. */
const seedAt = (place: FailpointPlace, where: string): number =>
  PLACES.findIndex((one) => one.place === place && one.where === where);
const PATIENCE_MS = 40_000;

describe('the judge of the kill test', () => {
  let lane: Lane;
  before(async function () {
    this.timeout(30_000);
    if (!hasEtcd() || !hasNats()) this.skip();
    lane = await startLane();
  });
  after(async () => {
    if (lane !== undefined) await closeLane(lane);
  });

  it('catches a daemon that does not find its own pull request after a restart, and opens another one', async function () {
    this.timeout(240_000);
    const settings = { planted: 'blind-repeat', patienceMs: PATIENCE_MS };
    const { wrong } = await runOne(seedAt('acted', 'pull-request'), lane, settings);
    expect(wrong).to.include('S2/S22: 2 pull requests, not 1');
    expect(wrong).to.include('S3/S22: 2 created branches, not 1');
  });
  it('catches a daemon that acts before its decision is in the audit log', async function () {
    this.timeout(240_000);
    const settings = { planted: 'audit-after-effect', patienceMs: PATIENCE_MS };
    const { wrong } = await runOne(seedAt('before-outcome', 'pull-request'), lane, settings);
    expect(wrong.filter((one) => /^S5: POST \S+\/pulls /.test(one))).to.not.deep.equal([]);
  });
});
