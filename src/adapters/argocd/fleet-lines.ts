import type { Destination, FleetEntry } from '../../model/application.js';
import { fleetEntryOf } from './application-snapshot.js';
import { epochOf, healthOf, projectOf } from './application-sources.js';
import type { ListedApplication } from './argocd-schemas.js';
import { FleetListRead, type LastFleetList } from './fleet-list-read.js';
import { LastPlaces } from './last-places.js';
import { checkedItem, listed } from './listed-items.js';
import { isPlain } from './plain-item.js';

const MOST_WORDS = 4_096;
/** So many short runs do not matter. */
const MOST_CUTS = 64;

/**
 * Lines of the fleet list. A line that shows what it showed before is the same object: most are, every time, so that a
 * list of ten thousand leaves nothing behind and costs whoever keeps them no comparison.
 */
export class FleetLines {
  #last: LastFleetList = { values: [], runs: [] };
  /** In so many runs the list was read when nothing of it was known. */
  #wholeRuns = 0;
  readonly #words = new Map<string, string>();

  /** A list to be read, beside the last one that was kept. */
  begin(): FleetListRead {
    const places = new LastPlaces(this.#last.values);
    return new FleetListRead(
      (item, index) => {
        const wire = isPlain(item) ? item : checkedItem(item, index);
        return listed(wire, (w) => this.#lineOf(w, places));
      },
      this.#last,
      places,
    );
  }
  /** Only a list that was read to its end may be kept. */
  keep({ values, runs }: FleetListRead): void {
    if (this.#last.runs.length === 0) this.#wholeRuns = runs.length;
    // Whoever comes or goes cuts a run short: when most are, the list is read anew.
    const isFrayed = runs.length > 2 * this.#wholeRuns + MOST_CUTS;
    this.#last = { values, runs: isFrayed ? [] : runs };
  }

  #lineOf(wire: ListedApplication, places: LastPlaces): FleetEntry {
    const before = places.next(wire.metadata.namespace, wire.metadata.name);
    if (before !== undefined && saysTheSame(before, wire)) return before;
    return this.#compact(fleetEntryOf(wire), before);
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
