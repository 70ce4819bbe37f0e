import type { Clock } from '../base/clock.js';
import type { PolicyBook } from '../governance/policy-book.js';
import type { ApplicationKey, EpochMs } from '../model/application.js';
import { viewOf, type AttemptView } from '../model/attempt-view.js';
import { carries, type Quarantine } from '../model/mark.js';
import type { Policy } from '../model/policy.js';
import type { AttemptId, StateName } from '../model/rollback-attempt.js';
import type { UpstreamName } from '../ports/operator-metrics.js';
import type { StateStore } from '../ports/state-store.js';
import type { EligibilityCode, Explanation } from '../surface/explanation.js';
import type {
  ApplicationView,
  DependencyState,
  OperatorQueries,
  QuarantineView,
  Readiness,
  Summary,
} from '../surface/operator-queries.js';
import type { BrakeWatch } from '../workflow/brake-watch.js';
import type { FleetRecord, FleetView } from '../workflow/fleet-view.js';
import type { FsmController } from '../workflow/fsm-controller.js';
import type { FsmService } from '../workflow/fsm-service.js';
import type { HealthIntake } from '../workflow/health-intake.js';
import type { Pauses } from '../workflow/pauses.js';
import type { SuspectWatch } from '../workflow/suspect-watch.js';
import type { BuildFacts } from './build-facts.js';
import type { ExplainApplication } from './explain-application.js';
import type { Outside } from './outside.js';

const CLOSED_SHOWN = 200;
/**
 * Beside the list of Argo CD. Without those not required the operator works, less well: replicas through Argo CD,
 * candidates by CI.
 */
const UPSTREAMS: readonly (readonly [UpstreamName, required: boolean])[] = [
  ['github', true],
  ['kubernetes', false],
  ['prometheus', false],
];

/** What the doors may ask, answered from memory and the store. */
export class OperatorAnswers implements OperatorQueries {
  readonly #startedAt: EpochMs;
  constructor(
    private readonly clock: Clock,
    private readonly build: BuildFacts,
    private readonly outside: Pick<Outside, 'pulse'>,
    private readonly store: Pick<StateStore, 'closed' | 'load' | 'allMarks' | 'ledger'>,
    private readonly policies: PolicyBook,
    private readonly service: FsmService,
    private readonly controller: FsmController,
    private readonly fleet: FleetView,
    private readonly watch: SuspectWatch,
    private readonly intake: HealthIntake,
    private readonly pauses: Pauses,
    private readonly brake: BrakeWatch,
    private readonly explainer: ExplainApplication,
    private readonly printedConfig: () => string,
  ) {
    this.#startedAt = clock.now();
  }

