import { expect } from 'chai';
import { OperatorError } from '../../src/base/errors.js';
import { GUARD_IDS, INVARIANT_IDS } from '../../src/model/rule-result.js';
import { startOperator, type OperatorProcess } from '../support/operator-process.js';
import { OperatorWorld } from '../support/operator-world.js';

/** The sentences of the architecture (section 5) that only a running operator can keep; the others are in test/governance. */
describe('the architecture says, of the running operator:', () => {
  let world: OperatorWorld;
  let operator: OperatorProcess;
  const seconds = (n: number): Promise<void> => world.clock.advance(n * 1_000, 1);
  beforeEach(async () => {
    world = new OperatorWorld();
    world.install('shop', { project: 'staging' });
    operator = await startOperator(world);
    await seconds(5);
  });
  afterEach(() => operator.kill());
  const restart = async (): Promise<void> => {
    operator.kill();
    operator = await startOperator(world);
  };
  const done = () => ({
    state: world.standing(),
    pullRequests: world.github.pullRequests.length,
    merges: world.github.merges,
  });
  const DONE = { state: 'RollbackComplete', pullRequests: 1, merges: 1 };

  it('"Duplicate PR Prevention: Check for existing open PRs before creating new ones", also when it died right after creating one', async () => {
    operator.life.after = (call) => {
      if (call === 'github.createPullRequest') operator.life.dead = true;
    };
    world.breakDown();
    await seconds(60);
    expect(world.github.pullRequests).to.have.length(1);
    await restart();
    await seconds(200);
    expect(done()).to.deep.equal(DONE);
  });

  for (const state of ['PRCreated', 'AwaitingMergeApproval', 'RollbackMerged']) {
    it(`"State Recovery: FSM can resume from saved state after crashes", from ${state}`, async () => {
      operator.life.after = (call) => {
        if (call.startsWith('store.save') && world.standing().startsWith(state)) operator.life.dead = true;
      };
      world.breakDown();
      await seconds(120);
      expect(world.standing()).to.match(new RegExp(`^${state}`));
      await restart();
      await seconds(240);
      expect(done()).to.deep.equal(DONE);
    });
  }

  it('"Retry Safety: All MCP calls can be safely retried": the answer of each write is lost once, and each is done once', async () => {
    const lost = new Set<string>();
    operator.life.after = (call) => {
      if (!/^github\.(?:create|move|merge|update)/.test(call) || lost.has(call)) return;
      lost.add(call);
      throw new OperatorError('GITHUB_UNREACHABLE', 'unknown', `the answer to ${call} was lost`);
    };
    world.breakDown();
    await seconds(400);
    expect([...lost]).to.include.members([
      'github.createBranch',
      'github.createPullRequest',
      'github.mergePullRequest',
    ]);
    expect(done()).to.deep.equal(DONE);
  });

  it('"Immutable Audit Log: All actions logged to append-only storage": without the log nothing is done', async () => {
    world.audit.breakDown();
    world.breakDown();
    await seconds(300);
    expect([world.github.pullRequests, world.github.merges, world.audit.entries]).to.deep.equal([[], 0, []]);
    world.audit.mend();
    await seconds(300);
    expect(done()).to.deep.equal(DONE);
  });

  it('"Audit Trail: Every action logged with reasoning and invariant checks"', async () => {
    world.breakDown();
    await seconds(200);
    const merge = world.audit.entries.find((e) => e.kind === 'decision' && e.text.includes('intent-merge:'));
    expect(merge?.text).to.contain('all eight invariants and all guards hold');
    expect(merge?.rules?.map((r) => [r.id, r.verdict])).to.deep.equal(
      [...INVARIANT_IDS, ...GUARD_IDS].map((id) => [id, 'pass']),
    );
    expect(world.audit.entries.every((e) => e.text.length > 0 && e.actor !== '')).to.equal(true);
  });

  it('"Transparent Reasoning: All decisions explained in PR descriptions"', async () => {
    world.breakDown();
    await seconds(200);
    const body = world.github.get(1).body;
    for (const id of [...INVARIANT_IDS, ...GUARD_IDS]) expect(body, id).to.contain(id);
    expect(body).to.contain('From Degraded to healthy');
  });

  it('"Escalation Paths: Clear procedures when AI encounters edge cases": people are told what bars the merge, and it waits', async () => {
    operator.kill();
    world = new OperatorWorld();
    world.install('shop', { project: 'production' });
    operator = await startOperator(world);
    await seconds(5);
    world.breakDown();
    await seconds(200);
    const notice = world.notifier.notices.find((n) => n.kind === 'approval-needed');
    expect(notice?.text).to.contain('production');
    expect(done()).to.deep.equal({ state: 'AwaitingMergeApproval/waiting-for-human', pullRequests: 1, merges: 0 });
  });
});
