import { expect } from 'chai';
import type { Fault } from '../../src/sandbox/faults.js';
import { describeAtOnce } from '../support/at-once.js';
import { applied, plan, until, untilAborted, untilState, withScenario, writes } from '../support/flow-steps.js';
import type { ScenarioRun } from '../support/scenario-run.js';
import { expectSoundRun } from '../support/sound-run.js';

/** Each fault costs waits of its own. */
const PATIENT = { overrides: { expect: { within: '180s' } } };
const answer = (status: number, body: unknown): Fault => ({ kind: 'status', status, body });
const APP = /\/applications\/checkout-staging$/;

/** The default scenario came to its end all the same, with one branch, one pull request and one merge. */
async function expectOneRollback(run: ScenarioRun): Promise<void> {
  await run.untilMet();
  expect(run.attempts.map((a) => a.state)).to.deep.equal(['RollbackComplete']);
  expect(applied(run, 'POST', /\/git\/refs$/), 'branches').to.have.length(1);
  expect(applied(run, 'POST', /\/pulls$/), 'pull requests').to.have.length(1);
  expect(applied(run, 'PUT', /\/merge$/), 'merges').to.have.length(1);
  await expectSoundRun(run);
}
const byFaults = (add: (run: ScenarioRun) => void) => () =>
  withScenario('bad-deploy', PATIENT, async (run) => {
    add(run);
    const planned = run.sandbox.faults.pending.length;
    await expectOneRollback(run);
    expect(planned, 'faults that were planned').to.be.greaterThan(0);
    expect(run.sandbox.faults.pending, 'faults that were never met').to.deep.equal([]);
  });

