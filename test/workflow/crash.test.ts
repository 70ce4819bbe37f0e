import { expect } from 'chai';
import { startOperator, type OperatorProcess } from '../support/operator-process.js';
import { OperatorWorld } from '../support/operator-world.js';

/** The calls between which a crash may matter: whatever is written anywhere. */
const WRITES =
  /^(?:audit\.append|store\.(?:open|save|close|forget|recordCheck|putMark)|github\.(?:create|move|update|merge|add)\w*|notifier\.notify)/;
type When = 'before' | 'after';

const brokenWorld = async (): Promise<{ readonly world: OperatorWorld; readonly operator: OperatorProcess }> => {
  const world = new OperatorWorld();
  world.install();
  const operator = await startOperator(world);
  await world.clock.advance(5_000, 2);
  world.breakDown();
  return { world, operator };
};
const end = async (world: OperatorWorld): Promise<void> => {
  for (let i = 0; i < 60; i++) {
    await world.clock.advance(10_000, 2);
    if (world.attempts().length > 0 && world.only().state === 'RollbackComplete') break;
  }
  await world.clock.advance(10_000, 2);
};
/** What is left behind, whatever happened on the way. */
const outcome = (world: OperatorWorld): object => ({
  state: world.standing(),
  pullRequests: world.github.pullRequests.map((p) => (p.merged === undefined ? p.state : 'merged')),
  merges: world.github.merges,
  owed: [...world.shelf.owed],
  active: [...world.shelf.active],
  marks: [...world.shelf.marks.values()].map((m) => m.kind).toSorted(),
  spends: [...world.shelf.spends.values()].map((s) => s.kind).toSorted(),
  told: [...new Set(world.notifier.kinds())].toSorted(),
});
const UNDISTURBED = {
  state: 'RollbackComplete',
  pullRequests: ['merged'],
  merges: 1,
  owed: [],
  active: [],
  marks: ['quarantine', 'restoration'],
  spends: ['merge', 'pull-request'],
  told: ['rollback-completed', 'rollback-merged', 'rollback-proposed'],
};
/** Every transition is audited before it is stored: each stored version has its decision. */
const auditedVersions = (world: OperatorWorld): boolean => {
  const { id, version } = world.only();
  const decided = new Set(world.audit.entries.filter((e) => e.kind === 'decision').map((e) => e.subject));
  return Array.from({ length: version - 1 }, (_, i) => `${id}/${i + 1}`).every((subject) => decided.has(subject));
};

describe('a crash of the operator', () => {
  let points = 0;
  before(async () => {
    const { world, operator } = await brokenWorld();
    await end(world);
    expect(outcome(world)).to.deep.equal(UNDISTURBED);
    points = operator.life.calls.filter((c) => WRITES.test(c)).length;
    operator.kill();
  });

  for (const when of ['before', 'after'] as const) {
    it(`${when} any one write leads to one pull request, one merge and the same end after a restart`, async function () {
      this.timeout(120_000);
      expect(points).to.be.greaterThan(30);
      for (let point = 1; point <= points; point++) await crashAt(point, when);
    });
  }

  async function crashAt(point: number, when: When): Promise<void> {
    const { world, operator: first } = await brokenWorld();
    let writes = 0;
    let fatal = '';
    first.life[when] = (call) => {
      if (!WRITES.test(call) || fatal !== '' || ++writes !== point) return;
      fatal = call;
      first.life.dead = true;
    };
    for (let i = 0; i < 200 && fatal === ''; i++) await world.clock.advance(1_000, 2);
    first.kill();
    const second = await startOperator(world);
    await end(world);
    second.kill();
    const where = `${when} write ${point}, ${fatal}`;
    const told = 'told' as const;
    const got = { ...outcome(world) } as Record<string, unknown>;
    // A notification beside the path may die with the process; the last one is owed, and told for certain.
    expect(got[told], where).to.include('rollback-completed');
    expect({ ...got, told: UNDISTURBED.told }, where).to.deep.equal(UNDISTURBED);
    expect(auditedVersions(world), where).to.equal(true);
  }

  it('at every step, one after the other, still leads to one pull request and one merge', async () => {
    const { world, operator } = await brokenWorld();
    const mortal = (life: OperatorProcess): OperatorProcess => {
      life.life.after = (call) => {
        if (/^store\.(?:open|save|close)$/.test(call)) life.life.dead = true;
      };
      return life;
    };
    let process = mortal(operator);
    let restarts = 0;
    for (let i = 0; i < 300 && world.attempts()[0]?.state !== 'RollbackComplete'; i++) {
      await world.clock.advance(1_000, 2);
      if (!process.life.dead) continue;
      process.kill();
      process = mortal(await startOperator(world));
      restarts += 1;
    }
    process.kill();
    const last = await startOperator(world);
    await end(world);
    last.kill();
    expect(restarts).to.be.greaterThan(9);
    expect({ ...outcome(world), told: UNDISTURBED.told }).to.deep.equal(UNDISTURBED);
  });

  it('during the confirmation costs nothing but the time until the next check', async () => {
    const { world, operator } = await brokenWorld();
    await world.clock.advance(10_000, 2);
    expect(world.standing()).to.equal('DegradationDetected/confirming');
    operator.kill();
    const second = await startOperator(world);
    await world.clock.advance(21_000, 2);
    expect(world.github.pullRequests).to.have.length(1);
    second.kill();
  });
});

describe('a stalled predecessor', () => {
  it('that wakes up after its successor took over writes nothing and opens nothing', async () => {
    const { world, operator: first } = await brokenWorld();
    let wake = (): void => {};
    first.life.before = (call) => {
      if (call !== 'github.createBranch') return undefined;
      return new Promise((resolve) => {
        wake = resolve;
      });
    };
    await world.clock.advance(30_000, 2);
    expect(world.standing()).to.equal('CandidateResolved/intent-pr');
    const second = await startOperator(world);
    await world.clock.advance(5_000, 2);
    const version = world.only().version;
    expect(world.github.pullRequests).to.have.length(1);
    wake();
    await world.clock.advance(500, 2);
    expect(world.github.pullRequests).to.have.length(1);
    expect(world.only().version).to.equal(version);
    await end(world);
    expect({ ...outcome(world), told: UNDISTURBED.told }).to.deep.equal(UNDISTURBED);
    first.kill();
    second.kill();
  });
  it('stuck before the merge finds its pull request merged once', async () => {
    const { world, operator: first } = await brokenWorld();
    let wake = (): void => {};
    first.life.before = (call) => {
      if (call !== 'github.mergePullRequest') return undefined;
      return new Promise((resolve) => {
        wake = resolve;
      });
    };
    await world.clock.advance(40_000, 2);
    expect(world.standing()).to.equal('AwaitingMergeApproval/intent-merge');
    const second = await startOperator(world);
    await world.clock.advance(2_000, 2);
    wake();
    await end(world);
    first.kill();
    second.kill();
    expect({ ...outcome(world), told: UNDISTURBED.told }).to.deep.equal(UNDISTURBED);
  });
});
