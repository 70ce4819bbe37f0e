import { z } from 'zod';
import type { ApplicationKey, EpochMs } from './application.js';
import type { AttemptId } from './rollback-attempt.js';
import { rootPlace, traceparentOf } from './trace-place.js';

const nudge = z.object({ attempt: z.string(), application: z.string(), environment: z.string() });
const withReason = nudge.extend({ why: z.string() });
const withPullRequest = nudge.extend({ pullRequest: z.number().int(), url: z.string(), headSha: z.string() });

/** The one catalogue: name -> payload schema (semantics 12; the first four names are the architecture's). */
export const EVENT_CATALOGUE = {
  'degradation.detected': nudge.extend({ health: z.string() }),
  'degradation.cleared': nudge.extend({ health: z.string() }),
  'degradation.confirmed': nudge.extend({ checks: z.number().int() }),
  'candidate.resolved': nudge.extend({ revision: z.string(), basis: z.string() }),
  'pr.created': withPullRequest,
  'approval.requested': nudge.extend({ pullRequest: z.number().int(), barredBy: z.array(z.string()) }),
  'rollback.merged': nudge.extend({ commit: z.string(), by: z.string() }),
  'rollback.completed': nudge.extend({ timeToRecoveryMs: z.number() }),
  'rollback.aborted': withReason.extend({ reason: z.string() }),
} as const;
export type EventName = keyof typeof EVENT_CATALOGUE;
export const EVENT_NAMES = Object.keys(EVENT_CATALOGUE) as readonly EventName[];
export type EventPayload<N extends EventName> = z.infer<(typeof EVENT_CATALOGUE)[N]>;

const TYPE_PREFIX = 'io.ai-devops-operator.';

/** A CloudEvents 1.0 envelope. It is a nudge: it says which attempt to look at; what decides is read from the store. */
export interface OperatorEvent<N extends EventName = EventName> {
  readonly specversion: '1.0';
  /** `<attempt>/<version>`, or `<application>@<check time>`: the same for a repeat, so that a bus can drop it. */
  readonly id: string;
  readonly source: string;
  readonly type: `${typeof TYPE_PREFIX}${N}`;
  readonly subject: ApplicationKey;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly correlationid: AttemptId;
  /** W3C trace context, in the trace of the attempt. Absent only in what an older operator published. */
  readonly traceparent?: string;
  readonly data: EventPayload<N>;
}

export interface EventFacts<N extends EventName> {
  readonly name: N;
  readonly id: string;
  readonly instance: string;
  readonly at: EpochMs;
  readonly application: ApplicationKey;
  readonly attempt: AttemptId;
  readonly data: EventPayload<N>;
}
/** An event in its envelope, in the trace of its attempt: whoever records that trace writes the span over it. */
export function makeEvent<N extends EventName>(f: EventFacts<N>): OperatorEvent<N> {
  return {
    specversion: '1.0',
    id: f.id,
    source: `/ai-operator/${f.instance}`,
    type: `${TYPE_PREFIX}${f.name}`,
    subject: f.application,
    time: new Date(f.at).toISOString(),
    datacontenttype: 'application/json',
    correlationid: f.attempt,
    traceparent: traceparentOf(rootPlace(f.attempt), false),
    data: f.data,
  };
}
/** The catalogue name in an event's type. */
export const eventName = (event: OperatorEvent): EventName => event.type.slice(TYPE_PREFIX.length) as EventName;
