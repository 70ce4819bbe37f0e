import { carries, isUnreadable, type Spend } from '../model/mark.js';
import type { Allowance } from '../model/policy.js';
import type { Case, Judgement } from './rule.js';

const used = (spends: readonly Spend[], allowance: Allowance, now: number): number =>
  spends.filter((s) => now - s.at < allowance.windowMs).length;

/** G5: what was spent is compared with what is allowed; a record that cannot be read may be any spend, or any bar. */
export function withinBudget({ attempt, evidence: e, now }: Case): Judgement {
  const at = { source: 'store', readAt: now };
  const spent = e.spends.filter((s) => s.kind === 'merge' && s.attempt !== attempt.id);
  const unread = e.marks.find((m) => m.kind === 'unreadable')?.why ?? spent.find(isUnreadable)?.unreadable;
  if (unread !== undefined) {
    return {
      ...at,
      verdict: 'unknown',
      value: 'a record cannot be read',
      reason: `what was spent or barred is not known, and unknown never counts as passed: ${unread}`,
    };
  }
  const merges = spent.filter((s): s is Spend => !isUnreadable(s));
  const again = e.marks.find(
    (m) => m.kind === 'quarantine' && carries(m, attempt.bad.revisions, attempt.badContent) && m.attempt !== attempt.id,
  );
  if (again !== undefined) {
    return {
      ...at,
      verdict: 'fail',
      value: 'this content was rolled back before',
      reason: 'one automatic rollback per bad version: why did it come back? A person approves the next',
    };
  }
  const { perApplication, fleet } = attempt.policy.guards;
  const own = merges.filter((s) => s.application === attempt.application);
  const exceeded = perApplication.find((a) => used(own, a, now) >= a.count);
  if (exceeded !== undefined) {
    return {
      ...at,
      verdict: 'fail',
      value: `${used(own, exceeded, now)} automatic rollback(s) of this application in ${exceeded.windowMs / 60_000} min`,
      reason: `at most ${exceeded.count} are allowed (guards.perApplication): wait, or a person approves`,
    };
  }
  const fleetUsed = used(merges, fleet, now);
  if (fleetUsed >= fleet.count) {
    return {
      ...at,
      verdict: 'fail',
      value: `${fleetUsed} automatic rollbacks in ${fleet.windowMs / 60_000} min`,
      reason: `at most ${fleet.count} are allowed for all applications together (guards.fleet): wait, or a person approves`,
    };
  }
  return {
    ...at,
    verdict: 'pass',
    value: `${own.length} of this application, ${fleetUsed} of ${fleet.count} of all`,
    reason: 'no budget is used up',
  };
}
