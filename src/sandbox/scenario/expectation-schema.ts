import { z } from 'zod';
import { HEALTH_STATUSES } from '../../model/application.js';
import { SANDBOX_SERVERS } from '../journal.js';
import { duration } from './scalars.js';

const gitExpectation = z.strictObject({
  /** `{id}` is the short id of a commit of the scenario. */
  branch: z.string().default('main'),
  path: z.string(),
  /** The file is what it was at this commit (an id of the scenario); absent there = absent here. */
  equalsCommit: z.string().optional(),
  contains: z.string().optional(),
  lacks: z.string().optional(),
  absent: z.literal(true).optional(),
});
/** What one file must be in the end. */
export type GitExpectation = z.output<typeof gitExpectation>;

const attemptExpectation = z.strictObject({
  application: z.string(),
  state: z.string(),
  reason: z.string().optional(),
  /** Parts of the sentence that says why it ended; `{id}` is the short id of a commit of the scenario. */
  why: z.array(z.string()).default([]),
  /** Rules that keep the operator from merging by itself, among others. */
  barredBy: z.array(z.string()).default([]),
});
/** What an attempt must have been seen to be. */
export type AttemptExpectation = z.output<typeof attemptExpectation>;

const count = z.number().int().min(0);
const requestExpectation = z.strictObject({
  server: z.enum(SANDBOX_SERVERS),
  method: z.string().optional(),
  /** Every method but GET. */
  writes: z.literal(true).optional(),
  /** Regular expressions. */
  path: z.string().optional(),
  query: z.string().optional(),
  /** True = only those that had their effect, whether or not they were answered. */
  applied: z.boolean().optional(),
  count: count.optional(),
  atLeast: count.optional(),
  atMost: count.optional(),
});
/** How many requests of a kind must have come. */
export type RequestExpectation = z.output<typeof requestExpectation>;

const noticeExpectation = z.strictObject({
  /** Any unless told. */
  kind: z.string().optional(),
  application: z.string().optional(),
  count: count.default(1),
});
/** How many different notices of a kind people must have got. */
export type NoticeExpectation = z.output<typeof noticeExpectation>;

/** `expect`: how the scenario must end. */
export const expectationSchema = z.strictObject({
  /** Real time at the scenario's own speed. */
  within: duration.prefault('60s'),
  /** For how long all of it must be so without a break, once the timeline is over; divided by the speed. */
  hold: duration.prefault('0s'),
  attempts: z.array(attemptExpectation).default([]),
  /** How many attempts there must have been in all; those that were dismissed before a confirmation do not count. */
  attemptCount: count.optional(),
  git: z.array(gitExpectation).default([]),
  pullRequests: z
    .array(
      z.strictObject({
        /** Of the operator's account unless told. */
        by: z.string().optional(),
        application: z.string().optional(),
        state: z.enum(['open', 'merged', 'closed']),
        mergedBy: z.string().optional(),
        closedBy: z.string().optional(),
        /** Parts of its body. */
        says: z.array(z.string()).default([]),
        count: count.default(1),
      }),
    )
    .default([]),
  requests: z.array(requestExpectation).default([]),
  notices: z.array(noticeExpectation).default([]),
  applications: z
    .array(z.strictObject({ application: z.string(), health: z.enum(HEALTH_STATUSES), sync: z.string().optional() }))
    .default([]),
});
/** How a scenario must end. */
export type Expectation = z.output<typeof expectationSchema>;
