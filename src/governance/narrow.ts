import { canonicalJson } from '../base/hash.js';
import {
  lowestMode,
  type Allowance,
  type ApprovalPolicy,
  type GuardPolicy,
  type Policy,
  type RepositoryPolicy,
} from '../model/policy.js';
import { REPOSITORY_ROLES, roleAtLeast } from '../model/repository-role.js';
import type { Timing } from '../model/timing.js';

/**
 * What an attempt is judged by now: the policy it was opened with, narrowed by what the configuration says today.
 * Whatever is stricter holds at once, whatever is looser only for new attempts (semantics 10). Pure; `narrow(p, p)` is
 * `p`.
 */
export function narrow(frozen: Policy, now: Policy): Policy {
  const mode = lowestMode(frozen.mode, now.mode);
  const { repository: _repository, ...kept } = frozen;
  const repository = narrowRepository(frozen.repository, now.repository);
  return {
    ...kept,
    ...(repository === undefined ? {} : { repository }),
    mode,
    modeLoweredBy:
      mode === frozen.mode
        ? frozen.modeLoweredBy
        : joined(frozen.modeLoweredBy, now.modeLoweredBy, ['lowered by the configuration meanwhile']),
    timing: narrowTiming(frozen.timing, now.timing),
    stagingPaths: both(frozen.stagingPaths, now.stagingPaths),
    candidates: {
      minObservationMs: Math.max(frozen.candidates.minObservationMs, now.candidates.minObservationMs),
      minSoakMs: Math.max(frozen.candidates.minSoakMs, now.candidates.minSoakMs),
      allowWithoutCi: frozen.candidates.allowWithoutCi && now.candidates.allowWithoutCi,
    },
    invariants: {
      replicaShortage: now.invariants.replicaShortage === 'available' ? 'available' : frozen.invariants.replicaShortage,
      openPullRequests: now.invariants.openPullRequests === 'branch' ? 'branch' : frozen.invariants.openPullRequests,
    },
    guards: narrowGuards(frozen.guards, now.guards),
    approval: narrowApproval(frozen.approval, now.approval),
  };
}

/** Without repeats, in order. */
const joined = <T>(first: readonly T[], ...more: readonly (readonly T[])[]): readonly T[] =>
  more.every((list) => list === first || list.length === 0)
    ? first
    : [...new Map([first, ...more].flat().map((item) => [canonicalJson(item), item])).values()];
const both = (a: readonly string[], b: readonly string[]): readonly string[] => a.filter((item) => b.includes(item));

/** How long something must hold; how long something is waited for is fixed with the deadlines. */
function narrowTiming(frozen: Timing, now: Timing): Timing {
  const longer = (key: 'DEGRADATION_PERSISTENCE_CHECKS' | 'ciSettleWindow'): number => Math.max(frozen[key], now[key]);
  return {
    ...frozen,
    DEGRADATION_PERSISTENCE_CHECKS: longer('DEGRADATION_PERSISTENCE_CHECKS'),
    ciSettleWindow: longer('ciSettleWindow'),
  };
}
/** A repository that is no longer configured is nobody's any more. */
function narrowRepository(
  frozen: RepositoryPolicy | undefined,
  now: RepositoryPolicy | undefined,
): RepositoryPolicy | undefined {
  if (frozen === undefined || now === undefined) return undefined;
  return {
    ...frozen,
    allApplicationsVisible: frozen.allApplicationsVisible && now.allApplicationsVisible,
    requiredChecks: joined(frozen.requiredChecks, now.requiredChecks),
    allowNoChecks: frozen.allowNoChecks && now.allowNoChecks,
    failOnOptionalFailure: frozen.failOnOptionalFailure || now.failOnOptionalFailure,
  };
}
function narrowGuards(frozen: GuardPolicy, now: GuardPolicy): GuardPolicy {
  const least = (key: 'changeWindowMs' | 'maxCandidateAgeMs' | 'maxPassedOver' | 'maxDroppedCommits'): number =>
    Math.min(frozen[key], now[key]);
  return {
    changeWindowMs: least('changeWindowMs'),
    maxCandidateAgeMs: least('maxCandidateAgeMs'),
    maxPassedOver: least('maxPassedOver'),
    maxDroppedCommits: least('maxDroppedCommits'),
    freeze: joined(frozen.freeze, now.freeze),
    perApplication: joined(frozen.perApplication, now.perApplication),
    fleet: tighter(frozen.fleet, now.fleet),
  };
}
/** One allowance that keeps within both. */
const tighter = (a: Allowance, b: Allowance): Allowance => ({
  count: Math.min(a.count, b.count),
  windowMs: Math.max(a.windowMs, b.windowMs),
});

function narrowApproval(frozen: ApprovalPolicy, now: ApprovalPolicy): ApprovalPolicy {
  const named = narrowNames(frozen, now);
  return {
    // An empty list names everybody: where nobody is left, people merge themselves.
    mergeAfterApproval: frozen.mergeAfterApproval && now.mergeAfterApproval && named !== 'nobody',
    minRole:
      REPOSITORY_ROLES.find((role) => roleAtLeast(role, frozen.minRole) && roleAtLeast(role, now.minRole)) ?? 'admin',
    count: Math.max(frozen.count, now.count),
    ...(named === 'nobody' ? { teams: frozen.teams, users: frozen.users } : named),
  };
}
function narrowNames(frozen: ApprovalPolicy, now: ApprovalPolicy): Pick<ApprovalPolicy, 'teams' | 'users'> | 'nobody' {
  const everybody = (p: ApprovalPolicy): boolean => p.teams.length === 0 && p.users.length === 0;
  if (everybody(now)) return { teams: frozen.teams, users: frozen.users };
  if (everybody(frozen)) return { teams: now.teams, users: now.users };
  const left = { teams: both(frozen.teams, now.teams), users: both(frozen.users, now.users) };
  return left.teams.length === 0 && left.users.length === 0 ? 'nobody' : left;
}
