/** A test that mostly waits. */
export interface SlowCase {
  readonly title: string;
  readonly run: () => Promise<void>;
  /** Says why it cannot be run here; undefined = it can. */
  readonly unfit?: () => string | undefined;
}

const TIMEOUT_MS = 240_000;

/** Slow cases as tests of their own, in order, of which some run at the same time. */
export function describeAtOnce(title: string, atOnce: number, cases: readonly SlowCase[]): void {
  describe(title, () => {
    const outcomes = new Map<string, Promise<void>>();
    before(() => {
      const starts: (() => Promise<void>)[] = [];
      for (const { title: name, run, unfit } of cases) {
        if (unfit?.() !== undefined) continue;
        const outcome = new Promise<void>((settle) => {
          starts.push(() => {
            const running = run();
            settle(running);
            return running.catch(() => undefined); // told by its own test
          });
        });
        outcome.catch(() => undefined);
        outcomes.set(name, outcome);
      }
      const lane = async (): Promise<void> => {
        for (let start = starts.shift(); start !== undefined; start = starts.shift()) await start();
      };
      for (let i = 0; i < atOnce; i++) void lane();
    });
    for (const { title: name, unfit } of cases) {
      it(name, async function slow() {
        this.timeout(TIMEOUT_MS);
        const why = unfit?.();
        if (why !== undefined) {
          console.warn(`skipped: ${name}: ${why}`);
          this.skip();
        }
        await outcomes.get(name);
      });
    }
  });
}
