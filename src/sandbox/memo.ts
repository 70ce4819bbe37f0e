/** Remembers answers that never change, the newest `limit` of them. Failures and "not there" are asked again. */
export class Memo<V> {
  readonly #known = new Map<string, Promise<V>>();
  constructor(private readonly limit: number) {}

  /** The answer for this key; `read` is called only when it is not remembered. Questions at the same time share one. */
  of(key: string, read: () => Promise<V>): Promise<V> {
    const known = this.#known.get(key);
    if (known) return known;
    const reading = read();
    this.#known.set(key, reading);
    const [oldest] = this.#known.keys();
    if (this.#known.size > this.limit && oldest !== undefined) this.#known.delete(oldest);
    const forget = (): void => {
      if (this.#known.get(key) === reading) this.#known.delete(key);
    };
    reading.then((value) => value === undefined && forget(), forget);
    return reading;
  }
}
