import { Container, type ServiceIdentifier } from 'inversify';
import type { OperatorConfig } from '../config/operator-config.js';
import { ClosureReader } from '../gitops/closure-reader.js';
import { sameRepositoryUrl } from '../gitops/repository-url.js';
import { GovernanceEngine } from '../governance/governance-engine.js';
import { PolicyBook } from '../governance/policy-book.js';
import { WorkloadReader } from '../governance/workload-reader.js';
import { DegradationDetector } from '../stages/1-detection/degradation-detector.js';
import { StalledProgress } from '../stages/1-detection/stalled-progress.js';
import { StabilityAnalyzer } from '../stages/2-confirmation/stability-analyzer.js';
import { CandidateSurvey } from '../stages/3-resolution/candidate-survey.js';
import { RollbackCandidateResolver } from '../stages/3-resolution/rollback-candidate-resolver.js';
import { PRGenerator, type RenderProposal } from '../stages/4-proposal/pr-generator.js';
import { RestorePlanner } from '../stages/4-proposal/restore-planner.js';
import { RollbackProposal } from '../stages/4-proposal/rollback-proposal.js';
import { Siblings } from '../stages/4-proposal/siblings.js';
import { ApprovalReader } from '../stages/5-merge/approval-reader.js';
import { BranchDrift } from '../stages/5-merge/branch-drift.js';
import { MergeController } from '../stages/5-merge/merge-controller.js';
import { MergeEvidenceReader } from '../stages/5-merge/merge-evidence.js';
import { OpenPullRequests } from '../stages/5-merge/open-pull-requests.js';
import { OtherApplications } from '../stages/5-merge/other-applications.js';
import { PullRequestLook } from '../stages/5-merge/pull-request-look.js';
import { RenderProof } from '../stages/5-merge/render-proof.js';
import { HealthMonitor } from '../stages/6-verification/health-monitor.js';
import { Itinerary } from '../stages/itinerary.js';
import { Admission } from '../workflow/admission.js';
import { Aftercare } from '../workflow/aftercare.js';
import { Agenda } from '../workflow/agenda.js';
import { Announcements } from '../workflow/announcements.js';
import { Baselines } from '../workflow/baselines.js';
import { BrakeWatch } from '../workflow/brake-watch.js';
import { CurrentPolicy } from '../workflow/current-policy.js';
import { ClosedPullRequest } from '../workflow/closed-pull-request.js';
import { DeploymentLedger } from '../workflow/deployment-ledger.js';
import { EffectGate } from '../workflow/effect-gate.js';
import { FleetView } from '../workflow/fleet-view.js';
import { FsmController } from '../workflow/fsm-controller.js';
import { FsmService } from '../workflow/fsm-service.js';
import { HealthIntake } from '../workflow/health-intake.js';
import { KillWatch } from '../workflow/kill-watch.js';
import { Pauses } from '../workflow/pauses.js';
import { Reports } from '../workflow/reports.js';
import { Scorecard } from '../workflow/scorecard.js';
import { SuspectWatch } from '../workflow/suspect-watch.js';
import { Sweep } from '../workflow/sweep.js';
import { TransitionBroadcast } from '../workflow/transition-broadcast.js';
import { AttemptTrace } from '../workflow/attempt-trace.js';
import { NO_TRACER } from '../ports/tracer.js';
import type { Outside } from './outside.js';

const token = <T>(name: string): ServiceIdentifier<T> => Symbol.for(`ai-operator/${name}`);
/** What is bound from outside: the windows, the configuration, and how a proposal is rendered. */
export const T = {
  Clock: token<Outside['clock']>('Clock'),
  Logger: token<Outside['logger']>('Logger'),
  ArgoCd: token<Outside['argocd']>('ArgoCd'),
  SourceControl: token<Outside['sourceControl']>('SourceControl'),
  Kubernetes: token<{ readonly client: Outside['kubernetes'] }>('Kubernetes'),
  MetricsBackend: token<Outside['metricsBackend']>('MetricsBackend'),
  StateStore: token<Outside['store']>('StateStore'),
  EventBus: token<Outside['bus']>('EventBus'),
  AuditLog: token<Outside['audit']>('AuditLog'),
  Notifier: token<Outside['notifier']>('Notifier'),
  KillSwitch: token<Outside['killSwitch']>('KillSwitch'),
  Metrics: token<Outside['metrics']>('Metrics'),
  Tracer: token<NonNullable<Outside['tracer']>>('Tracer'),
  Config: token<OperatorConfig>('Config'),
  Render: token<RenderProposal>('Render'),
} as const;

