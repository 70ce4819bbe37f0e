import { expect } from 'chai';
import type { AttemptView } from '../../src/model/attempt-view.js';
import type { RuleId, RuleResult } from '../../src/model/rule-result.js';
import type { ScenarioRun } from './scenario-run.js';

/** Claims of a scenario's title that can only be asked of the running daemon. */
export const CLAIMS_BEFORE_ITS_END: typeof SCENARIO_CLAIMS = {
  'storm-of-fifty': async (run) => {
    for (const giveUpAt = Date.now() + 60_000; ; ) {
      const { items } = await run.ask<{ readonly items: readonly AttemptView[] }>('/api/v1/attempts');
      const ends = new Set(items.map(({ end }) => (end?.kind === 'aborted' ? end.reason : (end?.kind ?? 'open'))));
      if (ends.has('open') && Date.now() < giveUpAt) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        continue;
      }
      expect([...ends]).to.deep.equal(['recovered']);
      const dropped = run.logs.filter((line) => line.msg === 'observation dropped').map((line) => line['why']);
      expect(dropped.filter((why) => why !== 'another version was deployed meanwhile')).to.deep.equal([]);
      expect(items.length + dropped.length).to.equal(50);
      return;
    }
  },
};

/** What a scenario's title says beyond what its `expect` can. */
export const SCENARIO_CLAIMS: Readonly<Record<string, (run: ScenarioRun) => Promise<void>>> = {
  'bad-deploy': async (run) => {
    const attempt = run.attemptOf('checkout-staging');
    expect(attempt.merge).to.include({ by: 'operator', pullRequest: 1 });
    expect(await changedByMerge(run)).to.deep.equal(CHECKOUT_STAGING);
    const { stdout } = await run.sandbox.github.repository.git.try([
      'log',
      '-1',
      '--format=%B',
      `${attempt.pullRequest?.headSha}`,
    ]);
    expect(stdout.toString())
      .to.include(`Rollback-Of: ${run.sandbox.commit('bad')}`)
      .and.to.include(`Rollback-To: ${run.sandbox.commit('good')}`);
  },
  'two-replicas': async (run) => {
    expect(run.attemptOf('search-staging').merge).to.include({ by: 'human', login: 'maria' });
    const told = ruleOf(run, 'search-staging', 'I3_replica_shortage');
    expect(told).to.include({ verdict: 'fail', value: 'Deployment search 2 of 2 available' });
    expect(told.reason).to.include('invariants.replicaShortage: updated');
    const asked = run.logs.find((line) => line.msg === 'notice' && line['kind'] === 'approval-needed');
    expect(asked?.['text']).to.include('I3_replica_shortage');
  },
  'production-approval': async (run) => {
    expect(run.attemptOf('checkout-production').merge).to.include({ by: 'human', login: 'maria' });
  },
  'production-merge-after-approval': async (run) => {
    const approval = run.sandbox.timeline.steps.at(-1);
    const [merge] = run.journal.find({ server: 'github', method: 'PUT', path: /\/merge$/ });
    expect(merge?.at).to.be.greaterThan(approval?.at ?? Number.NaN);
    const decision = (await run.audit()).find(
      (record) => record.kind === 'decision' && record.text.includes('approved by'),
    );
    expect(decision?.text).to.include('approved by maria').and.not.to.include('leo');
  },
  'flapping-health': async (run) => {
    const seen = run.attempts.length;
    expect(seen).to.be.greaterThan(1);
    const dropped = (await run.audit()).filter((record) => record.text.includes('Healthy before confirmation'));
    expect(dropped.length).to.be.at.least(seen);
  },
  'several-bad-commits': async (run) => {
    const attempt = run.attemptOf('checkout-staging');
    expect(attempt.bad.revisions).to.deep.equal([run.sandbox.commit('worst')]);
    expect(attempt.candidate).to.include({ revision: run.sandbox.commit('good'), passedOver: 2 });
    expect(attempt.pullRequest?.droppedCommits).to.equal(3);
    expect(await changedByMerge(run)).to.deep.equal([
      ...CHECKOUT_STAGING,
      'apps/checkout/overlays/staging/memory.yaml',
    ]);
  },
  'monorepo-neighbour': async (run) => {
    expect(await changedByMerge(run)).to.deep.equal(CHECKOUT_STAGING);
  },
  'shared-base': async (run) => {
    expect(ruleOf(run, 'checkout-staging', 'I1_environment').value).to.include(
      'argocd/checkout-production (production)',
    );
    expect(ruleOf(run, 'checkout-staging', 'G2_scope').value).to.include('argocd/checkout-production: changes');
    const [pull] = run.sandbox.github.pullRequests();
    expect(pull?.body).to.include('I1').and.to.include('G2').and.to.include('checkout-production');
  },
};

const CHECKOUT_STAGING = [
  'apps/checkout/overlays/staging/environment.yaml',
  'apps/checkout/overlays/staging/kustomization.yaml',
];

function ruleOf(run: ScenarioRun, application: string, id: RuleId): RuleResult {
  const { evaluation } = run.attemptOf(application);
  const found = [...(evaluation?.invariants ?? []), ...(evaluation?.guards ?? [])].find((result) => result.id === id);
  if (found === undefined) throw new Error(`${id} was not evaluated for ${application}`);
  return found;
}

/** The files that the merge of the only merged pull request changed on the branch. */
async function changedByMerge(run: ScenarioRun): Promise<readonly string[]> {
  const merged = run.sandbox.github.pullRequests().filter((pull) => pull.merged);
  expect(merged).to.have.length(1);
  const commit = merged[0]?.mergeCommit ?? '';
  const names = await run.sandbox.github.repository.git.text([
    'diff-tree',
    '-r',
    '--name-only',
    '--no-commit-id',
    `${commit}^1`,
    commit,
  ]);
  return names.split('\n').toSorted();
}
