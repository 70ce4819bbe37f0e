import type { Clock } from '../base/clock.js';
import { closeLogger, createLogger, type Logger } from '../base/logger.js';
import { describeConfigYaml } from '../config/describe-config.js';
import type { LoadedConfig } from '../config/load-config.js';
import type { OperatorConfig } from '../config/operator-config.js';
import type { AttemptView } from '../model/attempt-view.js';
import type { ProposalText } from '../stages/4-proposal/rollback-proposal.js';
import { pullRequestBody, pullRequestTitle } from '../stages/4-proposal/pull-request-body.js';
import { ApiServer } from '../surface/http/api-server.js';
import { HealthServer } from '../surface/http/health-server.js';
import type { Container } from 'inversify';
import type { BuildFacts } from './build-facts.js';
import type { ReloadResult } from './configuration-reload.js';
import { createContainer } from './container.js';
import { Operator } from './operator.js';
import { createOutside, type Outside } from './outside.js';
import { TokenBook } from './token-book.js';
import { answersOf, ordersOf, reloadOf } from './doors.js';

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
 * Assembles house and doors on an outside and starts them. `load` reads the configuration again for a reload. Throws
 * what the start throws, with everything closed again; `stopping` ends a start that waits for the store.
 */
export async function startDaemon(
  loaded: LoadedConfig,
  outside: Outside,
  build: BuildFacts,
  load: () => LoadedConfig = () => loaded,
  stopping?: AbortSignal,
): Promise<Daemon> {
  const { config } = loaded;
  const { clock } = outside;
  const render = renderer(config, clock, build);
  const container = createContainer(config, outside, render);
  const operator = new Operator(config, outside, container, build);
  const reload = reloadOf(container, outside, loaded, load);
  const answers = answersOf(container, outside, build, () => describeConfigYaml(reload.inForce));
  try {
    // The doors first: a second process on the same ports fails here, before it becomes the writer or touches the audit log.
    const tokens = await TokenBook.open(config.http.tokensFile, outside.logger);
    const health = await HealthServer.start(config.httpMetrics, {
      alive: () => operator.isAlive(),
      ready: () => operator.isServing && answers.readiness().ready,
      metrics: () => outside.renderMetrics(),
    });
    operator.onStop('health server', () => health.close());
    const api = await ApiServer.start({
      listen: config.http,
      tokens: () => tokens.current(),
      clock,
      queries: answers,
      commands: ordersOf(container, outside),
      isOpen: () => operator.isServing,
      onError: (error, requestId) => outside.logger.error('a request to the API failed', { requestId, error }),
    });
    operator.onStop('api server', () => api.close());
    const interrupt = (): void => void operator.interruptStart();
    stopping?.addEventListener('abort', interrupt, { once: true });
    await operator.start();
    stopping?.removeEventListener('abort', interrupt);
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
  let running: Daemon | undefined;
  // From the beginning: unheard, the signal would end the process.
  signals.onReload(() => void running?.reload());
  try {
    const outside = await createOutside(loaded.config, clock, logger, build);
    const stopping = new AbortController();
    void ended.then(() => stopping.abort());
    const daemon = await startDaemon(loaded, outside, build, load, stopping.signal).catch((error: unknown) => {
      if (!stopping.signal.aborted) throw error;
      logger.info('operator stopped before it had started', { error });
      return undefined;
    });
    if (daemon === undefined) return 0;
    running = daemon;
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
