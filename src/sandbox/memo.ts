/** Remembers answers that never change, the newest `limit` of them. What is not to be kept, and failures, are asked again. */
export class Memo<V> {
  readonly #known = new Map<string, Promise<V>>();
  constructor(
    private readonly limit: number,
    private readonly isKept: (value: V) => boolean = (value) => value !== undefined,
  ) {}

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
    reading.then((value) => this.isKept(value) || forget(), forget);
    return reading;
  }
}
