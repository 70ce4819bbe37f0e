import type { Clock } from '../base/clock.js';
import { asOperatorError } from '../base/errors.js';
import { MODE_ANNOTATION, type PolicyBook } from '../governance/policy-book.js';
import type { ApplicationKey, ApplicationSnapshot } from '../model/application.js';
import { carries, type ApplicationMark } from '../model/mark.js';
import { nextStepOf } from '../model/next-step.js';
import type { Policy } from '../model/policy.js';
import type { ArgoCd } from '../ports/argocd.js';
import type { StateStore } from '../ports/state-store.js';
import type { Explanation, MarkView } from '../surface/explanation.js';
import type { FleetRecord, FleetView } from '../workflow/fleet-view.js';
import type { FsmService } from '../workflow/fsm-service.js';
import type { HealthIntake } from '../workflow/health-intake.js';
import type { Pauses } from '../workflow/pauses.js';
import type { RuleForecaster } from './rule-forecaster.js';

const LOOK_TIMEOUT_MS = 15_000;

/** Why one application is, or is not, being rolled back (semantics 15): one live look, and everything the operator remembers. */
export class ExplainApplication {
  constructor(
    private readonly clock: Clock,
    private readonly argocd: Pick<ArgoCd, 'getApplicationHealth'>,
    private readonly store: Pick<StateStore, 'marks'>,
    private readonly policies: PolicyBook,
    private readonly service: FsmService,
    private readonly fleet: FleetView,
    private readonly intake: HealthIntake,
    private readonly pauses: Pauses,
    private readonly forecaster: RuleForecaster,
  ) {}

  /** Undefined = no list ever showed it. */
  async explain(application: ApplicationKey): Promise<Explanation | undefined> {
    const record = this.fleet.find(application);
    if (record === undefined) return undefined;
    const now = this.clock.now();
    const signal = AbortSignal.timeout(LOOK_TIMEOUT_MS);
    const { snapshot, trouble } = await this.#look(record, signal);
    const policy = this.policies.policyOf(snapshot ?? record.entry);
    const revisions = snapshot?.deployed?.revisions ?? [];
    const marks = await this.store.marks(application, now);
    const eligibility = this.#eligibility(record, policy);
    const active = this.#active(application);
    const pauses = this.pauses.all().filter((p) => p.scope === 'operator' || p.scope === application);
    const views = marks.map((m) => markView(m, revisions));
    return {
      version: 1,
      application,
      project: record.entry.project,
      at: now,
      management:
        policy === undefined
          ? { kind: 'unmanaged', why: 'no environment of the configuration matches its project, destination, namespace or name' }
          : { kind: 'managed', environment: policy.environment, matchedBy: `environments.${policy.environment}.match` },
      mode: { effective: policy?.mode ?? 'off', configured: policy === undefined ? 'off' : (this.policies.config.environments[policy.environment]?.mode ?? 'off'), loweredBy: policy?.modeLoweredBy ?? [] },
      health: {
        status: snapshot?.health ?? record.entry.health,
        seenAt: snapshot === undefined ? record.seenAt : now,
        since: snapshot?.healthChangedAt ?? record.healthSince,
        ...(trouble === undefined ? {} : { unknownBecause: trouble }),
        revisions,
      },
      eligibility,
      ...(active === undefined ? {} : { activeAttempt: active }),
      marks: views,
      pauses,
      whatWouldChange: whatWouldChange(eligibility.code, policy, views),
      forecast: policy === undefined ? [] : await this.forecaster.forecast(policy, snapshot, signal),
    };
  }

  async #look(record: FleetRecord, signal: AbortSignal): Promise<{ readonly snapshot?: ApplicationSnapshot; readonly trouble?: string }> {
    try {
      return { snapshot: await this.argocd.getApplicationHealth(record.entry.application, record.entry.project, signal) };
    } catch (error) {
      return { trouble: asOperatorError(error).message };
    }
  }
  #active(application: ApplicationKey): Explanation['activeAttempt'] {
    const id = this.service.activeFor(application);
    const attempt = id === undefined ? undefined : this.service.known(id);
    if (attempt === undefined) return undefined;
    return { id: attempt.id, state: attempt.state, ...('step' in attempt ? { step: attempt.step.name } : {}), next: nextStepOf(attempt) };
  }
  #eligibility(record: FleetRecord, policy: Policy | undefined): Explanation['eligibility'] {
    const { application, health } = record.entry;
    if (this.service.activeFor(application) !== undefined) return { code: 'active-attempt', text: 'An attempt is under way.' };
    if (policy === undefined) return { code: 'unmanaged', text: 'The configuration does not put it into an environment.' };
    if (policy.mode === 'off') return { code: 'mode-off', text: 'The mode is off.' };
    const verdict = this.intake.whyNot(application);
    if (health !== 'Degraded') return { code: 'not-degraded', text: `Argo CD says ${health}: there is nothing to roll back.` };
    if (verdict !== undefined) return { code: verdict.code, text: `${verdict.why}.` };
    return { code: 'eligible', text: 'Degraded and eligible: an attempt opens with the next check.' };
  }
}

function markView(m: ApplicationMark, revisions: readonly string[]): MarkView {
  return {
    kind: m.kind,
    attempt: m.attempt,
    reason: m.kind === 'latch' ? m.reason : m.kind === 'quarantine' ? 'rolled back before' : 'restored by a rollback',
    revisions: m.revisions,
    at: m.at,
    until: m.until,
    current: carries(m, revisions),
  };
}
function whatWouldChange(code: Explanation['eligibility']['code'], policy: Policy | undefined, marks: readonly MarkView[]): readonly string[] {
  const advice: string[] = [];
  if (code === 'unmanaged') advice.push('Match it in environments.staging.match or environments.production.match.');
  if (code === 'latched') advice.push(`\`ai-operator retry APP --reason ...\` allows one more try (${marks.find((m) => m.kind === 'latch' && m.current)?.reason ?? 'latched'}); another version does so by itself.`);
  if (code === 'before-baseline' || code === 'stale-failure') advice.push('It must become healthy and degrade anew: what was red for long is left to people.');
  if (code === 'paused') advice.push('`ai-operator resume` lifts the pause.');
  if (code === 'mode-off') advice.push(`Set the mode of the environment, or correct the annotation ${MODE_ANNOTATION}.`);
  if (policy !== undefined && policy.mode !== 'auto' && policy.mode !== 'off') advice.push(`In mode ${policy.mode} nothing is merged by the operator.`);
  return advice;
}
