import { expect } from 'chai';
import fc from 'fast-check';
import { HEALTH_STATUSES, type HealthStatus } from '../../../src/model/application.js';
import type { HealthCheck } from '../../../src/model/health-check.js';
import { confirmation, type Confirmation } from '../../../src/stages/2-confirmation/confirmation.js';
import { T0 } from '../../support/attempt-parts.js';
import { checkOf, checksOf } from '../../support/observations.js';

const NEED = 3;
/** Checks by health, ten seconds apart. */
const run = (...healths: HealthStatus[]): readonly HealthCheck[] =>
  healths.map((health, i) => checkOf(health, { at: T0 + i * 10_000 }));
/** Degraded checks with the given seconds between them. */
const spaced = (...gaps: number[]): readonly HealthCheck[] => {
  let at = T0;
  return [checkOf('Degraded', { at }), ...gaps.map((gap) => checkOf('Degraded', { at: (at += gap * 1000) }))];
};
const notYet = (have: number): Confirmation => ({ kind: 'not-yet', have, need: NEED });
const of = (checks: readonly HealthCheck[]): Confirmation => confirmation(checks, NEED);
const running = (revision: string, settings = 'settings-1'): Pick<HealthCheck, 'running'> => ({
  running: { revisions: [revision], settings },
});

describe('a degradation', () => {
  it('is confirmed at the third consecutive Degraded check, 20 s after the first', () => {
    const checks = checksOf('Degraded', 3, { from: T0 });
    expect(of(checks)).to.deep.equal({ kind: 'confirmed', checks });
    expect((checks[2]?.at ?? 0) - (checks[0]?.at ?? 0)).to.equal(20_000);
  });
  it('is confirmed by the newest three of many', () => {
    const checks = checksOf('Degraded', 8, { from: T0 });
    expect(of(checks)).to.deep.equal({ kind: 'confirmed', checks: checks.slice(-3) });
  });
  it('is not confirmed by fewer', () => {
    expect([0, 1, 2].map((n) => of(checksOf('Degraded', n)))).to.deep.equal([notYet(0), notYet(1), notYet(2)]);
  });
  it('begins anew after an Unknown, which clears nothing', () => {
    expect(of(run('Degraded', 'Degraded', 'Unknown'))).to.deep.equal(notYet(0));
    expect(of(run('Degraded', 'Degraded', 'Unknown', 'Degraded'))).to.deep.equal(notYet(1));
    expect(of(run('Degraded', 'Degraded', 'Unknown', 'Degraded', 'Degraded', 'Degraded')).kind).to.equal('confirmed');
  });
  it('is cleared by any other word of Argo CD', () => {
    for (const health of HEALTH_STATUSES.filter((h) => h !== 'Degraded' && h !== 'Unknown'))
      expect(of(run('Degraded', 'Degraded', health)), health).to.deep.include({ kind: 'cleared' });
  });
  it('begins anew when it comes back', () => {
    expect(of(run('Degraded', 'Degraded', 'Healthy', 'Degraded'))).to.deep.equal(notYet(1));
  });
  it('allows half an interval to two and a half between two checks, and neither less nor more', () => {
    expect(of(spaced(5, 25)).kind).to.equal('confirmed');
    expect(of(spaced(10, 4.999))).to.deep.equal(notYet(1));
    expect(of(spaced(10, 25.001))).to.deep.equal(notYet(1));
    expect(of(spaced(4.999, 10))).to.deep.equal(notYet(2));
  });
  it('is not confirmed by the same check seen three times', () => {
    expect(of(spaced(0, 0))).to.deep.equal(notYet(1));
  });
  it('measures the spacing by the interval that was meant, as a large fleet is looked at less often', () => {
    const slow = [0, 60, 120].map((s) => checkOf('Degraded', { at: T0 + s * 1000, intervalMs: 60_000 }));
    expect(of(slow).kind).to.equal('confirmed');
    expect(of(slow.map((c) => ({ ...c, intervalMs: 10_000 })))).to.deep.equal(notYet(1));
  });
  it('counts only checks of the version that runs now', () => {
    const [a, b, c] = checksOf('Degraded', 3) as [HealthCheck, HealthCheck, HealthCheck];
    expect(of([{ ...a, ...running('c'.repeat(40)) }, b, c])).to.deep.equal(notYet(2));
    expect(of([a, b, { ...c, ...running('c'.repeat(40)) }])).to.deep.equal(notYet(1));
    expect(of([a, { ...b, ...running('b'.repeat(40), 'settings-2') }, c])).to.deep.equal(notYet(1));
  });
  it('is never confirmed while it is not known what runs', () => {
    const silent = checksOf('Degraded', 5).map(({ running: _running, ...rest }): HealthCheck => rest);
    expect(of(silent)).to.deep.equal(notYet(0));
  });
  it('is confirmed only by consecutive Degraded checks at the very end, whatever came before', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...HEALTH_STATUSES), { maxLength: 8 }), (healths) => {
        const expected = healths.length >= 3 && healths.slice(-3).every((h) => h === 'Degraded');
        expect(of(run(...healths)).kind === 'confirmed').to.equal(expected);
      }),
    );
  });
});
