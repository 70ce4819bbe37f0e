import { z } from 'zod';
import { HEALTH_STATUSES } from '../../model/application.js';
import type { HealthCheck } from '../../model/health-check.js';
import { SPEND_KINDS, type ApplicationMark, type LedgerEntry, type Pause, type Spend } from '../../model/mark.js';
import type { RollbackAttempt } from '../../model/rollback-attempt.js';

/**
 * What a record must look like to be believed. Looser than the model where nothing is decided by a field, so that a
 * record of an earlier version of the same schema is still read.
 */
const time = z.number();
const words = z.string().min(1);
const application = z.string().regex(/^[^/]+\/[^/]+$/, 'an application is <namespace>/<name>');
const revisions = z.array(z.string());

const check = z.looseObject({
  at: time,
  intervalMs: z.number().positive(),
  health: z.enum(HEALTH_STATUSES),
  running: z.looseObject({ revisions, settings: z.string() }).optional(),
});

const attemptCase = {
  id: words,
  application,
  project: z.string(),
  destination: z.looseObject({}),
  bad: z.looseObject({ revisions, settings: z.string() }),
  onset: time,
  openedAt: time,
  enteredAt: time,
  policy: z.looseObject({
    environment: words,
    mode: words,
    timing: z.looseObject({}),
    repository: z.looseObject({}),
    guards: z.looseObject({}),
  }),
  version: z.int().positive(),
  witness: z.string(),
};
const resolved = {
  badContent: z.string(),
  target: z.looseObject({ owner: words, repository: words, branch: words, path: z.string() }),
  candidate: z.looseObject({ content: z.string(), revision: z.string() }),
  table: z.array(z.unknown()),
  proposeOnly: z.array(z.string()),
  confirmation: z.array(check),
};
const plan = z.looseObject({ branch: words, baseSha: words, tree: words });
const pullRequest = z.looseObject({ number: z.int().positive(), url: words, headSha: words, plan });
const merge = z.looseObject({ commit: words, by: words, pullRequest: z.int().positive(), at: time });
const step = <N extends string>(...names: readonly N[]): z.ZodType =>
  z.looseObject({ name: z.enum(names as readonly [N, ...N[]]), deadline: time });
const planned = z.union([
  step('planning', 'waiting-for-sibling'),
  z.looseObject({ name: z.literal('intent-pr'), deadline: time, plan }),
]);
const judged = z.union([
  step('deciding', 'waiting-for-human'),
  z.looseObject({
    name: z.literal('intent-merge'),
    deadline: time,
    headSha: words,
    method: z.enum(['merge', 'squash', 'rebase']),
    evaluation: z.looseObject({}),
  }),
]);
const openStates = [
  z.looseObject({
    ...attemptCase,
    state: z.literal('DegradationDetected'),
    step: step('confirming', 'held', 'resolving'),
  }),
  z.looseObject({ ...attemptCase, ...resolved, state: z.literal('CandidateResolved'), step: planned }),
  z.looseObject({
    ...attemptCase,
    ...resolved,
    state: z.literal('PRCreated'),
    pullRequest,
    step: step('waiting-for-ci'),
  }),
  z.looseObject({ ...attemptCase, ...resolved, state: z.literal('AwaitingMergeApproval'), pullRequest, step: judged }),
  z.looseObject({
    ...attemptCase,
    ...resolved,
    state: z.literal('RollbackMerged'),
    merge,
    step: step('syncing', 'verifying'),
  }),
] as const;
const closed = { closedAt: time, aftercare: z.looseObject({ owed: z.array(z.string()), until: time }) };
const attempt = z.discriminatedUnion('state', [
  ...openStates,
  z.looseObject({
    ...attemptCase,
    ...resolved,
    ...closed,
    state: z.literal('RollbackComplete'),
    merge,
    recoveredAt: time,
  }),
  z.looseObject({
    ...attemptCase,
    ...closed,
    state: z.literal('Abort'),
    reason: words,
    why: z.string(),
    last: z.discriminatedUnion('state', [...openStates]),
  }),
]);

const mark = z.looseObject({
  application,
  attempt: words,
  revisions,
  content: z.string().optional(),
  at: time,
  until: time,
});
const anyMark = z.discriminatedUnion('kind', [
  mark.extend({ kind: z.literal('latch'), reason: words, onset: time, retryAt: time.optional() }),
  mark.extend({ kind: z.literal('quarantine') }),
  mark.extend({ kind: z.literal('restoration') }),
]);
const spend = z.looseObject({
  kind: z.enum(SPEND_KINDS),
  attempt: words,
  application,
  environment: z.string(),
  at: time,
});
const entry = z.looseObject({ revisions, settings: z.string(), deployedAt: time });
const pause = z.looseObject({
  scope: z.union([z.literal('operator'), application]),
  kill: z.boolean(),
  by: z.string(),
  why: z.string(),
  at: time,
});

/** What each kind of record holds. */
export interface RecordValues {
  readonly attempt: RollbackAttempt;
  readonly checks: readonly HealthCheck[];
  readonly mark: ApplicationMark;
  readonly spend: Spend;
  readonly ledger: readonly LedgerEntry[];
  readonly baseline: number;
  readonly pause: Pause;
}
export type RecordKind = keyof RecordValues;
export const RECORD_SHAPES: { readonly [K in RecordKind]: z.ZodType } = {
  attempt,
  checks: z.array(check),
  mark: anyMark,
  spend,
  ledger: z.array(entry),
  baseline: time,
  pause,
};
