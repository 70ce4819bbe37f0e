import type { ApplicationKey, EpochMs } from '../model/application.js';
import type { Environment } from '../model/policy.js';
import type { BaselineScope, StateStore } from '../ports/state-store.js';

/** Stored in place of a time. */
const NO_FILE = 0;

/** From when on a degradation counts (semantics 3): what was red before the operator was let loose is not its case. */
export class Baselines {
  #at = new Map<BaselineScope, EpochMs>();
  constructor(private readonly store: Pick<StateStore, 'baselines' | 'putBaseline'>) {}
  /** Reads them; the installation's is set by the first start. */
  async load(now: EpochMs): Promise<void> {
    this.#at = new Map(await this.store.baselines());
    if (!this.#at.has('installation')) await this.set('installation', now);
  }
  async set(scope: BaselineScope, at: EpochMs): Promise<void> {
    await this.store.putBaseline(scope, at);
    this.#at.set(scope, at);
  }
  /** When the kill file was first seen; undefined = there was none since the last resume. */
  get killFileSeenAt(): EpochMs | undefined {
    const at = this.#at.get('kill-file') ?? NO_FILE;
    return at === NO_FILE ? undefined : at;
  }
  noteKillFile(at: EpochMs | undefined): Promise<void> {
    return this.set('kill-file', at ?? NO_FILE);
  }
  of(environment: Environment, application: ApplicationKey): EpochMs {
    return Math.max(this.ofEnvironment(environment), this.#at.get(`application/${application}`) ?? 0);
  }
  ofEnvironment(environment: Environment): EpochMs {
    return Math.max(this.#at.get('installation') ?? 0, this.#at.get(`environment/${environment}`) ?? 0);
  }
}