  readiness(): Readiness {
    const upstreams = UPSTREAMS.map(([name, required]) => this.#upstream(name, required));
    const dependencies = [this.#storeState(), this.#listState(), ...upstreams].filter((d) => d !== undefined);
    return { ready: dependencies.every((d) => d.ok || !d.required), dependencies };
  }
  async summary(): Promise<Summary> {
    const { config } = this.policies;
    const attempts: Partial<Record<StateName, number>> = {};
    for (const a of this.service.open()) attempts[a.state] = (attempts[a.state] ?? 0) + 1;
    return {
      version: 1,
      instance: config.instance,
      build: this.build.version,
      startedAt: this.#startedAt,
      now: this.clock.now(),
      ready: this.readiness().ready,
      storeKind: config.store.kind,
      development: config.development,
      modes: Object.fromEntries(
        Object.entries(config.environments).map(([name, e]) => [name, this.policies.effectiveMode(e.mode)]),
      ),
      ...(this.fleet.listedAt === undefined ? {} : { lastListAt: this.fleet.listedAt }),
      pollPeriodMs: this.watch.periodMs(),
      applications: this.fleet.counts(),
      attempts,
      pauses: this.pauses.all(),
      braked: this.brake.closed(),
    };
  }
  async applications(): Promise<readonly ApplicationView[]> {
    return [...this.fleet.records()]
      .map((r) => this.#applicationView(r))
      .toSorted((a, b) => (a.application < b.application ? -1 : 1));
  }
  explain(application: ApplicationKey): Promise<Explanation | undefined> {
    return this.explainer.explain(application);
  }
  async attempts(): Promise<readonly AttemptView[]> {
    const open = this.service.open().toSorted((a, b) => b.openedAt - a.openedAt);
    const closed = await this.store.closed(CLOSED_SHOWN);
    return [...open, ...closed].map(viewOf);
  }
  async attempt(id: AttemptId): Promise<AttemptView | undefined> {
    const known = this.service.known(id) ?? (await this.store.load(id))?.value;
    return known === undefined ? undefined : viewOf(known);
  }
  async quarantine(): Promise<readonly QuarantineView[]> {
    const marks = await this.store.allMarks(this.clock.now());
    return Promise.all(marks.filter((m) => m.kind === 'quarantine').map((m) => this.#quarantineView(m)));
  }
  /** What runs now is what the ledger noted last: the list does not say it. */
  async #quarantineView(m: Quarantine): Promise<QuarantineView> {
    const { kind, application, attempt, revisions, at, until } = m;
    const running = (await this.store.ledger(application)).at(-1)?.revisions ?? [];
    const reason = 'its rollback was merged';
    return { kind, application, attempt, reason, revisions, at, until, current: carries(m, running) };
  }
  config(): string {
    return this.printedConfig();
  }

  #applicationView(r: FleetRecord): ApplicationView {
    const { application, project, health } = r.entry;
    const active = this.service.activeFor(application);
    const policy = this.policies.policyOf(r.entry);
    return {
      application,
      project,
      environment: r.environment ?? 'unmanaged',
      mode: policy?.mode ?? 'off',
      health,
      healthSince: r.healthSince,
      seenAt: r.seenAt,
      ...(active === undefined ? {} : { activeAttempt: active }),
      eligibility: this.#eligibility(r, policy),
    };
  }
  /** From memory: what the last live check said, if it was Degraded since; `explain` looks anew. */
  #eligibility({ entry }: FleetRecord, policy: Policy | undefined): EligibilityCode {
    if (this.service.activeFor(entry.application) !== undefined) return 'active-attempt';
    if (policy === undefined) return 'unmanaged';
    if (policy.mode === 'off') return 'mode-off';
    return entry.health === 'Degraded' ? (this.intake.whyNot(entry.application)?.code ?? 'eligible') : 'not-degraded';
  }
  #storeState(): DependencyState {
    const trouble = this.controller.trouble ?? this.watch.writeError;
    return {
      name: 'store and audit log',
      ok: trouble === undefined,
      required: true,
      detail: trouble ?? 'written without trouble',
    };
  }
  /** The list is the operator's eye: three missed periods and it is blind. */
  #listState(): DependencyState {
    const at = this.fleet.listedAt;
    const limit = Math.max(3 * this.watch.periodMs(), 30_000);
    const ok = at !== undefined && this.clock.now() - at < limit;
    return {
      name: 'argocd',
      ok,
      required: true,
      detail: ok ? 'the fleet is listed' : (this.watch.listError ?? 'the fleet has not been listed yet'),
      ...(at === undefined ? {} : { lastSuccessAt: at }),
    };
  }
  #upstream(name: UpstreamName, required: boolean): DependencyState | undefined {
    const pulse = this.outside.pulse(name);
    if (pulse === undefined) return undefined;
    const ok = pulse.lastError === undefined;
    return {
      name,
      ok,
      required,
      detail: pulse.lastError ?? (pulse.lastSuccessAt === undefined ? 'not asked yet' : 'answers'),
      ...(pulse.lastSuccessAt === undefined ? {} : { lastSuccessAt: pulse.lastSuccessAt }),
    };
  }
}
