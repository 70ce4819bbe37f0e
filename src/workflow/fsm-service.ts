import type { Clock } from '../base/clock.js';
import { asOperatorError, OperatorError } from '../base/errors.js';
import { passFailpoint } from '../base/failpoint.js';
import type { ApplicationKey, EpochMs } from '../model/application.js';
import type { StoredSpend } from '../model/mark.js';
import {
  isOpen,
  type AttemptId,
  type DegradationDetected,
  type OpenAttempt,
  type RollbackAttempt,
} from '../model/rollback-attempt.js';
import type { AuditLog } from '../ports/audit-log.js';
import type { SaveResult, StateStore, Versioned } from '../ports/state-store.js';
import { decisionEntry, standing } from './decision-entry.js';
import type { Settled } from './settle.js';
import { SpendBook } from './spend-book.js';

/** A write that was sent and not answered may still arrive: a connection over which nothing comes back is cut long before. */
const LATEST_ARRIVAL_MS = 30_000;
export type Moved =
  | { readonly kind: 'moved'; readonly from: OpenAttempt; readonly to: RollbackAttempt; readonly why: string }
  | { readonly kind: 'forgotten'; readonly from: OpenAttempt; readonly settled: Extract<Settled, { kind: 'forget' }> }
  | { readonly kind: 'changed-meanwhile' };

/**
 * The attempts: last stored version of every open and owed one (there is one writer, so reads need not cross the wire),
 * and the order of every transition: audit, save with the audit's witness, tell (semantics 13).
 */
export class FsmService {
  readonly #known = new Map<AttemptId, Versioned<RollbackAttempt>>();
  readonly #active = new Map<ApplicationKey, AttemptId>();
  /** Known copies that may be out of date: good enough to be counted, never to be moved. */
  readonly #doubted = new Set<AttemptId>();
  readonly #spends: SpendBook;
  /** Of an opening that was not answered, by the monotonic clock: it may have come to pass, or yet do so. */
  #unansweredAt: number | undefined;
  constructor(
    private readonly clock: Clock,
    private readonly store: StateStore,
    private readonly audit: AuditLog,
  ) {
    this.#spends = new SpendBook(clock, store);
  }

