import type { EpochMs } from '../../model/application.js';
import { OPERATOR } from './rail-entry.js';
import type { RailEntry } from './rail-entry.js';
import { railText } from './rail-text.js';
import type { Terminal } from './terminal.js';

/** What comes by one way may be known so much later than what comes by another. */
export const LATECOMER_MS = 200;

/** Prints what happens, in order of time. What happens to several applications at once is told in one line. */
export class Rail {
  readonly #waiting: RailEntry[] = [];
  #degradedAt: EpochMs | undefined;
  #whoBefore: string | undefined;
  readonly #rolledBack = new Set<string>();

  constructor(
    private readonly terminal: Terminal,
    private readonly write: (text: string) => void,
    /** How long an entry waits for others to be told together with it; at least LATECOMER_MS. */
    private readonly keptMs: number,
  ) {}

  /** The rail's times count from the first Degraded. */
  degraded(at: EpochMs): void {
    this.#degradedAt = Math.min(at, this.#degradedAt ?? at);
  }
  add(entry: RailEntry): void {
    if (entry.who === OPERATOR && entry.subject !== undefined) this.#rolledBack.add(entry.subject);
    this.#waiting.push(entry);
  }
  /** Prints what has waited long enough by `now`, and what belongs with it; without `now`, everything. */
  flush(now = Number.POSITIVE_INFINITY): void {
    if (!this.#waiting.some((entry) => entry.at <= now - this.keptMs)) return;
    const due = this.#waiting.filter((entry) => entry.at <= now - LATECOMER_MS);
    this.#waiting.splice(0, this.#waiting.length, ...this.#waiting.filter((entry) => !due.includes(entry)));
    for (const group of grouped(due.toSorted((a, b) => a.at - b.at))) this.#print(group);
  }
  /** Something between the entries, as it is. */
  interrupt(text: string): void {
    this.#whoBefore = undefined;
    this.write(`${text}\n`);
  }

  #print(group: readonly [RailEntry, ...RailEntry[]]): void {
    const [entry] = group;
    const place = { degradedAt: this.#degradedAt, whoBefore: this.#whoBefore };
    this.write(`${railText(entry, { ...place, subjects: this.#subjectsOf(group) }, this.terminal)}\n`);
    this.#whoBefore = entry.who;
  }
  /** While the operator deals with one application only, its name need not be in every line. */
  #subjectsOf(group: readonly RailEntry[]): readonly string[] {
    if (group[0]?.who === OPERATOR && this.#rolledBack.size < 2) return [];
    return [...new Set(group.flatMap(({ subject }) => (subject === undefined ? [] : [subject])))].toSorted();
  }
}

function grouped(entries: readonly RailEntry[]): readonly (readonly [RailEntry, ...RailEntry[]])[] {
  const groups = new Map<string, [RailEntry, ...RailEntry[]]>();
  entries.forEach((entry, index) => {
    const { who, rank, text, subject } = entry;
    const key = subject === undefined ? `${index}` : JSON.stringify([who, rank, text]);
    const group = groups.get(key);
    if (group) group.push(entry);
    else groups.set(key, [entry]);
  });
  return [...groups.values()];
}
