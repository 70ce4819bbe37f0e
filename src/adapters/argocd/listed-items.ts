import type { FleetSource } from '../../model/application.js';
import { readAs } from './argocd-client.js';
import { fleetSourceOf } from './application-snapshot.js';
import { listedApplicationSchema, type ListedApplication } from './argocd-schemas.js';
import type { TakeItems } from './list-decoder.js';

/** One item of a list, and what the list itself has to know of it. */
export interface ListedItem<T> {
  readonly name: string;
  readonly project: string | null | undefined;
  readonly hasSpec: boolean;
  readonly value: T;
}
/** Reads the item that stands at `index`. Throws ARGOCD_MALFORMED (terminal). */
export type ReadItem<T> = (item: unknown, index: number) => ListedItem<T>;

/** What a list has shown so far. */
export class ItemsRead<T> implements TakeItems {
  readonly values: T[] = [];
  readonly projects = new Set<string>();
  /** The first application without a spec. */
  bare: string | undefined;
  constructor(private readonly readItem: ReadItem<T>) {}
  take(items: readonly unknown[], _bytes?: Buffer): void {
    for (const item of items) {
      const { name, project, hasSpec, value } = this.readItem(item, this.values.length);
      if (!hasSpec) this.bare ??= name;
      if (project) this.projects.add(project);
      this.values.push(value);
    }
  }
}

/** An application with its sources. */
export const readFleetSource: ReadItem<FleetSource> = (item, index) => listed(checkedItem(item, index), fleetSourceOf);

/** What a list has to know of an item, with what `valueOf` makes of it. */
export const listed = <T>(item: ListedApplication, valueOf: (item: ListedApplication) => T): ListedItem<T> => ({
  name: item.metadata.name,
  project: item.spec?.project,
  hasSpec: Boolean(item.spec),
  value: valueOf(item),
});
/** The item as the schema has it. Throws ARGOCD_MALFORMED (terminal). */
export const checkedItem = (item: unknown, index: number): ListedApplication =>
  readAs(listedApplicationSchema, item, 'GET api/v1/applications', ['items', index]);
