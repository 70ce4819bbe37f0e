import { expect } from 'chai';
import { HOLD_LABEL } from '../../src/governance/guards.js';
import type { Outcome } from '../../src/model/outcome.js';
import { MergeController } from '../../src/stages/5-merge/merge-controller.js';
import type { AttemptAt } from '../support/attempts.js';
import { PolicyBook } from '../../src/governance/policy-book.js';
import { operatorConfig, STAGING } from '../support/operator-config.js';
import { manifestPath } from '../support/operator-world.js';
import { ShopCase } from '../support/shop-case.js';

/** What people do after the operator has decided to merge, and before it does. */
describe('between the decision and the merge', () => {
  let shop: ShopCase;
  let a: AttemptAt<'intent-merge'>;
  beforeEach(async () => {
    shop = await new ShopCase().degrade();
    a = await shop.at('intent-merge');
  });
  const decide = (): Promise<Outcome<'AwaitingMergeApproval'>> =>
    shop.process.container.get(MergeController).decide(a, shop.signal);
  const merges = (): number => shop.process.sourceControl.hooks.count('mergePullRequest');
  const git = () => shop.world.github.git;

  it('a hold label is obeyed', async () => {
    shop.world.github.get(1).labels.push(HOLD_LABEL);
    expect((await decide()).kind).to.equal('step');
    expect(merges()).to.equal(0);
  });
  it('a pull request turned to another base is not merged there', async () => {
    git().branches.set('release', git().head());
    Object.assign(shop.world.github.get(1), { baseBranch: 'release' });
    expect((await decide()).kind).to.equal('step');
    expect(merges()).to.equal(0);
  });
  it('a pull request turned into a draft is not merged', async () => {
    shop.world.github.get(1).draft = true;
    expect((await decide()).kind).to.equal('step');
    expect(merges()).to.equal(0);
  });
  it('a fix pushed to the application is not undone', async () => {
    git().push('main', { [manifestPath('shop')]: 'shop: v3\n' });
    expect((await decide()).kind).to.equal('step');
    expect(merges()).to.equal(0);
  });
  it('a push elsewhere in the repository is no reason to wait', async () => {
    git().push('main', { 'docs/readme.md': 'hello\n' });
    expect((await decide()).kind).to.equal('advance');
  });
  it('a stricter configuration that is loaded while GitHub is looked at holds at once', async () => {
    const stricter = operatorConfig({ environments: { staging: { ...STAGING, mode: 'propose' } } });
    shop.process.sourceControl.hooks.before = (call) => {
      if (call.startsWith('getPullRequestStatus')) shop.process.container.get(PolicyBook).replace(stricter);
    };
    expect((await decide()).kind).to.equal('step');
    expect(merges()).to.equal(0);
  });
  it('evidence from a later time than now is no fresh evidence: the clock was set back', async () => {
    a = {
      ...a,
      step: { ...a.step, evaluation: { ...a.step.evaluation, pinnedAt: shop.world.clock.now() + 3_600_000 } },
    };
    expect((await decide()).kind).to.equal('step');
    expect(merges()).to.equal(0);
  });
});
