import { expect } from 'chai';
import { OperatorError } from '../../src/base/errors.js';
import type { EffectRefusal } from '../../src/model/effect.js';
import type { RollbackAttempt } from '../../src/model/rollback-attempt.js';
import { Announcements } from '../../src/workflow/announcements.js';
import { Reports } from '../../src/workflow/reports.js';
import { POLICY, T0 } from '../support/attempt-parts.js';
import { abortedFrom, attemptAt, nextVersion } from '../support/attempts.js';
import { FakeLogger, FakeNotifier, FakeOperatorMetrics } from '../support/fakes/fake-outside.js';
import { failureOf } from '../support/failure.js';
import { flush, ManualClock } from '../support/manual-clock.js';

const SIGNAL = new AbortController().signal;
const PROPOSED = attemptAt('waiting-for-ci');

/** GitHub, as far as reports go: what the body was, in order of arrival. */
class Body {
  readonly written: string[] = [];
  readonly labels: string[] = [];
  before: (body: string) => Promise<void> | void = () => {};
  async updatePullRequest(_repo: unknown, _number: number, { body = '' }: { readonly body?: string }): Promise<void> {
    await this.before(body);
    this.written.push(body);
  }
  async addLabels(_repo: unknown, _number: number, labels: readonly string[]): Promise<void> {
    this.labels.push(...labels);
  }
}

describe('reports', () => {
  let body: Body;
  let metrics: FakeOperatorMetrics;
  let notifier: FakeNotifier;
  let reports: Reports;
  let logger: FakeLogger;
  let refusal: EffectRefusal | undefined;
  beforeEach(() => {
    body = new Body();
    metrics = new FakeOperatorMetrics();
    notifier = new FakeNotifier();
    logger = new FakeLogger();
    refusal = undefined;
    const clock = new ManualClock(T0);
    // What changes from version to version is the state and when it was entered.
    reports = new Reports(
      clock,
      body,
      (view) => ({ title: '', body: `${view.state} ${view.enteredAt - T0}` }),
      new Announcements(clock, notifier, logger),
      metrics,
      logger,
      { refusal: () => refusal },
    );
  });
  const at = (n: number): RollbackAttempt => nextVersion(PROPOSED, { version: n, enteredAt: T0 + n });

  it('write the pull request of an attempt that moved, label it once, and are not waited for', async () => {
    expect(reports.changed(at(1))).to.equal(undefined);
    await flush(2);
    reports.changed(at(2));
    await flush(2);
    expect([body.written, body.labels]).to.deep.equal([['PRCreated 1', 'PRCreated 2'], ['rollback']]);
  });
  it('write nothing any more once this process is no longer the writer', async () => {
    refusal = 'not-the-writer';
    reports.changed(at(1));
    await flush(2);
    expect(await failureOf(reports.finish(at(2), new AbortController().signal))).to.equal('NOT_THE_WRITER cancelled');
    expect([body.written, body.labels]).to.deep.equal([[], []]);
  });
  it('say nothing where there is no pull request, or the mode is observe', async () => {
    reports.changed(attemptAt('planning'));
    reports.changed(attemptAt('waiting-for-ci', { policy: { ...POLICY, mode: 'observe' } }));
    await flush(2);
    expect(body.written).to.deep.equal([]);
  });
  it('cost no call when the text is the same', async () => {
    reports.changed(at(1));
    await flush(2);
    reports.changed({ ...at(1), version: 9 });
    await flush(2);
    expect(body.written).to.have.length(1);
  });
  it('are merged into one while one is under way: only the newest text follows', async () => {
    let release = (): void => {};
    body.before = (text) => (text === 'PRCreated 1' ? new Promise((resolve) => (release = resolve)) : undefined);
    for (const n of [1, 2, 3, 4]) reports.changed(at(n));
    await flush(2);
    release();
    await flush(2);
    expect(body.written).to.deep.equal(['PRCreated 1', 'PRCreated 4']);
  });
  it('that fail are a metric and a log line; the next one is written', async () => {
    body.before = (text) => {
      if (text === 'PRCreated 1') throw new OperatorError('GITHUB_UNREACHABLE', 'transient', '503');
    };
    reports.changed(at(1));
    await flush(2);
    expect([metrics.of('reportFailed'), logger.at('warn')]).to.deep.equal([
      ['reportFailed pull-request'],
      ['the pull request could not be brought up to date'],
    ]);
    reports.changed(at(2));
    await flush(2);
    expect(body.written).to.deep.equal(['PRCreated 2']);
  });
  it('at the end an older text still under way never lands on top of the last one', async () => {
    let release = (): void => {};
    body.before = (text) => (text === 'PRCreated 1' ? new Promise((resolve) => (release = resolve)) : undefined);
    reports.changed(at(1));
    await flush(2);
    const finished = reports.finish(abortedFrom(PROPOSED, 'ci-failed'), SIGNAL);
    await flush(2);
    release();
    await finished;
    expect(body.written).to.have.length(2);
    expect(body.written.at(-1)).to.match(/^Abort/);
  });
  it('at the end write the last text and tell people, and throw when either fails', async () => {
    await reports.finish(abortedFrom(PROPOSED, 'ci-failed'), SIGNAL);
    expect(notifier.kinds()).to.deep.equal(['rollback-aborted']);
    notifier.before = () => {
      throw new OperatorError('NOTIFICATION_FAILED', 'transient', 'pager is down');
    };
    expect(await failureOf(reports.finish(abortedFrom(PROPOSED, 'ci-failed'), SIGNAL))).to.equal(
      'NOTIFICATION_FAILED transient',
    );
  });
  it('stop with the process', async () => {
    reports.stop();
    reports.changed(at(1));
    await flush(2);
    expect(body.written).to.deep.equal([]);
  });
});
