import type { OpenState } from './rollback-attempt.js';

const OPEN = [
  'DegradationDetected',
  'CandidateResolved',
  'PRCreated',
  'AwaitingMergeApproval',
  'RollbackMerged',
] as const satisfies readonly OpenState[];

/** The table of the architecture (section 7), run by javascript-state-machine and known to the compiler. */
export const TRANSITIONS = [
  { name: 'detect', from: ['Idle'], to: 'DegradationDetected' },
  { name: 'dismiss', from: ['DegradationDetected'], to: 'Idle' },
  { name: 'resolve', from: ['DegradationDetected'], to: 'CandidateResolved' },
  { name: 'propose', from: ['CandidateResolved'], to: 'PRCreated' },
  { name: 'passCi', from: ['PRCreated'], to: 'AwaitingMergeApproval' },
  { name: 'merge', from: ['CandidateResolved', 'PRCreated', 'AwaitingMergeApproval'], to: 'RollbackMerged' },
  { name: 'complete', from: ['RollbackMerged'], to: 'RollbackComplete' },
  { name: 'abort', from: OPEN, to: 'Abort' },
] as const;
export type Trigger = (typeof TRANSITIONS)[number]['name'];

type Row = (typeof TRANSITIONS)[number];
type RowFrom<S> = Row extends infer R ? (R extends Row ? (S extends R['from'][number] ? R : never) : never) : never;
/** The states that may follow S by a module's own answer; dismiss and abort have outcomes of their own. */
export type Successor<S> = Exclude<RowFrom<S>['to'], 'Idle' | 'Abort'>;
export type MayDismiss<S> = 'Idle' extends RowFrom<S>['to'] ? true : false;
