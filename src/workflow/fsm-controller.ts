import type { Clock } from '../base/clock.js';
import { asOperatorError, type OperatorError } from '../base/errors.js';
import { passFailpoint } from '../base/failpoint.js';
import type { Logger } from '../base/logger.js';
import { narrow } from '../governance/narrow.js';
import { eventName, type EventName, type OperatorEvent } from '../model/events.js';
import type { Outcome } from '../model/outcome.js';
import type { Policy } from '../model/policy.js';
import {
  isOpen,
  type AttemptId,
  type ClosedAttempt,
  type Duty,
  type OpenAttempt,
  type RollbackAttempt,
} from '../model/rollback-attempt.js';
import type { StateStore, Versioned } from '../ports/state-store.js';
import type { Admission } from './admission.js';
import type { Agenda } from './agenda.js';
import type { Aftercare } from './aftercare.js';
import type { CurrentPolicy } from './current-policy.js';
import type { FsmService, Moved } from './fsm-service.js';
import { interruption } from './interruptions.js';
import { settle, settleUnreachable, type Settled } from './settle.js';
import { WriteTurns } from './write-turns.js';

/** Whoever knows which module serves an attempt. */
export interface Modules {
  wakes(attempt: OpenAttempt, name: EventName): boolean;
  handle(attempt: OpenAttempt, signal: AbortSignal): Promise<Outcome>;
}
/** Who is told after a transition was stored: events, metrics, reports. Never throws, never awaited. */
export interface MoveListener {
  moved(move: Exclude<Moved, { kind: 'changed-meanwhile' }>): void;
}
interface Running {
  again: boolean;
  /** By a person: that look waits for no turn. */
  asked: boolean;
  /** By the monotonic clock. */
  readonly since: number;
  told: boolean;
  readonly done: Promise<void>;
}
/** A store or audit log that failed is tried again after this; meanwhile nothing is done. */
const STORE_RETRY_MS = 1_000;
/** Every call has a deadline and few retries: a step of many calls that takes longer than this may never end. */
const LONG_STEP_MS = 5 * 60_000;
const CLOSING_WAITS_MS = 5_000;
const isClosing = (duty: Duty | undefined): boolean => duty === 'pull-request' || duty === 'watch-open-pr';

