import { join } from 'node:path';
import { StoreKeys } from '../../../src/adapters/etcd/store-keys.js';
import { viewOf } from '../../../src/model/attempt-view.js';
import type { CandidateRow } from '../../../src/model/candidate.js';
import type { RollbackAttempt } from '../../../src/model/rollback-attempt.js';
import type { AuditEntry } from '../../../src/ports/audit-log.js';
import { Journal } from '../../../src/sandbox/journal.js';
import { decisionEntry } from '../../../src/workflow/decision-entry.js';
import { BAD, BASE, CANDIDATE_TABLE, HEAD, MERGED, POLICY, SECOND, SHOP, T0 } from '../../support/attempt-parts.js';
import { attemptAt, attemptIn } from '../../support/attempts.js';
import type { AuditWorld } from '../../support/audit.js';
import { newCourse, type Course } from './course.js';
import { saidIn, type Evidence } from './evidence.js';
import type { KillWorld } from './kill-world.js';
import { PLOTS, type PlotName } from './plots.js';
import type { Injury } from './schedule.js';
import { StoredHistory, type KeyChange } from './stored-history.js';

/** What one run left behind, before it is evidence: a test changes one thing of it. */
export interface Traces {
  readonly plot: PlotName;
  readonly injuries: readonly Injury[];
  /** What the attempt went through, version by version. */
  readonly versions: readonly RollbackAttempt[];
  /** What the audit log holds of them, decision by decision. */
  readonly decided: readonly AuditEntry[];
  /** And what was said besides, after all of it. */
  readonly more: readonly AuditEntry[];
  readonly requests: readonly {
    readonly method: string;
    readonly path: string;
    readonly at: number;
    readonly body?: unknown;
  }[];
  /** When the maintainer approved. */
  readonly approvedAt: number;
  /** The parents of the merge commit. */
  readonly parents: readonly string[];
  readonly startMs: number;
  readonly course: Course;
  /** Lays hands on what etcd held. */
  readonly stored: (changes: readonly KeyChange[], keys: StoreKeys) => readonly KeyChange[];
}
/** As the rules word it. */
const TABLE = CANDIDATE_TABLE.map(
  (row): CandidateRow =>
    row.verdict.kind === 'rejected'
      ? { ...row, verdict: { ...row.verdict, detail: 'a check failed on its commit' } }
      : row,
);
const MERGED_AT = T0 + 56 * SECOND;
/** What the operator says of an effect. */
export const outcomeOf = (a: RollbackAttempt, effect: string, text: string): AuditEntry => ({
  subject: `${a.id}:${effect}`,
  kind: 'outcome',
  at: T0 + 60 * SECOND,
  attempt: a.id,
  application: a.application,
  actor: 'operator',
  text,
});

/** A run in which nothing was wrong: the operator merged, after an approval where it is production, and NATS was away. */
export function goodTraces(plot: 'bad-deploy' | 'production-merge-after-approval'): Traces {
  const isStaging = plot === 'bad-deploy';
  const policy: typeof POLICY = isStaging
    ? POLICY
    : { ...POLICY, environment: 'production', approval: { ...POLICY.approval, mergeAfterApproval: true } };
  const toMerge = attemptAt('intent-merge');
  const way = [
    attemptAt('confirming'),
    attemptAt('resolving'),
    attemptAt('planning'),
    attemptAt('intent-pr'),
    attemptAt('waiting-for-ci'),
    attemptAt('deciding'),
    { ...toMerge, step: { ...toMerge.step, approvedBy: isStaging ? [] : ['maria'] } },
    attemptAt('syncing'),
    attemptAt('verifying'),
    attemptIn('RollbackComplete'),
  ].map((a, n): RollbackAttempt => ({ ...a, ...('table' in a ? { table: TABLE } : {}), policy, version: n + 1 }));
  const [first] = way;
  if (first === undefined) throw new Error('there are versions');
  const decided = way.map((to, n) =>
    decisionEntry(
      n === 0 ? undefined : (way[n - 1] as Extract<RollbackAttempt, { step: unknown }>),
      to,
      'so',
      to.enteredAt,
    ),
  );
  return {
    plot,
    injuries: [{ kind: 'without-nats' }],
    versions: way,
    decided,
    more: [outcomeOf(first, 'pull-request', 'done: open it'), outcomeOf(first, 'merge', 'found in place: merge it')],
    requests: [
      { method: 'POST', path: '/repos/acme/gitops/git/refs', at: T0 + 39 * SECOND },
      { method: 'POST', path: '/repos/acme/gitops/pulls', at: T0 + 40 * SECOND },
      { method: 'PUT', path: '/repos/acme/gitops/pulls/7/merge', at: MERGED_AT, body: { sha: HEAD } },
    ],
    approvedAt: MERGED_AT - SECOND,
    parents: [BASE, HEAD],
    startMs: 800,
    course: { ...newCourse(), injected: 1, lastInjuryAt: T0, metAt: T0 + 6 * SECOND, graceful: [900] },
    stored: (changes) => changes,
  };
}

