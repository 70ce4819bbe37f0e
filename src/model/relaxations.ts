import { formatDuration } from '../base/written-duration.js';
import type { Allowance, ApprovalPolicy, GuardPolicy, Policy, RepositoryPolicy } from './policy.js';
import { roleAtLeast } from './repository-role.js';
import { DEFAULT_TIMING, type Timing } from './timing.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Waits that are a condition: a shorter one makes the operator less strict. */
const STRICT_TIMES = [
  'HEALTH_CHECK_INTERVAL',
  'HEALTH_RESTORATION_DURATION',
  'ciSettleWindow',
] as const satisfies readonly (keyof Timing)[];
/** What the guards allow by default (semantics 8). */
const GUARDS = {
  changeWindowMs: DAY_MS,
  maxCandidateAgeMs: 7 * DAY_MS,
  maxPassedOver: 3,
  maxDroppedCommits: 20,
} as const;
const FLEET: Allowance = { count: 5, windowMs: HOUR_MS };
const PER_APPLICATION: readonly Allowance[] = [
  { count: 1, windowMs: HOUR_MS / 2 },
  { count: 2, windowMs: DAY_MS },
];

/**
 * Pure: the keys of a policy that loosen a default of the architecture or the semantics, as they would be written.
 * Shown wherever the policy was in force (semantics 0.6); empty for the defaults.
 */
export const relaxationsOf = (p: Policy): readonly string[] =>
  [
    p.invariants.replicaShortage === 'updated' ? 'invariants.replicaShortage: updated' : '',
    p.invariants.openPullRequests === 'paths' ? 'invariants.openPullRequests: paths' : '',
    p.candidates.allowWithoutCi ? 'candidates.allowWithoutCi: true' : '',
    p.candidates.minObservationMs < DAY_MS
      ? `candidates.minObservation: ${formatDuration(p.candidates.minObservationMs)}`
      : '',
    p.candidates.minSoakMs < HOUR_MS ? `candidates.minSoak: ${formatDuration(p.candidates.minSoakMs)}` : '',
    ...(p.repository === undefined ? [] : ofRepository(p.repository)),
    ...ofGuards(p.guards),
    ...ofApproval(p.approval),
    ...ofTiming(p.timing),
  ].filter((r) => r !== '');

const ofRepository = (r: RepositoryPolicy): readonly string[] => [
  r.allowNoChecks ? `repositories[${r.url}].ci.allowNoChecks: true` : '',
  r.failOnOptionalFailure ? '' : `repositories[${r.url}].ci.failOnOptionalFailure: false`,
];

function ofGuards(g: GuardPolicy): readonly string[] {
  const longer = (key: 'changeWindow' | 'maxCandidateAge', ms: number): string =>
    ms > GUARDS[`${key}Ms`] ? `guards.${key}: ${formatDuration(ms)}` : '';
  const more = (key: 'maxPassedOver' | 'maxDroppedCommits'): string =>
    g[key] > GUARDS[key] ? `guards.${key}: ${g[key]}` : '';
  return [
    longer('changeWindow', g.changeWindowMs),
    longer('maxCandidateAge', g.maxCandidateAgeMs),
    more('maxPassedOver'),
    more('maxDroppedCommits'),
    isWithin(g.fleet, FLEET) ? '' : `guards.fleet: ${allowanceText(g.fleet)}`,
    PER_APPLICATION.every((least) => g.perApplication.some((a) => isWithin(a, least)))
      ? ''
      : `guards.perApplication: ${g.perApplication.map(allowanceText).join(' and ') || 'no limit'}`,
  ];
}
/** No more than `limit` allows in any span. */
const isWithin = (a: Allowance, limit: Allowance): boolean => a.count <= limit.count && a.windowMs >= limit.windowMs;
const allowanceText = (a: Allowance): string => `${a.count} per ${formatDuration(a.windowMs)}`;

const ofApproval = (a: ApprovalPolicy): readonly string[] => [
  a.mergeAfterApproval ? 'production.mergeAfterApproval: true' : '',
  roleAtLeast(a.minRole, 'maintain') ? '' : `production.approvers.minRole: ${a.minRole}`,
];

function ofTiming(t: Timing): readonly string[] {
  const checks = t.DEGRADATION_PERSISTENCE_CHECKS;
  return [
    checks < DEFAULT_TIMING.DEGRADATION_PERSISTENCE_CHECKS ? `timing.DEGRADATION_PERSISTENCE_CHECKS: ${checks}` : '',
    ...STRICT_TIMES.filter((key) => t[key] < DEFAULT_TIMING[key]).map(
      (key) => `timing.${key}: ${formatDuration(t[key])} (default ${formatDuration(DEFAULT_TIMING[key])})`,
    ),
  ];
}
