import { expect } from 'chai';
import { OperatorError } from '../../../src/base/errors.js';
import { parseCommitMessage } from '../../../src/gitops/commit-message.js';
import type { Outcome } from '../../../src/model/outcome.js';
import type { CandidateResolved } from '../../../src/model/rollback-attempt.js';
import { PRGenerator } from '../../../src/stages/4-proposal/pr-generator.js';
import { attemptId, POLICY, SHOP } from '../../support/attempt-parts.js';
import { BOT, human } from '../../support/fakes/fake-github.js';
import { OPERATOR_LOGIN } from '../../support/fakes/fake-git.js';
import { pauseOf } from '../../support/observations.js';
import { manifestPath } from '../../support/operator-world.js';
import { ShopCase } from '../../support/shop-case.js';

const FILE = manifestPath('shop');
const WRITES = /^(?:create|move|update|merge)/;

describe('PRGenerator', () => {
  let shop: ShopCase;
  beforeEach(async () => {
    shop = await new ShopCase().degrade();
  });
  const handle = (a: CandidateResolved): Promise<Outcome<'CandidateResolved'>> =>
    shop.process.container.get(PRGenerator).handle(a, shop.signal);
  const git = () => shop.world.github.git;
  const writes = (): readonly string[] =>
    shop.process.sourceControl.hooks.calls.filter((c) => WRITES.test(c)).map((c) => c.split(' ')[0] ?? '');
  const summary = (o: Outcome<'CandidateResolved'>): string =>
    o.kind === 'advance'
      ? o.to
      : o.kind === 'abort'
        ? o.reason
        : o.kind === 'step'
          ? o.step.name
          : `${o.kind}: ${o.why}`;

  describe('planning', () => {
    it('decides branch, base, tree and files before anything is written', async () => {
      const a = await shop.at('planning');
      const outcome = await handle(a);
      if (outcome.kind !== 'step' || outcome.step.name !== 'intent-pr') throw new Error(JSON.stringify(outcome));
      const { plan } = outcome.step;
      expect(plan).to.deep.include({
        branch: `ai-operator/rollback/staging/argocd.shop/${shop.bad.slice(0, 10)}-to-${shop.good.slice(0, 10)}`,
        baseSha: git().head(),
        files: [{ path: FILE, change: 'modified' }],
        droppedCommits: 1,
      });
      expect(writes()).to.deep.equal([]);
    });
    it('in observe ends here, with what it would have opened', async () => {
      const a = await shop.at('planning');
      expect(await handle({ ...a, policy: { ...POLICY, mode: 'observe' } })).to.include({
        kind: 'abort',
        reason: 'observed',
      });
    });
    it('lowered to observe after a pull request was asked for ends so that it is looked for and closed', async () => {
      const { step, ...a } = await shop.at('planning');
      const lowered = {
        ...a,
        step: { ...step, asked: true as const },
        policy: { ...POLICY, mode: 'observe' as const },
      };
      expect(await handle(lowered)).to.include({ kind: 'abort', reason: 'no-longer-managed' });
    });
    it('remembers that a pull request was asked for, over a sibling and a plan that broke', async () => {
      const intent = await shop.at('intent-pr');
      git().push('main', { [FILE]: 'shop: v3\n' });
      const broken = await handle(intent);
      expect(broken).to.deep.include({ kind: 'step', step: { name: 'planning', asked: true } });
      const { step, ...a } = await shop.at('planning');
      const { deadline } = step;
      git().branches.set('elsewhere', git().head());
      const { number } = shop.world.github.create('elsewhere');
      shop.world.github.close(number, BOT);
      const waiting = {
        ...a,
        step: { name: 'waiting-for-sibling' as const, sibling: number, asked: true as const, deadline },
      };
      expect(await handle(waiting)).to.deep.include({ kind: 'step', step: { name: 'planning', asked: true } });
    });
    it('waits when the files changed after the bad version, and gives up as superseded', async () => {
      const a = await shop.at('planning');
      git().push('main', { [FILE]: 'shop: v3\n' });
      expect(await handle(a)).to.deep.include({ kind: 'wait', expiresAs: 'superseded' });
    });
    it('does not mind commits that leave the application alone: every other file stays as it is', async () => {
      const a = await shop.at('planning');
      git().push('main', { 'apps/other/values.yaml': 'x: 1\n' });
      const b = await shop.at('waiting-for-ci', a);
      const head = git().head(b.pullRequest.plan.branch);
      expect([git().read(head, FILE), git().read(head, 'apps/other/values.yaml')]).to.deep.equal([
        'shop: v1\n',
        'x: 1\n',
      ]);
    });
    it("goes on as merged when a sibling's rollback has restored the files", async () => {
      const a = await shop.at('planning');
      const branch = `ai-operator/rollback/staging/argocd.cart/${'1'.repeat(10)}-to-${'2'.repeat(10)}`;
      git().branches.set(branch, git().head());
      const sibling = git().push(branch, { [FILE]: 'shop: v1\n' }, { authorLogin: OPERATOR_LOGIN });
      expect(git().commit(sibling).parents).to.have.length(1);
      const { number } = shop.world.github.create(branch);
      const commit = shop.world.github.merge(number, BOT);
      const outcome = await handle(a);
      expect(outcome).to.deep.include({ kind: 'advance', to: 'RollbackMerged' });
      expect(outcome.kind === 'advance' && outcome.to === 'RollbackMerged' && outcome.with.merge).to.include({
        by: 'sibling',
        pullRequest: number,
        commit,
      });
    });
    it('is superseded when people restored the files themselves', async () => {
      const a = await shop.at('planning');
      git().push('main', { [FILE]: 'shop: v1\n' });
      expect(summary(await handle(a))).to.equal('superseded');
    });
    it('opens nothing under a pause, and says what happens when it lasts', async () => {
      const a = await shop.at('planning');
      await shop.process.pauses.set(pauseOf({ scope: SHOP }));
      expect(await handle(a)).to.deep.include({ kind: 'wait', expiresAs: 'refused(paused)' });
    });
  });

  describe('siblings', () => {
    const sibling = (files: readonly string[] | undefined, author = BOT): number => {
      const branch = `ai-operator/rollback/staging/argocd.cart/${'1'.repeat(10)}-to-${'2'.repeat(10)}`;
      git().branches.set(branch, git().head());
      return shop.world.github.create(branch, { author, files }).number;
    };
    it('no second rollback pull request changes the same file: it waits for the first', async () => {
      const number = sibling([FILE]);
      const a = await shop.at('planning');
      expect(await handle(a)).to.deep.include({ kind: 'step', step: { name: 'waiting-for-sibling', sibling: number } });
    });
    it('one with other files, or of somebody else, is not waited for', async () => {
      sibling(['apps/cart/x.yaml']);
      sibling([FILE], human('dev'));
      expect(summary(await handle(await shop.at('planning')))).to.equal('intent-pr');
    });
    it('plans again when the sibling is no longer open', async () => {
      const number = sibling([FILE]);
      const waiting = await shop.at('waiting-for-sibling');
      expect(summary(await handle(waiting))).to.match(/^wait/);
      shop.world.github.close(number, human('dev'));
      expect(summary(await handle(waiting))).to.equal('planning');
    });
  });

  describe('opening', () => {
    it('makes one commit of ours with trailers, one branch, one pull request', async () => {
      const a = await shop.at('intent-pr');
      const outcome = await handle(a);
      if (outcome.kind !== 'advance' || outcome.to !== 'PRCreated') throw new Error(JSON.stringify(outcome));
      const { pullRequest } = outcome.with;
      const commit = git().commit(pullRequest.headSha);
      expect(pullRequest).to.include({ number: 1, provenance: 'created' });
      expect(commit).to.deep.include({
        tree: a.step.plan.tree,
        parents: [a.step.plan.baseSha],
        authorLogin: OPERATOR_LOGIN,
      });
      expect(parseCommitMessage(commit.message)).to.deep.equal({
        rollbackOf: shop.bad,
        rollbackTo: shop.good,
        attempt: attemptId(),
      });
      expect(writes()).to.deep.equal(['createTree', 'createCommit', 'createBranch', 'createPullRequest']);
      expect(shop.world.github.get(1)).to.include({ draft: false, baseBranch: 'main' });
    });
    for (const call of ['createBranch', 'createPullRequest'] as const) {
      it(`adopts its own work when the answer of ${call} is lost`, async () => {
        const a = await shop.at('intent-pr');
        let lost = false;
        shop.process.sourceControl.hooks.after = (c) => {
          if (!c.startsWith(call) || lost) return;
          lost = true;
          throw new OperatorError('GITHUB_ANSWER_LOST', 'unknown', 'timeout');
        };
        const first = await handle(a);
        const outcome = first.kind === 'advance' ? first : await handle(a);
        expect(summary(outcome)).to.equal('PRCreated');
        expect(shop.world.github.pullRequests).to.have.length(1);
      });
    }
    it('adopts an open one that is there already', async () => {
      const a = await shop.at('intent-pr');
      await handle(a);
      const again = await handle(a);
      expect(again.kind === 'advance' && again.to === 'PRCreated' && again.with.pullRequest).to.include({
        number: 1,
        provenance: 'adopted',
      });
      expect(shop.world.github.pullRequests).to.have.length(1);
    });
    it('is vetoed by one that somebody closed', async () => {
      const a = await shop.at('intent-pr');
      await handle(a);
      shop.world.github.close(1, human('dev'));
      expect(await handle(a)).to.deep.include({
        kind: 'abort',
        reason: 'pr-closed-by-human',
        why: 'dev closed #1: a veto for this rollback',
      });
    });
    it('a closing by our own account is no veto', async () => {
      const a = await shop.at('intent-pr');
      await handle(a);
      shop.world.github.close(1, BOT);
      const outcome = await handle(a);
      expect(outcome.kind === 'advance' && outcome.to === 'PRCreated' && outcome.with.pullRequest.number).to.equal(2);
    });
    it('goes on as merged when a person merged it before it was seen', async () => {
      const a = await shop.at('intent-pr');
      await handle(a);
      const commit = shop.world.github.merge(1, human('ada'));
      const outcome = await handle(a);
      expect(outcome.kind === 'advance' && outcome.to === 'RollbackMerged' && outcome.with.merge).to.include({
        commit,
        by: 'human',
        login: 'ada',
        pullRequest: 1,
      });
    });
    it('leaves a branch alone that is not ours', async () => {
      const a = await shop.at('intent-pr');
      git().branches.set(a.step.plan.branch, git().head());
      expect(summary(await handle(a))).to.equal('foreign-branch');
      expect(writes()).to.deep.equal([]);
    });
    it('leaves a pull request alone that somebody pushed to', async () => {
      const a = await shop.at('intent-pr');
      await handle(a);
      git().push(a.step.plan.branch, { [FILE]: 'shop: mine\n' });
      expect(summary(await handle(a))).to.equal('taken-over');
    });
    it('rebuilds its own branch that was left without a pull request on an older base', async () => {
      const a = await shop.at('intent-pr');
      shop.process.sourceControl.hooks.before = (call) => {
        if (call.startsWith('createPullRequest')) throw new OperatorError('GITHUB_UNREACHABLE', 'transient', '503');
      };
      await handle(a);
      shop.process.sourceControl.hooks.before = () => {};
      git().push('main', { 'apps/other/values.yaml': 'x: 1\n' });
      const replanned = await shop.at('intent-pr', await shop.at('planning'));
      const b = await shop.at('waiting-for-ci', replanned);
      const head = git().commit(b.pullRequest.headSha);
      expect([head.parents, head.tree]).to.deep.equal([[git().head()], replanned.step.plan.tree]);
      expect(shop.world.github.pullRequests).to.have.length(1);
    });
    it('proposes nothing when GitHub makes another tree than was planned', async () => {
      const a = await shop.at('intent-pr');
      let thrown: unknown;
      const createTree = shop.process.sourceControl.createTree.bind(shop.process.sourceControl);
      shop.process.sourceControl.createTree = async (repo, base, changes) => createTree(repo, base, changes.slice(1));
      await handle(a).catch((error: unknown) => (thrown = error));
      expect(thrown).to.include({ code: 'TREE_DIFFERS' });
      expect(git().branches.has(a.step.plan.branch)).to.equal(false);
    });
    it('stops between two calls when somebody says stop, and shows nothing', async () => {
      const a = await shop.at('intent-pr');
      shop.process.sourceControl.hooks.after = (call) => {
        if (call.startsWith('createBranch')) shop.process.gate.stop(a.id);
      };
      await handle(a);
      expect(shop.world.github.pullRequests).to.deep.equal([]);
      expect(summary(await handle(a))).to.equal('aborted-by-user');
    });
    it('waits under a kill switch, and ends as refused(paused) if it lasts', async () => {
      const a = await shop.at('intent-pr');
      shop.world.killSwitch.pause = pauseOf({ kill: true });
      expect(await handle(a)).to.deep.include({ kind: 'wait', expiresAs: 'refused(paused)' });
      expect(writes()).to.deep.equal([]);
    });
  });
});
