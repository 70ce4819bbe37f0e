import { ordersOf } from '../../src/app/doors.js';
import type { OperatorOrders } from '../../src/app/operator-orders.js';
import { OperatorError } from '../../src/base/errors.js';
import { isOpen, type AttemptId } from '../../src/model/rollback-attempt.js';
import type { Role, Who } from '../../src/surface/role.js';
import { startOperator, type OperatorProcess } from '../support/operator-process.js';
import { OperatorWorld } from '../support/operator-world.js';

export const someone = (role: Role = 'operator'): Who => ({ name: 'ada', role, via: 'cli' });

/** A running operator on a world with `argocd/shop`, and what people may order of it. */
export class OrdersBench {
  readonly world = new OperatorWorld();
  operator!: OperatorProcess;
  orders!: OperatorOrders;

  static async start(): Promise<OrdersBench> {
    const bench = new OrdersBench();
    bench.world.install();
    bench.operator = await startOperator(bench.world);
    bench.orders = ordersOf(bench.operator.container, bench.operator.outside);
    await bench.world.clock.advance(5_000, 2);
    return bench;
  }
  /** The bad version is deployed, and the attempt walks until it stands at `standing` (`PRCreated/waiting-for-ci`). */
  async until(standing: string): Promise<AttemptId> {
    if (this.world.attempts().length === 0) this.world.breakDown();
    for (let i = 0; i < 400; i++) {
      if (this.world.attempts().length > 0 && this.world.standing() === standing) return this.world.only().id;
      await this.world.clock.advance(1_000, 2);
    }
    throw new Error(
      `never at ${standing}, but at ${this.world.attempts().length > 0 ? this.world.standing() : 'nothing'}`,
    );
  }
  /** The checks of the pull request do not finish. */
  keepCiPending(): void {
    this.world.github.ci = [{ name: 'validate', kind: 'check-run', state: 'pending', conclusion: 'queued' }];
  }
  finishCi(): void {
    this.world.github.ci = [{ name: 'validate', kind: 'check-run', state: 'success', conclusion: 'success' }];
  }
  async passes(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i++) await this.world.clock.advance(1_000, 2);
  }
  open(): number {
    return this.world.attempts().filter(isOpen).length;
  }
  /** What a port throws from now on: `audit.append`, `store.putPause`. */
  breakDown(...calls: readonly string[]): void {
    this.operator.life.before = (call) => {
      if (calls.some((c) => call.startsWith(c)))
        throw new OperatorError('STORE_UNAVAILABLE', 'transient', `${call}: away`);
    };
  }
  mend(): void {
    this.operator.life.before = () => {};
  }
  commands(): readonly string[] {
    return this.world.audit.entries
      .filter((e) => e.kind === 'command')
      .map((e) => `${e.subject} by ${e.actor}: ${e.text}`);
  }
  stop(): void {
    this.operator.kill();
  }
}
