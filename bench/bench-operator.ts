import { ArgoCdHttpApi } from '../src/adapters/argocd/argocd-http-api.js';
import { createContainer } from '../src/app/container.js';
import { SystemClock } from '../src/base/clock.js';
import { Secret } from '../src/base/secret.js';
import { FleetView } from '../src/workflow/fleet-view.js';
import { SuspectWatch } from '../src/workflow/suspect-watch.js';
import { OperatorProcess } from '../test/support/operator-process.js';
import { OperatorWorld } from '../test/support/operator-world.js';

const MEBIBYTE = 1024 * 1024;

/** The composed operator with the real Argo CD adapter at `url`; its poll cycle is called by hand. */
export class BenchOperator {
  readonly argocd: ArgoCdHttpApi;
  readonly #signal = new AbortController().signal;
  readonly #container;
  private constructor(
    private readonly world: OperatorWorld,
    outside: OperatorProcess['outside'],
    url: string,
  ) {
    const clock = new SystemClock();
    const settings = { url, token: () => new Secret('bench'), timeoutMs: 30_000, maxListBytes: 512 * MEBIBYTE };
    this.argocd = new ArgoCdHttpApi(settings, clock, { count: 1, backoffMs: [] });
    this.#container = createContainer(world.config, { ...outside, clock, argocd: this.argocd }, () => ({
      title: '',
      body: '',
    }));
  }
  static async start(url: string): Promise<BenchOperator> {
    const world = new OperatorWorld();
    const { outside } = new OperatorProcess(world);
    await outside.store.takeOver('bench');
    return new BenchOperator(world, outside, url);
  }
  /** List, classification, state, counts, ledger: what a period costs. Throws when the list failed. */
  async pollCycle(): Promise<void> {
    const watch = this.#container.get(SuspectWatch);
    await watch.list(this.#signal);
    if (watch.listError !== undefined) throw new Error(watch.listError);
    this.world.metrics.counted.length = 0;
  }
  get known(): number {
    return [...this.#container.get(FleetView).records()].length;
  }
  close(): Promise<void> {
    return this.argocd.close();
  }
}
