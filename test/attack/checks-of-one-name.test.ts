import { expect } from 'chai';
import { ciVerdict } from '../../src/governance/ci-verdict.js';
import { oid, repo, signal, useStub, type StubReply } from '../adapters/github/github-stub.js';

const BASE = '/repos/acme/gitops';
const [RUNS, STATUS] = [`GET ${BASE}/commits/${oid('a')}/check-runs`, `GET ${BASE}/commits/${oid('a')}/status`];
const run = (id: number, suite: number, conclusion: string): object => ({
  id,
  name: 'build',
  head_sha: oid('a'),
  status: 'completed',
  conclusion,
  started_at: '2026-01-01T00:00:00Z',
  completed_at: '2026-01-01T00:01:00Z',
  app: { id: 15368 },
  check_suite: { id: suite },
});
const runs = (...list: readonly object[]): StubReply => ({ json: { total_count: list.length, check_runs: list } });
const noStatus: StubReply = { json: { sha: oid('a'), state: 'pending', total_count: 0, statuses: [] } };

describe('two workflows whose jobs have one name', () => {
  const at = useStub();
  it('do not hide each other: the failure of one is not covered by the later success of the other', async () => {
    at.stub.on(RUNS, runs(run(1, 70, 'failure'), run(2, 71, 'success'))).on(STATUS, noStatus);
    const checks = await at.github.listChecks(repo, oid('a'), signal);
    const repository = { requiredChecks: [], allowNoChecks: false, failOnOptionalFailure: true };
    for (const requiredChecks of [[], [{ name: 'build' }]]) {
      const verdict = ciVerdict({
        checks,
        rules: { requiredChecks },
        repository,
        pushedAt: 0,
        settleWindowMs: 1,
        now: Date.now(),
      });
      expect(verdict.kind, `${requiredChecks.length} required`).to.equal('failed');
    }
  });
  it('a job that is run again in its own suite counts by its newest run', async () => {
    at.stub.on(RUNS, runs(run(1, 70, 'failure'), run(2, 70, 'success'))).on(STATUS, noStatus);
    expect((await at.github.listChecks(repo, oid('a'), signal)).map((c) => c.state)).to.deep.equal(['success']);
  });
});
