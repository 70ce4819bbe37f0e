import { expect } from 'chai';
import { ciVerdict } from '../../src/governance/ci-verdict.js';
import { INVARIANTS } from '../../src/governance/invariants.js';
import { judged } from '../../src/governance/rule.js';
import { staleBecause } from '../../src/model/freshness.js';
import { ciOf } from '../../src/stages/3-resolution/candidate-ci.js';
import type { Check } from '../../src/ports/source-control.js';
import { MergeEvidenceReader } from '../../src/stages/5-merge/merge-evidence.js';
import { ShopCase } from '../support/shop-case.js';
import { T0 } from '../support/attempt-parts.js';
import { snapshotOf } from '../support/snapshots.js';

const skipped = (conclusion: string): Check => ({ name: conclusion, kind: 'check-run', state: 'success', conclusion });

describe('what proves nothing', () => {
  it('is CI that was skipped or has no opinion, where nothing is required', () => {
    const checks = [skipped('skipped'), skipped('neutral')];
    const repository = { requiredChecks: [], allowNoChecks: false, failOnOptionalFailure: true };
    expect(
      ciVerdict({ checks, rules: { requiredChecks: [] }, repository, pushedAt: 0, settleWindowMs: 1, now: T0 }).kind,
    ).to.equal('none');
    expect(ciOf(checks)).to.equal('none');
  });
  it('is skipped CI beside a success: that one counts', () => {
    expect(ciOf([skipped('skipped'), skipped('success')])).to.equal('success');
  });
  it('is a status that was compared far in the future', () => {
    const app = (ahead: number) => snapshotOf({ reconciledAt: T0 + ahead });
    expect(staleBecause(app(60_000), T0)).to.equal(undefined);
    expect(staleBecause(app(3_600_000), T0)).to.match(/clocks disagree/);
  });
  it('are checks from before the clock was set back', async () => {
    const shop = await new ShopCase().degrade();
    const a = await shop.at('deciding');
    const evidence = await shop.process.container.get(MergeEvidenceReader).read(a, shop.signal);
    const rule = INVARIANTS.find((r) => r.id === 'I4_persistence');
    if (rule === undefined) throw new Error('no I4');
    const now = shop.world.clock.now();
    const at = (setBackMs: number) =>
      judged(rule, { attempt: a, evidence: { ...evidence, pinnedAt: now - setBackMs }, now: now - setBackMs }).verdict;
    expect([at(0), at(3_600_000)]).to.deep.equal(['pass', 'fail']);
  });
});
