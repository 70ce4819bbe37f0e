import { expect } from 'chai';
import { OperatorError } from '../../../src/base/errors.js';
import type { Outcome } from '../../../src/model/outcome.js';
import type { AwaitingMergeApproval, PRCreated } from '../../../src/model/rollback-attempt.js';
import { MergeController } from '../../../src/stages/5-merge/merge-controller.js';
import { SHOP } from '../../support/attempt-parts.js';
import { type AttemptAt } from '../../support/attempts.js';
import { BOT, human } from '../../support/fakes/fake-github.js';
import { pauseOf } from '../../support/observations.js';
import { manifestPath } from '../../support/operator-world.js';
import { ShopCase } from '../../support/shop-case.js';
import { deploymentOf } from '../../support/snapshots.js';

const FILE = manifestPath('shop');
const check = (state: 'success' | 'failure' | 'pending') =>
  [{ name: 'validate', kind: 'check-run', state, conclusion: state }] as const;
type Answer = Outcome<'PRCreated'> | Outcome<'AwaitingMergeApproval'>;

describe('MergeController', () => {
  let shop: ShopCase;
  beforeEach(async () => {
    shop = await new ShopCase().degrade();
  });
  const controller = () => shop.process.container.get(MergeController);
  const awaitCi = (a: PRCreated) => controller().awaitCi(a, shop.signal);
  const decide = (a: AwaitingMergeApproval) => controller().decide(a, shop.signal);
  const words = (o: Answer): string =>
    o.kind === 'advance' ? o.to : o.kind === 'abort' ? o.reason : o.kind === 'step' ? o.step.name : 'wait';
  const barred = (o: Answer): readonly string[] =>
    o.kind === 'step' && o.step.name === 'waiting-for-human' ? o.step.barredBy : [];
  const merges = (): number => shop.process.sourceControl.hooks.count('mergePullRequest');
  const git = () => shop.world.github.git;

  describe('while CI runs on the pinned head', () => {
    const waiting = (): Promise<AttemptAt<'waiting-for-ci'>> => shop.at('waiting-for-ci');
    it('goes on when it succeeded, waits while it runs, ends when it failed', async () => {
      const a = await waiting();
      for (const [state, expected] of [
        ['pending', 'wait'],
        ['failure', 'ci-failed'],
        ['success', 'AwaitingMergeApproval'],
      ] as const) {
        shop.world.github.checks.set(a.pullRequest.headSha, check(state));
        expect(words(await awaitCi(a)), state).to.equal(expected);
      }
    });
    it('no check at all is no success: it waits until CI_WAIT_TIMEOUT', async () => {
      const a = await waiting();
      shop.world.github.checks.set(a.pullRequest.headSha, []);
      expect(words(await awaitCi(a))).to.equal('wait');
    });
    it('success of another commit does not count', async () => {
      const a = await waiting();
      shop.world.github.checks.set(a.pullRequest.headSha, check('pending'));
      shop.world.github.ci = check('success');
      expect(words(await awaitCi(a))).to.equal('wait');
    });
    it('a red check ends nothing when a person merged meanwhile: the merge is adopted', async () => {
      const a = await waiting();
      shop.world.github.checks.set(a.pullRequest.headSha, check('failure'));
      shop.world.github.merge(1, human('ada'));
      const outcome = await awaitCi(a);
      expect(outcome.kind === 'advance' && outcome.to === 'RollbackMerged' && outcome.with.merge).to.include({
        by: 'human',
        login: 'ada',
      });
    });
  });

  describe('whatever people do to the pull request', () => {
    const both = async (): Promise<readonly string[]> => {
      const [ci, deciding] = [before.ci, before.deciding];
      return [words(await awaitCi(ci)), words(await decide(deciding))];
    };
    let before: { ci: AttemptAt<'waiting-for-ci'>; deciding: AttemptAt<'deciding'> };
    beforeEach(async () => {
      const ci = await shop.at('waiting-for-ci');
      before = { ci, deciding: await shop.at('deciding', ci) };
    });
    it('closing it is a veto', async () => {
      shop.world.github.close(1, human('dev'));
      expect(await both()).to.deep.equal(['pr-closed-by-human', 'pr-closed-by-human']);
    });
    it('closing it by our own account is none', async () => {
      shop.world.github.close(1, BOT);
      expect(await both()).to.deep.equal(['not-mergeable', 'not-mergeable']);
    });
    it('pushing to its branch is a take-over', async () => {
      git().push(before.ci.pullRequest.plan.branch, { [FILE]: 'mine\n' });
      expect(await both()).to.deep.equal(['taken-over', 'taken-over']);
    });
    it('merging it is adopted', async () => {
      shop.world.github.merge(1, human('ada'));
      expect(await both()).to.deep.equal(['RollbackMerged', 'RollbackMerged']);
    });
    it('merging it is adopted even while GitHub still calls it open: that is no change by somebody else', async () => {
      shop.world.github.merge(1, human('ada'));
      const { merged, ...stale } = shop.world.github.get(1);
      shop.world.github.pullRequests[0] = { ...stale, state: 'open' };
      expect(await both()).to.deep.equal(['wait', 'wait']);
      if (merged !== undefined) Object.assign(shop.world.github.get(1), { state: 'closed', merged });
      expect(await both()).to.deep.equal(['RollbackMerged', 'RollbackMerged']);
    });
    it('a squash of it is adopted once GitHub calls it merged; until then it may be, for a while, what restored the files', async () => {
      const { revision } = before.ci.candidate;
      const at = shop.world.clock.now();
      const squashed = git().push('main', { [FILE]: git().read(revision, FILE) }, { authorLogin: 'ada', at });
      expect(await both()).to.deep.equal(['wait', 'wait']);
      await shop.world.clock.advance(19_000, 1);
      expect(await both()).to.deep.equal(['wait', 'wait']);
      const merged = { commit: squashed, by: human('ada'), at };
      const pr = shop.world.github.get(1);
      Object.assign(pr, { state: 'closed', merged });
      expect(await both()).to.deep.equal(['RollbackMerged', 'RollbackMerged']);
      delete pr.merged;
      pr.state = 'open';
      await shop.world.clock.advance(1_000, 1);
      expect(await both(), 'not by our pull request').to.deep.equal(['superseded', 'superseded']);
    });
    it("changing the application's files on the branch supersedes it; other files do not", async () => {
      git().push('main', { 'apps/other/values.yaml': 'x\n' });
      expect(await both()).to.deep.equal(['AwaitingMergeApproval', 'intent-merge']);
      git().push('main', { [FILE]: 'shop: v9\n' });
      expect(await both()).to.deep.equal(['superseded', 'superseded']);
    });
    it('/abort of somebody with write access ends it; of anybody else, or within a text, it does not', async () => {
      shop.world.github.comment(1, 'stranger', '/abort');
      shop.world.github.roles.set('dev', 'write');
      shop.world.github.comment(1, 'dev', 'should we /abort?');
      expect(await both()).to.deep.equal(['AwaitingMergeApproval', 'intent-merge']);
      shop.world.github.comment(1, 'dev', '/abort');
      expect(await both()).to.deep.equal(['aborted-by-user', 'aborted-by-user']);
    });
  });

  describe('deciding', () => {
    let a: AttemptAt<'deciding'>;
    beforeEach(async () => {
      a = await shop.at('deciding');
    });
    it('decides to merge exactly the pinned head when all sixteen rules hold, and merges nothing yet', async () => {
      const outcome = await decide(a);
      if (outcome.kind !== 'step' || outcome.step.name !== 'intent-merge') throw new Error(JSON.stringify(outcome));
      expect(outcome.step).to.include({
        headSha: a.pullRequest.headSha,
        method: 'merge',
        decidedAt: shop.world.clock.now(),
      });
      expect(
        [...outcome.step.evaluation.invariants, ...outcome.step.evaluation.guards].map((r) => r.verdict),
      ).to.deep.equal(Array.from({ length: 16 }, () => 'pass'));
      expect(merges()).to.equal(0);
    });
    const BARS: readonly (readonly [string, readonly string[], (s: ShopCase) => void])[] = [
      ['the application is Progressing now', ['I2_health_degraded'], (s) => s.world.health(SHOP, 'Progressing')],
      [
        'no replica is missing',
        ['I3_replica_shortage'],
        (s) =>
          (s.world.kubernetes.status = (w) => ({
            ...w,
            desired: 3,
            available: 3,
            observed: true,
            trackingId: `shop:apps/Deployment:shop/shop`,
          })),
      ],
      [
        'another pull request is open on the branch',
        ['I7_no_conflicts'],
        (s) => {
          s.world.github.git.branches.set('feature', s.world.github.git.head());
          s.world.github.create('feature', { author: human('dev') });
        },
      ],
      ['GitHub calls it behind', ['I8_branch_protection'], (s) => (s.world.github.mergeableState = 'behind')],
      [
        'a sync window is closed',
        ['G4_will_sync'],
        (s) => (s.world.argocd.sync = { windowOpen: false, windows: 'deny' }),
      ],
      [
        'automated sync is off',
        ['G4_will_sync'],
        (s) => s.world.argocd.change(SHOP, { automated: { enabled: false, prune: true, selfHeal: false } }),
      ],
      [
        'somebody put the hold label on it',
        ['G6_not_frozen'],
        (s) => (s.world.github.get(1).labels = ['ai-operator:hold']),
      ],
      [
        'Argo CD cannot render',
        ['G2_scope', 'G3_reversible'],
        (s) =>
          (s.world.argocd.render = () => {
            throw new OperatorError('ARGOCD_RENDER_FAILED', 'terminal', 'no');
          }),
      ],
      [
        'another application shares the files and would change',
        ['G2_scope'],
        (s) => {
          s.world.argocd.set({ ...s.world.argocd.get(SHOP), application: 'argocd/twin' });
          const render = s.world.argocd.render;
          s.world.argocd.render = (app, revision) => (app === 'argocd/twin' ? [revision] : render(app, revision));
        },
      ],
    ];
    for (const [when, rules, arrange] of BARS) {
      it(`leaves it to people when ${when}: ${rules.join(', ')}`, async () => {
        arrange(shop);
        const outcome = await decide(a);
        expect(words(outcome)).to.equal('waiting-for-human');
        expect(barred(outcome)).to.include.members([...rules]);
        expect(merges()).to.equal(0);
      });
    }
    it('an upstream that cannot be read bars the merge, and is no error', async () => {
      shop.process.sourceControl.hooks.before = (call) => {
        if (call.startsWith('listOpenPullRequests')) throw new OperatorError('GITHUB_UNREACHABLE', 'transient', '503');
      };
      expect(barred(await decide(a))).to.deep.equal(['I7_no_conflicts']);
    });
    it('waits while GitHub is computing whether it can be merged', async () => {
      shop.world.github.mergeable = null;
      expect(words(await decide(a))).to.equal('wait');
    });
    it('ends when CI turns red on the pinned head', async () => {
      shop.world.github.checks.set(a.pullRequest.headSha, check('failure'));
      expect(words(await decide(a))).to.equal('ci-failed');
    });
    it('waits under a pause, and ends as refused(paused) if it lasts', async () => {
      await shop.process.pauses.set(pauseOf({ scope: SHOP }));
      expect(await decide(a)).to.deep.include({ kind: 'wait', expiresAs: 'refused(paused)' });
    });
  });

  describe('while people are waited for', () => {
    let a: AttemptAt<'waiting-for-human'>;
    beforeEach(async () => {
      shop.world.github.mergeableState = 'behind';
      const deciding = await shop.at('deciding');
      a = await shop.at('waiting-for-human', deciding);
    });
    const evidence = (): number => shop.world.argocd.hooks.count('getApplicationSyncStatus');
    it('gathers the evidence each reevaluationInterval, not with each look', async () => {
      const before = evidence();
      for (let waitedMs = 0; waitedMs < 2 * a.policy.timing.reevaluationInterval; waitedMs += 5_000) {
        await shop.world.clock.advance(5_000, 1);
        await decide(a);
      }
      expect(evidence() - before).to.be.within(1, 2);
    });
    it('merges when every rule comes to hold', async () => {
      shop.world.github.mergeableState = 'clean';
      // Meanwhile the checks went on.
      for (let waitedMs = 0; waitedMs < a.policy.timing.reevaluationInterval; waitedMs += 10_000) {
        await shop.world.clock.advance(10_000, 1);
        await shop.check('Degraded');
      }
      expect(words(await decide(a))).to.equal('intent-merge');
    });
    it('stores nothing while the same rules bar it', async () => {
      await shop.world.clock.advance(2 * a.policy.timing.reevaluationInterval, 1);
      for (let i = 0; i < 3; i++) {
        await shop.world.clock.advance(10_000, 1);
        await shop.check('Degraded');
      }
      expect(words(await decide(a))).to.equal('wait');
    });
    it('a request for changes of an eligible approver ends it', async () => {
      shop.world.github.roles.set('ada', 'maintain');
      shop.world.github.review(1, 'ada', 'CHANGES_REQUESTED');
      expect(words(await decide(a))).to.equal('rejected-by-human');
    });
    it('an approval is looked at at once', async () => {
      shop.world.github.roles.set('ada', 'maintain');
      const before = evidence();
      shop.world.github.review(1, 'ada', 'APPROVED');
      await shop.world.clock.advance(1_000, 1);
      await decide(a);
      expect(evidence() - before).to.equal(1);
    });
  });
  it('an application whose only ailing resource is no workload is left to people', async () => {
    shop.world.argocd.change(SHOP, {
      resources: [
        deploymentOf(SHOP, 'Healthy'),
        { ...deploymentOf(SHOP, 'Degraded'), kind: 'HorizontalPodAutoscaler', group: 'autoscaling' },
      ],
    });
    const outcome = await decide(await shop.at('deciding'));
    expect(barred(outcome)).to.include('I2_health_degraded');
  });
});
