import type { Clock } from '../base/clock.js';
import type { ClosedAttempt } from '../model/rollback-attempt.js';
import type { ArgoCd } from '../ports/argocd.js';

/** What became of an application that `observe` only watched: how long people took, and what they deployed (semantics 5). */
export class Scorecard {
  constructor(
    private readonly clock: Clock,
    private readonly argocd: Pick<ArgoCd, 'getApplicationHealth'>,
  ) {}
  /** Undefined = not over yet. */
  async of(a: ClosedAttempt, signal: AbortSignal): Promise<string | undefined> {
    const app = await this.argocd.getApplicationHealth(a.application, a.project, signal);
    const now = this.clock.now();
    const minutes = Math.round((now - a.onset) / 60_000);
    const revision = app.deployed?.revisions[0]?.slice(0, 10) ?? 'an unknown revision';
    if (app.health === 'Healthy')
      return `healthy ${minutes} min after it degraded, running ${revision}; the operator would have acted ${Math.round((a.closedAt - a.onset) / 1000)} s after it degraded`;
    return now >= a.aftercare.until ? `still ${app.health} after ${minutes} min, running ${revision}` : undefined;
  }
}
