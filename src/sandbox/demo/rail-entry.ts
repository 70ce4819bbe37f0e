import type { EpochMs } from '../../model/application.js';
import type { Verdict } from '../../model/rule-result.js';

/** A state the operator has reached, a step within one, or anything else. */
export type Rank = 'state' | 'step' | 'event';
/** Good or bad news. */
export type Mood = 'good' | 'bad';

/** A line below an entry. */
export interface RailDetail {
  readonly text: string;
  /** Stands before the text, in a column of its own. */
  readonly label?: string;
  readonly verdict?: Verdict;
  /** Shortened to one line instead of wrapped. */
  readonly cut?: boolean;
}

/** How the operator is called on the rail. */
export const OPERATOR = 'operator';

/** One thing that has happened, told in a line. */
export interface RailEntry {
  readonly at: EpochMs;
  /** Who did it: a person, `operator`, `GitHub`, `Argo CD`, `world`. */
  readonly who: string;
  readonly rank: Rank;
  readonly mood?: Mood;
  /** A phrase that stays true of several subjects: they are told together when it happens to them at once. */
  readonly text: string;
  /** The application it happened to. */
  readonly subject?: string;
  readonly details?: readonly RailDetail[];
}
