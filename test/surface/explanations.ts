import type { Explanation } from '../../src/surface/explanation.js';
import { attemptId, BAD, GOOD, SHOP, T0 } from '../support/attempt-parts.js';

/** What `explain` answers for an application with an attempt under way. */
export const shopExplained = (now: number): Explanation => ({
  version: 1,
  application: SHOP,
  project: 'staging',
  at: now,
  management: { kind: 'managed', environment: 'staging', matchedBy: 'environments.staging.match.projects: staging' },
  mode: { effective: 'auto', configured: 'auto', loweredBy: [] },
  health: { status: 'Degraded', seenAt: now - 4_000, since: T0, revisions: [BAD] },
  eligibility: { code: 'active-attempt', text: 'A rollback to aaaaaaaaaa is under way.' },
  activeAttempt: {
    id: attemptId(),
    state: 'AwaitingMergeApproval',
    step: 'waiting-for-human',
    next: {
      text: 'Waiting for a person: review and merge the pull request, or close it to veto.',
      until: T0 + 3_650_000,
      otherwise: 'the attempt ends as approval-timeout',
    },
  },
  marks: [],
  pauses: [],
  whatWouldChange: ['Merge or close pull request #7.'],
  forecast: [
    {
      id: 'I1_environment',
      outlook: 'holds',
      why: 'every file of apps/shop/overlays/staging belongs to staging alone',
    },
    {
      id: 'I3_replica_shortage',
      outlook: 'cannot-hold',
      why: 'Deployment/shop has 2 replicas with maxUnavailable 25 %: while a RollingUpdate is stuck, the old pods keep it fully available',
      seenAt: now - 4_000,
      relaxedBy: 'invariants.replicaShortage: updated',
    },
    { id: 'I6_ci_success', outlook: 'at-merge', why: 'required check validate is judged on the pull request' },
    { id: 'G4_will_sync', outlook: 'unknown', why: 'sync windows could not be read', seenAt: now - 30_000 },
  ],
});

/** A latched application in production, paused, in a lowered mode. */
export const cartExplained = (now: number): Explanation => ({
  version: 1,
  application: 'argocd/cart',
  project: 'production',
  at: now,
  management: {
    kind: 'managed',
    environment: 'production',
    matchedBy: 'environments.production.match.projects: production',
  },
  mode: { effective: 'observe', configured: 'propose', loweredBy: ['annotation ai-devops-operator.io/mode: observe'] },
  health: {
    status: 'Unknown',
    seenAt: now - 12_000,
    unknownBecause: 'Argo CD did not reconcile it for 10 min',
    revisions: [BAD],
  },
  eligibility: { code: 'latched', text: 'This version was already tried: approval-timeout.' },
  marks: [
    {
      kind: 'latch',
      attempt: attemptId(2),
      reason: 'approval-timeout',
      revisions: [BAD, GOOD],
      at: T0,
      until: T0 + 30 * 86_400_000,
      current: true,
    },
  ],
  pauses: [{ scope: 'operator', kill: true, by: 'maria', why: 'it does something strange', at: now - 60_000 }],
  whatWouldChange: ['`ai-operator retry argocd/cart --reason "..."` (role operator).', 'Another version of the files.'],
  forecast: [],
});
