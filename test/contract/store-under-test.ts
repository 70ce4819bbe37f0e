import type { Clock } from '../../src/base/clock.js';
import type { ApplicationKey } from '../../src/model/application.js';
import { isReadable } from '../../src/model/mark.js';
import { isOpen, type DegradationDetected, type RollbackAttempt } from '../../src/model/rollback-attempt.js';
import type { Residue, SaveResult, StateStore, Versioned } from '../../src/ports/state-store.js';
import { attemptId, SHOP } from '../support/attempt-parts.js';
import { attemptIn } from '../support/attempts.js';

/** What an implementation brings to the contract suite of StateStore; one world per test. */
export interface StoreUnderTest {
  /** A new handle on the same store: another process, or the same one after a restart. */
  handle(): Promise<StateStore>;
  /** The clock by which the store keeps and drops. */
  readonly clock: Pick<Clock, 'now'>;
  /** Moves that clock. Absent where the server keeps time: then retention is tested beside this suite. */
  advance?(ms: number): Promise<void>;
  /** Lets go of every handle and of what is stored. */
  close(): Promise<void>;
}

export const CART: ApplicationKey = 'argocd/cart';

/** The stored version; fails the test on a conflict. */
export function savedOf(result: SaveResult): Versioned<RollbackAttempt> {
  if (result.kind === 'conflict') throw new Error('expected the store to save, it answered conflict');
  return result.stored;
}
export const openAttempt = (n = 1, overrides: Partial<DegradationDetected> = {}): DegradationDetected =>
  attemptIn('DegradationDetected', { id: attemptId(n), ...overrides });
export async function writerOf(world: StoreUnderTest, instance = 'one'): Promise<StateStore> {
  const store = await world.handle();
  await store.takeOver(instance);
  return store;
}
/** Opens an attempt and moves it to what is given. */
export async function put(
  store: StateStore,
  attempt: RollbackAttempt,
  residue: Residue = {},
): Promise<Versioned<RollbackAttempt>> {
  const { id, application } = attempt;
  const opened = savedOf(await store.open(openAttempt(1, { id, application })));
  return savedOf(
    await (isOpen(attempt)
      ? store.save(attempt, opened.revision, residue)
      : store.close(attempt, opened.revision, residue)),
  );
}
/** Everything a store can be asked for about the two applications of the suite. */
export async function contentOf(store: StateStore, ids: readonly string[]): Promise<object> {
  return {
    attempts: await Promise.all(ids.map((id) => store.load(id))),
    active: byRevision(await store.active()),
    owed: byRevision(await store.owed()),
    closed: await store.closed(100),
    checks: [await store.checks(SHOP), await store.checks(CART)],
    marks: (await store.allMarks(0))
      .filter(isReadable)
      .toSorted((a, b) => (`${a.kind}${a.attempt}` < `${b.kind}${b.attempt}` ? -1 : 1)),
    spends: await store.spends(0),
    ledger: [await store.ledger(SHOP), await store.ledger(CART)],
    baselines: [...(await store.baselines())],
    pauses: await store.pauses(),
  };
}
const byRevision = (found: readonly Versioned<RollbackAttempt>[]): readonly Versioned<RollbackAttempt>[] =>
  found.toSorted((a, b) => (a.revision < b.revision ? -1 : 1));
