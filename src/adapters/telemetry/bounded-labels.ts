/** More distinct values than this of one label are counted together. */
const MOST_VALUES = 100;
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9_.() /-]{0,63}$/;
const OTHER = 'other';

/** Keeps labels short and few: a value that is not a plain word, or one too many, becomes `other`. */
export class BoundedLabels {
  readonly #seen = new Map<string, Set<string>>();

  of(label: string, value: string): string {
    if (!PLAIN.test(value)) return OTHER;
    const seen = this.#seen.get(label) ?? new Set<string>();
    this.#seen.set(label, seen);
    if (seen.has(value)) return value;
    if (seen.size >= MOST_VALUES) return OTHER;
    seen.add(value);
    return value;
  }
}
