import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const PREFIX = 'ai_operator_';
const STAGE_BUCKETS = [0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];
const RECOVERY_BUCKETS = [30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 14_400];
const CALL_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Every metric of the operator: name, meaning, labels. */
export interface Instruments {
  readonly build: Gauge<'version' | 'commit' | 'node'>;
  readonly applications: Gauge<'environment' | 'health'>;
  readonly watched: Gauge;
  readonly attemptsOpen: Gauge<'state'>;
  readonly pollPeriod: Gauge;
  readonly sourceSucceeded: Gauge<'source'>;
  readonly callDuration: Histogram<'source' | 'operation'>;
  readonly calls: Counter<'source' | 'operation' | 'code'>;
  readonly degradations: Counter<'environment' | 'outcome'>;
  readonly attemptsEnded: Counter<'environment' | 'result' | 'reason'>;
  readonly stageDuration: Histogram<'stage'>;
  readonly timeToRecovery: Histogram<'environment'>;
  readonly ruleEvaluations: Counter<'invariant' | 'result'>;
  readonly transitions: Counter<'from' | 'to'>;
  readonly rateLimitRemaining: Gauge;
  readonly auditFailures: Counter;
  readonly notifications: Counter<'service' | 'result'>;
  readonly reportFailures: Counter<'report'>;
  readonly brake: Gauge<'environment'>;
  readonly writer: Gauge;
  readonly busConnected: Gauge;
  readonly busConnects: Counter;
  readonly redeliveries: Counter;
  readonly spansDropped: Counter;
  readonly loopDelay: Gauge<'quantile'>;
}

/** Registers them all; `onLoopDelay` fills the event loop's gauge at every scrape. */
export function createInstruments(registry: Registry, onLoopDelay: (gauge: Gauge<'quantile'>) => void): Instruments {
  const registers = [registry];
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> =>
    new Gauge({ name: PREFIX + name, help, labelNames, registers });
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> =>
    new Counter({ name: PREFIX + name, help, labelNames, registers });
  const histogram = <L extends string>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: readonly L[] = [],
  ): Histogram<L> => new Histogram({ name: PREFIX + name, help, buckets, labelNames, registers });
  return {
    build: gauge('build_info', 'Which build runs; always 1.', ['version', 'commit', 'node']),
    applications: gauge('apps', 'Applications by environment and health as last listed.', ['environment', 'health']),
    watched: gauge('apps_watched', 'Applications that were listed.'),
    attemptsOpen: gauge('attempts', 'Open attempts by state.', ['state']),
    pollPeriod: gauge('poll_period_seconds', 'Time between two lists of the fleet; grows when a list takes long.'),
    sourceSucceeded: gauge(
      'source_last_success_timestamp_seconds',
      'When an upstream, the store or the bus last answered well.',
      ['source'],
    ),
    callDuration: histogram(
      'source_request_duration_seconds',
      'Duration of calls to upstreams, to the state store and to the event bus.',
      CALL_BUCKETS,
      ['source', 'operation'],
    ),
    calls: counter('source_requests_total', 'The same calls by outcome.', ['source', 'operation', 'code']),
    degradations: counter('degradations_total', 'Degradations that were confirmed, or were over before that.', [
      'environment',
      'outcome',
    ]),
    attemptsEnded: counter('attempts_total', 'Ended attempts by result and reason.', [
      'environment',
      'result',
      'reason',
    ]),
    stageDuration: histogram('attempt_stage_duration_seconds', 'Time an attempt spent in a stage.', STAGE_BUCKETS, [
      'stage',
    ]),
    timeToRecovery: histogram(
      'time_to_recovery_seconds',
      'From Degraded to healthy, of completed rollbacks.',
      RECOVERY_BUCKETS,
      ['environment'],
    ),
    ruleEvaluations: counter('invariant_evaluations_total', 'Evaluations of invariants and guards.', [
      'invariant',
      'result',
    ]),
    transitions: counter('fsm_transitions_total', 'Transitions between states.', ['from', 'to']),
    rateLimitRemaining: gauge('github_rate_limit_remaining', 'Calls GitHub still allows in this window.'),
    auditFailures: counter(
      'audit_write_failures_total',
      'Audit records that could not be written; nothing is done without one.',
    ),
    notifications: counter('notifications_total', 'Notices by receiver and result.', ['service', 'result']),
    reportFailures: counter('report_failures_total', 'Reports (body, label, comment) that failed; they are repeated.', [
      'report',
    ]),
    brake: gauge('brake_closed', '1 while the brake holds back new attempts of an environment.', ['environment']),
    writer: gauge('writer', '1 while this process is the one writer of the state store; else nothing is done.'),
    busConnected: gauge('bus_connected', '1 while NATS is connected; always 0 with the bus in the process.'),
    busConnects: counter('bus_connects_total', 'Connections made to NATS: more than one are reconnects.'),
    redeliveries: counter('bus_redeliveries_total', 'Events that NATS delivered again.'),
    spansDropped: counter('trace_spans_dropped_total', 'Spans that were not delivered: queue full or collector away.'),
    loopDelay: new Gauge({
      name: `${PREFIX}event_loop_delay_seconds`,
      help: 'Delay of the event loop since the last scrape.',
      labelNames: ['quantile'] as const,
      registers,
      collect(): void {
        onLoopDelay(this);
      },
    }),
  };
}
