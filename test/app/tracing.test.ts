import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { AttemptView } from '../../src/model/attempt-view.js';
import { eventName } from '../../src/model/events.js';
import { rootPlace, traceIdOf, traceparentOf } from '../../src/model/trace-place.js';
import { until } from '../support/etcd-world.js';
import { OtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.js';
import { STORES_AND_BUSES, type StoreAndBus } from '../support/stores-and-buses.js';
import { TracedDaemon } from '../support/traced-daemon.js';

const STAGES = ['detect', 'resolve', 'pr', 'ci', 'approval', 'verify'];

for (const { where, told, open } of STORES_AND_BUSES)
  describe(`the trace of a rollback that a restart interrupts, ${where}`, () => {
    let servers: StoreAndBus | undefined;
    let receiver: OtlpReceiver;
    let run: TracedDaemon;
    let attempt: AttemptView;
    let spans: ReadonlyMap<string, ReceivedSpan>;
    before(async function () {
      this.timeout(120_000);
      servers = await open();
      if (servers === undefined) return this.skip();
      receiver = await OtlpReceiver.start();
      run = await TracedDaemon.onBadDeploy({ ...servers.config, tracing: { otlpUrl: receiver.url } });
      await run.start();
      await run.untilIn('PRCreated');
      await run.stop();
      await run.start();
      attempt = await run.untilIn('RollbackComplete');
      await run.stop();
      spans = new Map(receiver.spans.map((s) => [s.spanId, s]));
    });
    after(async () => {
      await run?.close();
      await receiver?.close();
      await servers?.close();
    });
    const parentOf = (s: ReceivedSpan): ReceivedSpan | undefined => spans.get(s.parent ?? '');

    /** How many spans below the run's are named; what is outside of any names the run's. */
    const spansBelowTheRun = (ids: readonly unknown[]): number =>
      new Set(ids.filter((id) => spans.get(String(id))?.parent !== undefined)).size;

    it('is told of a daemon that runs on these, before and after', () => {
      const starts = run.logs
        .filter((l) => l['store'] !== undefined)
        .map((l) => ({ store: l['store'], bus: l['bus'] }));
      expect(starts).to.deep.equal([told, told]);
    });
    it('is one trace, whose id is the attempt id, with no id twice', () => {
      expect([...new Set(receiver.spans.map((s) => s.traceId))]).to.deep.equal([traceIdOf(attempt.id)]);
      expect(spans.size).to.equal(receiver.spans.length);
    });
    it('has one root, the run, with what happened', () => {
      const roots = receiver.spans.filter((s) => s.parent === undefined);
      expect(roots.map((s) => s.name)).to.deep.equal(['RUN rollback']);
      expect(roots[0]?.spanId).to.equal(rootPlace(attempt.id).spanId);
      expect(roots[0]?.attributes).to.include({
        'cicd.pipeline.name': 'rollback',
        'cicd.pipeline.run.id': attempt.id,
        'cicd.pipeline.result': 'success',
        'deployment.environment.name': 'staging',
        'vcs.change.id': String(attempt.pullRequest?.number),
        'vcs.change.state': 'merged',
        'vcs.ref.head.revision': attempt.pullRequest?.headSha,
      });
    });
    it('has every stage once, one after the other, below the run', () => {
      const stages = receiver.spans
        .filter((s) => STAGES.includes(s.name))
        .toSorted((a, b) => a.startedAt - b.startedAt);
      expect(stages.map((s) => [s.name, parentOf(s)?.name])).to.deep.equal(STAGES.map((s) => [s, 'RUN rollback']));
      stages.slice(1).forEach((s, i) => expect(s.startedAt).to.be.at.least((stages[i]?.endedAt ?? 0) - 1_000));
      for (const s of stages) expect(s.attributes['cicd.pipeline.task.name']).to.equal(s.name);
    });
    it('has each look below its stage, and each upstream call below what asked for it', () => {
      const kinds = receiver.spans.map((s) => {
        const parent = parentOf(s)?.name ?? (s.name === 'RUN rollback' ? 'nothing' : 'lost');
        if (s.name.startsWith('look ')) return parent === s.name.slice(5) ? 'look' : `${s.name} below ${parent}`;
        if (/^(?:argocd|github|kubernetes|prometheus) /.test(s.name))
          return parent === 'lost' || /^(?:argocd|github|kubernetes|prometheus) /.test(parent) ? 'stray call' : 'call';
        return parent === 'lost' ? `lost ${s.name}` : 'frame';
      });
      expect([...new Set(kinds)].toSorted()).to.deep.equal(['call', 'frame', 'look']);
      const under = (name: string): readonly (string | undefined)[] => [
        ...new Set(receiver.named(name).map((s) => parentOf(s)?.name)),
      ];
      expect(under('github createPullRequest')).to.deep.equal(['look pr']);
      expect(under('github mergePullRequest')).to.deep.equal(['look approval']);
    });
    it('is named by every log line about the attempt', () => {
      const lines = run.logs.filter((l) => l['correlationId'] === attempt.id);
      expect(lines.length).to.be.greaterThan(5);
      expect([...new Set(lines.map((l) => l['trace_id']))]).to.deep.equal([traceIdOf(attempt.id)]);
      for (const l of lines) expect(l['span_id']).to.match(/^[0-9a-f]{16}$/);
      expect(spansBelowTheRun(lines.map((l) => l['span_id']))).to.be.greaterThan(1);
      expect(run.logs.filter((l) => l['correlationId'] === undefined && l['trace_id'] !== undefined)).to.deep.equal([]);
    });
    it('is carried by every event', () => {
      expect(run.events.length).to.be.greaterThan(5);
      for (const e of run.events) expect(e.traceparent?.slice(3, 35), e.type).to.equal(traceIdOf(e.correlationid));
      expect(spansBelowTheRun(run.events.map((e) => e.traceparent?.slice(36, 52)))).to.be.greaterThan(1);
    });
  });

describe('a collector that is down', () => {
  it('changes nothing: the rollback completes, one line says so, what is lost is counted, the stop is quick', async function () {
    this.timeout(120_000);
    const receiver = await OtlpReceiver.start();
    const gone = receiver.url;
    await receiver.close();
    const run = await TracedDaemon.onBadDeploy({ tracing: { otlpUrl: gone } });
    try {
      await run.start();
      await run.untilIn('RollbackComplete');
      const told = (): number => run.logs.filter((l) => l.msg === 'traces are not delivered').length;
      // Spans are sent every 5 s, and a refused connection is tried again for 2 s.
      for (const giveUpAt = Date.now() + 10_000; told() === 0 && Date.now() < giveUpAt; )
        await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await run.metrics()).to.match(/^ai_operator_trace_spans_dropped_total [1-9]/m);
      expect(await run.stop()).to.be.lessThan(4_000);
      expect(told()).to.equal(1);
    } finally {
      await run.close();
    }
  });
});

