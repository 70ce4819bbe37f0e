import { randomUUID } from 'node:crypto';
import type { Clock } from '../base/clock.js';
import { asOperatorError, OperatorError } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import type { PolicyBook } from '../governance/policy-book.js';
import type { ApplicationKey, EpochMs } from '../model/application.js';
import { deadlineOf } from '../model/deadlines.js';
import { makeEvent, type OperatorEvent } from '../model/events.js';
import { checksToKeep } from '../model/health-check.js';
import type { HealthFinding } from '../model/health-finding.js';
import type { NoticeKind } from '../model/notice-kind.js';
import { lowestMode, type Policy } from '../model/policy.js';
import type { AttemptId, DegradationDetected } from '../model/rollback-attempt.js';
import type { EventBus } from '../ports/event-bus.js';
import type { StateStore } from '../ports/state-store.js';
import type { Baselines } from './baselines.js';
import { eligibility, type Eligibility } from './eligibility.js';
import type { FleetRecord, FleetView } from './fleet-view.js';
import type { FsmService } from './fsm-service.js';
import type { Pauses } from './pauses.js';
import { WriteTurns } from './write-turns.js';

/** Who is told that an attempt has something new to look at. */
export interface Nudged {
  hear(event: OperatorEvent): void;
}
/** Who tells people. */
export interface Announcer {
  announce(kind: NoticeKind, application: ApplicationKey, text: string): void;
}
interface Verdict {
  /** What the list showed when it was judged; another entry is judged again. */
  readonly signature: string;
  /** Which degradation it was about: another one is told anew. */
  readonly since: EpochMs;
  readonly answer: Extract<Eligibility, { kind: 'ineligible' }>;
}

/** The only opener of attempts and writer of checks: turns findings into stored checks, attempts and nudges (semantics 3). */
export class HealthIntake {
  readonly #ineligible = new Map<ApplicationKey, Verdict>();
  readonly #turns: WriteTurns<ApplicationKey>;
  /** Why the last opening could not be written down. */
  #unwritten: OperatorError | undefined;
  constructor(
    private readonly clock: Clock,
    private readonly instance: string,
    private readonly store: Pick<StateStore, 'marks' | 'recordCheck'>,
    private readonly service: FsmService,
    private readonly bus: EventBus,
    private readonly policies: PolicyBook,
    private readonly fleet: FleetView,
    private readonly baselines: Baselines,
    private readonly pauses: Pauses,
    private readonly nudged: Nudged,
    private readonly announcer: Announcer,
    private readonly logger: Logger,
  ) {
    this.#turns = new WriteTurns(clock);
  }

  /** Must a Degraded entry be looked at live? Not while it is known to be ineligible for what the list shows. */
  isSuspect(record: FleetRecord): boolean {
    const known = this.#ineligible.get(record.entry.application);
    if (known === undefined) return true;
    // A kill file is lifted without a word to anybody.
    if (known.answer.code === 'paused') return this.pauses.of(record.entry.application) === undefined;
    const timeIsUp = known.answer.until !== undefined && this.clock.now() >= known.answer.until;
    return known.signature !== signatureOf(record) || timeIsUp;
  }
  /** Why an application starts no attempt, when it has been judged. */
  whyNot(application: ApplicationKey): Extract<Eligibility, { kind: 'ineligible' }> | undefined {
    return this.#ineligible.get(application)?.answer;
  }
  /** Everything is judged again: after a resume, a retry, a lifted mark, another configuration. */
  reconsider(): void {
    // What was told is remembered: only another reason, or another degradation, is told anew.
    for (const [application, verdict] of this.#ineligible) {
      if (this.fleet.find(application) === undefined) this.#ineligible.delete(application);
      else this.#ineligible.set(application, { ...verdict, signature: '' });
    }
    this.#turns.free();
  }

