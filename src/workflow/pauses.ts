import type { ApplicationKey } from '../model/application.js';
import type { Pause, PauseScope } from '../model/mark.js';
import type { KillSwitch } from '../ports/kill-switch.js';
import type { StateStore } from '../ports/state-store.js';

/** What is paused, kept in memory so that the effect gate can ask without waiting. One writer: this process. */
export class Pauses {
  readonly #pauses = new Map<PauseScope, Pause>();
  constructor(
    private readonly store: Pick<StateStore, 'pauses' | 'putPause' | 'dropPause'>,
    private readonly killSwitch: KillSwitch,
  ) {}
  async load(): Promise<void> {
    this.#pauses.clear();
    for (const pause of await this.store.pauses()) {
      // What stands for a record that cannot be read may share the scope of a plain pause.
      if (pause.kill || this.#pauses.get(pause.scope)?.kill !== true) this.#pauses.set(pause.scope, pause);
    }
  }
  /** Holds in memory at once, even when storing it fails. */
  async set(pause: Pause): Promise<void> {
    this.#pauses.set(pause.scope, pause);
    await this.store.putPause(pause);
  }
  async lift(scope: PauseScope): Promise<void> {
    await this.store.dropPause(scope);
    this.#pauses.delete(scope);
  }
  find(scope: PauseScope): Pause | undefined {
    return this.#pauses.get(scope);
  }
  /** The pause that the kill file stands for, while it exists: nobody but who removes the file lifts it. */
  killFile(): Pause | undefined {
    return this.killSwitch.engaged();
  }
  all(): readonly Pause[] {
    const killed = this.killSwitch.engaged();
    return killed === undefined ? [...this.#pauses.values()] : [killed, ...this.#pauses.values()];
  }
  /** The pause that holds an application: the kill file, the operator's, or its own. */
  of(application: ApplicationKey): Pause | undefined {
    return this.killSwitch.engaged() ?? this.#pauses.get('operator') ?? this.#pauses.get(application);
  }
}
