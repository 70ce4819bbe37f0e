import type { HealthStatus, ApplicationSnapshot } from '../../src/model/application.js';
import type { OperatorProcess } from '../support/operator-process.js';

/** One answer that reached a process. */
export interface Telling {
  readonly answer: unknown;
  /** Number of the call before which it came. */
  readonly call: number;
  /** When, by the world's clock. */
  readonly at: number;
  /** When, by the operator's own clock. */
  readonly wall: number;
}
export interface ToldHealth extends Omit<Telling, 'answer'> {
  readonly process: OperatorProcess;
  readonly health: HealthStatus;
}
const REMEMBERED_HEALTHS = 60;

/** What each process was told, last, of each thing it asks about: by this it may be judged, and by nothing it could not know. */
export class Told {
  readonly healths: ToldHealth[] = [];
  readonly #last = new WeakMap<OperatorProcess, Map<string, Telling>>();

  note(process: OperatorProcess, call: string, args: readonly unknown[], telling: Telling): void {
    if (call === 'argocd.getApplicationHealth') {
      const { health } = telling.answer as ApplicationSnapshot;
      this.healths.push({ process, health, call: telling.call, at: telling.at, wall: telling.wall });
      if (this.healths.length > REMEMBERED_HEALTHS) this.healths.shift();
    }
    if (!call.startsWith('github.')) return;
    const known = this.#last.get(process) ?? new Map<string, Telling>();
    this.#last.set(process, known);
    known.set(`${call} ${String(args[1])}`, telling);
  }
  /** The last answer of GitHub about one thing (branch, commit, number), if it came after that call. */
  last<T>(process: OperatorProcess, call: string, about: string | number, after: number): T | undefined {
    return this.when(process, call, about, after)?.answer as T | undefined;
  }
  when(process: OperatorProcess, call: string, about: string | number, after: number): Telling | undefined {
    const telling = this.#last.get(process)?.get(`github.${call} ${about}`);
    return telling !== undefined && telling.call >= after ? telling : undefined;
  }
}
