import { headers, type MsgHdrs } from 'nats';
import { z } from 'zod';
import { OperatorError } from '../../base/errors.js';
import { checkEvent } from '../../model/check-event.js';
import { type EventName, type OperatorEvent } from '../../model/events.js';

/** Names of the stream, its subjects and the durable consumer of one operator. */
export const streamOf = (instance: string): string => `ai-operator-${instance}`;
export const subjectsOf = (instance: string): string => `ai-operator.${instance}.>`;
export const subjectOf = (instance: string, name: EventName): string => `ai-operator.${instance}.${name}`;

/** One event as a message: CloudEvents 1.0 in structured mode; the trace context stands in the headers too, where tools look for it. */
export interface EventMessage {
  readonly name: EventName;
  readonly text: string;
  readonly headers: MsgHdrs;
}

/** Throws EVENT_INVALID (bug). */
export function encodeEvent(event: OperatorEvent): EventMessage {
  const name = checkEvent(event);
  const written = headers();
  written.set('content-type', 'application/cloudevents+json');
  if (event.traceparent !== undefined) written.set('traceparent', event.traceparent);
  return { name, text: JSON.stringify(event), headers: written };
}

const envelope = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.string().min(1),
  source: z.string(),
  type: z.string(),
  subject: z.string(),
  time: z.string(),
  correlationid: z.string().min(1),
  traceparent: z.string().optional(),
  data: z.looseObject({}),
});

/** The event of a message on `subject`. Throws EVENT_INVALID for what other programs have put there. */
export function decodeEvent(
  instance: string,
  subject: string,
  text: string,
): { readonly name: EventName; readonly event: OperatorEvent } {
  const parsed = envelope.safeParse(parse(text));
  if (!parsed.success) throw invalid(subject, 'not a CloudEvents 1.0 envelope of the operator');
  const event = parsed.data as unknown as OperatorEvent;
  const name = checkEvent(event);
  if (subject !== subjectOf(instance, name)) throw invalid(subject, `it holds an event of type ${event.type}`);
  return { name, event };
}
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
const invalid = (subject: string, why: string): OperatorError =>
  new OperatorError('EVENT_INVALID', 'bug', `NATS: a message on ${subject} is dropped: ${why}.`);
