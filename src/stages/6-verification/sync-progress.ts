import type { ApplicationSnapshot } from '../../model/application.js';

export type SyncProgress =
  | { readonly kind: 'synced'; readonly revision: string }
  /** Deployed or compared at a commit that may be a descendant of the merge: git has to say. */
  | {
      readonly kind: 'ask-git';
      readonly revision: string;
      readonly how: 'deployed' | 'compared';
      readonly otherwise: string;
    }
  | { readonly kind: 'not-yet'; readonly blocker: string };

/**
 * Pure (semantics 9): is the merge commit what is deployed? The deployed revision is that of a succeeded operation; a
 * no-op render never runs one, so there a compared revision that contains the merge, Synced, is enough.
 */
export function syncProgress(app: ApplicationSnapshot, mergeCommit: string): SyncProgress {
  const [deployed] = app.deployed?.revisions ?? [];
  const [compared] = app.syncRevisions;
  if (app.operationRunning) {
    const on = app.operation?.revision;
    return {
      kind: 'not-yet',
      blocker: `a sync operation is running${on === undefined ? '' : ` on ${on.slice(0, 10)}`}${(app.operation?.retryCount ?? 0) > 0 ? ', retrying (argocd app terminate-op ends it)' : ''}`,
    };
  }
  const failed = app.operation !== undefined && app.operation.phase !== 'Succeeded';
  if (deployed === mergeCommit) {
    return failed
      ? {
          kind: 'not-yet',
          blocker: `the sync operation ended as ${app.operation?.phase}: ${app.operation?.message.slice(0, 200)}`,
        }
      : { kind: 'synced', revision: deployed };
  }
  if (compared === mergeCommit && app.syncStatus === 'Synced') return { kind: 'synced', revision: compared };
  if (deployed !== undefined && !failed && deployed === compared) {
    return { kind: 'ask-git', revision: deployed, how: 'deployed', otherwise: blockersOf(app, mergeCommit) };
  }
  if (compared !== undefined && app.syncStatus === 'Synced') {
    return { kind: 'ask-git', revision: compared, how: 'compared', otherwise: blockersOf(app, mergeCommit) };
  }
  return { kind: 'not-yet', blocker: blockersOf(app, mergeCommit) };
}

/** What keeps the merge from being deployed, as far as Argo CD says. */
function blockersOf(app: ApplicationSnapshot, mergeCommit: string): string {
  const blockers = [
    app.syncRevisions[0] === mergeCommit ? '' : 'Argo CD has not seen the merge yet',
    app.automated.enabled ? '' : 'automated sync is off: sync it by hand',
    app.conditions.find((c) => c.type === 'SyncError' || c.type === 'ComparisonError')?.message.slice(0, 200) ?? '',
  ].filter((b) => b !== '');
  return blockers.join('; ') || `it is ${app.syncStatus}`;
}
