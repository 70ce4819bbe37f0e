import { expect } from 'chai';
import { MergeController } from '../../src/stages/5-merge/merge-controller.js';
import { PRGenerator } from '../../src/stages/4-proposal/pr-generator.js';
import { attemptId } from '../support/attempt-parts.js';
import { OPERATOR_LOGIN } from '../support/fakes/fake-git.js';
import { manifestPath } from '../support/operator-world.js';
import { ShopCase } from '../support/shop-case.js';

const FILE = manifestPath('shop');

describe("commits that only look like the operator's", () => {
  let shop: ShopCase;
  beforeEach(async () => {
    shop = await new ShopCase().degrade();
  });
  const git = () => shop.world.github.git;

  it("a person's amended commit keeps our author and trailers, and a retry never pushes over it", async () => {
    const first = await shop.at('waiting-for-ci');
    const { branch } = first.pullRequest.plan;
    const ours = git().commit(git().head(branch));
    const files = new Map(ours.files).set(FILE, git().blob('shop: by hand\n'));
    const amended = git().add({
      parents: ours.parents,
      files,
      message: ours.message,
      authorLogin: OPERATOR_LOGIN,
      committerLogin: 'dev',
      at: 1,
    });
    git().branches.set(branch, amended);
    const retry = await shop.at('intent-pr', shop.confirmed({ id: attemptId(2), retryOf: first.id }));
    const outcome = await shop.process.container.get(PRGenerator).handle(retry, shop.signal);
    expect(outcome).to.deep.include({ kind: 'abort', reason: 'taken-over' });
    expect(git().head(branch)).to.equal(amended);
  });
  it('the planned tree on another parent is another change: it is not merged', async () => {
    git().push('main', { 'docs/a.md': 'new\n' });
    const a = await shop.at('waiting-for-ci');
    const { branch } = a.pullRequest.plan;
    const ours = git().commit(git().head(branch));
    // Somebody takes the document back; the forged commit would bring it again, outside of everything that was judged.
    git().push('main', { 'docs/a.md': undefined });
    const forged = git().add({
      parents: [shop.bad],
      files: ours.files,
      message: ours.message,
      authorLogin: OPERATOR_LOGIN,
      at: 2,
    });
    git().branches.set(branch, forged);
    const deciding = await shop.at('deciding', { ...a, pullRequest: { ...a.pullRequest, headSha: forged } });
    const outcome = await shop.process.container.get(MergeController).decide(deciding, shop.signal);
    if (outcome.kind !== 'step' || outcome.step.name !== 'waiting-for-human')
      throw new Error(JSON.stringify(outcome).slice(0, 300));
    expect(outcome.step.barredBy).to.deep.equal(['I8_branch_protection']);
  });
});

describe('a plan that waited out a crash', () => {
  it('opens no pull request when people changed the files meanwhile', async () => {
    const shop = await new ShopCase().degrade();
    const intent = await shop.at('intent-pr');
    shop.world.github.git.push('main', { [FILE]: 'shop: v3\n' });
    const outcome = await shop.process.container.get(PRGenerator).handle(intent, shop.signal);
    expect(outcome).to.deep.include({ kind: 'step' });
    expect(shop.world.github.pullRequests).to.have.length(0);
    expect(shop.process.sourceControl.hooks.count('createBranch')).to.equal(0);
  });
  it('is carried out all the same when only other files changed', async () => {
    const shop = await new ShopCase().degrade();
    const intent = await shop.at('intent-pr');
    shop.world.github.git.push('main', { 'docs/readme.md': 'hello\n' });
    const outcome = await shop.process.container.get(PRGenerator).handle(intent, shop.signal);
    expect(outcome).to.deep.include({ kind: 'advance', to: 'PRCreated' });
  });
});
