import { expect } from 'chai';
import type { UnreadableMark, UnreadableSpend } from '../../src/model/mark.js';
import { attemptId, SHOP } from '../support/attempt-parts.js';
import { startOperator, type OperatorProcess } from '../support/operator-process.js';
import { OperatorWorld } from '../support/operator-world.js';

const CART = 'argocd/cart';
const MEND = 'the record /k cannot be read (no JSON): look at it with etcdctl and delete it';
const MARK: UnreadableMark = { kind: 'unreadable', application: SHOP, why: MEND };
const spendsOf = (kind: UnreadableSpend['kind'], count: number): readonly UnreadableSpend[] =>
  Array.from({ length: count }, (_, n) => ({ kind, attempt: attemptId(50 + n), unreadable: MEND }));

/** Records that nobody can read: what they said is unknown, and unknown never passes (semantics 0.3). */
describe('while a record cannot be read', () => {
  let world: OperatorWorld;
  let operator: OperatorProcess;
  beforeEach(() => {
    world = new OperatorWorld();
    world.install('shop');
  });
  afterEach(() => operator.kill());
  const seconds = (n: number): Promise<void> => world.clock.advance(n * 1_000, 1);
  const start = async (): Promise<void> => {
    operator = await startOperator(world);
    await seconds(5);
    world.breakDown();
  };
  const reach = async (standing: string): Promise<void> => {
    for (let n = 0; n < 200; n++) {
      if (world.attempts().length > 0 && world.standing() === standing) return;
      await seconds(1);
    }
    throw new Error(`never at ${standing}`);
  };
  const merges = (): number => world.github.merges;

  it('of the marks of an application, it starts no attempt, others do, and mended it starts by itself', async () => {
    world.unread.marks = [MARK];
    world.install('cart');
    await start();
    world.breakDown(CART);
    await seconds(200);
    expect(world.attempts().map((a) => [a.application, a.state])).to.deep.equal([[CART, 'RollbackComplete']]);
    expect(operator.intake.whyNot(SHOP)).to.include({ code: 'record-unreadable', why: MEND });
    world.unread.marks = [];
    await seconds(80);
    expect(world.attempts().map((a) => a.application)).to.include(SHOP);
  });
  it('that was still read when the attempt opened, the attempt is dropped and opens no pull request', async () => {
    await start();
    await reach('DegradationDetected/confirming');
    world.unread.marks = [MARK];
    await seconds(60);
    expect([world.attempts(), world.github.pullRequests]).to.deep.equal([[], []]);
    expect(world.audit.entries.some((e) => e.text.includes(MEND))).to.equal(true);
    expect(operator.intake.whyNot(SHOP)?.code).to.equal('record-unreadable');
  });
  for (const what of ['a mark of the application', 'the spend of a merge of anybody'] as const) {
    it(`that is ${what}, nothing is merged by itself, people are told which, and mended it merges`, async () => {
      await start();
      operator.life.after = (call) => {
        if (call !== 'github.createPullRequest') return;
        if (what === 'a mark of the application') world.unread.marks = [MARK];
        else world.unread.spends = spendsOf('merge', 1);
      };
      await reach('AwaitingMergeApproval/waiting-for-human');
      await seconds(120);
      expect(merges()).to.equal(0);
      const { step } = world.only() as { step?: { barredBy?: readonly string[] } };
      expect(step?.barredBy).to.deep.equal(['G5_budget']);
      expect(world.github.pullRequests[0]?.body).to.contain('look at it with etcdctl and delete it');
      Object.assign(world.unread, { marks: [], spends: [] });
      await reach('RollbackComplete');
      expect(merges()).to.equal(1);
    });
  }
  it('that is the spend of a pull request, it counts as one of the last hour for as long as it cannot be read', async () => {
    world.unread.spends = spendsOf('pull-request', 10);
    await start();
    await reach('DegradationDetected/held');
    await seconds(100);
    expect(world.github.pullRequests).to.deep.equal([]);
    expect(operator.admission.hold(world.only() as never)).to.deep.equal({
      by: 'budget',
      why: `10 pull requests in the last hour (10 counted unread: ${MEND}), limits.pullRequestsPerHour is 10`,
    });
    world.unread.spends = spendsOf('pull-request', 9);
    await reach('RollbackComplete');
    expect(merges()).to.equal(1);
  });
});