  /** Reads everything open and owed, at the start. Answers their ids. */
  async load(): Promise<readonly AttemptId[]> {
    const [active, owed] = await Promise.all([this.store.active(), this.store.owed(), this.#spends.reload()]);
    this.#known.clear();
    this.#active.clear();
    this.#doubted.clear();
    for (const at of [...active, ...owed]) this.#remember(at);
    return [...this.#known.keys()];
  }
  /** Lets the next look read the store. Until then the attempt still counts as what it was: limits must not loosen. */
  distrust(id: AttemptId): void {
    if (this.#known.has(id)) this.#doubted.add(id);
  }
  async find(id: AttemptId): Promise<Versioned<RollbackAttempt> | undefined> {
    const before = this.#known.get(id);
    const known = this.#doubted.has(id) ? undefined : this.#known.get(id);
    const at = known ?? (await this.store.load(id));
    // A write whose answer never came may have come to pass with what it spent.
    if (this.#doubted.has(id) && at?.revision !== before?.revision) this.#spends.doubt();
    // Changed here while it was read: what was read may be older.
    if (this.#known.get(id) !== before) return this.find(id);
    if (at === undefined) this.#drop(id);
    else this.#remember(at);
    return at;
  }
  known(id: AttemptId): RollbackAttempt | undefined {
    return this.#known.get(id)?.value;
  }
  activeFor(application: ApplicationKey): AttemptId | undefined {
    return this.#active.get(application);
  }
  open(): readonly OpenAttempt[] {
    return [...this.#known.values()].map((v) => v.value).filter(isOpen);
  }
  /** What was spent is read anew before the next step: the clock was wrong, and so may be the days that were read. */
  doubtSpends(): void {
    this.#spends.doubt();
  }
  /** Before limits are asked. Throws STORE_UNAVAILABLE (transient): nobody knows what is left of them, whatever is wrong. */
  async refreshSpends(): Promise<void> {
    try {
      await this.#spends.refresh();
    } catch (error) {
      const { code, message } = asOperatorError(error);
      const why = `What was spent cannot be read, so nothing is decided: ${code}: ${message}`;
      throw new OperatorError('STORE_UNAVAILABLE', 'transient', why, { cause: error });
    }
  }
  spendsSince(since: EpochMs): readonly StoredSpend[] {
    return this.#spends.since(since);
  }

  /** Opens an attempt: audited, then created if none is active. */
  async begin(attempt: DegradationDetected, why: string): Promise<DegradationDetected | undefined> {
    const witness = await this.audit.append(decisionEntry(undefined, attempt, why, this.clock.now()));
    passFailpoint('audited', standing(attempt));
    const saved = await this.#stored({ ...attempt, witness });
    passFailpoint('stored', standing(attempt));
    if (saved.kind === 'conflict') {
      await this.#notStored(attempt);
      await this.#adopt(attempt.application);
      return undefined;
    }
    // Whoever looked for lost ones may have found it before, moved it, or seen its end.
    if (!this.#known.has(attempt.id)) this.#remember(saved.stored);
    if (this.missesOpenings) this.distrust(attempt.id);
    return saved.stored.value as DegradationDetected;
  }
  /** An opening was not answered a short while ago. */
  get missesOpenings(): boolean {
    return this.#unansweredAt !== undefined;
  }
  /** Finds attempts that stand in the store and that nobody here works on. Answers their ids. */
  async adoptLost(): Promise<readonly AttemptId[]> {
    const since = this.#unansweredAt;
    const isLast = since !== undefined && this.clock.monotonic() - since >= LATEST_ARRIVAL_MS;
    const lost = (await this.store.active()).filter((at) => isOpen(at.value) && !this.#known.has(at.value.id));
    for (const at of lost) this.#take(at);
    if (isLast && this.#unansweredAt === since) this.#unansweredAt = undefined;
    return lost.map((at) => at.value.id);
  }
  /** Moves an attempt as settled. Throws what the audit log or the store throws: then nothing has happened that is not decided again. */
  async move(at: Versioned<OpenAttempt>, settled: Exclude<Settled, { kind: 'rest' }>): Promise<Moved> {
    const { value: from } = at;
    const next = settled.kind === 'move' ? settled.next : undefined;
    const witness = await this.audit.append(decisionEntry(from, next, settled.why, this.clock.now()));
    passFailpoint('audited', standing(next));
    if (settled.kind === 'forget' && settled.remember !== undefined) await this.store.putMark(settled.remember);
    const saved = await this.#save(at, settled, witness);
    passFailpoint('stored', standing(next));
    if (saved.kind === 'conflict') {
      this.distrust(from.id);
      await this.#notStored({ ...from, version: from.version + 1 });
      return { kind: 'changed-meanwhile' };
    }
    if (settled.kind === 'forget') {
      this.#drop(from.id);
      return { kind: 'forgotten', from, settled };
    }
    this.#wrote(saved.stored);
    this.#spends.note(settled.residue.spends ?? []);
    return { kind: 'moved', from, to: saved.stored.value, why: settled.why };
  }
  /** Changes an attempt in place (a stop request, a duty done), audited by the caller. */
  async amend(at: Versioned<RollbackAttempt>, change: (a: RollbackAttempt) => RollbackAttempt): Promise<SaveResult> {
    const next = change(at.value);
    const saved = await this.store.save({ ...next, version: at.value.version + 1 }, at.revision);
    if (saved.kind === 'saved') this.#wrote(saved.stored);
    else this.distrust(at.value.id);
    return saved;
  }

  async #stored(attempt: DegradationDetected): Promise<SaveResult> {
    try {
      return await this.store.open(attempt);
    } catch (error) {
      this.#unansweredAt = this.clock.monotonic();
      throw error;
    }
  }
  async #save(at: Versioned<OpenAttempt>, s: Exclude<Settled, { kind: 'rest' }>, witness: string): Promise<SaveResult> {
    // Only DegradationDetected may be dismissed: settle has asked the transition table.
    if (s.kind === 'forget') return this.store.forget(at.value as DegradationDetected, at.revision);
    const next = { ...s.next, witness };
    return isOpen(next)
      ? this.store.save(next, at.revision, s.residue)
      : this.store.close(next, at.revision, s.residue);
  }
  #remember(at: Versioned<RollbackAttempt>): void {
    const { value } = at;
    this.#doubted.delete(value.id);
    const keep = isOpen(value) || value.aftercare.owed.length > 0;
    if (keep) this.#known.set(value.id, at);
    else this.#known.delete(value.id);
    if (isOpen(value)) this.#active.set(value.application, value.id);
    else this.#release(value);
  }
  /** An attempt of the store that was not known here. It may have ended since it was read. */
  #take(at: Versioned<RollbackAttempt>): void {
    if (!this.#known.has(at.value.id)) this.#remember(at);
    this.distrust(at.value.id);
  }
  /** What was written here, unless a later write of ours was answered before it. */
  #wrote(at: Versioned<RollbackAttempt>): void {
    const known = this.#known.get(at.value.id);
    if (known === undefined && isOpen(at.value)) return; // It has ended meanwhile.
    if (known !== undefined && known.value.version > at.value.version) this.distrust(at.value.id);
    else this.#remember(at);
  }
  /** Gone from the store: else its application would be taken for one with an active attempt for ever. */
  #drop(id: AttemptId): void {
    this.#known.delete(id);
    this.#doubted.delete(id);
    for (const [application, active] of this.#active) if (active === id) this.#active.delete(application);
  }
  #release(a: RollbackAttempt): void {
    if (this.#active.get(a.application) !== a.id) return;
    this.#active.delete(a.application);
    for (const other of this.open()) if (other.application === a.application) this.#active.set(a.application, other.id);
  }
  /** An attempt of the store that this process does not know: an opening whose answer never came, and that came to pass. */
  async #adopt(application: ApplicationKey): Promise<void> {
    if (this.#active.has(application)) return;
    const active = await this.store.active();
    for (const at of active) if (at.value.application === application) this.#take(at);
  }
  async #notStored(a: RollbackAttempt): Promise<void> {
    await this.audit.append({
      subject: `${a.id}/${a.version}`,
      kind: 'outcome',
      at: this.clock.now(),
      attempt: a.id,
      application: a.application,
      actor: 'operator',
      text: 'not stored: changed meanwhile',
    });
  }
}
