import { expect } from 'chai';
import type { HealthCheck } from '../../../src/model/health-check.js';
import type { Outcome } from '../../../src/model/outcome.js';
import { StabilityAnalyzer } from '../../../src/stages/2-confirmation/stability-analyzer.js';
import { attemptIn } from '../../support/attempts.js';
import { checkOf, checksOf } from '../../support/observations.js';

const attempt = attemptIn('DegradationDetected');
const answer = (checks: readonly HealthCheck[]): Promise<Outcome<'DegradationDetected'>> =>
  new StabilityAnalyzer({ checks: () => Promise.resolve(checks) }).handle(attempt);

describe('the stability analyzer', () => {
  it('goes on to resolve, and keeps the three checks that confirmed it', async () => {
    const checks = checksOf('Degraded', 3);
    expect(await answer(checks)).to.deep.equal({
      kind: 'step',
      step: { name: 'resolving', confirmation: checks },
      why: '3 consecutive Degraded checks',
    });
  });
  it('waits for more checks, at most until the deadline of the step', async () => {
    expect(await answer(checksOf('Degraded', 2))).to.deep.equal({
      kind: 'wait',
      lookAgainAt: attempt.step.deadline,
      why: '2 of 3 consecutive Degraded checks',
    });
  });
  it('drops the attempt when the application is not Degraded any more', async () => {
    expect(
      await answer([...checksOf('Degraded', 2), checkOf('Progressing', { at: Date.UTC(2026, 0, 1) + 20_000 })]),
    ).to.deep.equal({ kind: 'dismiss', why: 'Progressing before confirmation' });
  });
  it('drops the attempt when another version is what is Degraded now', async () => {
    const other = checksOf('Degraded', 3).map(
      (c): HealthCheck => ({ ...c, running: { revisions: ['c'.repeat(40)], settings: 'settings-1' } }),
    );
    expect(await answer(other)).to.deep.equal({
      kind: 'dismiss',
      why: 'another version was deployed before the degradation was confirmed',
    });
  });
  it('drops the attempt when the same revision runs with other source settings now', async () => {
    const other = checksOf('Degraded', 3).map(
      (c): HealthCheck => ({ ...c, running: { revisions: ['b'.repeat(40)], settings: 'settings-2' } }),
    );
    expect(await answer(other)).to.deep.include({ kind: 'dismiss' });
  });
});
