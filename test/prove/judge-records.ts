import { isOpen, mergeOf, pullRequestOf, type RollbackAttempt } from '../../src/model/rollback-attempt.js';
import { TRANSITIONS } from '../../src/model/transitions.js';
import type { AuditEntry } from '../../src/ports/audit-log.js';
import { BOT, type FakePullRequest } from '../support/fakes/fake-github.js';
import type { Bench } from './bench.js';

const RETENTION_MS = 7 * 24 * 3_600_000;
/** Store and operator may have clocks that differ. */
const MOST_SKEW_MS = 3_600_000;
const SAID_DONE = /^(?:done|found in place)\b/;
const SAID_NOT_DONE = /^(?:refused by the upstream|not done \()/;
const stepOf = (a: RollbackAttempt | undefined): string =>
  a === undefined ? 'Idle' : `${a.state}/${'step' in a ? a.step.name : ''}`;

/** S6, S8, S9, S10: what store and audit log say, against each other and against the world. */
export class RecordsJudge {
  readonly #created = new Set<string>();
  readonly #forgotten = new Set<string>();
  /** `<attempt>:<effect>` of every call that people could see. */
  readonly #acted = new Set<string>();
  constructor(private readonly bench: Bench) {
    const { shelf, audit } = bench.world;
    const put = shelf.attempts.set.bind(shelf.attempts);
    shelf.attempts.set = (id, next) => {
      this.#judgeStored(shelf.attempts.get(id)?.value, next.value);
      this.#created.add(id);
      return put(id, next);
    };
    const drop = shelf.attempts.delete.bind(shelf.attempts);
    shelf.attempts.delete = (id) => {
      this.#judgeForgotten(shelf.attempts.get(id)?.value);
      return drop(id);
    };
    const append = audit.append.bind(audit);
    audit.append = async (entry) => {
      const witness = await append(entry);
      if (entry.kind === 'outcome' && entry.attempt !== undefined) this.#judgeOutcome(entry);
      return witness;
    };
  }
  acts(attempt: string, effect: 'pull-request' | 'merge'): void {
    this.#acted.add(`${attempt}:${effect}`);
  }

  /** S8, S10, and S5 of the store: before each stored version. */
  #judgeStored(before: RollbackAttempt | undefined, next: RollbackAttempt): void {
    const { bench } = this;
    const from = before?.state ?? 'Idle';
    if (next.version !== (before?.version ?? 0) + 1)
      bench.violate('S8', `version ${before?.version} -> ${next.version}`);
    const legal =
      before?.state === next.state ||
      TRANSITIONS.some((t) => (t.from as readonly string[]).includes(from) && t.to === next.state);
    if (!legal) bench.violate('S8', `${from} became ${next.state}`);
    const others = bench.world
      .attempts()
      .filter((a) => a.id !== next.id && isOpen(a) && a.application === next.application);
    if (isOpen(next) && others.length > 0) bench.violate('S10', `${others.length + 1} open attempts`);
    if (stepOf(before) !== stepOf(next)) this.#judgeWitness(before, next);
  }
  /** The stored version names the record in which it was decided, by number and hash. */
  #judgeWitness(before: RollbackAttempt | undefined, next: RollbackAttempt): void {
    const { entries, witnesses } = this.bench.world.audit;
    const number = Number(next.witness.split(':')[0]);
    const entry = entries[number - 1];
    const said = `${stepOf(before)} -> ${stepOf(next)}`.replaceAll(/\/(?= |$)/g, '');
    if (entry?.subject !== `${next.id}/${next.version}` || !entry.text.startsWith(said))
      this.bench.violate('S20', `${said} was stored with the record of ${entry?.text ?? 'nothing'}`);
    else if (witnesses[number - 1] !== next.witness)
      this.bench.violate('S20', `the witness ${next.witness} is no record`);
  }
  #judgeForgotten(a: RollbackAttempt | undefined): void {
    if (a === undefined) return;
    this.#forgotten.add(a.id);
    const decided = this.bench.world.audit.entries.some(
      (e) => e.subject === `${a.id}/${a.version + 1}` && e.text.includes('-> Idle'),
    );
    if (a.state !== 'DegradationDetected' || !decided) this.bench.violate('S9', `${stepOf(a)} was deleted`);
  }

  /** S6: what is claimed is so, at the moment it is claimed. */
  #judgeOutcome(entry: AuditEntry): void {
    const { bench } = this;
    const [id = '', effect = ''] = entry.subject.split(':');
    const claimed = SAID_DONE.test(entry.text);
    const denied = SAID_NOT_DONE.test(entry.text) && !bench.everLate && !bench.world.everStale;
    if (!claimed && !denied) return;
    const there = this.#isThere(id, effect);
    if (claimed && there === false) bench.violate('S6', `${effect} is said to be done and is not: ${entry.text}`);
    if (denied && there === true) bench.violate('S6', `${effect} is said not to be done and is: ${entry.text}`);
  }
  /** Undefined = it is no effect that the world could tell. */
  #isThere(id: string, effect: string): boolean | undefined {
    const { github, shelf } = this.bench.world;
    const a = shelf.attempts.get(id)?.value;
    if (a === undefined) return undefined;
    const number = pullRequestOf(a)?.number;
    const pr = github.pullRequests.find((p) => p.number === number);
    if (effect === 'merge') return pr?.merged !== undefined;
    if (effect === 'close') return this.#proposalsOf(a).every((p) => p.state === 'closed');
    if (effect === 'pull-request' && isOpen(a) && a.step.name === 'intent-pr') {
      const { branch } = a.step.plan;
      return github.pullRequests.some((p) => p.author === BOT && p.headBranch === branch);
    }
    return undefined;
  }
  #proposalsOf(a: RollbackAttempt): readonly FakePullRequest[] {
    const number = pullRequestOf(a)?.number;
    return this.bench.world.github.pullRequests.filter((p) => p.number === number);
  }

  /** S6 and S9 after the last fault and a quiet time. */
  judgeEnd(): void {
    this.#judgeAttempts();
    this.#judgePullRequests();
    this.#judgeIntents();
  }
  #judgeAttempts(): void {
    const { bench } = this;
    const { shelf } = bench.world;
    const present = new Map(bench.world.attempts().map((a) => [a.id, a]));
    for (const id of this.#created) {
      const a = present.get(id);
      if (a === undefined && !this.#forgotten.has(id)) bench.violate('S9', `${id} is lost`);
      if (a === undefined) continue;
      if (isOpen(a)) {
        bench.violate('S9', `${stepOf(a)} is open and nobody works on it`);
        continue;
      }
      if (a.aftercare.owed.length > 0 !== shelf.owed.has(id))
        bench.violate('S9', `${a.state} owes ${a.aftercare.owed.join() || 'nothing'}, and the store says otherwise`);
      if ((shelf.attempts.get(id)?.keepUntil ?? 0) < a.closedAt + RETENTION_MS - MOST_SKEW_MS)
        bench.violate('S9', `${a.state} is not kept for seven days`);
      if (a.state === 'Abort' && a.reason === 'internal')
        bench.violate('S22', `a fault that passes ended an attempt: ${a.why}`);
    }
  }
  #judgePullRequests(): void {
    const { bench } = this;
    const attempts = bench.world.attempts();
    for (const pr of bench.world.github.pullRequests.filter((p) => p.author === BOT)) {
      const known = attempts.filter((a) => pullRequestOf(a)?.number === pr.number);
      const merged = known.find((a) => mergeOf(a)?.pullRequest === pr.number);
      if (known.length === 0 && pr.state === 'open' && bench.isOurs(pr))
        bench.violate('S6', `#${pr.number} is open and no attempt knows it`);
      if (merged !== undefined && mergeOf(merged)?.commit !== pr.merged?.commit)
        bench.violate('S6', `#${pr.number} is said to be merged as another commit than it was`);
      if (pr.merged?.by !== BOT || bench.everLate) continue;
      if (merged === undefined || mergeOf(merged)?.by !== 'operator')
        bench.violate('S22', `#${pr.number} was merged by us and its attempt says otherwise`);
    }
  }
  /** Every effect that was begun or announced has an outcome. */
  #judgeIntents(): void {
    const { bench } = this;
    const { entries } = bench.world.audit;
    const settled = new Set(entries.filter((e) => e.kind === 'outcome').map((e) => e.subject));
    const announced = entries.filter((e) => e.kind === 'decision' && e.text.startsWith('about to'));
    for (const subject of [...this.#acted, ...announced.map((e) => e.subject)])
      if (!settled.has(subject)) bench.violate('S6', `${subject} was begun and has no outcome`);
  }
}
