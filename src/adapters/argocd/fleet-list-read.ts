import type { FleetEntry } from '../../model/application.js';
import { runOf, type ItemRun } from './item-run.js';
import type { LastPlaces } from './last-places.js';
import { ItemsRead, type ReadItem } from './listed-items.js';

/** A list that was read to its end: its lines, and how runs of them were written. */
export interface LastFleetList {
  readonly values: readonly FleetEntry[];
  readonly runs: readonly ItemRun[];
}

/**
 * The fleet list as it is read beside the last one. A run of items that is written as it was then shows the lines it
 * showed then: a line is made of nothing but its item. So an application about which nothing changed costs its share of
 * one hash.
 */
export class FleetListRead extends ItemsRead<FleetEntry> {
  readonly runs: ItemRun[] = [];
  constructor(
    readItem: ReadItem<FleetEntry>,
    private readonly last: LastFleetList,
    private readonly places: LastPlaces,
  ) {
    super(readItem);
  }
  /** Runs keep their number of items, so the one after a changed run stands where it stood. */
  get expected(): ItemRun | undefined {
    return this.last.runs[this.runs.length];
  }
  recall(): void {
    const run = this.expected;
    if (run === undefined) return;
    const from = this.values.length;
    const end = run.from + run.count;
    for (let at = run.from; at < end; at++) this.values.push(this.last.values[at] as FleetEntry);
    this.places.goTo(end);
    this.runs.push(run.from === from ? run : { ...run, from });
  }
  override take(items: readonly unknown[], bytes?: Buffer): void {
    const from = this.values.length;
    super.take(items);
    if (bytes !== undefined) this.runs.push(runOf(bytes, from, items.length));
  }
}
