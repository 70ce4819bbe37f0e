/** A window assigned to an application; whether it is active now is said, not computed from the schedule. */
export interface SyncWindow {
  readonly kind: 'allow' | 'deny';
  readonly schedule: string;
  readonly duration: string;
  readonly manualSync: boolean;
  readonly active: boolean;
}

/**
 * May the controller sync by itself? Any active deny bars; else any active allow admits; else an inactive allow bars.
 */
export function allowsAutomatedSync(windows: readonly SyncWindow[]): boolean {
  if (windows.some((w) => w.active && w.kind === 'deny')) return false;
  if (windows.some((w) => w.active && w.kind === 'allow')) return true;
  return !windows.some((w) => w.kind === 'allow');
}

/** What the API's `canSync` says: the rule for a manual sync, which `manualSync: true` windows let through. */
export function allowsManualSync(windows: readonly SyncWindow[]): boolean {
  if (windows.some((w) => w.active && w.kind === 'deny' && !w.manualSync)) return false;
  if (allowsAutomatedSync(windows)) return true;
  const barring = windows.filter((w) => (w.kind === 'deny' ? w.active : !w.active));
  return barring.every((w) => w.manualSync);
}