/** The only `new Container`: the whole house on a given outside. Arguments are checked by the compiler (`toResolvedValue`). */
export function createContainer(config: OperatorConfig, outside: Outside, render: RenderProposal): Container {
  const c = new Container({ defaultScope: 'Singleton' });
  bindOutside(c, config, outside, render);
  bindGovernance(c);
  bindStages(c);
  bindWorkflow(c);
  return c;
}

function bindOutside(c: Container, config: OperatorConfig, o: Outside, render: RenderProposal): void {
  c.bind(T.Clock).toConstantValue(o.clock);
  c.bind(T.Logger).toConstantValue(o.logger);
  c.bind(T.ArgoCd).toConstantValue(o.argocd);
  c.bind(T.SourceControl).toConstantValue(o.sourceControl);
  c.bind(T.Kubernetes).toConstantValue({ client: o.kubernetes });
  c.bind(T.MetricsBackend).toConstantValue(o.metricsBackend);
  c.bind(T.StateStore).toConstantValue(o.store);
  c.bind(T.EventBus).toConstantValue(o.bus);
  c.bind(T.AuditLog).toConstantValue(o.audit);
  c.bind(T.Notifier).toConstantValue(o.notifier);
  c.bind(T.KillSwitch).toConstantValue(o.killSwitch);
  c.bind(T.Metrics).toConstantValue(o.metrics);
  c.bind(T.Tracer).toConstantValue(o.tracer ?? NO_TRACER);
  c.bind(T.Config).toConstantValue(config);
  c.bind(T.Render).toConstantValue(render);
}

function bindGovernance(c: Container): void {
  c.bind(ClosureReader).toResolvedValue((s) => new ClosureReader(s), [T.SourceControl]);
  c.bind(PolicyBook).toResolvedValue((config) => new PolicyBook(config, sameRepositoryUrl), [T.Config]);
  c.bind(GovernanceEngine).toResolvedValue(() => new GovernanceEngine(), []);
  c.bind(WorkloadReader).toResolvedValue(
    (k, a, kube) => new WorkloadReader(k, a, kube.client),
    [T.Clock, T.ArgoCd, T.Kubernetes],
  );
}

