import type { ApplicationSyncStatus } from '../../ports/argocd.js';
import type { WireSyncWindow } from './argocd-schemas.js';

/**
 * May Argo CD sync by itself now? Its controller's rule: an active deny bars; else an active allow permits; else an
 * allow that is not active bars; else nothing bars. `canSync` of the answer is about people's syncs and not asked.
 */
export function syncStatusOf(
  active: readonly WireSyncWindow[],
  assigned: readonly WireSyncWindow[],
): ApplicationSyncStatus {
  const has = (windows: readonly WireSyncWindow[], kind: string): boolean => windows.some((w) => w.kind === kind);
  const windowOpen = !has(active, 'deny') && (has(active, 'allow') || !has(assigned, 'allow'));
  return { windowOpen, windows: inWords(active, assigned) };
}

function inWords(active: readonly WireSyncWindow[], assigned: readonly WireSyncWindow[]): string {
  const describe = ({ kind, schedule, duration }: WireSyncWindow): string =>
    `${kind ?? 'unknown kind'} ${schedule ?? '?'} for ${duration ?? '?'}`;
  const now = active.map(describe);
  const later = assigned.map(describe).filter((words) => !now.includes(words));
  const all = [...now.map((words) => `${words} (active)`), ...later.map((words) => `${words} (not active)`)];
  return all.length === 0 ? 'no sync windows' : all.join('; ');
}
