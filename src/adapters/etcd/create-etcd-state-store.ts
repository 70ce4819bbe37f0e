import type { StateStore } from '../../ports/state-store.js';
import type { EtcdSettings } from './etcd-settings.js';
import type { EtcdSurroundings } from './etcd-state-store.js';

/** Loads the client library (only when etcd is asked for) and makes the store. No call is made yet. */
export async function createEtcdStateStore(
  settings: EtcdSettings,
  surroundings: EtcdSurroundings,
): Promise<StateStore> {
  const { EtcdStateStore } = await import('./etcd-state-store.js');
  return new EtcdStateStore(settings, surroundings);
}
