import type { AttemptView } from '../../model/attempt-view.js';
import type { NotedAttempt } from './stage.js';

type Seen = Pick<AttemptView, 'id' | 'application' | 'state' | 'step' | 'end' | 'barredBy' | 'openedAt'>;

/** What of an attempt a scenario knows: the reason of its end, or the step it is in. */
export function notedAttempt({ id, application, state, step, end, barredBy }: Seen): NotedAttempt {
  const noted = { id, application, state, barredBy };
  if (end?.kind === 'aborted') return { ...noted, reason: end.reason, why: end.why };
  return end === undefined && step !== undefined ? { ...noted, reason: step } : noted;
}

/** Tells the sandbox what has changed from one look at the operator's attempts to the next (`Sandbox.noteAttempt`). */
export class AttemptNotes {
  readonly #last = new Map<string, string>();
  constructor(private readonly note: (attempt: NotedAttempt) => void) {}

  /** Takes all attempts as the operator lists them, in any order. */
  take(views: readonly Seen[]): void {
    for (const view of views.toSorted((a, b) => a.openedAt - b.openedAt)) {
      const noted = notedAttempt(view);
      const words = JSON.stringify(noted);
      if (this.#last.get(view.id) === words) continue;
      this.#last.set(view.id, words);
      this.note(noted);
    }
  }
}
