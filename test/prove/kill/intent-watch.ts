import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Journal, JournalArrival } from '../../../src/sandbox/journal.js';

/** What may be asked of GitHub only after the intent has been written: the step that the audit log names for it. */
const OPENING: readonly { readonly method: string; readonly path: RegExp; readonly intent: string }[] = [
  { method: 'POST', path: /\/git\/(?:trees|commits|refs)$/, intent: '/intent-pr' },
  { method: 'POST', path: /\/pulls$/, intent: '/intent-pr' },
  { method: 'PUT', path: /\/pulls\/\d+\/merge$/, intent: '/intent-merge' },
];
/** A request that had left before the stop was answered may arrive so much later. */
const ON_ITS_WAY_MS = 1_000;

/** Reads the audit files the moment an opening effect arrives: no clocks are compared. */
export class IntentWatch {
  /** How many effects were looked at. */
  seen = 0;
  readonly violations: string[] = [];
  #stoppedAt = Number.POSITIVE_INFINITY;

  constructor(
    journal: Journal,
    private readonly auditFolder: string,
  ) {
    const open = journal.open.bind(journal);
    journal.open = (arrival: JournalArrival): number => {
      this.#look(arrival);
      return open(arrival);
    };
  }
  /** A person's abort was answered: from now on nothing new may begin. */
  stopped(): void {
    this.#stoppedAt = Date.now();
  }
  #look({ server, method, path }: JournalArrival): void {
    const opening = OPENING.find((one) => one.method === method && one.path.test(path));
    if (server !== 'github' || opening === undefined) return;
    this.seen += 1;
    if (Date.now() > this.#stoppedAt + ON_ITS_WAY_MS)
      this.violations.push(`S7: ${method} ${path} after the abort was answered`);
    const newest = this.#decisions().at(-1);
    if (newest?.includes(`${opening.intent}: `) !== true)
      this.violations.push(`S5: ${method} ${path} and the newest decision in the audit log is ${newest ?? 'none'}`);
  }
  /** Texts of the decisions about attempts in the order in which they were written. */
  #decisions(): readonly string[] {
    return readdirSync(this.auditFolder)
      .filter((name) => name.endsWith('.jsonl'))
      .toSorted()
      .flatMap((name) => readFileSync(join(this.auditFolder, name), 'utf8').split('\n'))
      .filter((line) => line.endsWith('}') && line.includes('"kind":"decision"') && line.includes(' -> '))
      .map((line) => (JSON.parse(line) as { readonly text: string }).text);
  }
}
