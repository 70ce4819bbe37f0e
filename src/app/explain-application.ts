import type { Clock } from '../base/clock.js';
import { ENVIRONMENT_ANNOTATION, type PolicyBook, type Subject } from '../governance/policy-book.js';
import type { ApplicationKey } from '../model/application.js';
import type { HealthFinding } from '../model/health-finding.js';
import { carries, isReadable, type ApplicationMark } from '../model/mark.js';
import { nextStepOf } from '../model/next-step.js';
import type { Policy } from '../model/policy.js';
import type { StateStore } from '../ports/state-store.js';
import type { DegradationDetector } from '../stages/1-detection/degradation-detector.js';
import type { Explanation, MarkView } from '../surface/explanation.js';
import type { FleetRecord, FleetView } from '../workflow/fleet-view.js';
import type { FsmService } from '../workflow/fsm-service.js';
import type { HealthIntake } from '../workflow/health-intake.js';
import type { Pauses } from '../workflow/pauses.js';
import type { RuleForecaster } from './rule-forecaster.js';
import { whatWouldChange } from './what-would-change.js';

const LOOK_TIMEOUT_MS = 15_000;

/**
 * Why one application is, or is not, being rolled back (semantics 15): one live look, and everything the operator
 * remembers.
 */
export class ExplainApplication {
  constructor(
    private readonly clock: Clock,
    private readonly detector: Pick<DegradationDetector, 'check'>,
    private readonly store: Pick<StateStore, 'marks'>,
    private readonly policies: PolicyBook,
    private readonly service: Pick<FsmService, 'activeFor' | 'known'>,
    private readonly fleet: Pick<FleetView, 'find'>,
    private readonly intake: Pick<HealthIntake, 'judge'>,
    private readonly pauses: Pick<Pauses, 'all'>,
    private readonly forecaster: Pick<RuleForecaster, 'forecast'>,
  ) {}

  /** Undefined = no list ever showed it. */
  async explain(application: ApplicationKey): Promise<Explanation | undefined> {
    const record = this.fleet.find(application);
    if (record === undefined) return undefined;
    const now = this.clock.now();
    const signal = AbortSignal.timeout(LOOK_TIMEOUT_MS);
    const { HEALTH_CHECK_INTERVAL } = this.policies.config.timing;
    const suspect = { application, project: record.entry.project };
    const finding = await this.detector.check(suspect, HEALTH_CHECK_INTERVAL, signal);
    const subject = finding.snapshot ?? record.entry;
    const policy = this.policies.policyOf(subject);
    const eligibility = await this.#eligibility(finding, policy);
    const active = this.#active(application);
    const revisions = finding.snapshot?.deployed?.revisions ?? [];
    const stored = await this.store.marks(application, now);
    const marks = stored.filter(isReadable).map((m) => markView(m, revisions));
    const unread = stored.flatMap((m) => (m.kind === 'unreadable' ? [`${sentence(m.why)}.`] : []));
    const pauses = this.pauses.all().filter((p) => p.scope === 'operator' || p.scope === application);
    const forecast = policy === undefined ? [] : await this.forecaster.forecast(policy, finding.snapshot, signal);
    return {
      version: 1,
      application,
      project: record.entry.project,
      at: now,
      management: this.#management(subject, policy),
      mode: this.#mode(policy),
      health: healthOf(finding, record, revisions),
      eligibility,
      ...(active === undefined ? {} : { activeAttempt: active }),
      marks,
      pauses,
      whatWouldChange: [
        ...unread,
        ...whatWouldChange({ application, code: eligibility.code, policy, marks, pauses, forecast }),
      ],
      forecast,
    };
  }

  #management(subject: Subject, policy: Policy | undefined): Explanation['management'] {
    const asked = subject.annotations?.[ENVIRONMENT_ANNOTATION];
    const annotation = `annotation ${ENVIRONMENT_ANNOTATION}: ${asked ?? ''}`;
    if (policy !== undefined) {
      const { environment } = policy;
      return { kind: 'managed', environment, matchedBy: this.policies.matchedBy(environment, subject) ?? annotation };
    }
    const fits = this.policies.matchedBy('staging', subject) ?? this.policies.matchedBy('production', subject);
    const why =
      fits === undefined
        ? 'no environment of the configuration matches its name, project, namespace or destination'
        : `${fits} would match, but the ${annotation} takes it out`;
    return { kind: 'unmanaged', why };
  }
  #mode(policy: Policy | undefined): Explanation['mode'] {
    if (policy === undefined) return { effective: 'off', configured: 'off', loweredBy: [] };
    const configured = this.policies.config.environments[policy.environment]?.mode ?? 'off';
    return { effective: policy.mode, configured, loweredBy: policy.modeLoweredBy };
  }
  #active(application: ApplicationKey): Explanation['activeAttempt'] {
    const id = this.service.activeFor(application);
    const attempt = id === undefined ? undefined : this.service.known(id);
    if (attempt === undefined) return undefined;
    const step = 'step' in attempt ? { step: attempt.step.name } : {};
    return { id: attempt.id, state: attempt.state, ...step, next: nextStepOf(attempt) };
  }
  async #eligibility(finding: HealthFinding, policy: Policy | undefined): Promise<Explanation['eligibility']> {
    if (this.service.activeFor(finding.application) !== undefined) {
      return { code: 'active-attempt', text: 'An attempt is under way.' };
    }
    // Without a live answer the annotations are not known: what the list says is all there is.
    if (policy === undefined)
      return { code: 'unmanaged', text: 'The configuration does not put it into an environment.' };
    if (finding.snapshot === undefined) {
      return {
        code: 'not-degraded',
        text: `It cannot be looked at now, and unknown is not Degraded: ${finding.check.unknownBecause ?? ''}.`,
      };
    }
    const answer = await this.intake.judge(finding);
    if (answer.kind === 'ineligible') return { code: answer.code, text: `${sentence(answer.why)}.` };
    const proposeOnly =
      answer.proposeOnly.length === 0 ? '' : ` Only proposed, because: ${answer.proposeOnly.join('; ')}.`;
    return { code: 'eligible', text: `Degraded and eligible: an attempt opens with the next check.${proposeOnly}` };
  }
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function healthOf(finding: HealthFinding, record: FleetRecord, revisions: readonly string[]): Explanation['health'] {
  const { check, snapshot } = finding;
  const { unknownBecause } = check;
  return {
    status: check.health,
    seenAt: snapshot === undefined ? record.seenAt : check.at,
    since: snapshot?.healthChangedAt ?? record.healthSince,
    ...(unknownBecause === undefined
      ? {}
      : { unknownBecause: `${unknownBecause} (the list said ${record.entry.health})` }),
    revisions,
  };
}

const MARK_REASONS = { quarantine: 'rolled back before', restoration: 'restored by a rollback' } as const;
function markView(m: ApplicationMark, revisions: readonly string[]): MarkView {
  const { kind, attempt, at, until } = m;
  const reason = m.kind === 'latch' ? m.reason : MARK_REASONS[m.kind];
  return { kind, attempt, reason, revisions: m.revisions, at, until, current: carries(m, revisions) };
}