/** Evidence as a run would have left it. The audit log is a real one: its chain is judged. */
export async function evidenceFrom(t: Traces, audit: AuditWorld): Promise<Evidence> {
  const log = audit.open({ signingKeyFile: join(audit.directory, 'signing-key.pem') });
  const versions: RollbackAttempt[] = [];
  for (const [n, entry] of t.decided.entries()) {
    const witness = await log.append(entry);
    const version = t.versions[n];
    if (version !== undefined) versions.push({ ...version, witness });
  }
  for (const entry of t.more) await log.append(entry);
  await log.close();
  const keys = new StoreKeys('forged');
  const changes = t.stored(changesOf(versions, keys), keys);
  return {
    world: worldOf(t, versions, audit) as unknown as KillWorld,
    course: t.course,
    said: await saidIn(audit.directory),
    stored: new StoredHistory(changes, keys),
  };
}
function changesOf(versions: readonly RollbackAttempt[], keys: StoreKeys): readonly KeyChange[] {
  const active = keys.active(SHOP);
  return [
    { key: keys.leader, revision: 2, text: 'kill#first' },
    ...versions.flatMap((value, n) => {
      const revision = n + 3;
      const put = { key: keys.attempt(value.id), revision, text: JSON.stringify({ value }) };
      if (n === 0) return [put, { key: active, revision, text: value.id }];
      return n === versions.length - 1 ? [put, { key: active, revision, text: undefined }] : [put];
    }),
  ];
}
function worldOf(t: Traces, versions: readonly RollbackAttempt[], audit: AuditWorld): object {
  const journal = new Journal();
  for (const { body, ...request } of t.requests) {
    const seq = journal.open({ server: 'github', query: '', ...request });
    journal.settle(seq, { status: 200, applied: true, answered: true, body });
  }
  const last = versions.at(-1);
  return {
    schedule: { seed: 0, plot: t.plot, bus: 'nats', injuries: t.injuries },
    plot: PLOTS[t.plot],
    auditFolder: audit.directory,
    intents: { seen: t.requests.length, violations: [] },
    abort: { answeredAt: undefined },
    attempts: last === undefined ? [] : [viewOf(last)],
    hasSeenAttempts: last !== undefined,
    children: [{ printed: audit.printed.join('\n'), startMs: t.startMs }],
    sandbox: {
      journal,
      commit: () => BAD,
      scenario: { repository: { defaultBranch: 'main' } },
      timeline: { steps: [{ at: t.approvedAt, actions: ['review'] }] },
      github: {
        pullRequests: () => [
          { number: 7, state: 'closed', merged: true, head: 'ours', headSha: HEAD, mergeCommit: MERGED },
        ],
        repository: {
          readCommit: async () => ({ parents: t.parents }),
          git: { run: async () => '1' },
        },
      },
    },
  };
}
