import type { PolicyBook } from '../governance/policy-book.js';
import type { ApplicationKey, ApplicationSnapshot, EpochMs, FleetEntry, HealthStatus } from '../model/application.js';
import type { Environment } from '../model/policy.js';

/** Listed again and again without it: the application counts for nothing any more, least of all for the brake's share. */
const FORGET_AFTER_MS = 3_600_000;

/** What shows an application so says nothing of whether it was red before. */
const PROVES_NOTHING: ReadonlySet<HealthStatus> = new Set(['Degraded', 'Unknown']);

/** What is kept of one application between two lists. */
export interface FleetRecord {
  readonly entry: FleetEntry;
  readonly environment: Environment | undefined;
  /** Argo CD's word, else when we first saw this health. */
  readonly healthSince: EpochMs;
  /** Set for applications that appeared after the first list: their own first sight (semantics 3). */
  readonly firstSeenAt?: EpochMs | undefined;
  readonly seenAt: EpochMs;
  /** When a list last showed it otherwise, before one showed it Degraded: seen by ourselves, by our own clock. */
  readonly notRedAt?: EpochMs | undefined;
  /** What the last live answer said that the list does not: kept for suspects only. */
  readonly live?: LiveFacts | undefined;
}
type LiveFacts = Pick<ApplicationSnapshot, 'project' | 'destination' | 'annotations'>;
/** One per application for as long as it is known, changed in place: a list of ten thousand makes no garbage. */
type Line = { -readonly [K in keyof FleetRecord]-?: FleetRecord[K] };

/** The fleet as the last list showed it. An application missing from a list keeps its record: absence is not absence, for an hour. */
export class FleetView {
  readonly #records = new Map<ApplicationKey, Line>();
  #listedAt: EpochMs | undefined;
  constructor(private readonly policies: PolicyBook) {}

  get listedAt(): EpochMs | undefined {
    return this.#listedAt;
  }
  find(app: ApplicationKey): FleetRecord | undefined {
    return this.#records.get(app);
  }
  /** Where Argo CD does not say when it turned: not before this, as far as lists tell. Undefined = no list of this run tells. */
  notBefore(app: ApplicationKey): EpochMs | undefined {
    const record = this.#records.get(app);
    if (record === undefined) return undefined;
    return record.entry.health === 'Degraded' ? (record.notRedAt ?? record.firstSeenAt) : record.healthSince;
  }
  records(): Iterable<FleetRecord> {
    return this.#records.values();
  }
  /** A live answer about a suspect: its annotations may lower what the operator may do. */
  noteLive({ application, project, destination, annotations }: ApplicationSnapshot): void {
    const record = this.#records.get(application);
    if (record !== undefined) record.live = { project, destination, annotations };
  }
  /** Environments are matched anew, after the configuration changed. */
  rematch(): void {
    for (const record of this.#records.values()) record.environment = this.policies.environmentOf(record.entry);
  }
  /** Takes a list that was asked for at `now`; answers the managed entries that are Degraded, or Progressing for longer than `detection.stalledProgress`. */
  take(entries: readonly FleetEntry[], now: EpochMs): readonly FleetRecord[] {
    const suspicious: FleetRecord[] = [];
    const stalledMs = this.policies.config.detection.stalledProgressMs ?? Number.POSITIVE_INFINITY;
    for (const entry of entries) {
      const record = this.#merge(entry, now);
      const stalled = entry.health === 'Progressing' && now - record.healthSince > stalledMs;
      if ((entry.health === 'Degraded' || stalled) && record.environment !== undefined) suspicious.push(record);
    }
    for (const [app, { seenAt }] of this.#records) if (now - seenAt > FORGET_AFTER_MS) this.#records.delete(app);
    this.#listedAt = now;
    return suspicious;
  }
  counts(): readonly {
    readonly environment: Environment | 'unmanaged';
    readonly health: HealthStatus;
    readonly count: number;
  }[] {
    const counts = new Map<Environment | 'unmanaged', Map<HealthStatus, number>>();
    for (const { environment = 'unmanaged', entry } of this.#records.values()) {
      let of = counts.get(environment);
      if (of === undefined) counts.set(environment, (of = new Map<HealthStatus, number>()));
      of.set(entry.health, (of.get(entry.health) ?? 0) + 1);
    }
    return [...counts].flatMap(([environment, of]) =>
      [...of].map(([health, count]) => ({ environment, health, count })),
    );
  }
  #merge(entry: FleetEntry, now: EpochMs): FleetRecord {
    const before = this.#records.get(entry.application);
    if (before === undefined) return this.#begin(entry, now);
    if (entry.health === 'Degraded' && !PROVES_NOTHING.has(before.entry.health)) before.notRedAt = before.seenAt;
    if (before.entry.health !== entry.health || entry.healthChangedAt !== undefined)
      before.healthSince = entry.healthChangedAt ?? now;
    before.seenAt = now;
    // Forgotten with the degradation: a healthy application keeps its line only.
    if (entry.health === 'Healthy') before.live = undefined;
    if (before.entry === entry) return before;
    if (!isSamePlace(before.entry, entry)) before.environment = this.policies.environmentOf(entry);
    before.entry = entry;
    return before;
  }
  #begin(entry: FleetEntry, now: EpochMs): FleetRecord {
    const line: Line = {
      entry,
      environment: this.policies.environmentOf(entry),
      healthSince: entry.healthChangedAt ?? now,
      firstSeenAt: this.#listedAt === undefined ? undefined : now,
      notRedAt: undefined,
      seenAt: now,
      live: undefined,
    };
    this.#records.set(entry.application, line);
    return line;
  }
}

const isSamePlace = (a: FleetEntry, b: FleetEntry): boolean =>
  a.project === b.project &&
  a.destination.server === b.destination.server &&
  a.destination.name === b.destination.name &&
  a.destination.namespace === b.destination.namespace;
