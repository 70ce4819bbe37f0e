import type { ListedApplication } from './argocd-schemas.js';

type Fields = Readonly<Record<string, unknown>>;
/**
 * The schema by hand, for what `fleetEntryOf` reads: ten thousand items per list are too many for a schema library. What
 * does not pass is the schema's to judge, and to say what is wrong with it.
 */
export function isPlain(item: unknown): item is ListedApplication {
  if (!isFields(item) || !isFields(item['metadata'])) return false;
  const { name, namespace } = item['metadata'];
  if (typeof name !== 'string' || typeof namespace !== 'string') return false;
  const { spec, status } = item;
  return (spec === undefined || isPlainSpec(spec)) && (status === undefined || isPlainStatus(status));
}
function isPlainSpec(spec: unknown): boolean {
  if (!isFields(spec) || !isText(spec['project'])) return false;
  const to = spec['destination'];
  return to === undefined || (isFields(to) && isText(to['server']) && isText(to['name']) && isText(to['namespace']));
}
function isPlainStatus(status: unknown): boolean {
  if (!isFields(status)) return false;
  const { health, sync, operationState: operation } = status;
  return (
    (health === undefined || (isFields(health) && isText(health['status']) && isText(health['lastTransitionTime']))) &&
    (sync === undefined || (isFields(sync) && isText(sync['status']) && isText(sync['revision']))) &&
    (operation === undefined || (isFields(operation) && isText(operation['phase']) && isText(operation['finishedAt'])))
  );
}
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean => value === undefined || typeof value === 'string';