  /** Takes a check: stores it for an active attempt and nudges, or opens one. Answers whether to go on watching. */
  async take(finding: HealthFinding): Promise<boolean> {
    if (finding.snapshot !== undefined) this.fleet.noteLive(finding.snapshot);
    const known = this.service.activeFor(finding.application);
    if (known !== undefined) this.#turns.leave(finding.application);
    const active = known ?? (await this.#consider(finding));
    if (active === undefined) return false;
    const { timing } = this.policies.config;
    const keep = checksToKeep(
      timing.DEGRADATION_PERSISTENCE_CHECKS,
      timing.HEALTH_RESTORATION_DURATION,
      timing.HEALTH_CHECK_INTERVAL,
    );
    await this.store.recordCheck(finding.application, finding.check, keep);
    this.#tell(active, finding);
    return true;
  }

  /** Would this finding start an attempt now? Changes nothing. */
  async judge(finding: HealthFinding): Promise<Eligibility> {
    const { application, snapshot } = finding;
    const policy = snapshot && this.policies.policyOf(snapshot);
    const now = this.clock.now();
    const { firstSeenAt = 0, notRedAt, healthSince } = this.fleet.find(application) ?? {};
    return eligibility({
      finding,
      policy,
      pause: this.pauses.of(application),
      marks: await this.store.marks(application, now),
      baseline: policy === undefined ? 0 : Math.max(this.baselines.of(policy.environment, application), firstSeenAt),
      ...(notRedAt === undefined ? {} : { notRedAt }),
      ...(healthSince === undefined ? {} : { listedSince: healthSince }),
      notBefore: this.fleet.notBefore(application) ?? this.baselines.loadedAt,
      maxFailureAgeMs: this.policies.config.detection.maxFailureAgeMs,
      now,
    });
  }
  async #consider(finding: HealthFinding): Promise<AttemptId | undefined> {
    const { application, snapshot } = finding;
    const policy = snapshot && this.policies.policyOf(snapshot);
    const answer = await this.judge(finding);
    if (answer.kind === 'eligible' && policy !== undefined) return this.#open(finding, policy, answer);
    this.#turns.leave(application);
    if (answer.kind === 'ineligible') this.#refuse(application, this.fleet.find(application), answer);
    return undefined;
  }
  #refuse(
    application: ApplicationKey,
    record: FleetRecord | undefined,
    answer: Extract<Eligibility, { kind: 'ineligible' }>,
  ): void {
    // An Unknown answer says nothing lasting: it is asked again at the next interval.
    if (answer.code === 'not-degraded' || record === undefined) return;
    const before = this.#ineligible.get(application);
    this.#ineligible.set(application, { signature: signatureOf(record), since: record.healthSince, answer });
    if (before?.answer.code === answer.code && before.since === record.healthSince) return;
    this.logger.info('degraded application is not eligible', { application, code: answer.code, why: answer.why });
    if (answer.notice !== undefined) this.announcer.announce(answer.notice, application, answer.why);
  }
  async #open(
    finding: HealthFinding,
    policy: Policy,
    answer: Extract<Eligibility, { kind: 'eligible' }>,
  ): Promise<AttemptId | undefined> {
    const { snapshot, check } = finding;
    if (snapshot === undefined) return undefined;
    const now = this.clock.now();
    const mode = answer.proposeOnly.length === 0 ? policy.mode : lowestMode(policy.mode, 'propose');
    const attempt: DegradationDetected = {
      id: randomUUID(),
      application: finding.application,
      project: snapshot.project,
      destination: snapshot.destination,
      bad: answer.bad,
      onset: answer.onset,
      openedAt: now,
      enteredAt: now,
      policy: { ...policy, mode, modeLoweredBy: [...policy.modeLoweredBy, ...answer.proposeOnly] },
      version: 1,
      witness: '',
      ...(answer.retryOf === undefined ? {} : { retryOf: answer.retryOf }),
      state: 'DegradationDetected',
      step: { name: 'confirming', deadline: deadlineOf('confirming', policy.timing, now, now) },
    };
    const opened = await this.#begin(
      attempt,
      `${check.health} since ${new Date(answer.onset).toISOString()}, first check`,
    );
    if (opened === undefined) return this.service.activeFor(finding.application);
    this.#ineligible.delete(finding.application);
    this.logger.info('degradation detected', {
      correlationId: opened.id,
      application: opened.application,
      environment: policy.environment,
      mode,
      revisions: opened.bad.revisions,
    });
    if (answer.notice !== undefined)
      this.announcer.announce(answer.notice, opened.application, answer.proposeOnly.join('; '));
    return opened.id;
  }

  /** Throws what the store or the audit log throws, out of turn as well. */
  async #begin(attempt: DegradationDetected, why: string): Promise<DegradationDetected | undefined> {
    if (!this.#turns.take(attempt.application)) {
      const { code = 'STORE_UNAVAILABLE', message = '' } = this.#unwritten ?? {};
      throw new OperatorError(code, 'transient', `not its turn yet to try again; the last one failed: ${message}`);
    }
    try {
      const opened = await this.service.begin(attempt, why);
      this.#turns.free();
      return opened;
    } catch (error) {
      this.#turns.failed(attempt.application);
      this.#unwritten = asOperatorError(error);
      throw error;
    }
  }
  /** Unknown breaks the run and publishes nothing; the attempt looks again all the same. */
  #tell(attempt: AttemptId, { application, check }: HealthFinding): void {
    const environment = this.service.known(attempt)?.policy.environment ?? 'unknown';
    const event = makeEvent({
      name: check.health === 'Degraded' ? 'degradation.detected' : 'degradation.cleared',
      id: `${application}@${check.at}`,
      instance: this.instance,
      at: this.clock.now(),
      application,
      attempt,
      data: { attempt, application, environment, health: check.health },
    }) as OperatorEvent;
    // The bus may be down: what this process wrote itself it need not be told.
    this.nudged.hear(event);
    if (check.health === 'Unknown') return;
    // Not awaited: a bus that hangs must not hold up the checks of other applications.
    this.bus.publish(event).catch((error: unknown) => {
      this.logger.warn('event not published; the sweep makes up for it', {
        correlationId: attempt,
        event: event.type,
        error,
      });
    });
  }
}

const signatureOf = ({ entry, notRedAt }: FleetRecord): string =>
  [entry.health, entry.healthChangedAt, entry.syncRevision, entry.operationFinishedAt, notRedAt].join('|');
