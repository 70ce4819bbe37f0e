import type { PolicyBook } from '../governance/policy-book.js';
import type { ApplicationKey, ApplicationSnapshot, EpochMs, FleetEntry, HealthStatus } from '../model/application.js';
import type { Environment } from '../model/policy.js';

/** Listed again and again without it: the application counts for nothing any more, least of all for the brake's share. */
const FORGET_AFTER_MS = 3_600_000;

/** What is kept of one application between two lists. */
export interface FleetRecord {
  readonly entry: FleetEntry;
  readonly environment: Environment | undefined;
  /** Argo CD's word, else when we first saw this health. */
  readonly healthSince: EpochMs;
  /** Set for applications that appeared after the first list: their own first sight (semantics 3). */
  readonly firstSeenAt?: EpochMs;
  readonly seenAt: EpochMs;
  /** What the last live answer said that the list does not: kept for suspects only. */
  readonly live?: Pick<ApplicationSnapshot, 'project' | 'destination' | 'annotations'>;
}

/** The fleet as the last list showed it. An application missing from a list keeps its record: absence is not absence, for an hour. */
export class FleetView {
  readonly #records = new Map<ApplicationKey, FleetRecord>();
  #lists = 0;
  #listedAt: EpochMs | undefined;
  constructor(private readonly policies: PolicyBook) {}

  get listedAt(): EpochMs | undefined {
    return this.#listedAt;
  }
  find(app: ApplicationKey): FleetRecord | undefined {
    return this.#records.get(app);
  }
  records(): Iterable<FleetRecord> {
    return this.#records.values();
  }
  /** A live answer about a suspect: its annotations may lower what the operator may do. */
  noteLive({ application, project, destination, annotations }: ApplicationSnapshot): void {
    const record = this.#records.get(application);
    if (record !== undefined)
      this.#records.set(application, { ...record, live: { project, destination, annotations } });
  }
  /** Environments are matched anew, after the configuration changed. */
  rematch(): void {
    for (const [app, record] of this.#records) {
      const environment = this.policies.environmentOf(record.entry);
      if (environment !== record.environment) this.#records.set(app, { ...record, environment });
    }
  }
  /** Takes a list; answers the managed entries that are Degraded, or Progressing for longer than `detection.stalledProgress`. */
  take(entries: readonly FleetEntry[], now: EpochMs): readonly FleetRecord[] {
    const suspicious: FleetRecord[] = [];
    const stalledMs = this.policies.config.detection.stalledProgressMs ?? Number.POSITIVE_INFINITY;
    for (const entry of entries) {
      const record = this.#merge(entry, now);
      this.#records.set(entry.application, record);
      const stalled = entry.health === 'Progressing' && now - record.healthSince > stalledMs;
      if ((entry.health === 'Degraded' || stalled) && record.environment !== undefined) suspicious.push(record);
    }
    for (const [app, { seenAt }] of this.#records) if (now - seenAt > FORGET_AFTER_MS) this.#records.delete(app);
    this.#lists += 1;
    this.#listedAt = now;
    return suspicious;
  }
  counts(): readonly {
    readonly environment: Environment | 'unmanaged';
    readonly health: HealthStatus;
    readonly count: number;
  }[] {
    const counts = new Map<string, { environment: Environment | 'unmanaged'; health: HealthStatus; count: number }>();
    for (const r of this.#records.values()) {
      const environment = r.environment ?? ('unmanaged' as const);
      const key = `${environment}/${r.entry.health}`;
      const at = counts.get(key) ?? { environment, health: r.entry.health, count: 0 };
      at.count += 1;
      counts.set(key, at);
    }
    return [...counts.values()];
  }
  #merge(entry: FleetEntry, now: EpochMs): FleetRecord {
    const before = this.#records.get(entry.application);
    const sameHealth = before?.entry.health === entry.health;
    const samePlace =
      before !== undefined &&
      before.entry.project === entry.project &&
      before.entry.destination.server === entry.destination.server &&
      before.entry.destination.name === entry.destination.name &&
      before.entry.destination.namespace === entry.destination.namespace;
    const firstSeenAt = before === undefined ? (this.#lists > 0 ? now : undefined) : before.firstSeenAt;
    return {
      entry,
      environment: samePlace ? before.environment : this.policies.environmentOf(entry),
      healthSince: entry.healthChangedAt ?? (sameHealth ? before.healthSince : now),
      seenAt: now,
      ...(firstSeenAt === undefined ? {} : { firstSeenAt }),
      // Forgotten with the degradation: a healthy application keeps its line only.
      ...(before?.live === undefined || entry.health === 'Healthy' ? {} : { live: before.live }),
    };
  }
}
