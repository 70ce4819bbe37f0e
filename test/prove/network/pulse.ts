const EVERY_MS = 150;
/** On a busy machine; a probe of Kubernetes gives up after 1 s by default, three times in a row. */
const SLOWEST_MS = 5_000;
/** From the close of its servers to the end of its process. A broken connection is no fault then; a late answer is. */
const ENDING_MS = 3_000;

/** Asks `/livez` of a daemon again and again, from its first answer on until it is stopped. */
export class Pulse {
  readonly faults: string[] = [];
  asked = 0;
  slowestMs = 0;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  constructor(
    private readonly healthUrl: string,
    /** The process has ended: nobody is left to answer. */
    private readonly hasEnded: () => boolean,
  ) {
    this.#done = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }
  /** The answer of `/readyz`; undefined = none. */
  async readiness(): Promise<number | undefined> {
    return (await this.#ask('/readyz')).status;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const began = Date.now();
      const { status, error } = await this.#ask('/livez');
      if (this.#stop.signal.aborted || this.hasEnded()) return;
      if (status === 200) {
        this.asked++;
        this.slowestMs = Math.max(this.slowestMs, Date.now() - began);
      } else if (this.asked > 0) {
        if (error?.startsWith('TypeError: fetch failed') === true && (await this.#isEnding())) return;
        this.faults.push(`/livez answered ${status ?? error ?? 'nothing'}`);
      }
      await new Promise((resolve) => {
        setTimeout(resolve, EVERY_MS);
      });
    }
  }
  async #isEnding(): Promise<boolean> {
    for (const giveUpAt = Date.now() + ENDING_MS; !this.hasEnded() && Date.now() < giveUpAt; ) {
      await new Promise((resolve) => {
        setTimeout(resolve, EVERY_MS);
      });
    }
    return this.hasEnded();
  }
  async #ask(path: string): Promise<{ readonly status?: number; readonly error?: string }> {
    try {
      const { status } = await fetch(`${this.healthUrl}${path}`, { signal: AbortSignal.timeout(SLOWEST_MS) });
      return { status };
    } catch (error) {
      const beneath = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
      return { error: `${String(error)}${beneath}` };
    }
  }
}
