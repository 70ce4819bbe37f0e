import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Journal, JournalArrival } from '../../../src/sandbox/journal.js';

/** What may be asked of GitHub only after the intent has been written: the place that the audit log names for it. */
const OPENING: readonly { readonly method: string; readonly path: RegExp; readonly intent: string }[] = [
  { method: 'POST', path: /\/git\/refs$/, intent: '/intent-pr' },
  { method: 'POST', path: /\/pulls$/, intent: '/intent-pr' },
  { method: 'PUT', path: /\/pulls\/\d+\/merge$/, intent: '/intent-merge' },
];

/** Reads the audit files the moment an opening effect arrives: no clocks are compared. */
export class IntentWatch {
  /** How many effects were looked at. */
  seen = 0;
  readonly violations: string[] = [];

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
  #look({ server, method, path }: JournalArrival): void {
    const opening = OPENING.find((one) => one.method === method && one.path.test(path));
    if (server !== 'github' || opening === undefined) return;
    this.seen += 1;
    const lines = readdirSync(this.auditFolder)
      .filter((name) => name.endsWith('.jsonl'))
      .flatMap((name) => readFileSync(join(this.auditFolder, name), 'utf8').split('\n'));
    const intended = lines.some((line) => line.includes('"kind":"decision"') && line.includes(`${opening.intent}: `));
    if (!intended) this.violations.push(`${method} ${path} came before its intent was in the audit log`);
  }
}
