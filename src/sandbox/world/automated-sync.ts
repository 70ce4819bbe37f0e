import type { EpochMs } from '../../model/application.js';
import type { SimulatedApplication } from './simulated-application.js';
import { beginOperation } from './sync-operation.js';
import { allowsAutomatedSync } from './sync-window.js';

/**
 * Argo CD's automated sync: acts only when OutOfSync, automated, inside the windows, with no operation under way, and
 * never a second time for a revision that it has already tried (self-heal re-applies what drifted).
 */
export function automatedSync(app: SimulatedApplication, now: EpochMs): void {
  const { automated, syncWindows } = app.settings;
  if (!automated || app.sync.status !== 'OutOfSync' || app.isOperationRunning) return;
  if (!allowsAutomatedSync(syncWindows)) return;
  const { revision } = app.sync;
  const drifted = app.resources.filter((r) => r.status === 'OutOfSync');
  const last = app.operation;
  const attempted = last !== undefined && !last.partial && last.revision === revision;
  if (attempted && last.phase === 'Failed') {
    app.addCondition('SyncError', `Failed sync attempt to ${revision}: ${last.message}`, now);
    return;
  }
  if (automated.prune && app.resources.length > 0 && app.resources.every((r) => r.requiresPruning)) {
    app.addCondition('SyncError', `Skipping sync attempt to ${revision}: auto-sync will wipe out all resources`, now);
    return;
  }
  const partial = attempted || (last?.partial === true && last.revision === revision);
  const healable = drifted.some((r) => !r.requiresPruning);
  if (partial && (!automated.selfHeal || !healable)) return;
  app.operation = beginOperation({ revision, prune: automated.prune, partial }, now, app.surroundings.syncMs);
}
