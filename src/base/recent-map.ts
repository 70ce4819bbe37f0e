/** A map that keeps the most recently set entries only: what must not grow without bound and may be forgotten. */
export class RecentMap<K, V> {
  readonly #entries = new Map<K, V>();
  constructor(private readonly most: number) {}
  get(key: K): V | undefined {
    return this.#entries.get(key);
  }
  set(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.most && oldest !== undefined) this.#entries.delete(oldest);
  }
  delete(key: K): void {
    this.#entries.delete(key);
  }
  get size(): number {
    return this.#entries.size;
  }
}
