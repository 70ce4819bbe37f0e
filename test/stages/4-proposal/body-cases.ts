import { viewOf, type AttemptView } from '../../../src/model/attempt-view.js';
import type { RuleId, RuleResult } from '../../../src/model/rule-result.js';
import type { BodyFacts } from '../../../src/stages/4-proposal/body/section.js';
import { evaluation, MERGE, PRODUCTION_POLICY, POLICY, T0 } from '../../support/attempt-parts.js';
import { abortedFrom, attemptAt, attemptIn } from '../../support/attempts.js';

const SEEN = T0 + 190_000;
/** What the rules really say, so that a golden file reads like a real one. */
const SAYINGS: Readonly<Partial<Record<RuleId, Omit<RuleResult, 'id' | 'verdict' | 'readAt'>>>> = {
  I1_environment: {
    value: 'staging; 1 file, all under apps/*/overlays/staging/**',
    source: 'configuration, pull request files',
    reason: 'no production application renders from the diff',
  },
  I2_health_degraded: {
    value: 'Degraded, Deployment/shop',
    source: 'Argo CD',
    reason: 'Argo CD says Degraded now and names a workload',
  },
  I3_replica_shortage: {
    value: 'Deployment/shop: 2 available of 2 desired',
    source: 'Kubernetes',
    reason:
      'the old pods still serve: a stuck RollingUpdate of <= 3 replicas never lacks replicas; invariants.replicaShortage: updated counts the new ones',
  },
  I6_ci_success: {
    value: 'validate: success',
    source: 'GitHub checks of the head',
    reason: 'every required check succeeded',
  },
};
const spoken = (r: RuleResult): RuleResult => ({ ...r, readAt: SEEN, ...SAYINGS[r.id] });
function realistic(not: Parameters<typeof evaluation>[0] = {}): ReturnType<typeof evaluation> {
  const e = evaluation(not);
  return { ...e, pinnedAt: SEEN, invariants: e.invariants.map(spoken), guards: e.guards.map(spoken) };
}

const escalated = attemptAt('waiting-for-human', {
  step: {
    name: 'waiting-for-human',
    deadline: T0 + 3_650_000,
    evaluation: realistic({ I3_replica_shortage: 'fail' }),
    barredBy: ['I3_replica_shortage'],
  },
});
const production = attemptAt('waiting-for-human', {
  policy: { ...PRODUCTION_POLICY, mode: 'auto' },
  project: 'production',
  step: { name: 'waiting-for-human', deadline: T0 + 3_650_000, evaluation: realistic(), barredBy: ['approval'] },
});
const merge = { ...MERGE, evaluation: realistic() };

const RELAXED = { ...POLICY, invariants: { ...POLICY.invariants, replicaShortage: 'updated' } } as const;
/** Golden file, view, and what differs from the usual facts. */
export const BODY_CASES: readonly (readonly [name: string, view: AttemptView, facts: Partial<BodyFacts>])[] = [
  ['staging-waiting-for-ci', viewOf(attemptIn('PRCreated')), {}],
  ['staging-being-opened', viewOf(attemptAt('intent-pr')), {}],
  ['staging-escalated-two-replicas', viewOf(escalated), {}],
  [
    'staging-propose-memory-store',
    viewOf(attemptIn('PRCreated', { policy: { ...POLICY, mode: 'propose', modeLoweredBy: ['store: memory'] } })),
    { storeKind: 'memory' },
  ],
  [
    'staging-relaxed-development',
    viewOf(attemptIn('PRCreated', { policy: RELAXED })),
    { development: true, storeKind: 'memory' },
  ],
  ['production-waiting-for-reviewer', viewOf(production), {}],
  ['merged-syncing', viewOf(attemptIn('RollbackMerged', { merge })), {}],
  ['merged-by-human', viewOf(attemptIn('RollbackMerged', { merge: { ...MERGE, by: 'human', login: 'maria' } })), {}],
  ['completed', viewOf(attemptIn('RollbackComplete', { merge })), {}],
  [
    'stopping',
    viewOf(
      attemptAt('intent-merge', {
        stop: { by: 'maria', via: 'comment', why: 'fix forward in #812', at: T0 + 180_000 },
      }),
    ),
    {},
  ],
  [
    'aborted-ci-failed',
    viewOf(abortedFrom(attemptIn('PRCreated'), 'ci-failed', { why: 'check `validate` failed on the head' })),
    {},
  ],
  ['aborted-veto', viewOf(abortedFrom(escalated, 'pr-closed-by-human', { why: 'closed by maria' })), {}],
  ['aborted-recovered', viewOf(abortedFrom(escalated, 'recovered', { why: 'Healthy on every check for 60 s' })), {}],
  [
    'aborted-by-user',
    viewOf(
      abortedFrom(attemptIn('PRCreated'), 'aborted-by-user', {
        why: 'maria: fix forward',
        stop: { by: 'maria', via: 'cli', why: 'fix forward', at: T0 },
      }),
    ),
    {},
  ],
  [
    'aborted-not-recovered',
    viewOf(
      abortedFrom(attemptAt('verifying', { merge }), 'not-recovered', {
        why: 'still Degraded 15 min after the merge was synced',
      }),
    ),
    {},
  ],
];

/** The view with every foreign text in it replaced: names, paths, messages, reasons, logins. */
export function withForeignText(view: AttemptView, text: () => string): AttemptView {
  const rule = (r: RuleResult): RuleResult => ({ ...r, value: text(), source: text(), reason: text() });
  const { pullRequest, plan, target, candidate, evaluation: e, merge: m, end, stop } = view;
  return {
    ...view,
    application: text() as AttemptView['application'],
    project: text(),
    modeLoweredBy: [text()],
    next: { ...view.next, text: text(), otherwise: text() },
    bad: { ...view.bad, revisions: [text()], content: text() },
    barredBy: [text()],
    proposeOnly: [text()],
    relaxations: [text()],
    diagnosis: [{ pod: text(), container: text(), reason: text(), message: text() || 'x', exitCode: 1, restarts: 2 }],
    table: [
      ...view.table.map((r) => ({ ...r, revision: text(), uptime: { kind: 'unavailable' as const, why: text() } })),
      {
        content: 'c',
        revision: text(),
        deployedAt: T0,
        uptime: { kind: 'unavailable', why: text() },
        ci: 'failed',
        verdict: { kind: 'rejected', because: 'ci-failed', detail: text() },
      },
    ],
    ...(target === undefined
      ? {}
      : { target: { owner: text(), repository: text(), url: text(), branch: text(), path: text() } }),
    ...(candidate === undefined
      ? {}
      : {
          candidate: { ...candidate, revision: text(), content: text(), uptime: { kind: 'unavailable', why: text() } },
        }),
    ...(plan === undefined
      ? {}
      : { plan: { ...plan, branch: text(), files: plan.files.map((f) => ({ ...f, path: text() })) } }),
    ...(pullRequest === undefined
      ? {}
      : { pullRequest: { ...pullRequest, files: pullRequest.files.map((f) => ({ ...f, path: text() })) } }),
    ...(e === undefined
      ? {}
      : {
          evaluation: { headSha: text(), pinnedAt: T0, invariants: e.invariants.map(rule), guards: e.guards.map(rule) },
        }),
    ...(m === undefined ? {} : { merge: { ...m, commit: text(), by: 'human', login: text() } }),
    ...(end?.kind === 'aborted' ? { end: { ...end, why: text() } } : {}),
    ...(stop === undefined ? {} : { stop: { ...stop, by: text(), why: text() } }),
  };
}
