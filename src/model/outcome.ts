import type { AbortReason } from './abort-reason.js';
import type { EpochMs } from './application.js';
import type { ApplicationMark } from './mark.js';
import type { NoticeKind } from './notice-kind.js';
import type { InState, OpenAttempt, OpenState, ProposePlan, StateName } from './rollback-attempt.js';
import type { MayDismiss, Successor } from './transitions.js';

type Keys<T> = T extends unknown ? keyof T : never;
type OmitEach<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** A step as a module names it; its deadline is the table's business (deadlines.ts). */
export type NewStep<S extends OpenState> = InState<S> extends { step: infer P } ? OmitEach<P, 'deadline'> : never;
/** The fields state N has that state S has not: what a module must bring to move an attempt from S to N. */
type Gain<S extends OpenState, N extends StateName> = OmitEach<
  InState<N>,
  Keys<InState<S>> | 'state' | 'step' | 'aftercare' | 'closedAt'
> &
  (N extends OpenState ? { readonly step: NewStep<N> } : unknown);

/** The observation is dropped: `active/<app>` and the attempt go. */
export interface Dismissal {
  readonly kind: 'dismiss';
  readonly why: string;
  /** A mark that learned a revision of its content, to be stored before the attempt is forgotten. */
  readonly remember?: ApplicationMark;
  readonly notice?: NoticeKind;
}

/** What a module answers about one attempt. It neither saves, publishes nor sleeps: the workflow does. */
export type Outcome<S extends OpenState = OpenState> = S extends OpenState
  ?
      | {
          [N in Successor<S> & StateName]: {
            readonly kind: 'advance';
            readonly to: N;
            readonly with: Gain<S, N>;
            readonly why: string;
          };
        }[Successor<S> & StateName]
      /** Stay in the state, store a finding or an intent, and come back at once. */
      | { readonly kind: 'step'; readonly step: NewStep<S>; readonly why: string }
      /** Not yet: a complete look that stores nothing. Past the deadline it becomes what the table says, or `expiresAs`. */
      | { readonly kind: 'wait'; readonly lookAgainAt: EpochMs; readonly why: string; readonly expiresAs?: AbortReason }
      | (MayDismiss<S> extends true ? Dismissal : never)
      | {
          readonly kind: 'abort';
          readonly reason: AbortReason;
          readonly why: string;
          /** What would have been proposed, for `observed`. */
          readonly plan?: ProposePlan;
        }
  : never;

/** A module of the architecture as the workflow sees it. */
export interface Stage<A extends OpenAttempt> {
  handle(attempt: A, signal: AbortSignal): Promise<Outcome<A['state']>>;
}
