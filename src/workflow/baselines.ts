import type { ApplicationKey, EpochMs } from '../model/application.js';
import { ENVIRONMENTS, type Environment } from '../model/policy.js';
import type { BaselineScope, StateStore } from '../ports/state-store.js';

/** Stored in place of a time. */
const NOT_SO = 0;
type Holding = Extract<BaselineScope, 'kill-file' | `off/${string}`>;

/** From when on a degradation counts (semantics 3): what was red before the operator was let loose is not its case. */
export class Baselines {
  #at = new Map<BaselineScope, EpochMs>();
  #writing: Promise<void> = Promise.resolve();
  #loadedAt = 0;
  constructor(private readonly store: Pick<StateStore, 'baselines' | 'putBaseline'>) {}
  /** Reads them; the installation's is set by the first start. */
  async load(now: EpochMs): Promise<void> {
    this.#loadedAt = now;
    this.#at = new Map(await this.store.baselines());
    if (!this.#at.has('installation')) await this.set('installation', now);
  }
  /** Before the first list of this run. */
  get loadedAt(): EpochMs {
    return this.#loadedAt;
  }
  /** One after the other: the last one asked for is the one that stays. */
  set(scope: BaselineScope, at: EpochMs): Promise<void> {
    const write = this.#writing.then(async () => {
      await this.store.putBaseline(scope, at);
      this.#at.set(scope, at);
    });
    this.#writing = write.catch(() => undefined);
    return write;
  }
  /** Since when something holds whose end will be a baseline; undefined = it does not. */
  since(what: Holding): EpochMs | undefined {
    const at = this.#at.get(what) ?? NOT_SO;
    return at === NOT_SO ? undefined : at;
  }
  begin(what: Holding, now: EpochMs): Promise<void> {
    return this.set(what, now);
  }
  /** It ends, and what is red in these environments by now is nobody's case. */
  async end(what: Holding, environments: readonly Environment[], now: EpochMs): Promise<void> {
    await this.beginAnew(environments, now);
    // Before it is asked for: should it begin again while this is not answered, that must be stored again.
    this.#at.set(what, NOT_SO);
    await this.set(what, NOT_SO);
  }
  /** Before these environments are let loose: what is red in them by now is nobody's case. */
  async beginAnew(environments: readonly Environment[], now: EpochMs): Promise<void> {
    for (const environment of environments) await this.set(`environment/${environment}`, now);
  }
  /** Was it off when that was last noted, in this run or an earlier one? */
  wasOff(environment: Environment): boolean {
    return this.since(`off/${environment}`) !== undefined;
  }
  /** Notes which environments are off, for the next start. Writes only what changed; what fails is made up for by the next call. */
  async noteModes(isOff: (environment: Environment) => boolean, now: EpochMs): Promise<void> {
    for (const environment of ENVIRONMENTS) {
      if (isOff(environment) !== this.wasOff(environment))
        await this.set(`off/${environment}`, isOff(environment) ? now : NOT_SO);
    }
  }
  of(environment: Environment, application: ApplicationKey): EpochMs {
    return Math.max(this.ofEnvironment(environment), this.#at.get(`application/${application}`) ?? 0);
  }
  ofEnvironment(environment: Environment): EpochMs {
    return Math.max(this.#at.get('installation') ?? 0, this.#at.get(`environment/${environment}`) ?? 0);
  }
}
