import { applicationKey, type ApplicationKey, type FleetEntry } from '../../model/application.js';

/** The lines of the last list, asked for in the order of the present one: nearly all stand where they stood. */
export class LastPlaces {
  #place = 0;
  #moved: Map<ApplicationKey, number> | undefined;
  constructor(private readonly lines: readonly FleetEntry[]) {}

  /** The line of the application that comes next, if the last list had it. */
  next(namespace: string, name: string): FleetEntry | undefined {
    const here = this.lines[this.#place];
    if (here !== undefined && isAbout(here.application, namespace, name)) {
      this.#place += 1;
      return here;
    }
    const place = this.#find(applicationKey(namespace, name));
    if (place === undefined) return undefined;
    this.#place = place + 1;
    return this.lines[place];
  }
  /** Where the next one is looked for first. */
  get place(): number {
    return this.#place;
  }
  /** The lines up to here have been seen. */
  goTo(place: number): void {
    this.#place = place;
  }
  /** An index of all of them is worth it only in a list in which something moved. */
  #find(application: ApplicationKey): number | undefined {
    this.#moved ??= new Map(this.lines.map((line, place) => [line.application, place]));
    return this.#moved.get(application);
  }
}

/** Without making the key, which is what costs. */
export const isAbout = (application: ApplicationKey, namespace: string, name: string): boolean =>
  application.length === namespace.length + 1 + name.length &&
  application.startsWith(namespace) &&
  application[namespace.length] === '/' &&
  application.endsWith(name);
