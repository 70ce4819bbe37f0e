import { sha256 } from '../base/hash.js';
import { isOpen, type AttemptId, type OpenAttempt, type RollbackAttempt } from './rollback-attempt.js';

/** A span's place in a trace, as W3C trace context names it: 32 and 16 lower case hex digits. */
export interface TracePlace {
  readonly traceId: string;
  readonly spanId: string;
}
/** The stages of an attempt as its trace shows them. */
export type TracedStage = 'detect' | 'resolve' | 'pr' | 'ci' | 'approval' | 'verify' | 'aftercare';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NOTHING = /^0+$/;
const spanIdOf = (text: string): string => sha256(text).slice(0, 16);

/** One trace per attempt, found from its id alone: it survives restarts and is stored nowhere. */
export function traceIdOf(attempt: AttemptId): string {
  const hex = attempt.toLowerCase().replaceAll('-', '');
  return UUID.test(attempt.toLowerCase()) && !NOTHING.test(hex) ? hex : sha256(attempt).slice(0, 32);
}
/** The span of the whole attempt. It is written at the end, so everything before refers to it by this. */
export const rootPlace = (attempt: AttemptId): TracePlace => ({
  traceId: traceIdOf(attempt),
  spanId: spanIdOf(`${attempt}/run`),
});
/** The stage an attempt is in. */
export const tracedStage = (a: RollbackAttempt): TracedStage => (isOpen(a) ? stageOf(a) : 'aftercare');
/** The stage an open attempt is in. */
export function stageOf(a: OpenAttempt): Exclude<TracedStage, 'aftercare'> {
  switch (a.state) {
    case 'DegradationDetected':
      return a.step.name === 'confirming' ? 'detect' : 'resolve';
    case 'CandidateResolved':
      return 'pr';
    case 'PRCreated':
      return 'ci';
    case 'AwaitingMergeApproval':
      return 'approval';
    case 'RollbackMerged':
      return 'verify';
  }
}
/** The span of the stage an open attempt is in: the same from every process that serves it. */
export const stagePlace = (a: OpenAttempt): TracePlace => ({
  traceId: traceIdOf(a.id),
  spanId: spanIdOf(`${a.id}/${tracedStage(a)}/${a.enteredAt}`),
});

/** The place as a `traceparent` (W3C trace context, version 00); `sampled` = somebody records its span. */
export const traceparentOf = ({ traceId, spanId }: TracePlace, sampled = true): string =>
  `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;
/** The place in a `traceparent`; undefined = it says none. */
export function parseTraceparent(text: string): TracePlace | undefined {
  const [, traceId = '', spanId = ''] = TRACEPARENT.exec(text) ?? [];
  return NOTHING.test(traceId) || NOTHING.test(spanId) || spanId === '' ? undefined : { traceId, spanId };
}