/** The hallway: nudge, ask the module, settle, move, and nothing else. One step at a time per attempt (semantics 12). */
export class FsmController {
  readonly #running = new Map<AttemptId, Running>();
  readonly #stop = new AbortController();
  readonly #turns: WriteTurns<AttemptId>;
  /** Attempts of which a transition or a duty done is being written down. */
  readonly #writing = new Set<AttemptId>();
  #trouble: string | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly store: Pick<StateStore, 'checks'>,
    private readonly service: FsmService,
    private readonly agenda: Agenda,
    private readonly modules: Modules,
    private readonly admission: Admission,
    private readonly policies: CurrentPolicy,
    private readonly aftercare: Pick<Aftercare, 'serve'>,
    private readonly listener: MoveListener,
    private readonly logger: Logger,
  ) {
    this.#turns = new WriteTurns(clock);
  }

  /** Why store or audit log hold everything up; undefined = they do not. */
  get trouble(): string | undefined {
    return this.#trouble;
  }
  /** An event is a nudge: it wakes an attempt only in the states that list it. */
  hear(event: OperatorEvent): void {
    const known = this.service.known(event.correlationid);
    if (known === undefined || (isOpen(known) && this.modules.wakes(known, eventName(event))))
      this.#nudge(event.correlationid, false);
  }
  /** Look now, whosever turn it is: a person asked. During a step it is one more look after it. */
  nudge(id: AttemptId): void {
    this.#nudge(id, true);
  }
  #nudge(id: AttemptId, asked: boolean): void {
    if (this.#stop.signal.aborted) return;
    const running = this.#running.get(id);
    if (running !== undefined) {
      running.again = true;
      running.asked ||= asked;
      return;
    }
    if (!this.#turns.take(id) && !asked) return;
    const entry: Running = {
      again: false,
      asked: false,
      since: this.clock.monotonic(),
      told: false,
      done: this.#drain(id).finally(() => {
        this.#running.delete(id);
        if (entry.again) this.#nudge(id, entry.asked);
      }),
    };
    this.#running.set(id, entry);
  }
  /** Nudges everything that is due. */
  sweep(): void {
    for (const id of this.agenda.due(this.clock.now())) {
      this.agenda.set(id, this.clock.now() + Math.max(STORE_RETRY_MS, this.#turns.waitMs(id)));
      // A step that takes longer than a sweep says itself when to look again; one more look at once would double the calls.
      const running = this.#running.get(id);
      if (running === undefined) this.#nudge(id, false);
      else this.#tellOfLong(running, id);
    }
  }
  /** Once for each: whoever is on call should not find an attempt that stands still without a word. */
  #tellOfLong(running: Running, id: AttemptId): void {
    if (running.told || this.clock.monotonic() - running.since < LONG_STEP_MS) return;
    running.told = true;
    this.logger.error('a step does not end; a restart takes it up where it was', {
      correlationId: id,
      minutes: LONG_STEP_MS / 60_000,
    });
  }
  /** Starts nothing new, cancels what waits on upstreams, and resolves when every step in progress has ended. */
  async halt(): Promise<void> {
    this.#stop.abort();
    await Promise.all([...this.#running.values()].map((r) => r.done));
  }

  async #drain(id: AttemptId): Promise<void> {
    try {
      while (!this.#stop.signal.aborted && (await this.#step(id)) === 'again');
      if (this.#turns.leave(id))
        for (const [next, waitMs] of this.#turns.waits) this.agenda.set(next, this.clock.now() + waitMs);
      if (this.#turns.areFree) this.#trouble = undefined;
    } catch (error) {
      // What the store or the audit log throws: nothing may be done until they are back; nothing is aborted.
      const e = asOperatorError(error);
      const wasWriting = this.#writing.delete(id);
      if (e.category === 'cancelled') return;
      // Who has had its turn goes to the end of the queue, wherever it failed.
      if (wasWriting || this.#turns.has(id) || e.code.startsWith('AUDIT_')) this.#turns.failed(id);
      this.#trouble = `${e.code}: ${e.message}`;
      this.service.distrust(id);
      this.agenda.set(id, this.clock.now() + Math.max(STORE_RETRY_MS, this.#turns.waitMs(id)));
      this.logger.error('an attempt is held: store or audit log failed', { correlationId: id, error: e });
    }
  }
  async #step(id: AttemptId): Promise<'again' | 'rest'> {
    const at = await this.service.find(id);
    if (at === undefined) {
      this.agenda.drop(id);
      return 'rest';
    }
    if (!isOpen(at.value)) return this.#care(at, at.value);
    const settled = await this.#settled(at.value);
    if (settled === undefined || this.#stop.signal.aborted) {
      this.agenda.set(id, this.clock.now() + STORE_RETRY_MS);
      return 'rest';
    }
    if (settled.kind === 'rest') {
      this.agenda.set(id, Math.max(settled.lookAgainAt, this.clock.now() + 1));
      return 'rest';
    }
    return this.#move({ value: at.value, revision: at.revision }, settled);
  }
  async #move(at: Versioned<OpenAttempt>, settled: Exclude<Settled, { kind: 'rest' }>): Promise<'again' | 'rest'> {
    const move = await this.#written(at.value.id, () => this.service.move(at, settled));
    if (move.kind === 'changed-meanwhile') return 'again';
    this.listener.moved(move);
    if (move.kind === 'moved') return 'again';
    this.agenda.drop(at.value.id);
    return 'rest';
  }

  async #written<T>(id: AttemptId, write: () => Promise<T>): Promise<T> {
    this.#writing.add(id);
    const written = await write();
    this.#writing.delete(id);
    for (const freed of this.#turns.free()) this.agenda.set(freed, this.clock.now());
    return written;
  }

  /** Asks, in order: interruptions, admission, the module. A failed look is settled by its kind. */
  async #settled(a: OpenAttempt): Promise<Settled | undefined> {
    const checks = await this.store.checks(a.application);
    try {
      const policyNow = this.policies.of(a);
      const narrowed = narrowedAttempt(a, policyNow);
      const outcome =
        interruption(narrowed, { checks, policyNow, now: this.clock.now() }) ?? (await this.#served(narrowed));
      this.agenda.succeeded(a.id);
      return settle(a, outcome, this.clock.now());
    } catch (error) {
      return this.#failed(a, asOperatorError(error));
    }
  }
  async #served(a: OpenAttempt): Promise<Outcome> {
    await this.service.refreshSpends();
    return this.admission.before(a) ?? this.admission.after(a, await this.modules.handle(a, this.#stop.signal));
  }
  #failed(a: OpenAttempt, e: OperatorError): Settled | undefined {
    const why = `${e.code}: ${e.message}`;
    const log = { correlationId: a.id, application: a.application, state: a.state, step: a.step.name, error: e };
    switch (isUnusableAnswer(e) ? 'transient' : e.category) {
      case 'cancelled':
        return undefined;
      case 'transient':
      case 'unknown':
      case 'conflict':
      case 'config': {
        if (e.code.startsWith('STORE_') || e.code.startsWith('AUDIT_')) throw e;
        const now = this.clock.now();
        this.logger.warn('an upstream could not be asked; looking again', log);
        return settleUnreachable(a, why, now + this.agenda.failed(a.id, e.retryAfterMs), now);
      }
      case 'denied':
        this.logger.error('an upstream does not permit a call', log);
        return settle(a, { kind: 'abort', reason: 'denied', why }, this.clock.now());
      case 'terminal':
      case 'bug':
        this.logger.error('an attempt cannot go on', log);
        return settle(
          a,
          { kind: 'abort', reason: e.code === 'ARGOCD_NOT_FOUND' ? 'application-gone' : 'internal', why },
          this.clock.now(),
        );
    }
  }

  /** What is owed after the end, one duty at a time; the last one done forgets the attempt. */
  async #care(at: Versioned<RollbackAttempt>, a: ClosedAttempt): Promise<'again' | 'rest'> {
    if (this.service.activeFor(a.application) !== undefined && isClosing(a.aftercare.owed[0])) {
      // Another attempt may have adopted the pull request: it is not closed under its hands.
      this.agenda.set(a.id, this.clock.now() + CLOSING_WAITS_MS);
      return 'rest';
    }
    const served = await this.aftercare.serve(a, this.#stop.signal);
    if (served.kind === 'not-yet') {
      this.agenda.set(a.id, served.lookAgainAt);
      return 'rest';
    }
    if (served.kind === 'nothing-owed') {
      this.agenda.drop(a.id);
      return 'rest';
    }
    const duty = a.aftercare.owed[0] ?? '';
    passFailpoint('aftercare-served', duty);
    await this.#written(a.id, () => this.service.amend(at, () => served.next));
    passFailpoint('aftercare-stored', duty);
    return 'again';
  }
}

/** An answer that makes no sense, or has no end, says nothing about the attempt: the next look may find a better one. */
const isUnusableAnswer = ({ code }: OperatorError): boolean =>
  /^[A-Z]+_(?:MALFORMED|TOO_LARGE|LIST_TRUNCATED)$/.test(code);

/** The attempt under today's policy. One that is managed no more, or elsewhere, may not act at all: not even on an open intent. */
function narrowedAttempt(a: OpenAttempt, now: Policy | undefined): OpenAttempt {
  if (now?.environment === a.policy.environment) return { ...a, policy: narrow(a.policy, now) };
  return {
    ...a,
    policy: { ...a.policy, mode: 'off', modeLoweredBy: [...a.policy.modeLoweredBy, 'no longer managed here'] },
  };
}
