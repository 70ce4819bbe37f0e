import type { Clock } from '../../base/clock.js';
import { asOperatorError } from '../../base/errors.js';
import type { EpochMs } from '../../model/application.js';
import type { OperatorMetrics, SourceName } from '../../ports/operator-metrics.js';
import { NO_TRACER, type Tracer } from '../../ports/tracer.js';

/** What the last calls to an upstream came to; known without asking it. */
export interface UpstreamPulse {
  readonly lastSuccessAt?: EpochMs;
  /** Undefined = the last call went well. */
  readonly lastError?: string;
}
const METHOD = /^[a-z]/;

/** Counts, times and traces the calls to one upstream, whatever its port looks like, and remembers how the last one ended. */
export class UpstreamMeter {
  #pulse: UpstreamPulse = {};
  constructor(
    private readonly source: SourceName,
    private readonly clock: Clock,
    private readonly metrics: Pick<OperatorMetrics, 'upstreamCall' | 'sourceSucceeded'>,
    private readonly tracer: Pick<Tracer, 'current' | 'record'> = NO_TRACER,
  ) {}
  get pulse(): UpstreamPulse {
    return this.#pulse;
  }
  /** The same port, metered: methods that answer promises are timed; everything else passes through. */
  wrap<P extends object>(port: P): P {
    return new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function' || typeof name !== 'string' || !METHOD.test(name)) return member;
        return (...args: readonly unknown[]): unknown =>
          this.#call(name, () => Reflect.apply(member, target, args) as unknown);
      },
    });
  }
  #call(operation: string, call: () => unknown): unknown {
    const started = this.clock.monotonic();
    const answer = call();
    if (!(answer instanceof Promise)) return answer;
    const seconds = (): number => (this.clock.monotonic() - started) / 1000;
    const ended = this.#traced(operation);
    return answer.then(
      (value: unknown) => {
        this.#pulse = { lastSuccessAt: this.clock.now() };
        this.metrics.sourceSucceeded(this.source, this.clock.now());
        this.metrics.upstreamCall(this.source, operation, 'ok', seconds());
        ended(seconds());
        return value;
      },
      (error: unknown) => {
        const e = asOperatorError(error);
        this.metrics.upstreamCall(this.source, operation, e.code, seconds());
        ended(seconds(), e.code);
        // An answer that says no is an answer: the upstream is there.
        if (e.category !== 'cancelled' && e.category !== 'terminal' && e.category !== 'conflict')
          this.#pulse = { ...this.#pulse, lastError: `${e.code}: ${e.message}` };
        throw error;
      },
    );
  }
  /** A call for an attempt becomes a span below what asked for it; one of the rounds over all applications does not. */
  #traced(operation: string): (seconds: number, error?: string) => void {
    const parent = this.tracer.current();
    if (parent === undefined) return () => undefined;
    const startedAt = this.clock.now();
    return (seconds, error) =>
      this.tracer.record({
        name: `${this.source} ${operation}`,
        kind: 'client',
        parent,
        startedAt,
        endedAt: startedAt + seconds * 1000,
        attributes: { 'peer.service': this.source, 'ai_operator.operation': operation },
        ...(error === undefined ? {} : { error }),
      });
  }
}
