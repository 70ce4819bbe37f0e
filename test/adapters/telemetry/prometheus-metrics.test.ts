import { expect } from 'chai';
import { PrometheusMetrics } from '../../../src/adapters/telemetry/prometheus-metrics.js';

describe('PrometheusMetrics', () => {
  let metrics: PrometheusMetrics;
  const lines = async (): Promise<readonly string[]> =>
    (await metrics.render()).text.split('\n').filter((l) => l.startsWith('ai_operator_'));
  const line = async (start: string): Promise<string> =>
    (await lines()).find((l) => l.startsWith(start)) ?? `no line begins with ${start}`;
  beforeEach(() => {
    metrics = new PrometheusMetrics({ version: '0.1.0', commit: 'abc1234' });
  });
  afterEach(() => {
    metrics.close();
  });

  it('exposes exactly the documented names', async () => {
    const { text } = await metrics.render();
    const names = [...text.matchAll(/^# TYPE (ai_operator_\w+) /gm)].map((m) => m[1]);
    expect(names.toSorted()).to.deep.equal([
      'ai_operator_apps',
      'ai_operator_apps_watched',
      'ai_operator_attempt_stage_duration_seconds',
      'ai_operator_attempts',
      'ai_operator_attempts_total',
      'ai_operator_audit_write_failures_total',
      'ai_operator_brake_closed',
      'ai_operator_build_info',
      'ai_operator_bus_connected',
      'ai_operator_bus_connects_total',
      'ai_operator_bus_redeliveries_total',
      'ai_operator_degradations_total',
      'ai_operator_event_loop_delay_seconds',
      'ai_operator_fsm_transitions_total',
      'ai_operator_github_rate_limit_remaining',
      'ai_operator_invariant_evaluations_total',
      'ai_operator_notifications_total',
      'ai_operator_poll_period_seconds',
      'ai_operator_report_failures_total',
      'ai_operator_source_last_success_timestamp_seconds',
      'ai_operator_source_request_duration_seconds',
      'ai_operator_source_requests_total',
      'ai_operator_time_to_recovery_seconds',
      'ai_operator_trace_spans_dropped_total',
      'ai_operator_writer',
    ]);
  });
  it('says which build runs', async () => {
    expect(await line('ai_operator_build_info')).to.equal(
      `ai_operator_build_info{version="0.1.0",commit="abc1234",node="${process.version}"} 1`,
    );
  });
  it('replaces the counts of applications with every list, so that nothing gone is still counted', async () => {
    metrics.applications([{ environment: 'staging', health: 'Degraded', count: 3 }]);
    metrics.applications([
      { environment: 'staging', health: 'Healthy', count: 4 },
      { environment: 'production', health: 'Healthy', count: 2 },
    ]);
    expect((await lines()).filter((l) => l.startsWith('ai_operator_apps'))).to.deep.equal([
      'ai_operator_apps{environment="staging",health="Healthy"} 4',
      'ai_operator_apps{environment="production",health="Healthy"} 2',
      'ai_operator_apps_watched 6',
    ]);
  });
  it('shows every open state, also at 0, so that an alert can be written before the first attempt', async () => {
    metrics.attemptsOpen({ PRCreated: 2 });
    metrics.attemptsOpen({ RollbackMerged: 1 });
    expect((await lines()).filter((l) => l.startsWith('ai_operator_attempts{'))).to.deep.equal([
      'ai_operator_attempts{state="DegradationDetected"} 0',
      'ai_operator_attempts{state="CandidateResolved"} 0',
      'ai_operator_attempts{state="PRCreated"} 0',
      'ai_operator_attempts{state="AwaitingMergeApproval"} 0',
      'ai_operator_attempts{state="RollbackMerged"} 1',
    ]);
  });
  it('shows every counter of a closed set at 0 from the start, so that an increase sees the first event', async () => {
    const zeros = (await lines()).filter((l) => l.endsWith(' 0'));
    const of = (name: string): readonly string[] => zeros.filter((l) => l.startsWith(`ai_operator_${name}{`));
    expect(of('invariant_evaluations_total')).to.have.length(16 * 3);
    expect(of('degradations_total')).to.have.length(2 * 2);
    expect(of('attempt_stage_duration_seconds_count')).to.have.length(8);
    expect(zeros).to.include.members([
      'ai_operator_attempts_total{environment="staging",result="complete",reason="healthy"} 0',
      'ai_operator_attempts_total{environment="production",result="aborted",reason="ci-failed"} 0',
      'ai_operator_fsm_transitions_total{from="Idle",to="DegradationDetected"} 0',
      'ai_operator_fsm_transitions_total{from="RollbackMerged",to="Abort"} 0',
      'ai_operator_time_to_recovery_seconds_count{environment="staging"} 0',
    ]);
    metrics.attemptEnded('staging', 'aborted', 'ci-failed');
    expect(
      await line('ai_operator_attempts_total{environment="staging",result="aborted",reason="ci-failed"}'),
    ).to.match(/ 1$/);
  });
  it('counts what happens under the documented labels', async () => {
    metrics.pollPeriod(10);
    metrics.sourceSucceeded('argocd', 1_767_225_600_000);
    metrics.upstreamCall('github', 'createPullRequest', '201', 0.3);
    metrics.degradation('staging', 'confirmed');
    metrics.attemptEnded('staging', 'aborted', 'refused(brake)');
    metrics.stageDuration('ci', 42);
    metrics.timeToRecovery('staging', 140);
    metrics.ruleEvaluated('I3_replica_shortage', 'unknown');
    metrics.transition('Idle', 'DegradationDetected');
    metrics.githubRateLimitRemaining(4_711);
    metrics.auditWriteFailed();
    metrics.notification('chat', 'failed');
    metrics.reportFailed('body');
    metrics.brake('staging', true);
    metrics.writer(true);
    for (const up of [true, false, true]) metrics.busConnected(up);
    metrics.eventRedelivered();
    const text = (await lines()).join('\n');
    for (const expected of [
      'ai_operator_poll_period_seconds 10',
      'ai_operator_source_last_success_timestamp_seconds{source="argocd"} 1767225600',
      'ai_operator_source_request_duration_seconds_bucket{le="0.5",source="github",operation="createPullRequest"} 1',
      'ai_operator_source_requests_total{source="github",operation="createPullRequest",code="201"} 1',
      'ai_operator_degradations_total{environment="staging",outcome="confirmed"} 1',
      'ai_operator_attempts_total{environment="staging",result="aborted",reason="refused(brake)"} 1',
      'ai_operator_attempt_stage_duration_seconds_bucket{le="60",stage="ci"} 1',
      'ai_operator_attempt_stage_duration_seconds_bucket{le="30",stage="ci"} 0',
      'ai_operator_time_to_recovery_seconds_bucket{le="180",environment="staging"} 1',
      'ai_operator_invariant_evaluations_total{invariant="I3_replica_shortage",result="unknown"} 1',
      'ai_operator_fsm_transitions_total{from="Idle",to="DegradationDetected"} 1',
      'ai_operator_github_rate_limit_remaining 4711',
      'ai_operator_audit_write_failures_total 1',
      'ai_operator_writer 1',
      'ai_operator_bus_connected 1',
      'ai_operator_bus_connects_total 2',
      'ai_operator_bus_redeliveries_total 1',
      'ai_operator_notifications_total{service="chat",result="failed"} 1',
      'ai_operator_report_failures_total{report="body"} 1',
      'ai_operator_brake_closed{environment="staging"} 1',
    ])
      expect(text).to.contain(expected);
  });
  it('never grows without bound, and keeps error texts out of labels', async () => {
    for (let i = 0; i < 5_000; i++) metrics.upstreamCall('github', `operation-${i}`, `code ${i}`, 0.1);
    metrics.attemptEnded('staging', 'aborted', 'connect ECONNREFUSED "10.0.0.1"\n{token}');
    const all = await lines();
    expect(all.length).to.be.below(20_000);
    expect(all.filter((l) => l.includes('operation="operation-')).length / 14).to.be.below(200);
    expect(all.join('\n')).to.contain('reason="other"').and.not.to.contain('10.0.0.1');
  });
  it('shares nothing with another instance', async () => {
    const other = new PrometheusMetrics({ version: '0.1.0', commit: 'abc1234' });
    try {
      other.auditWriteFailed();
      expect(await line('ai_operator_audit_write_failures_total')).to.equal('ai_operator_audit_write_failures_total 0');
    } finally {
      other.close();
    }
  });
  it('measures the event loop, and renders with the content type of the text format', async () => {
    const { contentType } = await metrics.render();
    expect(contentType).to.match(/^text\/plain; version=0\.0\.4/);
    expect(await line('ai_operator_event_loop_delay_seconds{quantile="0.99"}')).to.match(/ \d+(?:\.\d+)?(?:e-\d+)?$/);
  });
});
