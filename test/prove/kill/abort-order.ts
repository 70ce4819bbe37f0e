import type { AttemptView } from '../../../src/model/attempt-view.js';
import type { IntentWatch } from './intent-watch.js';

/** Somebody who aborts by the API as soon as there is a pull request, and asks again until a daemon has answered. */
export class AbortOrder {
  /** When a daemon said that it stops; undefined = nobody has yet. */
  answeredAt: number | undefined;
  constructor(
    private readonly token: string,
    private readonly intents: IntentWatch,
  ) {}

  get headers(): Readonly<Record<string, string>> {
    return { authorization: `Bearer ${this.token}` };
  }
  /** Throws when nobody answers. */
  async give(apiUrl: string, attempts: readonly AttemptView[]): Promise<void> {
    const open = attempts.find((a) => a.end === undefined && a.pullRequest !== undefined);
    if (open === undefined || this.answeredAt !== undefined) return;
    const response = await fetch(`${apiUrl}/api/v1/attempts/${open.id}:abort`, {
      method: 'POST',
      headers: { ...this.headers, 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'fixed forward' }),
      signal: AbortSignal.timeout(2_000),
    });
    if (response.status !== 202 && response.status !== 200) return;
    this.answeredAt = Date.now();
    this.intents.stopped();
  }
}
