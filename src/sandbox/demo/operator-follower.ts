import { OperatorError } from '../../base/errors.js';
import type { AttemptId } from '../../model/rollback-attempt.js';
import type { AttemptView } from '../../model/attempt-view.js';
import { fieldOf, parseOperatorLine } from './operator-log.js';
import type { OperatorLine } from './operator-log.js';
import { evaluationEntry, operatorEntry, verdictsOf } from './operator-story.js';
import type { RailEntry } from './rail-entry.js';

const ASK_TIMEOUT_MS = 5_000;
/** After so many tables with every rule only what does not hold is told. */
const WHOLE_TABLES = 2;
const REMEMBERED_LINES = 12;

/** Follows the operator from outside: its log for what it does at which moment, its API for everything about an attempt. */
export class OperatorFollower {
  /** The last lines of the log. */
  readonly lastLines: string[] = [];
  readonly #told = new Set<string>();
  readonly #verdicts = new Map<AttemptId, string>();
  #telling: Promise<void> = Promise.resolve();
  #tables = 0;
  #addresses: { readonly api: string; readonly health: string } | undefined;

  constructor(private readonly tell: (entry: RailEntry) => void) {}

  /** Where the operator listens; undefined = not yet. */
  get addresses(): { readonly api: string; readonly health: string } | undefined {
    return this.#addresses;
  }
  /** Takes one line of the operator's log. */
  hear(text: string): void {
    this.lastLines.push(text);
    if (this.lastLines.length > REMEMBERED_LINES) this.lastLines.shift();
    const line = parseOperatorLine(text);
    if (line === undefined) return;
    if (line.msg === 'listening') this.#addresses = { api: fieldOf(line, 'api'), health: fieldOf(line, 'health') };
    this.#telling = this.#telling.then(() => this.#tell(line));
  }
  /** When everything heard so far has been told. */
  async settled(): Promise<void> {
    await this.#telling;
  }
  /** Every attempt, open ones first. Throws `DEMO_OPERATOR_SILENT`. */
  async attempts(): Promise<readonly AttemptView[]> {
    const { items } = (await this.#ask('/api/v1/attempts')) as { readonly items: readonly AttemptView[] };
    return items;
  }

  async #tell(line: OperatorLine): Promise<void> {
    const entry = operatorEntry(line);
    if (entry === undefined) return;
    const id = fieldOf(line, 'correlationId');
    if (id !== '' && fieldOf(line, 'from').startsWith('AwaitingMergeApproval')) await this.#tellRules(id, line);
    const key = JSON.stringify([id, entry.subject, entry.text, entry.details]);
    if (entry.rank !== 'state' && this.#told.has(key)) return;
    this.#told.add(key);
    this.tell(entry);
  }
  async #tellRules(id: AttemptId, line: OperatorLine): Promise<void> {
    // an operator that has just ended cannot be asked any more; the rules stay untold then
    const view = (await this.#ask(`/api/v1/attempts/${id}`).catch(() => undefined)) as AttemptView | undefined;
    if (view === undefined || verdictsOf(view) === (this.#verdicts.get(id) ?? '')) return;
    this.#verdicts.set(id, verdictsOf(view));
    const entry = evaluationEntry({ ...view, at: line.at }, this.#tables < WHOLE_TABLES);
    if (entry === undefined) return;
    this.#tables += 1;
    this.tell(entry);
  }
  async #ask(path: string): Promise<unknown> {
    const api = this.#addresses?.api ?? '';
    try {
      const response = await fetch(`${api}${path}`, { signal: AbortSignal.timeout(ASK_TIMEOUT_MS) });
      if (!response.ok) throw new Error(`answered ${response.status}`);
      return await response.json();
    } catch (cause) {
      throw new OperatorError('DEMO_OPERATOR_SILENT', 'transient', `the operator does not answer at ${api}${path}`, {
        cause,
      });
    }
  }
}
