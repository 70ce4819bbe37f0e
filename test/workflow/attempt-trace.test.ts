import { expect } from 'chai';
import type { AbortReason } from '../../src/model/abort-reason.js';
import { rootPlace, stagePlace } from '../../src/model/trace-place.js';
import { NO_TRACER, type FinishedSpan, type Tracer } from '../../src/ports/tracer.js';
import { AttemptTrace } from '../../src/workflow/attempt-trace.js';
import type { MoveListener } from '../../src/workflow/fsm-controller.js';
import { abortedFrom, attemptAt } from '../support/attempts.js';
import { ManualClock } from '../support/manual-clock.js';

/** Remembers what was recorded. */
class NotedSpans implements Tracer {
  readonly spans: FinishedSpan[] = [];
  readonly span = NO_TRACER.span;
  readonly within = NO_TRACER.within;
  readonly current = NO_TRACER.current;
  readonly close = NO_TRACER.close;
  record(span: FinishedSpan): void {
    this.spans.push(span);
  }
}
type Move = Parameters<MoveListener['moved']>[0];

describe('AttemptTrace', () => {
  const told: string[] = [];
  const inner: MoveListener = { moved: (move) => void told.push(move.kind) };
  function spansOf(...moves: readonly Move[]): readonly FinishedSpan[] {
    const tracer = new NotedSpans();
    const listener = new AttemptTrace(new ManualClock(), tracer).listener(inner);
    for (const move of moves) listener.moved(move);
    return tracer.spans;
  }
  const waiting = attemptAt('waiting-for-ci');
  const aborted = (reason: AbortReason): Move => ({
    kind: 'moved',
    from: waiting,
    to: abortedFrom(waiting, reason),
    why: 'so',
  });

  it('writes nothing while an attempt stays in its stage', () => {
    const from = attemptAt('deciding');
    expect(spansOf({ kind: 'moved', from, to: attemptAt('waiting-for-human'), why: 'so' })).to.deep.equal([]);
  });
  it('writes the stage that ended, and the run when all is over, and tells who listens', () => {
    told.length = 0;
    const spans = spansOf(aborted('ci-failed'));
    expect(spans.map((s) => [s.name, s.place, s.parent, s.error])).to.deep.equal([
      ['ci', stagePlace(waiting), rootPlace(waiting.id), 'ci-failed'],
      ['RUN rollback', rootPlace(waiting.id), undefined, 'ci-failed'],
    ]);
    expect(told).to.deep.equal(['moved']);
  });
  for (const [reason, result, error] of [
    ['not-recovered', 'failure', 'not-recovered'],
    ['refused(helm)', 'failure', 'refused(helm)'],
    ['ci-timeout', 'timeout', 'ci-timeout'],
    ['unavailable', 'error', 'unavailable'],
    ['aborted-by-user', 'cancellation', undefined],
    ['observed', 'skip', undefined],
    ['recovered', 'skip', undefined],
  ] as const) {
    it(`calls an attempt that ended as ${reason} a ${result}, ${error === undefined ? 'no' : 'an'} error`, () => {
      const run = spansOf(aborted(reason)).at(-1);
      expect([run?.attributes['cicd.pipeline.result'], run?.error]).to.deep.equal([result, error]);
      expect(run?.attributes['ai_operator.abort.reason']).to.equal(reason);
    });
  }
  it('ends the trace of an observation that was dropped', () => {
    const from = attemptAt('confirming');
    const spans = spansOf({ kind: 'forgotten', from, settled: { kind: 'forget', why: 'healthy' } });
    expect(spans.map((s) => [s.name, s.error])).to.deep.equal([
      ['detect', undefined],
      ['RUN rollback', undefined],
    ]);
    expect(spans[1]?.attributes['cicd.pipeline.result']).to.equal('skip');
  });
  it('wraps nothing without a tracer', () => {
    const trace = new AttemptTrace(new ManualClock(), NO_TRACER);
    const modules = { wakes: () => false, handle: () => Promise.reject(new Error('not asked')) };
    const aftercare = { serve: () => Promise.reject(new Error('not asked')) };
    expect(trace.listener(inner)).to.equal(inner);
    expect(trace.modules(modules)).to.equal(modules);
    expect(trace.aftercare(aftercare)).to.equal(aftercare);
  });
});
