import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';

interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string };
}
const ALERTS = 'deploy/alerts.yaml';
const { groups } = parse(readFileSync(ALERTS, 'utf8')) as {
  readonly groups: readonly { readonly rules: readonly AlertRule[] }[];
};
const rules = groups.flatMap((g) => g.rules);

describe('the alerts of deploy/', () => {
  it('ask for metrics that exist, and each says what is wrong', () => {
    const metrics = new Set([...readFileSync('docs/metrics.md', 'utf8').matchAll(/^\| `(\w+)`/gm)].map((m) => m[1]));
    const asked = [...readFileSync(ALERTS, 'utf8').matchAll(/\bai_operator_\w+/g)].map((m) => m[0]);
    expect(asked.length).to.be.greaterThan(8);
    expect(asked.filter((name) => !metrics.has(name))).to.deep.equal([]);
    for (const { alert, labels, annotations } of rules) {
      expect(labels.severity, alert).to.match(/^(?:critical|warning)$/);
      expect(annotations.summary.length, alert).to.be.greaterThan(20);
    }
  });
  it('each have a line in the runbook', () => {
    const runbook = readFileSync('docs/operations.md', 'utf8')
      .split('\n')
      .filter((l) => l.startsWith('- **'))
      .join('\n');
    expect(rules.map((r) => r.alert.replace('AiOperator', '')).filter((name) => !runbook.includes(name))).to.deep.equal(
      [],
    );
  });
  it('are those of the README', () => {
    const [, section = ''] = readFileSync('README.md', 'utf8').split('\n## Metrics and alerts\n');
    const expressions = rules.map((r) => r.expr).join('\n');
    const shown = [...(section.split('\n## ')[0] ?? '').matchAll(/^- `([^`]+)`/gm)].map((m) => m[1] ?? '');
    expect(shown.length).to.be.greaterThan(3);
    expect(shown.filter((e) => !expressions.includes(e))).to.deep.equal([]);
  });
  it('sound at the first event of a kind and after a restart, and not without one', function () {
    if (spawnSync('promtool', ['--version']).status !== 0) {
      console.warn('promtool is not installed: the alerts are not tried');
      this.skip();
    }
    const folder = mkdtempSync(path.join(tmpdir(), 'operator-alerts-'));
    try {
      writeFileSync(path.join(folder, 'test.yaml'), ALERT_CASES.replaceAll('ALERTS', path.resolve(ALERTS)));
      const run = spawnSync('promtool', ['test', 'rules', path.join(folder, 'test.yaml')], { encoding: 'utf8' });
      expect(run.status, run.stdout + run.stderr).to.equal(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** One sample a minute; `_` is none: the series does not exist, or the process restarts. */
const ALERT_CASES = `
rule_files: [ALERTS]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - { series: 'ai_operator_build_info{version="0"}', values: '1x60' }
      - { series: 'ai_operator_attempts_total{environment="staging",result="aborted",reason="ci-failed"}', values: '0x29 1x40' }
      - { series: 'ai_operator_attempts_total{environment="staging",result="aborted",reason="refused(helm)"}', values: '_x29 1x40' }
      - { series: 'ai_operator_attempts_total{environment="production",result="aborted",reason="denied"}', values: '5x25 _ _ 0x5 1x40' }
      - { series: 'ai_operator_attempts_total{environment="production",result="aborted",reason="recovered"}', values: '0x29 1x40' }
      - { series: 'ai_operator_attempts_total{environment="staging",result="complete",reason="healthy"}', values: '0x29 1x40' }
      - { series: 'ai_operator_notifications_total{service="log",result="failed"}', values: '0x70' }
      - { series: 'ai_operator_notifications_total{service="chat",result="failed"}', values: '_x29 1x40' }
    alert_rule_test:
      - { eval_time: 25m, alertname: AiOperatorRollbackAborted, exp_alerts: [] }
      - eval_time: 36m
        alertname: AiOperatorRollbackAborted
        exp_alerts:
          - { exp_labels: { severity: warning, environment: staging, reason: ci-failed }, exp_annotations: { summary: A rollback in staging ended as ci-failed } }
          - { exp_labels: { severity: warning, environment: staging, reason: refused(helm) }, exp_annotations: { summary: A rollback in staging ended as refused(helm) } }
          - { exp_labels: { severity: warning, environment: production, reason: denied }, exp_annotations: { summary: A rollback in production ended as denied } }
      - { eval_time: 60m, alertname: AiOperatorRollbackAborted, exp_alerts: [] }
      - eval_time: 36m
        alertname: AiOperatorNotificationsFailing
        exp_alerts:
          - { exp_labels: { severity: warning, service: chat }, exp_annotations: { summary: Notices do not reach chat } }
      - { eval_time: 36m, alertname: AiOperatorDown, exp_alerts: [] }
`;
