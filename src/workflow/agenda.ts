import type { EpochMs } from '../model/application.js';
import type { AttemptId } from '../model/rollback-attempt.js';

const FIRST_PAUSE_MS = 4_000;
const LONGEST_PAUSE_MS = 60_000;

/** When each attempt wants to be looked at again, and how often looking has failed in a row. In memory only. */
export class Agenda {
  readonly #due = new Map<AttemptId, EpochMs>();
  readonly #failures = new Map<AttemptId, number>();

  set(id: AttemptId, at: EpochMs): void {
    this.#due.set(id, at);
  }
  /** Nothing is due later than at this time. */
  bringForward(at: EpochMs): void {
    for (const [id, due] of this.#due) if (due > at) this.#due.set(id, at);
  }
  drop(id: AttemptId): void {
    this.#due.delete(id);
    this.#failures.delete(id);
  }
  due(now: EpochMs): readonly AttemptId[] {
    return [...this.#due].filter(([, at]) => at <= now).map(([id]) => id);
  }
  dueAt(id: AttemptId): EpochMs | undefined {
    return this.#due.get(id);
  }
  succeeded(id: AttemptId): void {
    this.#failures.delete(id);
  }
  /** The pause before the next look after a failed one: 4, 8, ... 60 s (semantics 14), or as long as the upstream asked for. */
  failed(id: AttemptId, askedMs = 0): number {
    const failures = this.#failures.get(id) ?? 0;
    this.#failures.set(id, failures + 1);
    return Math.max(askedMs, Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures));
  }
}