function bindStages(c: Container): void {
  c.bind(StalledProgress).toResolvedValue(
    (kube, p) => new StalledProgress(kube.client, () => p.config.detection.stalledProgressMs),
    [T.Kubernetes, PolicyBook],
  );
  c.bind(DegradationDetector).toResolvedValue(
    (k, a, s) => new DegradationDetector(k, a, s),
    [T.Clock, T.ArgoCd, StalledProgress],
  );
  c.bind(StabilityAnalyzer).toResolvedValue((s) => new StabilityAnalyzer(s), [T.StateStore]);
  c.bind(CandidateSurvey).toResolvedValue(
    (k, r, s, m) => new CandidateSurvey(k, r, s, m),
    [T.Clock, ClosureReader, T.SourceControl, T.MetricsBackend],
  );
  c.bind(RollbackCandidateResolver).toResolvedValue(
    (k, a, kube, s, store, closures, survey) =>
      new RollbackCandidateResolver(k, a, kube.client, s, store, closures, survey),
    [T.Clock, T.ArgoCd, T.Kubernetes, T.SourceControl, T.StateStore, ClosureReader, CandidateSurvey],
  );
  c.bind(RestorePlanner).toResolvedValue(
    (k, a, s, r) => new RestorePlanner(k, a, s, r),
    [T.Clock, T.ArgoCd, T.SourceControl, ClosureReader],
  );
  c.bind(Siblings).toResolvedValue((s) => new Siblings(s), [T.SourceControl]);
  c.bind(RollbackProposal).toResolvedValue((s) => new RollbackProposal(s), [T.SourceControl]);
  c.bind(PRGenerator).toResolvedValue(
    (k, p, s, r, e, t) => new PRGenerator(k, p, s, r, e, t),
    [T.Clock, RestorePlanner, Siblings, RollbackProposal, EffectGate, T.Render],
  );
  c.bind(BranchDrift).toResolvedValue(
    (a, s, r) => new BranchDrift(a, s, r),
    [T.ArgoCd, T.SourceControl, ClosureReader],
  );
  c.bind(RenderProof).toResolvedValue((a) => new RenderProof(a), [T.ArgoCd]);
  c.bind(OpenPullRequests).toResolvedValue((s, r) => new OpenPullRequests(s, r), [T.SourceControl, ClosureReader]);
  c.bind(OtherApplications).toResolvedValue(
    (k, a, s, p, r) => new OtherApplications(k, a, s, p, r),
    [T.Clock, T.ArgoCd, T.SourceControl, PolicyBook, RenderProof],
  );
  c.bind(ApprovalReader).toResolvedValue((s) => new ApprovalReader(s), [T.SourceControl]);
  c.bind(MergeEvidenceReader).toResolvedValue(
    (k, a, s, store, p, w, d, r, o, open) => new MergeEvidenceReader(k, a, s, store, p, w, d, r, o, open),
    [
      T.Clock,
      T.ArgoCd,
      T.SourceControl,
      T.StateStore,
      PolicyBook,
      WorkloadReader,
      BranchDrift,
      RenderProof,
      OtherApplications,
      OpenPullRequests,
    ],
  );
  c.bind(PullRequestLook).toResolvedValue(
    (k, s, d) => new PullRequestLook(k, s, d),
    [T.Clock, T.SourceControl, BranchDrift],
  );
  c.bind(MergeController).toResolvedValue(
    (k, s, d, look, e, a, g, gate, m) => new MergeController(k, s, d, look, e, a, g, gate, m),
    [
      T.Clock,
      T.SourceControl,
      BranchDrift,
      PullRequestLook,
      MergeEvidenceReader,
      ApprovalReader,
      GovernanceEngine,
      EffectGate,
      T.Metrics,
    ],
  );
  c.bind(HealthMonitor).toResolvedValue(
    (k, a, s, store, r, w, e) => new HealthMonitor(k, a, s, store, r, w, e),
    [T.Clock, T.ArgoCd, T.SourceControl, T.StateStore, ClosureReader, WorkloadReader, EffectGate],
  );
  c.bind(Itinerary).toResolvedValue(
    (a, r, p, m, h) => new Itinerary(a, r, p, m, h),
    [StabilityAnalyzer, RollbackCandidateResolver, PRGenerator, MergeController, HealthMonitor],
  );
}

