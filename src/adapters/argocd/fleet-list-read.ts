import type { FleetEntry } from '../../model/application.js';
import { runOf, type ItemRun } from './item-run.js';
import { isAbout, type LastPlaces } from './last-places.js';
import { ItemsRead, type ReadItem } from './listed-items.js';
import { isPlain } from './plain-item.js';

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
  /** The run of the last list that is expected next. */
  #next = 0;
  constructor(
    readItem: ReadItem<FleetEntry>,
    private readonly last: LastFleetList,
    private readonly places: LastPlaces,
  ) {
    super(readItem);
  }
  get expected(): ItemRun | undefined {
    return this.last.runs[this.#next];
  }
  recall(): void {
    const run = this.expected;
    if (run === undefined) return;
    const from = this.values.length;
    const end = run.from + run.count;
    for (let at = run.from; at < end; at++) this.values.push(this.last.values[at] as FleetEntry);
    this.places.goTo(end);
    this.#next += 1;
    this.runs.push(run.from === from ? run : { ...run, from });
  }
  /** When one has come or gone, the rest stands where it stood, but for that one. */
  beforeRun(items: readonly unknown[]): number {
    const { expected } = this;
    if (expected === undefined || this.#standsAt(items.at(-1), expected.from + expected.count - 1)) return items.length;
    const heads = [expected, this.last.runs[this.#next + 1]].filter((run) => run !== undefined);
    const at = items.findIndex((item, i) => i > 0 && heads.some((run) => this.#standsAt(item, run.from)));
    return at === -1 ? items.length : at;
  }
  override take(items: readonly unknown[], bytes?: Buffer): void {
    const from = this.values.length;
    super.take(items);
    if (bytes !== undefined) this.runs.push(runOf(bytes, from, items.length));
    this.#expectAt(this.places.place);
  }

  /** The first run that begins at a place of the last list, or after it. */
  #expectAt(place: number): void {
    const { runs } = this.last;
    while (this.#next > 0 && (runs[this.#next - 1]?.from ?? 0) >= place) this.#next -= 1;
    while ((runs[this.#next]?.from ?? place) < place) this.#next += 1;
  }
  #standsAt(item: unknown, place: number): boolean {
    const line = this.last.values[place];
    return (
      line !== undefined && isPlain(item) && isAbout(line.application, item.metadata.namespace, item.metadata.name)
    );
  }
}
