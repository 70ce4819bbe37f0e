import { z } from 'zod';
import { HEALTH_STATUSES } from '../../model/application.js';
import { SANDBOX_SERVERS } from '../journal.js';
import { POD_FAILURES } from '../workloads/pod-failure.js';
import { automatedSchema, switchesSchema, syncWindowSchema } from './application-schema.js';
import { duration, files } from './scalars.js';

const condition = z.discriminatedUnion('on', [
  /** The operator has listed applications at least once. */
  z.strictObject({ on: z.literal('operator-watching') }),
  /** A pull request of the operator's, unless `by` names somebody else. */
  z.strictObject({
    on: z.literal('pull-request'),
    is: z.enum(['open', 'merged', 'closed']),
    by: z.string().optional(),
    application: z.string().optional(),
  }),
  /** Known only when whoever runs the sandbox tells it (`noteAttempt`). */
  z.strictObject({
    on: z.literal('attempt'),
    state: z.string(),
    application: z.string().optional(),
    reason: z.string().optional(),
  }),
  z.strictObject({ on: z.literal('health'), application: z.string(), is: z.enum(HEALTH_STATUSES) }),
  /** The last sync of the application succeeded on this commit. */
  z.strictObject({ on: z.literal('deployed'), application: z.string(), commit: z.string() }),
  /** Requests that the journal holds. `path` is a regular expression. */
  z.strictObject({
    on: z.literal('requests'),
    server: z.enum(SANDBOX_SERVERS),
    method: z.string().optional(),
    path: z.string().optional(),
    count: z.number().int().min(1).default(1),
  }),
]);
/** What an entry of the timeline waits for. */
export type TimelineCondition = z.output<typeof condition>;

/** Short forms: `operator-watching`, `pull-request-open|merged|closed`, `attempt-state <State>`. */
function expandCondition(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const [, state] = /^attempt-state (\S+)$/.exec(value) ?? [];
  if (state !== undefined) return { on: 'attempt', state };
  const [, is] = /^pull-request-(open|merged|closed)$/.exec(value) ?? [];
  return is === undefined ? { on: value } : { on: 'pull-request', is };
}

const fault = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('lose-before') }),
  z.strictObject({ kind: z.literal('lose-after') }),
  z.strictObject({
    kind: z.literal('status'),
    status: z.number().int(),
    retryAfterSeconds: z.number().optional(),
    body: z.unknown().optional(),
  }),
  z.strictObject({ kind: z.literal('slow'), ms: z.number() }),
  z.strictObject({ kind: z.literal('garbage') }),
  z.strictObject({ kind: z.literal('huge'), bytes: z.number() }),
  z.strictObject({ kind: z.literal('hang') }),
]);
const person = z.string().default('maria');
/** Which pull request: the operator's newest open one, of this application if it is named, or a number. */
const chosen = { application: z.string().optional(), number: z.number().int().optional() };
const act = <const N extends string, S extends z.core.$ZodLooseShape>(
  name: N,
  shape: S,
): z.ZodObject<{ action: z.ZodLiteral<N> } & S, z.core.$strict> =>
  z.strictObject({ action: z.literal(name), ...shape });

const action = z.discriminatedUnion('action', [
  /** `{id}` in the branch is the short id (10 digits) of a commit of the scenario. */
  act('push', {
    id: z.string().optional(),
    branch: z.string().default('main'),
    by: person,
    message: z.string(),
    files,
  }),
  act('open-pull-request', {
    by: person,
    head: z.string(),
    base: z.string().default('main'),
    title: z.string(),
    body: z.string().optional(),
    files: files.optional(),
  }),
  act('review', { ...chosen, by: person, state: z.enum(['APPROVED', 'CHANGES_REQUESTED', 'COMMENTED']) }),
  act('merge', { ...chosen, by: person, method: z.enum(['merge', 'squash', 'rebase']).optional() }),
  act('close', { ...chosen, by: person }),
  act('comment', { ...chosen, by: person, body: z.string() }),
  act('label', { ...chosen, by: person, label: z.string() }),
  act('unlabel', { ...chosen, label: z.string() }),
  act('push-to-pull-request', { ...chosen, by: person, files }),
  /** Every request from now on, until `heal`. */
  act('break', { server: z.enum(SANDBOX_SERVERS), method: z.string().optional(), path: z.string().optional(), fault }),
  act('heal', { server: z.enum(SANDBOX_SERVERS) }),
  /** The next `times` requests. `path` is a regular expression. */
  act('fault', {
    server: z.enum(SANDBOX_SERVERS),
    method: z.string().optional(),
    path: z.string().optional(),
    times: z.number().int().min(1).default(1),
    fault,
  }),
  act('change-application', {
    application: z.string(),
    switches: switchesSchema.optional(),
    automated: automatedSchema.optional(),
    syncWindows: z.array(syncWindowSchema).optional(),
    annotations: z.record(z.string(), z.string().nullable()).optional(),
  }),
  act('remove-application', { application: z.string() }),
  act('refresh', { application: z.string() }),
  /** Somebody presses Sync: the newest compared commit, without pruning. */
  act('sync', { application: z.string() }),
  /** An image breaks, or (null) works again; pods that exist are not touched. */
  act('break-image', { image: z.string(), failure: z.enum(POD_FAILURES).nullable() }),
  act('change-world', {
    kubernetes: z.enum(['readable', 'forbidden', 'down']).optional(),
    prometheus: z.enum(['ok', 'no-data', 'partial', 'down']).optional(),
    argocdToken: z.enum(['valid', 'expired']).optional(),
    /** Which `<project>/<application>` patterns the operator may see from now on. */
    visible: z.array(z.string()).optional(),
  }),
]);
/** One thing an entry does. */
export type TimelineAction = z.output<typeof action>;

/** One thing to happen: when the condition holds, `after` later (divided by the speed). */
const entry = z.strictObject({
  when: z.preprocess(expandCondition, condition.optional()).optional(),
  after: duration.optional(),
  do: z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(action).min(1)),
});
/** One entry of the timeline. */
export type TimelineEntry = z.output<typeof entry>;

/** `timeline`: one after the other; an entry waits for its condition only when the one before it is done. */
export const timelineSchema = z.array(entry).default([]);