function bindWorkflow(c: Container): void {
  c.bind(Agenda).toResolvedValue(() => new Agenda(), []);
  c.bind(FsmService).toResolvedValue((k, s, a) => new FsmService(k, s, a), [T.Clock, T.StateStore, T.AuditLog]);
  c.bind(Pauses).toResolvedValue((s, k) => new Pauses(s, k), [T.StateStore, KillWatch]);
  c.bind(EffectGate).toResolvedValue((k, a, p) => new EffectGate(k, a, p), [T.Clock, T.AuditLog, Pauses]);
  c.bind(Baselines).toResolvedValue((s) => new Baselines(s), [T.StateStore]);
  c.bind(KillWatch).toResolvedValue(
    (k, s, b, l) => new KillWatch(k, s, b, l),
    [T.Clock, T.KillSwitch, Baselines, T.Logger],
  );
  c.bind(FleetView).toResolvedValue((p) => new FleetView(p), [PolicyBook]);
  c.bind(CurrentPolicy).toResolvedValue((p, f) => new CurrentPolicy(p, f), [PolicyBook, FleetView]);
  c.bind(Admission).toResolvedValue(
    (k, s, f, b, p, book) => new Admission(k, s, f, b, p, () => book.config.limits),
    [T.Clock, FsmService, FleetView, Baselines, Pauses, PolicyBook],
  );
  c.bind(Announcements).toResolvedValue((k, n, l) => new Announcements(k, n, l), [T.Clock, T.Notifier, T.Logger]);
  c.bind(BrakeWatch).toResolvedValue(
    (a, n, m, l) => new BrakeWatch(a, n, m, l),
    [Admission, Announcements, T.Metrics, T.Logger],
  );
  c.bind(Reports).toResolvedValue(
    (k, s, t, n, m, l, e) => new Reports(k, s, t, n, m, l, e),
    [T.Clock, T.SourceControl, T.Render, Announcements, T.Metrics, T.Logger, EffectGate],
  );
  c.bind(Scorecard).toResolvedValue((k, a) => new Scorecard(k, a), [T.Clock, T.ArgoCd]);
  c.bind(ClosedPullRequest).toResolvedValue(
    (k, a, s, r) => new ClosedPullRequest(k, a, s, r),
    [T.Clock, T.ArgoCd, T.SourceControl, ClosureReader],
  );
  c.bind(Aftercare).toResolvedValue(
    (k, p, r, s, e, l) => new Aftercare(k, p, r, s, e, l),
    [T.Clock, ClosedPullRequest, Reports, Scorecard, EffectGate, T.Logger],
  );
  c.bind(TransitionBroadcast).toResolvedValue(
    (k, config, s, b, r, n, g, m, l) => new TransitionBroadcast(k, config.instance, s, b, r, n, g, m, l),
    [T.Clock, T.Config, FsmService, T.EventBus, Reports, Announcements, EffectGate, T.Metrics, T.Logger],
  );
  c.bind(AttemptTrace).toResolvedValue((k, t) => new AttemptTrace(k, t), [T.Clock, T.Tracer]);
  c.bind(FsmController).toResolvedValue(
    (k, store, s, agenda, i, ad, p, care, listener, l, trace) =>
      new FsmController(
        k,
        store,
        s,
        agenda,
        trace.modules(i),
        ad,
        p,
        trace.aftercare(care),
        trace.listener(listener),
        l,
      ),
    [
      T.Clock,
      T.StateStore,
      FsmService,
      Agenda,
      Itinerary,
      Admission,
      CurrentPolicy,
      Aftercare,
      TransitionBroadcast,
      T.Logger,
      AttemptTrace,
    ],
  );
  c.bind(HealthIntake).toResolvedValue(
    (k, config, store, s, b, p, f, base, pauses, ctl, n, l) =>
      new HealthIntake(k, config.instance, store, s, b, p, f, base, pauses, ctl, n, l),
    [
      T.Clock,
      T.Config,
      T.StateStore,
      FsmService,
      T.EventBus,
      PolicyBook,
      FleetView,
      Baselines,
      Pauses,
      FsmController,
      Announcements,
      T.Logger,
    ],
  );
  c.bind(Sweep).toResolvedValue(
    (k, s, a, ctl, i, l) => new Sweep(k, s, a, ctl, i, l),
    [T.Clock, FsmService, Agenda, FsmController, HealthIntake, T.Logger],
  );
  c.bind(DeploymentLedger).toResolvedValue(
    (a, s, f, l) => new DeploymentLedger(a, s, f, l),
    [T.ArgoCd, T.StateStore, FleetView, T.Logger],
  );
  c.bind(SuspectWatch).toResolvedValue(
    (k, p, d, i, s, f, ledger, m, l) => new SuspectWatch(k, () => p.config.timing, d, i, s, f, ledger, m, l),
    [
      T.Clock,
      PolicyBook,
      DegradationDetector,
      HealthIntake,
      FsmService,
      FleetView,
      DeploymentLedger,
      T.Metrics,
      T.Logger,
    ],
  );
}
