import { asOperatorError } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import { settingsHash } from '../gitops/content.js';
import type { ApplicationKey, EpochMs, FleetEntry } from '../model/application.js';
import type { ArgoCd } from '../ports/argocd.js';
import type { StateStore } from '../ports/state-store.js';
import type { FleetView } from './fleet-view.js';

const MOST_PER_LIST = 20;

/**
 * The operator's own record of what was deployed when (semantics 5): Argo CD keeps ten entries and skips failed and
 * partial syncs. Noted when a list shows a changed end of operation; the first list only remembers them.
 */
export class DeploymentLedger {
  readonly #finishedAt = new Map<ApplicationKey, EpochMs>();
  #lists = 0;
  constructor(
    private readonly argocd: ArgoCd,
    private readonly store: Pick<StateStore, 'appendLedger'>,
    private readonly fleet: FleetView,
    private readonly logger: Logger,
  ) {}

  async note(entries: readonly FleetEntry[], signal: AbortSignal): Promise<void> {
    const first = this.#lists++ === 0;
    const changed: FleetEntry[] = [];
    for (const entry of entries) {
      const { application, operationFinishedAt: at } = entry;
      if (at === undefined || this.#finishedAt.get(application) === at) continue;
      if (first || this.fleet.find(application)?.environment === undefined) this.#finishedAt.set(application, at);
      else if (changed.length < MOST_PER_LIST) changed.push(entry);
    }
    await Promise.all(changed.map((entry) => this.#record(entry, signal)));
  }
  async #record(entry: FleetEntry, signal: AbortSignal): Promise<void> {
    try {
      const { deployed } = await this.argocd.getApplicationHealth(entry.application, entry.project, signal);
      const deployedAt = deployed?.finishedAt ?? entry.operationFinishedAt;
      if (deployed !== undefined && deployedAt !== undefined && deployed.revisions.length > 0) {
        await this.store.appendLedger(entry.application, {
          revisions: deployed.revisions,
          settings: settingsHash(deployed.sources),
          deployedAt,
          ...(deployed.startedAt === undefined ? {} : { deployStartedAt: deployed.startedAt }),
        });
      }
      if (entry.operationFinishedAt !== undefined) this.#finishedAt.set(entry.application, entry.operationFinishedAt);
    } catch (error) {
      const e = asOperatorError(error);
      if (e.category === 'cancelled') throw e;
      // The next list shows the same end of operation: it is noted then.
      this.logger.warn('a deployment was not noted in the ledger yet', { application: entry.application, error: e });
    }
  }
}
