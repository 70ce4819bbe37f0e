import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { abortRule, type AbortReason } from '../../../src/model/abort-reason.js';
import type { AuditEntry } from '../../../src/ports/audit-log.js';
import type { Journal, JournalArrival, JournalOutcome } from '../../../src/sandbox/journal.js';
import { announcementOf, isClosing } from '../closing.js';

/** What may be asked of GitHub only after the intent has been written: the step that the audit log names for it. */
const OPENING: readonly { readonly method: string; readonly path: RegExp; readonly intent: string }[] = [
  { method: 'POST', path: /\/git\/(?:trees|commits|refs)$/, intent: '/intent-pr' },
  { method: 'POST', path: /\/pulls$/, intent: '/intent-pr' },
  { method: 'PUT', path: /\/pulls\/\d+\/merge$/, intent: '/intent-merge' },
];
/** Closes our pull request, or rewrites its body: which of both, only the body of the request says. */
const CHANGE = { method: 'PATCH', path: /\/pulls\/(\d+)$/ } as const;
/** A request that had left before the stop was answered may arrive so much later. */
const ON_ITS_WAY_MS = 1_000;

type Written = Pick<AuditEntry, 'kind' | 'subject' | 'attempt' | 'text'>;
/** What the audit log held the moment a change of a pull request arrived. */
interface Arrived {
  readonly number: number;
  readonly written: readonly Written[];
}

/** Reads the audit files the moment a decisive effect arrives: no clocks are compared. */
export class IntentWatch {
  /** How many effects were looked at. */
  seen = 0;
  readonly violations: string[] = [];
  readonly #changes = new Map<number, Arrived>();
  #stoppedAt = Number.POSITIVE_INFINITY;

  constructor(
    journal: Journal,
    private readonly auditFolder: string,
  ) {
    const open = journal.open.bind(journal);
    journal.open = (arrival: JournalArrival): number => {
      this.#look(arrival);
      const seq = open(arrival);
      const { server, method, path } = arrival;
      const [, number] = (server === 'github' && method === CHANGE.method && CHANGE.path.exec(path)) || [];
      if (number !== undefined) this.#changes.set(seq, { number: Number(number), written: this.#written() });
      return seq;
    };
    const settle = journal.settle.bind(journal);
    journal.settle = (seq: number, outcome: JournalOutcome): void => {
      const change = this.#changes.get(seq);
      if (change !== undefined && 'body' in outcome) {
        this.#changes.delete(seq);
        if (isClosing(outcome.body)) this.#judgeClosing(change);
      }
      settle(seq, outcome);
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
    const newest = this.#written().findLast(isTransition)?.text;
    if (newest?.includes(`${opening.intent}: `) !== true)
      this.violations.push(`S5: ${method} ${path} and the newest decision in the audit log is ${newest ?? 'none'}`);
  }
  /** Not stored as a step but announced; and only by an attempt that has ended, and not by one that leaves it to people. */
  #judgeClosing({ number, written }: Arrived): void {
    this.seen += 1;
    const about = announcementOf(number, written);
    if (typeof about === 'string') {
      this.violations.push(`S5: ${about}`);
      return;
    }
    const standing = written.findLast((w) => isTransition(w) && w.attempt === about.attempt)?.text ?? 'nothing';
    const [, reason] = / -> Abort: ([^:]+): /.exec(standing) ?? [];
    if (reason === undefined || abortRule(reason as AbortReason).pullRequest === 'hands-off')
      this.violations.push(`S7: #${number} is closed by an attempt that came to ${standing}`);
  }
  /** Decisions and outcomes about attempts in the order in which they were written. */
  #written(): readonly Written[] {
    return readdirSync(this.auditFolder)
      .filter((name) => name.endsWith('.jsonl'))
      .toSorted()
      .flatMap((name) => readFileSync(join(this.auditFolder, name), 'utf8').split('\n'))
      .filter((line) => line.endsWith('}') && /"kind":"(?:decision|outcome)"/.test(line))
      .map((line) => JSON.parse(line) as Written);
  }
}
const isTransition = ({ kind, text }: Written): boolean => kind === 'decision' && text.includes(' -> ');
