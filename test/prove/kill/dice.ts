/** Random numbers that a seed determines (mulberry32). */
export class Dice {
  #state: number;
  constructor(seed: number) {
    this.#state = (seed + 1) * 0x9e3779b9;
  }
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }
  chance(probability: number): boolean {
    return this.#next() < probability;
  }
  between(least: number, most: number): number {
    return least + Math.floor(this.#next() * (most - least + 1));
  }
  one<T>(items: readonly T[]): T {
    return items[Math.floor(this.#next() * items.length)] as T;
  }
}
