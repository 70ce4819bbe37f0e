import type { Clock } from '../base/clock.js';
import { asOperatorError } from '../base/errors.js';
import { passFailpoint } from '../base/failpoint.js';
import { RecentMap } from '../base/recent-map.js';
import type { Effect, EffectKind, EffectRefusal, EffectResult, Effects } from '../model/effect.js';
import type { AttemptId, RollbackAttempt } from '../model/rollback-attempt.js';
import type { AuditLog } from '../ports/audit-log.js';
import type { Pauses } from './pauses.js';

/**
 * The one door for decisive effects: look; may I? (nothing is awaited between this and the act); act, whose answer is
 * not believed; look; record the outcome. The intent is the stored, audited step that led here (semantics 0.2).
 */
export class EffectGate implements Effects {
  readonly #stopped = new Set<AttemptId>();
  readonly #refused = new RecentMap<string, EffectRefusal>(1_000);
  #shut: EffectRefusal | undefined;
  #isWriter = (): boolean => true;
  constructor(
    private readonly clock: Clock,
    private readonly audit: AuditLog,
    private readonly pauses: Pauses,
  ) {}

  /** A person wants this attempt stopped: from this line on it starts no opening effect. */
  stop(id: AttemptId): void {
    this.#stopped.add(id);
  }
  /** The attempt is closed: nothing is left to stop. */
  forget(id: AttemptId): void {
    this.#stopped.delete(id);
  }
  /** Nothing leaves any more, whatever its kind. `undefined` opens again. */
  shut(why: EffectRefusal | undefined): void {
    if (this.#shut !== 'not-the-writer') this.#shut = why;
  }

  /** Asked before every effect: whoever stood still for longer than its lease does nothing more, even before it is told. */
  writesWhile(isWriter: () => boolean): void {
    this.#isWriter = isWriter;
  }

  refusal(a: RollbackAttempt, kind: EffectKind): EffectRefusal | undefined {
    if (this.#shut === undefined && !this.#isWriter()) this.#shut = 'not-the-writer';
    if (this.#shut !== undefined) return this.#shut;
    if (a.policy.mode === 'off' || a.policy.mode === 'observe') return 'observing';
    if (kind === 'closing') return undefined;
    if (kind === 'opening' && (a.stop !== undefined || this.#stopped.has(a.id))) return 'aborted';
    const pause = this.pauses.of(a.application);
    return pause === undefined ? undefined : pause.kill ? 'killed' : 'paused';
  }

  async perform<R>(a: RollbackAttempt, effect: Effect<R>, signal: AbortSignal): Promise<EffectResult<R>> {
    const there = await effect.look(signal);
    if (there !== undefined) {
      await this.#record(a, effect, outcomeOf(effect, there, 'found in place'));
      return { kind: 'done', value: there, how: 'found' };
    }
    // An opening effect has its intent stored and audited; a closing one has not: it is announced here, before it happens.
    if (effect.kind === 'closing' && this.refusal(a, effect.kind) === undefined)
      await this.#record(a, effect, 'about to', 'decision');
    passFailpoint('before-act', nameOf(effect));
    const refused = this.refusal(a, effect.kind);
    if (refused !== undefined) {
      // Each look asks again; saying the same each time would only fill the log.
      if (this.#refused.get(effect.id) !== refused) await this.#record(a, effect, `not done (${refused})`);
      this.#refused.set(effect.id, refused);
      return { kind: 'refused', code: refused };
    }
    let answer = '';
    try {
      await effect.act(signal);
    } catch (error) {
      const e = asOperatorError(error);
      answer = `${e.code}: ${e.message}`;
      // Lost, late or contradicted answers are settled by looking; anything else is a plain refusal of the upstream.
      if (e.category !== 'transient' && e.category !== 'unknown' && e.category !== 'conflict') {
        const outcome = e.category === 'cancelled' ? 'interrupted, it may have happened' : 'refused by the upstream';
        await this.#record(a, effect, `${outcome} (${answer})`);
        throw e;
      }
    }
    passFailpoint('acted', nameOf(effect));
    const seen = await effect.look(signal);
    passFailpoint('before-outcome', nameOf(effect));
    if (seen === undefined) {
      await this.#record(a, effect, answer === '' ? 'asked for, not visible yet' : `not seen (${answer})`);
      return { kind: 'unseen', why: answer === '' ? 'asked for, and not visible yet' : answer };
    }
    await this.#record(a, effect, outcomeOf(effect, seen, 'done'));
    return { kind: 'done', value: seen, how: 'acted' };
  }
  async #record(
    a: RollbackAttempt,
    effect: Effect<unknown>,
    outcome: string,
    kind: 'decision' | 'outcome' = 'outcome',
  ): Promise<void> {
    await this.audit.append({
      subject: effect.id,
      kind,
      at: this.clock.now(),
      attempt: a.id,
      application: a.application,
      actor: 'operator',
      text: `${outcome}: ${effect.text}`,
    });
  }
}
/** `<attempt>:<name>` without the attempt. */
const nameOf = ({ id }: Effect<unknown>): string => id.slice(id.lastIndexOf(':') + 1);
const outcomeOf = <R>(effect: Effect<R>, found: R, word: string): string =>
  effect.isDone?.(found) === false ? 'not done, what was found bars it' : word;
