/** What a fake was asked for, and where a test may step in: before it is done, and before it is answered. */
export class CallHooks {
  /** Every call, in order: `createBranch ai-operator/...`. */
  readonly calls: string[] = [];
  /** Throw = refused before anything was done; a promise that never settles = the process died there. */
  before: (call: string, args: readonly unknown[]) => Promise<void> | void = () => {};
  /** Throw = done, and the answer was lost. */
  after: (call: string) => Promise<void> | void = () => {};

  async run<T>(call: string, act: () => T | Promise<T>): Promise<T> {
    this.calls.push(call);
    await this.before(call, []);
    const answer = await act();
    await this.after(call);
    return answer;
  }
  /** How many calls began with this. */
  count(start: string): number {
    return this.calls.filter((c) => c.startsWith(start)).length;
  }
}
/** A call that is never answered: what a crash looks like from inside. */
export const never = <T = void>(): Promise<T> => new Promise(() => {});
