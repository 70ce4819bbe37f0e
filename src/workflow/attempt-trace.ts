import type { Clock } from '../base/clock.js';
import {
  isOpen,
  mergeOf,
  pullRequestOf,
  resolvedOf,
  type OpenAttempt,
  type RollbackAttempt,
} from '../model/rollback-attempt.js';
import type { AbortReason } from '../model/abort-reason.js';
import { rootPlace, stagePlace, tracedStage } from '../model/trace-place.js';
import { NO_TRACER, type SpanAttributes, type Tracer } from '../ports/tracer.js';
import type { Aftercare } from './aftercare.js';
import type { Modules, MoveListener } from './fsm-controller.js';
import type { Moved } from './fsm-service.js';

type Move = Exclude<Moved, { kind: 'changed-meanwhile' }>;
/** How a run ended, in the words of the CI/CD conventions of OpenTelemetry. */
type RunResult = 'success' | 'failure' | 'cancellation' | 'skip' | 'error' | 'timeout';

/**
 * One trace per attempt (facts B6): the run, below it its stages, below them each look at a stage and what follows a
 * transition. Wraps whoever does the work, so that the work knows nothing of it. Run and stages are written when they
 * end, under ids known beforehand: a restart goes on in the same trace. Without a tracer nothing is wrapped.
 */
export class AttemptTrace {
  constructor(
    private readonly clock: Clock,
    private readonly tracer: Tracer,
  ) {}

  /** Every look at a stage is a span below that stage. */
  modules(inner: Modules): Modules {
    if (this.tracer === NO_TRACER) return inner;
    return {
      wakes: (a, name) => inner.wakes(a, name),
      handle: (a, signal) =>
        this.tracer.span(`look ${tracedStage(a)}`, stagePlace(a), lookAttributes(a), async (note) => {
          const outcome = await inner.handle(a, signal);
          note({ 'ai_operator.outcome': outcome.kind, 'ai_operator.why': outcome.why });
          return outcome;
        }),
    };
  }
  /** What is owed after the end stands below the run. */
  aftercare(inner: Pick<Aftercare, 'serve'>): Pick<Aftercare, 'serve'> {
    if (this.tracer === NO_TRACER) return inner;
    return {
      serve: (a, signal) => {
        const [duty] = a.aftercare.owed;
        const attributes = { 'cicd.pipeline.task.name': 'aftercare', 'ai_operator.duty': duty ?? 'none' };
        return this.tracer.span(`aftercare ${duty ?? 'none'}`, rootPlace(a.id), attributes, () =>
          inner.serve(a, signal),
        );
      },
    };
  }
  /** A transition that ends a stage writes its span; the one that ends the attempt writes the run's. */
  listener(inner: MoveListener): MoveListener {
    if (this.tracer === NO_TRACER) return inner;
    return {
      moved: (move) => {
        const next = move.kind === 'moved' ? move.to : undefined;
        if (next === undefined || tracedStage(next) !== tracedStage(move.from)) this.#stageEnded(move);
        if (next === undefined || !isOpen(next)) this.#runEnded(move);
        const place = next !== undefined && isOpen(next) ? stagePlace(next) : rootPlace(move.from.id);
        this.tracer.within(place, () => inner.moved(move));
      },
    };
  }

  #stageEnded(move: Move): void {
    const { from } = move;
    const stage = tracedStage(from);
    const failed = move.kind === 'moved' && move.to.state === 'Abort' ? move.to.reason : undefined;
    this.tracer.record({
      name: stage,
      kind: 'internal',
      place: stagePlace(from),
      parent: rootPlace(from.id),
      startedAt: stageBegan(from),
      endedAt: this.clock.now(),
      attributes: {
        'cicd.pipeline.task.name': stage,
        'cicd.pipeline.task.run.id': `${from.id}/${from.version}`,
        'cicd.pipeline.task.run.result':
          failed === undefined ? (move.kind === 'moved' ? 'success' : 'skip') : resultOf(failed),
        'ai_operator.state': from.state,
        'ai_operator.why': move.kind === 'moved' ? move.why : move.settled.why,
      },
      ...(failed === undefined ? {} : { error: failed }),
    });
  }
  #runEnded(move: Move): void {
    const { from } = move;
    const end = move.kind === 'moved' ? move.to : undefined;
    const failed = end?.state === 'Abort' ? end.reason : undefined;
    const result: RunResult = end === undefined ? 'skip' : failed === undefined ? 'success' : resultOf(failed);
    const isFault = result === 'failure' || result === 'error' || result === 'timeout';
    this.tracer.record({
      name: 'RUN rollback',
      kind: 'server',
      place: rootPlace(from.id),
      startedAt: from.openedAt,
      endedAt: this.clock.now(),
      attributes: {
        'cicd.pipeline.name': 'rollback',
        'cicd.pipeline.run.id': from.id,
        'cicd.pipeline.result': result,
        ...caseAttributes(end ?? from),
      },
      ...(failed === undefined || !isFault ? {} : { error: failed }),
    });
  }
}

const lookAttributes = (a: OpenAttempt): SpanAttributes => ({
  'cicd.pipeline.task.name': tracedStage(a),
  'ai_operator.state': a.state,
  'ai_operator.step': a.step.name,
});
function caseAttributes(a: RollbackAttempt): SpanAttributes {
  const target = resolvedOf(a)?.target;
  const pr = pullRequestOf(a);
  const merged = mergeOf(a) !== undefined;
  return {
    'ai_operator.application': a.application,
    'deployment.environment.name': a.policy.environment,
    ...(a.destination.namespace === undefined ? {} : { 'k8s.namespace.name': a.destination.namespace }),
    ...(target === undefined ? {} : { 'vcs.repository.url.full': target.url }),
    ...(pr === undefined
      ? {}
      : {
          'vcs.change.id': String(pr.number),
          'vcs.change.state': merged ? 'merged' : 'open',
          'vcs.ref.head.revision': pr.headSha,
          'vcs.ref.base.revision': pr.plan.baseSha,
        }),
    ...(a.state === 'Abort' ? { 'ai_operator.abort.reason': a.reason } : {}),
  };
}
/** Resolving begins when the degradation was confirmed, within the same state. */
function stageBegan(a: OpenAttempt): number {
  const confirmed = 'confirmation' in a.step ? a.step.confirmation.at(-1)?.at : undefined;
  return Math.max(a.enteredAt, confirmed ?? 0);
}

const RESULTS: Readonly<Partial<Record<AbortReason, RunResult>>> = {
  recovered: 'skip',
  observed: 'skip',
  'aborted-by-user': 'cancellation',
  'rejected-by-human': 'cancellation',
  'pr-closed-by-human': 'cancellation',
  'taken-over': 'cancellation',
  superseded: 'cancellation',
  'no-longer-managed': 'cancellation',
  'application-gone': 'cancellation',
  'search-timeout': 'timeout',
  'ci-timeout': 'timeout',
  'approval-timeout': 'timeout',
  unavailable: 'error',
  denied: 'error',
  internal: 'error',
};
const resultOf = (reason: AbortReason): RunResult => RESULTS[reason] ?? 'failure';
