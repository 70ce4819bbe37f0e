import { expect } from 'chai';
import type { HealthCheck } from '../../src/model/health-check.js';
import type { Policy } from '../../src/model/policy.js';
import type { OpenAttempt } from '../../src/model/rollback-attempt.js';
import { interruption } from '../../src/workflow/interruptions.js';
import { POLICY, PRODUCTION_POLICY, T0 } from '../support/attempt-parts.js';
import { attemptAt, STEP_NAMES } from '../support/attempts.js';
import { checkOf, checksOf } from '../support/observations.js';

const STOP = { by: 'ada', via: 'cli', why: 'no', at: T0 } as const;
const HEALTHY_MINUTE = checksOf('Healthy', 7);
const GONE = [checkOf('Unknown', { gone: true })];
const asked = (
  a: OpenAttempt,
  seen: { readonly checks?: readonly HealthCheck[]; readonly policyNow?: Policy | undefined } = {},
): string => {
  const outcome = interruption(a, {
    checks: seen.checks ?? [],
    policyNow: 'policyNow' in seen ? seen.policyNow : POLICY,
    now: T0,
  });
  return outcome === undefined ? 'goes on' : outcome.kind === 'abort' ? outcome.reason : outcome.kind;
};

describe('what interrupts an attempt', () => {
  it('nothing, while it is Degraded, managed and wanted', () => {
    for (const step of STEP_NAMES)
      expect(asked(attemptAt(step), { checks: checksOf('Degraded', 8) }), step).to.equal('goes on');
  });
  it('an intent is settled before anything interrupts it', () => {
    for (const step of ['intent-pr', 'intent-merge'] as const) {
      expect(asked(attemptAt(step, { stop: STOP }), { checks: GONE, policyNow: undefined }), step).to.equal('goes on');
    }
  });
  it('a stop request, in every step before the merge', () => {
    for (const step of [
      'confirming',
      'held',
      'resolving',
      'planning',
      'waiting-for-ci',
      'deciding',
      'waiting-for-human',
    ] as const)
      expect(asked(attemptAt(step, { stop: STOP })), step).to.equal('aborted-by-user');
  });
  it('after the merge only the end of the application: the way back is not interrupted', () => {
    const merged = attemptAt('verifying', { stop: STOP });
    expect(asked(merged, { checks: HEALTHY_MINUTE, policyNow: undefined })).to.equal('goes on');
    expect(asked(merged, { checks: GONE })).to.equal('application-gone');
  });
  it('health without a break for HEALTH_RESTORATION_DURATION, and not for less', () => {
    expect(asked(attemptAt('waiting-for-ci'), { checks: HEALTHY_MINUTE })).to.equal('recovered');
    expect(asked(attemptAt('waiting-for-ci'), { checks: HEALTHY_MINUTE.slice(1) })).to.equal('goes on');
  });
  it('not health with an Unknown or a hole in it', () => {
    const unknownWithin = HEALTHY_MINUTE.map((c, i) => (i === 3 ? checkOf('Unknown', { at: c.at }) : c));
    const hole = HEALTHY_MINUTE.map((c, i) => (i > 3 ? { ...c, at: c.at + 30_000 } : c));
    expect(asked(attemptAt('waiting-for-ci'), { checks: unknownWithin })).to.equal('goes on');
    expect(asked(attemptAt('waiting-for-ci'), { checks: hole })).to.equal('goes on');
  });
  it('health before the confirmation is the business of the confirmation', () => {
    expect(asked(attemptAt('confirming'), { checks: HEALTHY_MINUTE })).to.equal('goes on');
  });
  it('an application that Argo CD says does not exist; one that merely cannot be read is only unknown', () => {
    expect(asked(attemptAt('deciding'), { checks: GONE })).to.equal('application-gone');
    expect(asked(attemptAt('deciding'), { checks: [checkOf('Unknown')] })).to.equal('goes on');
  });
  it('a configuration that no longer manages it, puts it elsewhere, or turns it off', () => {
    expect(asked(attemptAt('deciding'), { policyNow: undefined })).to.equal('no-longer-managed');
    expect(asked(attemptAt('deciding'), { policyNow: PRODUCTION_POLICY })).to.equal('no-longer-managed');
    expect(asked(attemptAt('deciding'), { policyNow: { ...POLICY, mode: 'off' } })).to.equal('no-longer-managed');
    expect(asked(attemptAt('deciding'), { policyNow: { ...POLICY, mode: 'observe' } })).to.equal('no-longer-managed');
  });
  it('a mode lowered to propose does not end it: the pull request stays for people', () => {
    expect(asked(attemptAt('deciding'), { policyNow: { ...POLICY, mode: 'propose' } })).to.equal('goes on');
  });
  it('in this order: gone, stop, recovered, no longer managed', () => {
    const a = attemptAt('deciding', { stop: STOP });
    const gone = [...HEALTHY_MINUTE.slice(1), checkOf('Unknown', { at: T0 + 70_000, gone: true })];
    expect(asked(a, { checks: gone, policyNow: undefined })).to.equal('application-gone');
    expect(asked(a, { checks: HEALTHY_MINUTE, policyNow: undefined })).to.equal('aborted-by-user');
    expect(asked(attemptAt('deciding'), { checks: HEALTHY_MINUTE, policyNow: undefined })).to.equal('recovered');
  });
});
