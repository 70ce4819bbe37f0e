import type { AttemptView } from '../../model/attempt-view.js';
import type { NotedAttempt } from './stage.js';

type Seen = Pick<AttemptView, 'id' | 'application' | 'state' | 'step' | 'end' | 'openedAt'>;

/** What of an attempt a scenario knows: the reason of its end, or the step it is in. */
export function notedAttempt({ application, state, step, end }: Seen): NotedAttempt {
  const reason = end?.kind === 'aborted' ? end.reason : end === undefined ? step : undefined;
  return { application, state, ...(reason === undefined ? {} : { reason }) };
}

/** Tells the sandbox what has changed from one look at the operator's attempts to the next (`Sandbox.noteAttempt`). */
export class AttemptNotes {
  readonly #last = new Map<string, string>();
  constructor(private readonly note: (attempt: NotedAttempt) => void) {}

  /** Takes all attempts as the operator lists them, in any order. */
  take(views: readonly Seen[]): void {
    for (const view of views.toSorted((a, b) => a.openedAt - b.openedAt)) {
      const noted = notedAttempt(view);
      const words = `${noted.state} ${noted.reason ?? ''}`;
      if (this.#last.get(view.id) === words) continue;
      this.#last.set(view.id, words);
      this.note(noted);
    }
  }
}
