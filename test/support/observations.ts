import type { ApplicationKey, HealthStatus } from '../../src/model/application.js';
import { makeEvent, type EventName, type EventPayload, type OperatorEvent } from '../../src/model/events.js';
import type { HealthCheck } from '../../src/model/health-check.js';
import type { Latch, LedgerEntry, Pause, Quarantine, Restoration, Spend } from '../../src/model/mark.js';

/** What is stored beside attempts: checks, marks, spends, ledger entries, pauses; and events. Same case as attempts.ts. */
const START = Date.UTC(2026, 0, 1);
const INTERVAL_MS = 10_000;
const DAY_MS = 24 * 3_600_000;
const CASE = { application: 'argocd/shop', attempt: '00000000-0000-4000-8000-000000000001' } as const;
const BAD_REVISIONS = ['b'.repeat(40)];

export const checkOf = (health: HealthStatus, overrides: Partial<HealthCheck> = {}): HealthCheck => ({
  at: START,
  intervalMs: INTERVAL_MS,
  health,
  ...(health === 'Unknown'
    ? { unknownBecause: 'no answer' }
    : { running: { revisions: BAD_REVISIONS, settings: 'settings-1' } }),
  ...overrides,
});
/** An unbroken run of checks, one interval apart. */
export const checksOf = (
  health: HealthStatus,
  count: number,
  { from = START, intervalMs = INTERVAL_MS } = {},
): readonly HealthCheck[] =>
  Array.from({ length: count }, (_, i) => checkOf(health, { at: from + i * intervalMs, intervalMs }));

const mark = { ...CASE, content: 'content-bad', revisions: BAD_REVISIONS, at: START, until: START + 30 * DAY_MS };
export const latchOf = (overrides: Partial<Latch> = {}): Latch => ({
  kind: 'latch',
  ...mark,
  reason: 'ci-failed',
  onset: START,
  ...overrides,
});
export const quarantineOf = (overrides: Partial<Quarantine> = {}): Quarantine => ({
  kind: 'quarantine',
  ...mark,
  ...overrides,
});
export const restorationOf = (overrides: Partial<Restoration> = {}): Restoration => ({
  kind: 'restoration',
  ...mark,
  content: 'content-good',
  revisions: ['f'.repeat(40)],
  until: START + 7 * DAY_MS,
  ...overrides,
});
export const spendOf = (overrides: Partial<Spend> = {}): Spend => ({
  kind: 'merge',
  ...CASE,
  environment: 'staging',
  at: START,
  ...overrides,
});
/** The n-th deployment of the ledger, an hour apart. */
export const ledgerEntryOf = (n = 0, overrides: Partial<LedgerEntry> = {}): LedgerEntry => ({
  revisions: [n.toString(16).padStart(40, '0')],
  settings: 'settings-1',
  deployedAt: START - DAY_MS + n * 3_600_000,
  ...overrides,
});
export const pauseOf = (overrides: Partial<Pause> = {}): Pause => ({
  scope: 'operator',
  kill: false,
  by: 'ada',
  why: 'maintenance',
  at: START,
  ...overrides,
});

const NUDGE = { ...CASE, environment: 'staging' };
const PULL = { pullRequest: 7, url: 'https://github.com/acme/gitops/pull/7', headSha: 'e'.repeat(40) };
const PAYLOADS: { readonly [N in EventName]: EventPayload<N> } = {
  'degradation.detected': { ...NUDGE, health: 'Degraded' },
  'degradation.cleared': { ...NUDGE, health: 'Healthy' },
  'degradation.confirmed': { ...NUDGE, checks: 3 },
  'candidate.resolved': { ...NUDGE, revision: 'a'.repeat(40), basis: 'uptime' },
  'pr.created': { ...NUDGE, ...PULL },
  'approval.requested': { ...NUDGE, pullRequest: 7, barredBy: ['I3_replica_shortage'] },
  'rollback.merged': { ...NUDGE, commit: 'f'.repeat(40), by: 'operator' },
  'rollback.completed': { ...NUDGE, timeToRecoveryMs: 150_000 },
  'rollback.aborted': { ...NUDGE, reason: 'ci-failed', why: 'check validate failed' },
};
/** A valid event of the given name; equal numbers, equal ids. */
export function eventOf<N extends EventName>(
  name: N,
  n = 1,
  application: ApplicationKey = CASE.application,
): OperatorEvent<N> {
  return makeEvent({
    name,
    id: `${CASE.attempt}/${n}`,
    instance: 'test',
    at: START + n,
    application,
    attempt: CASE.attempt,
    data: { ...PAYLOADS[name], application } as EventPayload<N>,
  });
}
