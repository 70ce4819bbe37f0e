import type { EpisodeResult } from './cell-run.js';
import { FAULTS, LINKS, type FaultName, type LinkName } from './cells.js';

/** How often each cell was spoiled over all runs, and which runs were wrong. */
export class Tally {
  readonly failures: string[] = [];
  readonly #spoiled = new Map<string, number>();
  readonly #failed = new Set<string>();
  /** What the daemons logged as warnings and errors while something was broken. */
  readonly said = new Set<string>();

  take(results: readonly EpisodeResult[], isSound: boolean): void {
    for (const { episode, spoiled, said } of results) {
      for (const words of said) this.said.add(words);
      const cell = keyOf(episode.link, episode.fault);
      this.#spoiled.set(cell, (this.#spoiled.get(cell) ?? 0) + spoiled);
      if (!isSound) this.#failed.add(cell);
    }
  }
  /** Cells that no run has spoiled. */
  get unmet(): readonly string[] {
    return FAULTS.flatMap((fault) => LINKS.map((link) => keyOf(link, fault))).filter(
      (cell) => !this.#spoiled.has(cell),
    );
  }
  /** A row for each fault: how often it was met on each link, `-` = it did not run. */
  get table(): string {
    const rows = [['', ...LINKS], ...FAULTS.map((fault) => [fault, ...LINKS.map((link) => this.#word(link, fault))])];
    const line = ([first = '', ...others]: readonly string[]): string =>
      `      ${first.padEnd(18)}${others.map((text) => text.padStart(12)).join('')}`;
    return rows.map(line).join('\n');
  }
  #word(link: LinkName, fault: FaultName): string {
    const cell = keyOf(link, fault);
    const spoiled = this.#spoiled.get(cell);
    if (spoiled === undefined) return '-';
    return `${this.#failed.has(cell) ? 'FAILED' : 'ok'} / ${spoiled}`;
  }
}
const keyOf = (link: LinkName, fault: FaultName): string => `${link}: ${fault}`;
