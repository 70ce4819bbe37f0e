import type { Clock } from '../base/clock.js';
import { closeLogger, createLogger, type Logger } from '../base/logger.js';
import { describeConfigYaml } from '../config/describe-config.js';
import type { LoadedConfig } from '../config/load-config.js';
import type { OperatorConfig } from '../config/operator-config.js';
import type { AttemptView } from '../model/attempt-view.js';
import { PolicyBook } from '../governance/policy-book.js';
import { WorkloadReader } from '../governance/workload-reader.js';
import { DegradationDetector } from '../stages/1-detection/degradation-detector.js';
import type { ProposalText } from '../stages/4-proposal/rollback-proposal.js';
import { pullRequestBody, pullRequestTitle } from '../stages/4-proposal/pull-request-body.js';
import { ApiServer } from '../surface/http/api-server.js';
import { HealthServer } from '../surface/http/health-server.js';
import { Admission } from '../workflow/admission.js';
import { Baselines } from '../workflow/baselines.js';
import { BrakeWatch } from '../workflow/brake-watch.js';
import { EffectGate } from '../workflow/effect-gate.js';
import { FleetView } from '../workflow/fleet-view.js';
import { FsmController } from '../workflow/fsm-controller.js';
import { FsmService } from '../workflow/fsm-service.js';
import { HealthIntake } from '../workflow/health-intake.js';
import { Pauses } from '../workflow/pauses.js';
import { SuspectWatch } from '../workflow/suspect-watch.js';
import type { Container } from 'inversify';
import type { BuildFacts } from './build-facts.js';
import { ConfigurationReload, type ReloadResult } from './configuration-reload.js';
import { createContainer } from './container.js';
import { ExplainApplication } from './explain-application.js';
import { Operator } from './operator.js';
import { OperatorAnswers } from './operator-answers.js';
import { OperatorOrders } from './operator-orders.js';
import { createOutside, type Outside } from './outside.js';
import { RuleForecaster } from './rule-forecaster.js';
import { TokenBook } from './token-book.js';

/** A running operator with its doors. */
export interface Daemon {
  readonly operator: Operator;
  readonly container: Container;
  readonly apiUrl: string;
  readonly healthUrl: string;
  /** Reads the configuration and the tokens of the API again (SIGHUP). Never throws. */
  reload(): Promise<ReloadResult>;
  stop(): Promise<void>;
}

/**
 * Assembles house and doors on an outside and starts them. `load` reads the configuration again for a reload. Throws what the
 * start throws, with everything closed again.
 */
export async function startDaemon(
  loaded: LoadedConfig,
  outside: Outside,
  build: BuildFacts,
  load: () => LoadedConfig = () => loaded,
): Promise<Daemon> {
  const { config } = loaded;
  const { clock } = outside;
  const render = renderer(config, clock, build);
  const container = createContainer(config, outside, render);
  const operator = new Operator(config, outside, container, build);
  const reload = reloadOf(container, outside, loaded, load);
  const answers = answersOf(container, outside, build, () => describeConfigYaml(reload.inForce));
  try {
    await operator.start();
    const health = await HealthServer.start(config.httpMetrics, {
      alive: () => operator.isAlive(),
      ready: () => answers.readiness().ready,
      metrics: () => outside.renderMetrics(),
    });
    operator.onStop('health server', () => health.close());
    const tokens = await TokenBook.open(config.http.tokensFile, outside.logger);
    const api = await ApiServer.start({
      listen: config.http,
      tokens: () => tokens.current(),
      clock,
      queries: answers,
      commands: ordersOf(container, outside),
      onError: (error, requestId) => outside.logger.error('a request to the API failed', { requestId, error }),
    });
    operator.onStop('api server', () => api.close());
    outside.logger.info('listening', { api: api.url, health: health.url });
    return {
      operator,
      container,
      apiUrl: api.url,
      healthUrl: health.url,
      reload: async () => {
        await tokens.reload();
        return reload.reload();
      },
      stop: () => operator.stop(),
    };
  } catch (error) {
    await operator.stop();
    throw error;
  }
}

/** What the operating system asks of a running daemon. */
export interface ProcessSignals {
  /** Resolves with the name of the signal that asks for a graceful end. */
  ended(): Promise<string>;
  /** Calls back for each signal that asks for a reload. */
  onReload(reload: () => void): void;
}

/** The daemon of a configuration until a signal ends it; answers the exit code. */
export async function runDaemon(
  load: () => LoadedConfig,
  clock: Clock,
  build: BuildFacts,
  signals: ProcessSignals,
): Promise<0 | 1> {
  const loaded = load();
  const ended = signals.ended();
  const logger: Logger = createLogger(loaded.config.log);
  for (const warning of loaded.warnings) logger.warn('configuration', { warning });
  try {
    const outside = await createOutside(loaded.config, clock, logger, build);
    const daemon = await startDaemon(loaded, outside, build, load);
    signals.onReload(() => void daemon.reload());
    const reason = await Promise.race([
      ended.then((signal) => ({ code: 0 as const, why: signal })),
      daemon.operator.ended.then((why) => ({ code: 1 as const, why })),
    ]);
    logger.info('operator stopping', { why: reason.why });
    await daemon.stop();
    return reason.code;
  } finally {
    await closeLogger(logger);
  }
}

function renderer(config: OperatorConfig, clock: Clock, build: BuildFacts): (view: AttemptView) => ProposalText {
  return (view) => ({
    title: pullRequestTitle(view),
    body: pullRequestBody(view, {
      now: clock.now(),
      version: build.version,
      instance: config.instance,
      development: config.development,
      storeKind: config.store.kind,
    }),
  });
}

function answersOf(c: Container, outside: Outside, build: BuildFacts, printedConfig: () => string): OperatorAnswers {
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
function ordersOf(c: Container, outside: Outside): OperatorOrders {
  return new OperatorOrders(
    outside.clock,
    outside.argocd,
    outside.store,
    outside.audit,
    c.get(FsmService),
    c.get(FsmController),
    c.get(EffectGate),
    c.get(Pauses),
    c.get(Baselines),
    c.get(Admission),
    c.get(FleetView),
    c.get(HealthIntake),
  );
}
function reloadOf(c: Container, outside: Outside, loaded: LoadedConfig, load: () => LoadedConfig): ConfigurationReload {
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
