import type { Destination, FleetEntry, FleetSource } from '../../model/application.js';
import { readAs } from './argocd-client.js';
import { fleetEntryOf, fleetSourceOf } from './application-snapshot.js';
import { epochOf, healthOf, projectOf } from './application-sources.js';
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

/**
 * Lines of the fleet list. A line that shows what it showed before is the same object: most are, every time, so that a
 * list of ten thousand leaves nothing behind and costs whoever keeps them no comparison.
 */
export class FleetLines {
  readonly #known = new Map<string, Map<string, FleetEntry>>();
  readonly #words = new Map<string, string>();
  #size = 0;

  readonly read: ReadItem<FleetEntry> = (item, index) => {
    const wire = isPlain(item) ? item : checked(item, index);
    return listed(wire, (w) => this.#lineOf(w));
  };
  /** Applications that are gone shall not stay for ever. */
  forgetBeyond(listedCount: number): void {
    if (this.#size <= listedCount + MOST_GONE) return;
    this.#known.clear();
    this.#size = 0;
  }

  #lineOf(wire: ListedApplication): FleetEntry {
    const { namespace, name } = wire.metadata;
    let lines = this.#known.get(namespace);
    if (lines === undefined) this.#known.set(namespace, (lines = new Map<string, FleetEntry>()));
    const before = lines.get(name);
    if (before !== undefined && saysTheSame(before, wire)) return before;
    const entry = this.#compact(fleetEntryOf(wire), before);
    if (before === undefined) this.#size += 1;
    lines.set(name, entry);
    return entry;
  }
  /** Thousands of applications share few words. */
  #compact(entry: Mutable<FleetEntry>, before: FleetEntry | undefined): FleetEntry {
    if (before !== undefined) entry.application = before.application;
    const destination: Mutable<Destination> = entry.destination;
    if (destination.server !== undefined) destination.server = this.#word(destination.server);
    if (destination.namespace !== undefined) destination.namespace = this.#word(destination.namespace);
    entry.project = this.#word(entry.project);
    entry.syncStatus = this.#word(entry.syncStatus);
    if (entry.operationPhase !== undefined) entry.operationPhase = this.#word(entry.operationPhase);
    return entry;
  }
  #word(text: string): string {
    const known = this.#words.get(text);
    if (known !== undefined) return known;
    // Words come from outside: there may be no end of new ones.
    if (this.#words.size < MOST_WORDS) this.#words.set(text, text);
    return text;
  }
}
const MOST_GONE = 1_000;
const MOST_WORDS = 4_096;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function saysTheSame(line: FleetEntry, { spec, status }: ListedApplication): boolean {
  const { health, sync, operationState: operation } = status ?? {};
  const { server, name, namespace } = line.destination;
  const to = spec?.destination;
  return (
    line.health === healthOf(health?.status) &&
    line.healthChangedAt === epochOf(health?.lastTransitionTime) &&
    line.syncStatus === (sync?.status ? sync.status : 'Unknown') &&
    line.syncRevision === given(sync?.revision) &&
    line.operationPhase === given(operation?.phase) &&
    line.operationFinishedAt === epochOf(operation?.finishedAt) &&
    line.project === projectOf(spec?.project) &&
    server === given(to?.server) &&
    name === given(to?.name) &&
    namespace === given(to?.namespace)
  );
}
/** Empty counts as absent. */
const given = (text: string | null | undefined): string | undefined => (text ? text : undefined);

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
    (operation === undefined || (isFields(operation) && isText(operation['phase']) && isText(operation['finishedAt'])))
  );
}
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean => value === undefined || typeof value === 'string';
