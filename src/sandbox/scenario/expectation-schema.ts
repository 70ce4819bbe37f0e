import { z } from 'zod';
import { HEALTH_STATUSES } from '../../model/application.js';
import { duration } from './scalars.js';

const gitExpectation = z.strictObject({
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

/** `expect`: how the scenario must end. */
export const expectationSchema = z.strictObject({
  /** Real time at the scenario's own speed. */
  within: duration.prefault('60s'),
  /** For how long all of it must be so without a break, once the timeline is over; divided by the speed. */
  hold: duration.prefault('0s'),
  attempts: z
    .array(z.strictObject({ application: z.string(), state: z.string(), reason: z.string().optional() }))
    .default([]),
  /** How many attempts there must have been in all. */
  attemptCount: z.number().int().min(0).optional(),
  git: z.array(gitExpectation).default([]),
  pullRequests: z
    .array(
      z.strictObject({
        /** Of the operator's account unless told. */
        by: z.string().optional(),
        application: z.string().optional(),
        state: z.enum(['open', 'merged', 'closed']),
        mergedBy: z.string().optional(),
        count: z.number().int().min(0).default(1),
      }),
    )
    .default([]),
  applications: z
    .array(z.strictObject({ application: z.string(), health: z.enum(HEALTH_STATUSES), sync: z.string().optional() }))
    .default([]),
});
/** How a scenario must end. */
export type Expectation = z.output<typeof expectationSchema>;
