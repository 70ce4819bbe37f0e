import { expect } from 'chai';
import fc from 'fast-check';
import { OperatorError } from '../../src/base/errors.js';
import { abortRule } from '../../src/model/abort-reason.js';
import { DEFAULT_TIMING } from '../../src/model/timing.js';
import { TRANSITIONS } from '../../src/model/transitions.js';
import { isOpen, pullRequestOf, type RollbackAttempt } from '../../src/model/rollback-attempt.js';
import { human } from '../support/fakes/fake-github.js';
import { pauseOf } from '../support/observations.js';
import { operatorConfig } from '../support/operator-config.js';
import { startOperator, type Deliver, type OperatorProcess } from '../support/operator-process.js';
import { OperatorWorld } from '../support/operator-world.js';

const FAULTS = [
  'refused',
  'lost',
  'crash-before',
  'crash-after',
  'abort',
  'close',
  'merge',
  'push',
  'kill-switch',
  'healthy',
  'store-away',
  'audit-away',
] as const;
type Fault = (typeof FAULTS)[number];
type Plan = ReadonlyMap<number, Fault>;
const MINUTE = 60_000;
const OPENING = /^github\.(?:createTree|createCommit|createBranch|moveBranch|createPullRequest|mergePullRequest)$/;

/** One degradation with faults at given calls; whatever must never happen is thrown at the moment it happens. */
class Ordeal {
  readonly world = new OperatorWorld();
  readonly #violations: string[] = [];
  readonly #states = new Map<string, RollbackAttempt['state']>();
  #calls = 0;
  #process: OperatorProcess | undefined;
  constructor(
    private readonly plan: Plan,
    private readonly deliver: Deliver,
  ) {
    this.world.config = operatorConfig({
      timing: {
        ...DEFAULT_TIMING,
        MERGE_APPROVAL_TIMEOUT: 6 * MINUTE,
        retryAfter: 4 * MINUTE,
        unreachableGrace: 2 * MINUTE,
      },
    });
    this.world.install();
  }
  async run(): Promise<readonly string[]> {
    const { world } = this;
    await this.#restart();
    await world.clock.advance(5_000, 2);
    world.breakDown();
    for (let i = 0; i < 240; i++) {
      await world.clock.advance(10_000, 2);
      if (this.#process?.life.dead === true) await this.#restart();
      if (i > 40 && world.shelf.active.size === 0 && world.shelf.owed.size === 0) break;
    }
    this.#process?.kill();
    this.#judgeEnd();
    return this.#violations;
  }
  async #restart(): Promise<void> {
    this.#process?.kill();
    const process = await startOperator(this.world, this.deliver);
    let lost = '';
    process.life.before = (call) => {
      this.#watchStates();
      this.#judgeCall(call);
      const fault = this.plan.get(++this.#calls);
      if (fault === 'lost') lost = call;
      else if (fault === 'crash-after') process.life.after = () => void (process.life.dead = true);
      else if (fault !== undefined) this.#strike(fault, call, process);
    };
    process.life.after = (call) => {
      if (call !== lost || !call.startsWith('github.')) return;
      lost = '';
      throw new OperatorError('GITHUB_ANSWER_LOST', 'unknown', 'the answer was lost');
    };
    this.#process = process;
  }
  #strike(fault: Exclude<Fault, 'lost' | 'crash-after'>, call: string, process: OperatorProcess): void {
    const { world } = this;
    const [pr] = world.github.open();
    switch (fault) {
      case 'refused':
        if (/^(?:github|argocd|kubernetes)\./.test(call)) throw new OperatorError('UPSTREAM_DOWN', 'transient', '503');
        return;
      case 'store-away':
        if (call.startsWith('store.')) throw new OperatorError('STORE_UNAVAILABLE', 'transient', 'no route');
        return;
      case 'audit-away':
        if (call.startsWith('audit.')) throw new OperatorError('AUDIT_UNWRITABLE', 'transient', 'disk full');
        return;
      case 'crash-before':
        process.life.dead = true;
        return;
      case 'abort':
        for (const a of process.service.open()) process.abort(a.id).catch(() => undefined);
        return;
      case 'close':
        if (pr !== undefined) world.github.close(pr.number, human('dev'));
        return;
      case 'merge':
        if (pr !== undefined) world.github.merge(pr.number, human('dev'));
        return;
      case 'push':
        world.github.git.push('main', { 'apps/shop/overlays/staging/deployment.yaml': 'shop: v9 bad\n' });
        return;
      case 'kill-switch':
        world.killSwitch.pause = world.killSwitch.pause === undefined ? pauseOf({ kill: true }) : undefined;
        return;
      case 'healthy':
        world.health('argocd/shop', 'Healthy');
    }
  }
  /** No opening effect without its stored and audited intent, none after an abort, none under a kill switch at its start. */
  #judgeCall(call: string): void {
    if (!OPENING.test(call)) return;
    const open = this.world.attempts().filter(isOpen);
    const step = call.endsWith('mergePullRequest') ? 'intent-merge' : 'intent-pr';
    const intending = open.find((a) => a.step.name === step);
    if (intending === undefined)
      this.#violations.push(
        `${call} without a stored ${step}: ${open.map((a) => a.step.name).join() || 'nothing open'}`,
      );
    else if (
      !this.world.audit.entries.some(
        (e) =>
          e.kind === 'decision' &&
          e.subject === `${intending.id}/${intending.version - (intending.stop === undefined ? 0 : 1)}`,
      )
    )
      this.#violations.push(`${call} without an audited intent`);
    if (
      this.world.killSwitch.pause !== undefined &&
      /(?:createBranch|moveBranch|createPullRequest|mergePullRequest)$/.test(call)
    )
      this.#violations.push(`${call} under the kill switch`);
  }
  #watchStates(): void {
    for (const a of this.world.attempts()) {
      const before = this.#states.get(a.id) ?? 'DegradationDetected';
      this.#states.set(a.id, a.state);
      if (before === a.state) continue;
      const legal = TRANSITIONS.some((t) => (t.from as readonly string[]).includes(before) && t.to === a.state);
      if (!legal && !reachable(before, a.state)) this.#violations.push(`${before} became ${a.state}`);
    }
  }
  #judgeEnd(): void {
    const { github, shelf } = this.world;
    const { pullRequests } = github;
    this.#watchStates();
    // Another bad version, pushed meanwhile, is another case with a branch of its own.
    const branches = pullRequests.map((p) => p.headBranch);
    if (new Set(branches).size < branches.length)
      this.#violations.push(`several pull requests from ${branches.join()}`);
    if (github.merges > new Set(branches).size) this.#violations.push(`${github.merges} merges`);
    if (shelf.active.size > 0)
      this.#violations.push(
        `never ended: ${JSON.stringify(this.world.attempts().map((a) => [a.state, 'step' in a ? a.step : '']))}`,
      );
    for (const a of this.world.attempts()) {
      const closes = a.state === 'Abort' && abortRule(a.reason).pullRequest === 'close';
      const own = pullRequests.find((p) => p.number === pullRequestOf(a)?.number);
      if (closes && own?.state === 'open') this.#violations.push(`${a.reason} left a pull request open`);
    }
  }
}
/** Between two looks of the test an attempt may have moved twice. */
function reachable(from: string, to: string): boolean {
  return TRANSITIONS.filter((t) => (t.from as readonly string[]).includes(from)).some(
    (t) => t.to === to || (t.to !== 'Idle' && t.to !== 'Abort' && reachable(t.to, to)),
  );
}

/** Keeps each event until six are there, then sends each three times, newest first. */
const scrambled = (): Deliver => {
  const held: (() => void)[] = [];
  return (_event, send) => {
    held.unshift(send, send, send);
    if (held.length >= 18) for (const late of held.splice(0)) late();
  };
};
const deliveries: Readonly<Record<string, () => Deliver>> = {
  all: () => (_e, send) => send(),
  none: () => () => {},
  scrambled,
};
const plans = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 420 }), fc.constantFrom(...FAULTS)), { minLength: 1, maxLength: 8 })
  .map((faults): Plan => new Map(faults));

describe('whatever fails, and whenever', () => {
  it('there is never a second pull request or merge, no effect without its audited intent, none after an abort, and every attempt ends', async function () {
    this.timeout(240_000);
    await fc.assert(
      fc.asyncProperty(plans, fc.constantFrom(...Object.keys(deliveries)), async (plan, delivery) => {
        const ordeal = new Ordeal(plan, deliveries[delivery]?.() ?? ((_e, send) => send()));
        expect(await ordeal.run()).to.deep.equal([]);
      }),
      { numRuns: Number(process.env['FAULT_RUNS'] ?? 60) },
    );
  });
});
