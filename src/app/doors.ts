import type { LoadedConfig } from '../config/load-config.js';
import { PolicyBook } from '../governance/policy-book.js';
import { WorkloadReader } from '../governance/workload-reader.js';
import { DegradationDetector } from '../stages/1-detection/degradation-detector.js';
import { Admission } from '../workflow/admission.js';
import { Baselines } from '../workflow/baselines.js';
import { BrakeWatch } from '../workflow/brake-watch.js';
import { EffectGate } from '../workflow/effect-gate.js';
import { FleetView } from '../workflow/fleet-view.js';
import { FsmController } from '../workflow/fsm-controller.js';
import { FsmService } from '../workflow/fsm-service.js';
import { HealthIntake } from '../workflow/health-intake.js';
import { KillWatch } from '../workflow/kill-watch.js';
import { Pauses } from '../workflow/pauses.js';
import { SuspectWatch } from '../workflow/suspect-watch.js';
import type { Container } from 'inversify';
import type { BuildFacts } from './build-facts.js';
import { ConfigurationReload } from './configuration-reload.js';
import { ExplainApplication } from './explain-application.js';
import { OperatorAnswers } from './operator-answers.js';
import { OperatorOrders } from './operator-orders.js';
import { type Outside } from './outside.js';
import { RuleForecaster } from './rule-forecaster.js';

/** What the doors may ask, on an assembled house. `printedConfig` is asked each time. */
export function answersOf(
  c: Container,
  outside: Outside,
  build: BuildFacts,
  printedConfig: () => string,
): OperatorAnswers {
  const forecaster = new RuleForecaster(
    outside.clock,
    outside.argocd,
    outside.sourceControl,
    outside.metricsBackend,
    c.get(WorkloadReader),
  );
  const explainer = new ExplainApplication(
    outside.clock,
    c.get(DegradationDetector),
    outside.store,
    c.get(PolicyBook),
    c.get(FsmService),
    c.get(FleetView),
    c.get(HealthIntake),
    c.get(Pauses),
    forecaster,
  );
  return new OperatorAnswers(
    outside.clock,
    build,
    outside,
    outside.store,
    c.get(PolicyBook),
    c.get(FsmService),
    c.get(FsmController),
    c.get(FleetView),
    c.get(SuspectWatch),
    c.get(HealthIntake),
    c.get(Pauses),
    c.get(BrakeWatch),
    explainer,
    printedConfig,
  );
}
/** What people may order. */
export function ordersOf(c: Container, outside: Outside): OperatorOrders {
  return new OperatorOrders(
    outside.clock,
    outside.argocd,
    outside.store,
    outside.audit,
    c.get(FsmService),
    c.get(FsmController),
    c.get(EffectGate),
    c.get(Pauses),
    c.get(KillWatch),
    c.get(Baselines),
    c.get(Admission),
    c.get(FleetView),
    c.get(HealthIntake),
  );
}
/** How the configuration is taken anew. */
export function reloadOf(
  c: Container,
  outside: Outside,
  loaded: LoadedConfig,
  load: () => LoadedConfig,
): ConfigurationReload {
  return new ConfigurationReload(
    loaded,
    load,
    outside.clock,
    c.get(PolicyBook),
    c.get(FleetView),
    c.get(HealthIntake),
    c.get(Baselines),
    c.get(FsmService),
    c.get(FsmController),
    outside.audit,
    outside.logger,
  );
}