describeAtOnce('answers of upstreams that are no answers', 2, [
  {
    title: 'truncated ones from every upstream, effects included, cost time: one branch, one pull request, one merge',
    run: byFaults((run) => {
      const garbage: Fault = { kind: 'garbage' };
      plan(run, 'argocd', garbage, ['GET', /\/applications$/, 2], ['GET', APP, 2], ['GET', /\/manifests$/]);
      plan(run, 'kubernetes', garbage, ['GET', /\/deployments\//]);
      plan(run, 'prometheus', garbage, ['GET', /query_range/, 2]);
      plan(
        run,
        'github',
        garbage,
        ['GET', /\/git\/(ref|matching-refs)\//],
        ['GET', /\/git\/trees\//],
        ['GET', /\/pulls$/],
        ['GET', /\/pulls\/1$/],
        ['GET', /\/check-runs$/],
        ['GET', /\/user$/],
      );
      plan(
        run,
        'github',
        garbage,
        ['POST', /\/git\/trees$/],
        ['POST', /\/git\/commits$/],
        ['POST', /\/git\/refs$/],
        ['POST', /\/pulls$/],
        ['PUT', /\/merge$/],
      );
    }),
  },
  {
    title: 'far too large ones are cut off and count for nothing',
    run: byFaults((run) => {
      plan(run, 'argocd', { kind: 'huge', bytes: 65 * 1024 * 1024 }, ['GET', /\/applications$/]);
      const huge: Fault = { kind: 'huge', bytes: 11 * 1024 * 1024 };
      plan(run, 'argocd', huge, ['GET', APP, 2], ['GET', /\/manifests$/]);
      plan(run, 'kubernetes', huge, ['GET', /\/deployments\//]);
      plan(run, 'github', huge, ['GET', /\/pulls\/1$/], ['POST', /\/pulls$/], ['PUT', /\/merge$/]);
    }),
  },
  {
    title: 'well-formed ones that speak of something else, or leave out what matters, are not believed',
    run: byFaults((run) => {
      plan(run, 'argocd', answer(200, {}), ['GET', /\/applications$/], ['GET', APP], ['GET', /\/manifests$/]);
      plan(
        run,
        'argocd',
        answer(200, {
          metadata: { name: 'another', namespace: 'argocd' },
          spec: { project: 'staging', destination: {} },
          status: { health: { status: 'Healthy' } },
        }),
        ['GET', APP],
      );
      plan(run, 'kubernetes', answer(200, { kind: 'Deployment', metadata: { name: 'checkout' }, status: {} }), [
        'GET',
        /\/deployments\//,
      ]);
      plan(run, 'github', answer(200, { number: 7, state: 'open', merged: false }), ['GET', /\/pulls\/1$/]);
      plan(run, 'github', answer(200, []), ['GET', /\/check-runs$/]);
      plan(
        run,
        'github',
        answer(200, { merged: true, sha: 'f'.repeat(40), message: 'Pull Request successfully merged' }),
        ['PUT', /\/merge$/],
      );
      plan(run, 'github', answer(201, { number: 99, html_url: 'https://github.com/acme/gitops/pull/99' }), [
        'POST',
        /\/pulls$/,
      ]);
    }),
  },
  {
    title: 'rate limits of both kinds are waited for',
    run: byFaults((run) => {
      const primary: Fault = { kind: 'status', status: 429, retryAfterSeconds: 1 };
      const secondary: Fault = {
        kind: 'status',
        status: 403,
        retryAfterSeconds: 1,
        body: { message: 'You have exceeded a secondary rate limit.' },
      };
      plan(run, 'github', primary, ['GET', /\/pulls\/1$/], ['POST', /\/git\/trees$/]);
      plan(run, 'github', secondary, ['GET', /\/check-runs$/], ['POST', /\/pulls$/], ['PUT', /\/merge$/]);
      plan(run, 'argocd', primary, ['GET', APP]);
    }),
  },
  {
    title: 'a 404 of a proxy in front of Argo CD does not mean that the application is gone',
    run: byFaults((run) => {
      plan(
        run,
        'argocd',
        answer(404, '<html>default backend - 404</html>'),
        ['GET', APP, 3],
        ['GET', /\/applications$/, 2],
      );
    }),
  },
  {
    title: 'a tree of GitHub that is not the one worked out is never proposed',
    run: () =>
      withScenario('bad-deploy', {}, async (run) => {
        run.sandbox.faults.add({
          server: 'github',
          method: 'POST',
          path: /\/git\/trees$/,
          times: 100,
          fault: answer(201, { sha: 'f'.repeat(40), tree: [], truncated: false }),
        });
        expect(await untilAborted(run, 'checkout-staging')).to.match(/^internal: TREE_DIFFERS: .*nothing was proposed/);
        expect(applied(run, 'POST', /\/git\/refs$/)).to.deep.equal([]);
        expect(run.sandbox.github.pullRequests()).to.deep.equal([]);
        await expectSoundRun(run, ['an attempt cannot go on']);
      }),
  },
  {
    title:
      'without GitHub nothing is opened, the attempt ends as unavailable with an alert, and is tried once more when it is back',
    run: () => {
      const timing = { CANDIDATE_SEARCH_TIMEOUT: '1s', unreachableGrace: '500ms', retryAfter: '2s' };
      return withScenario('bad-deploy', { overrides: { ...PATIENT.overrides, operator: { timing } } }, async (run) => {
        run.sandbox.faults.add({ server: 'github', times: Number.POSITIVE_INFINITY, fault: { kind: 'lose-before' } });
        expect(await untilAborted(run, 'checkout-staging')).to.match(/^unavailable: GITHUB_UNREACHABLE/);
        expect(applied(run, 'POST', /./)).to.deep.equal([]);
        await until(run, 'people were told', () =>
          run.journal.find({ server: 'notices' }).some((n) => JSON.stringify(n.body).includes('ended: unavailable')),
        );
        run.sandbox.faults.clear();
        await run.untilMet();
        expect(run.attempts.map((a) => a.state)).to.deep.equal(['Abort', 'RollbackComplete']);
        expect(run.attempts[1]?.retryOf).to.equal(run.attempts[0]?.id);
      });
    },
  },
  {
    title: 'replicas that nobody may read keep the operator from merging: unknown is not short',
    run: () =>
      withScenario('bad-deploy', { overrides: { kubernetes: { state: 'forbidden' } } }, async (run) => {
        const attempt = await untilState(run, 'checkout-staging', 'AwaitingMergeApproval', 'waiting-for-human');
        expect(attempt.barredBy).to.include('I3_replica_shortage');
        const shortage = attempt.evaluation?.invariants.find((r) => r.id === 'I3_replica_shortage');
        expect(shortage?.verdict, shortage?.reason).not.to.equal('pass');
        expect(applied(run, 'PUT', /\/merge$/)).to.deep.equal([]);
        await expectSoundRun(run);
      }),
  },
  {
    title: 'a Prometheus that answers in part is no Prometheus: CI alone, and I5 bars the merge',
    run: () =>
      withScenario('bad-deploy', { overrides: { prometheus: { state: 'partial' } } }, async (run) => {
        const attempt = await untilState(run, 'checkout-staging', 'AwaitingMergeApproval', 'waiting-for-human');
        expect(attempt.candidate?.basis).to.equal('ci');
        expect(attempt.barredBy).to.include('I5_stable_previous');
        expect(writes(run).filter((w) => w.startsWith('PUT'))).to.deep.equal([]);
        await expectSoundRun(run);
      }),
  },
]);
