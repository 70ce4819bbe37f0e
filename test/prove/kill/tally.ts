import type { Course } from './course.js';
import { startsOf } from './judge-times.js';
import type { KillWorld } from './kill-world.js';

/** What many runs came to. */
export class Tally {
  readonly failures: string[] = [];
  injected = 0;
  daemons = 0;
  readonly #reached = new Map<string, number>();
  readonly #starts: number[] = [];
  readonly #graceful: number[] = [];
  readonly #ends: number[] = [];
  readonly #effects = new Map<string, number>();

  take({ children, sandbox }: KillWorld, course: Course): void {
    this.injected += course.injected;
    this.daemons += children.length;
    for (const place of course.reached) this.#reached.set(place, (this.#reached.get(place) ?? 0) + 1);
    this.#starts.push(...startsOf(children));
    this.#graceful.push(...course.graceful);
    this.#ends.push(course.metAt - course.lastInjuryAt);
    for (const { method, path, applied } of sandbox.journal.find({ server: 'github' })) {
      const name = /^POST .*\/git\/refs$/.test(`${method} ${path}`)
        ? 'branches'
        : /^POST .*\/pulls$/.test(`${method} ${path}`)
          ? 'pull requests'
          : /^PUT .*\/merge$/.test(`${method} ${path}`)
            ? 'merges'
            : undefined;
      if (applied && name !== undefined) this.#effects.set(name, (this.#effects.get(name) ?? 0) + 1);
    }
  }
  wasReached(place: string): boolean {
    return this.#reached.has(place);
  }
  /** How often a daemon died or stood still: a row for each step, effect and duty, a column for each kind of place. */
  table(): string {
    const cells = [...this.#reached].map(([name, times]) => {
      const [place = '', where = ''] = name.split('@');
      return { place, where, times };
    });
    const places = [...new Set(cells.map((c) => c.place))];
    const rows = [...new Set(cells.map((c) => c.where))].map((where) => {
      const times = places.map((p) => String(cells.find((c) => c.place === p && c.where === where)?.times ?? ''));
      return [where.padEnd(42), ...times.map((t, n) => t.padStart((places[n] ?? '').length))].join(' ');
    });
    return [['killed at'.padEnd(42), ...places].join(' '), ...rows].map((line) => `      ${line}`).join('\n');
  }
  summary(): string {
    const effects = [...this.#effects].map(([name, times]) => `${times} ${name}`);
    return [
      `${this.injected} injuries, ${this.daemons} daemons, ${this.failures.length} violations; ${effects.join(', ')}`,
      `restart to first look ${spread(this.#starts)}; SIGTERM to exit ${spread(this.#graceful)}; last injury to the end ${spread(this.#ends)}`,
    ]
      .map((line) => `      ${line}`)
      .join('\n');
  }
}
function spread(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): string => ((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) / 1_000).toFixed(2);
  return `p50 ${at(0.5)} s, p99 ${at(0.99)} s, most ${at(1)} s`;
}