describe('without a tracing section', () => {
  for (const { where, open } of STORES_AND_BUSES) {
    it(`every event carries the trace of its attempt all the same, not sampled: ${where}`, async function () {
      this.timeout(120_000);
      const servers = await open();
      if (servers === undefined) return this.skip();
      try {
        const run = await TracedDaemon.onBadDeploy(servers.config);
        try {
          await run.start();
          const attempt = await run.untilIn('PRCreated');
          await until(() => run.events.some((e) => eventName(e) === 'pr.created'));
          const carried = new Set(run.events.map((e) => e.traceparent));
          expect([...carried]).to.deep.equal([traceparentOf(rootPlace(attempt.id), false)]);
        } finally {
          await run.close();
        }
      } finally {
        await servers.close();
      }
    });
  }
  /** Files of OpenTelemetry that a process has loaded after it made the outside of a configuration; its API comes with prom-client. */
  async function loadedBy(tracing: string): Promise<number> {
    const at = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);
    const script = `
      import { createRequire } from 'node:module';
      import 'reflect-metadata';
      const { createOutside } = await import(${at('../../src/app/outside.js')});
      const { createLogger } = await import(${at('../../src/base/logger.js')});
      const { SystemClock } = await import(${at('../../src/base/clock.js')});
      const { operatorConfig } = await import(${at('../support/operator-config.js')});
      await import(${at('../../src/app/daemon.js')});
      const { Secret } = await import(${at('../../src/base/secret.js')});
      const at = { url: 'http://127.0.0.1:9', source: 'api', namespace: 'argocd', token: new Secret('t') };
      const github = { url: 'https://github.com', apiUrl: 'http://127.0.0.1:9', token: new Secret('t') };
      const config = operatorConfig({ argocd: at, github, kubernetes: { enabled: false }, ${tracing} });
      const outside = await createOutside(config, new SystemClock(), createLogger({ level: 'error', format: 'json' }), { version: '0', commit: '0' });
      const loaded = Object.keys(createRequire(import.meta.url).cache).filter((f) => /@opentelemetry.(?!api\\W)/.test(f));
      console.log(loaded.length);
      process.exit(0);`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
    return Number(stdout);
  }
  it('loads no SDK and no exporter of OpenTelemetry', async () => {
    expect(await loadedBy('')).to.equal(0);
  });
  it('loads it with one (the same look, so that the claim above can fail)', async () => {
    expect(await loadedBy(`tracing: { otlpUrl: 'http://127.0.0.1:9' }`)).to.be.greaterThan(10);
  });
});
