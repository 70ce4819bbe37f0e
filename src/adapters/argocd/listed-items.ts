import type { FleetEntry, FleetSource } from '../../model/application.js';
import { readAs } from './argocd-client.js';
import { fleetEntryOf, fleetSourceOf } from './application-snapshot.js';
import { listedApplicationSchema, type ListedApplication } from './argocd-schemas.js';

/** One item of a list, and what the list itself has to know of it. */
export interface ListedItem<T> {
  readonly name: string;
  readonly project: string | null | undefined;
  readonly hasSpec: boolean;
  readonly value: T;
}
/** Reads the item that stands at `index`. Throws ARGOCD_MALFORMED (terminal). */
export type ReadItem<T> = (item: unknown, index: number) => ListedItem<T>;

/** A line of the fleet list. */
export const readFleetEntry: ReadItem<FleetEntry> = (item, index) =>
  listed(isPlain(item) ? item : checked(item, index), fleetEntryOf);
/** An application with its sources. */
export const readFleetSource: ReadItem<FleetSource> = (item, index) => listed(checked(item, index), fleetSourceOf);

const listed = <T>(item: ListedApplication, valueOf: (item: ListedApplication) => T): ListedItem<T> => ({
  name: item.metadata.name,
  project: item.spec?.project,
  hasSpec: Boolean(item.spec),
  value: valueOf(item),
});
const checked = (item: unknown, index: number): ListedApplication =>
  readAs(listedApplicationSchema, item, 'GET api/v1/applications', ['items', index]);

type Fields = Readonly<Record<string, unknown>>;
/**
 * The schema by hand, for what `fleetEntryOf` reads: ten thousand items per list are too many for a schema library. What
 * does not pass is the schema's to judge, and to say what is wrong with it.
 */
function isPlain(item: unknown): item is ListedApplication {
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
    (operation === undefined ||
      (isFields(operation) && isText(operation['phase']) && isText(operation['finishedAt'])))
  );
}
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean => value === undefined || typeof value === 'string';
