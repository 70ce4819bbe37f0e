import { asOperatorError, type OperatorError } from '../../base/errors.js';
import type { PolicyBook } from '../../governance/policy-book.js';
import type { ApplicationKey, ApplicationSnapshot, FleetEntry } from '../../model/application.js';
import type { ArgoCd } from '../../ports/argocd.js';
import { mapLimited } from './map-limited.js';

/** So many staging applications are looked at one by one; the list said how many there are. */
export const MOST_APPLICATIONS = 50;
const IN_FLIGHT = 5;

/** One managed staging application, looked at live. */
export type Reading = { readonly application: ApplicationKey } & (
  | { readonly snapshot: ApplicationSnapshot }
  | { readonly error: OperatorError }
);

/** The managed applications of the list, the staging ones read live once and shared by every check that wants them. */
export class ManagedApplications {
  readonly staging: readonly FleetEntry[];
  readonly #others: readonly FleetEntry[];
  #readings: Promise<readonly Reading[]> | undefined;
  constructor(
    fleet: readonly FleetEntry[],
    policies: PolicyBook,
    private readonly argocd: Pick<ArgoCd, 'getApplicationHealth'>,
    private readonly timeoutMs: number,
  ) {
    const sorted = fleet.toSorted((a, b) => (a.application < b.application ? -1 : 1));
    this.staging = sorted.filter((e) => policies.environmentOf(e) === 'staging');
    this.#others = sorted.filter((e) => policies.environmentOf(e) === 'production');
  }

  /** Staging first. */
  keys(): readonly ApplicationKey[] {
    return [...this.staging, ...this.#others].map((e) => e.application);
  }
  /** The first staging applications; what failed is said for each. */
  readings(): Promise<readonly Reading[]> {
    this.#readings ??= mapLimited(this.staging.slice(0, MOST_APPLICATIONS), IN_FLIGHT, (entry) => this.#read(entry));
    return this.#readings;
  }
  async snapshots(): Promise<readonly ApplicationSnapshot[]> {
    return (await this.readings()).flatMap((r) => ('snapshot' in r ? [r.snapshot] : []));
  }
  async #read({ application, project }: FleetEntry): Promise<Reading> {
    try {
      const signal = AbortSignal.timeout(this.timeoutMs);
      return { application, snapshot: await this.argocd.getApplicationHealth(application, project, signal) };
    } catch (error) {
      return { application, error: asOperatorError(error) };
    }
  }
}
