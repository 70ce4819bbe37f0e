import { expect } from 'chai';
import { OperatorError } from '../../../src/base/errors.js';
import type { Outcome } from '../../../src/model/outcome.js';
import type { AwaitingMergeApproval } from '../../../src/model/rollback-attempt.js';
import { MergeController } from '../../../src/stages/5-merge/merge-controller.js';
import type { AttemptAt } from '../../support/attempts.js';
import { BOT, human } from '../../support/fakes/fake-github.js';
import { pauseOf } from '../../support/observations.js';
import { manifestPath } from '../../support/operator-world.js';
import { ShopCase } from '../../support/shop-case.js';

const FILE = manifestPath('shop');
type Deciding = Outcome<'AwaitingMergeApproval'>;

describe('MergeController, merging', () => {
  let shop: ShopCase;
  let a: AttemptAt<'intent-merge'>;
  beforeEach(async () => {
    shop = await new ShopCase().degrade();
  });
  const decide = (attempt: AwaitingMergeApproval): Promise<Deciding> =>
    shop.process.container.get(MergeController).decide(attempt, shop.signal);
  const words = (o: Deciding): string =>
    o.kind === 'advance' ? o.to : o.kind === 'abort' ? o.reason : o.kind === 'step' ? o.step.name : 'wait';
  const merges = (): number => shop.process.sourceControl.hooks.count('mergePullRequest');
  const git = () => shop.world.github.git;
  beforeEach(async () => {
    a = await shop.at('intent-merge');
  });
  it('merges the pinned head once, and says by whom and as what', async () => {
    const outcome = await decide(a);
    if (outcome.kind !== 'advance') throw new Error(JSON.stringify(outcome));
    expect(outcome.with.merge).to.deep.include({
      commit: git().head(),
      by: 'operator',
      pullRequest: 1,
      evaluation: a.step.evaluation,
    });
    expect([merges(), git().read(git().head(), FILE)]).to.deep.equal([1, 'shop: v1\n']);
  });
  it('adopts its own merge when the answer was lost', async () => {
    shop.process.sourceControl.hooks.after = (call) => {
      if (call.startsWith('mergePullRequest')) throw new OperatorError('GITHUB_ANSWER_LOST', 'unknown', 'timeout');
    };
    expect(words(await decide(a))).to.equal('RollbackMerged');
    expect(words(await decide(a))).to.equal('RollbackMerged');
    expect([merges(), shop.world.github.merges]).to.deep.equal([1, 1]);
  });
  it('does not merge another head than the one that was judged', async () => {
    git().push(a.pullRequest.plan.branch, { [FILE]: 'mine\n' });
    expect(words(await decide(a))).to.equal('taken-over');
    expect(merges()).to.equal(0);
  });
  it('never writes that it merged what it did not merge', async () => {
    const outcomes = (): readonly string[] =>
      shop.world.audit.entries.filter((e) => e.subject === `${a.id}:merge`).map((e) => e.text.split(':')[0] ?? '');
    shop.world.github.get(1).labels = ['ai-operator:hold'];
    expect([words(await decide(a)), merges()]).to.deep.equal(['deciding', 0]);
    expect(outcomes()).to.deep.equal(['not done, what was found bars it']);
    shop.world.github.get(1).labels = [];
    expect([words(await decide(a)), merges()]).to.deep.equal(['RollbackMerged', 1]);
    expect(outcomes().at(-1)).to.equal('done');
  });
  it('does not merge on evidence older than 30 s: it reads again', async () => {
    await shop.world.clock.advance(31_000, 1);
    expect(words(await decide(a))).to.equal('deciding');
    expect(merges()).to.equal(0);
  });
  it('does not merge once the mode was lowered, however fresh the evidence', async () => {
    expect(words(await decide({ ...a, policy: { ...a.policy, mode: 'propose' } }))).to.equal('deciding');
    expect(merges()).to.equal(0);
  });
  it('a refused merge is tried again at the pace of a look while the evidence is fresh, then everything is read again', async () => {
    shop.process.sourceControl.hooks.before = (call) => {
      if (call.startsWith('mergePullRequest')) throw new OperatorError('GITHUB_NOT_MERGEABLE', 'conflict', '405');
    };
    expect(await decide(a)).to.deep.include({ kind: 'wait', lookAgainAt: shop.world.clock.now() + 5_000 });
    await shop.world.clock.advance(31_000, 1);
    expect(words(await decide(a))).to.equal('deciding');
  });
  it('a stop before the act is obeyed; one after it finds the merge', async () => {
    shop.process.gate.stop(a.id);
    expect([words(await decide(a)), merges()]).to.deep.equal(['aborted-by-user', 0]);
    shop.world.github.merge(1, BOT);
    expect(words(await decide(a))).to.equal('RollbackMerged');
  });
  it('under a kill switch waits, and ends as refused(paused) if it lasts', async () => {
    shop.world.killSwitch.pause = pauseOf({ kill: true });
    expect(await decide(a)).to.deep.include({ kind: 'wait', expiresAs: 'refused(paused)' });
    expect(merges()).to.equal(0);
  });
  it('a pull request that somebody closed at the last moment is a veto', async () => {
    shop.world.github.close(1, human('dev'));
    expect(words(await decide(a))).to.equal('pr-closed-by-human');
  });
});
