import { expect } from 'chai';
import type { InMemoryStateStore } from '../../src/adapters/memory/in-memory-state-store.js';
import { OperatorError } from '../../src/base/errors.js';
import type { ApplicationKey } from '../../src/model/application.js';
import type { OpenAttempt, RollbackAttempt } from '../../src/model/rollback-attempt.js';
import type { Versioned } from '../../src/ports/state-store.js';
import { FsmService } from '../../src/workflow/fsm-service.js';
import { settle, type Settled } from '../../src/workflow/settle.js';
import { attemptId, SHOP, T0 } from '../support/attempt-parts.js';
import { attemptAt, attemptIn } from '../support/attempts.js';
import { failureOf } from '../support/failure.js';
import { latchOf } from '../support/observations.js';
import { flush } from '../support/manual-clock.js';
import { Life } from '../support/operator-process.js';
import { OperatorWorld } from '../support/operator-world.js';

type Move = Exclude<Settled, { kind: 'rest' }>;
const confirm = (a: OpenAttempt, now = T0 + 20_000): Move =>
  settle(a, { kind: 'step', step: attemptAt('resolving').step, why: 'confirmed' } as never, now) as Move;
const abort = (a: OpenAttempt): Move =>
  settle(a, { kind: 'abort', reason: 'aborted-by-user', why: 'no' }, T0 + 20_000) as Move;

describe('the keeper of attempts', () => {
  let world: OperatorWorld;
  let store: InMemoryStateStore;
  let life: Life;
  let service: FsmService;
  beforeEach(async () => {
    world = new OperatorWorld();
    store = world.store();
    await store.takeOver('one');
    life = new Life();
    service = new FsmService(world.clock, life.port('store', store), life.port('audit', world.audit));
    await service.load();
    life.calls.length = 0;
  });
  const begin = async (n = 1, application: ApplicationKey = SHOP): Promise<Versioned<OpenAttempt>> => {
    await service.begin(attemptIn('DegradationDetected', { id: attemptId(n), application }), 'first check');
    return (await service.find(attemptId(n))) as Versioned<OpenAttempt>;
  };

  it('an abort that is stored while a doubted copy is read is not replaced by what was read', async () => {
    const at = await begin();
    // A write of ours whose answer was lost.
    await store.save({ ...at.value, version: 2 }, at.revision);
    service.distrust(attemptId());
    let answer = (): void => {};
    const asked = new Promise<void>((resolve) => (answer = resolve));
    life.after = async (call) => {
      life.after = () => {};
      if (call === 'store.load') await asked;
    };
    const slow = service.find(attemptId());
    const fresh = (await service.find(attemptId())) as Versioned<OpenAttempt>;
    await service.amend(fresh, (a) => ({ ...a, stop: { by: 'ada', via: 'cli', why: 'no', at: T0 } }));
    answer();
    expect((await slow)?.value, 'what was read is older')
      .to.include({ version: 3 })
      .and.to.have.property('stop');
    expect(service.known(attemptId())).to.include({ version: 3 });
  });
  it('an abort that is stored while an older write is still unanswered is not replaced by that answer', async () => {
    const at = await begin();
    let answer = (): void => {};
    const late = new Promise<void>((resolve) => (answer = resolve));
    life.after = async (call) => {
      life.after = () => {};
      if (call === 'store.save') await late;
    };
    const next = { ...attemptAt('resolving'), version: 2 };
    const moving = service.move(at, { kind: 'move', next, why: 'confirmed', residue: {} } as Move);
    await flush(3);
    service.distrust(attemptId());
    const stored = (await service.find(attemptId())) as Versioned<OpenAttempt>;
    await service.amend(stored, (a) => ({ ...a, stop: { by: 'ada', via: 'cli', why: 'no', at: T0 } }));
    answer();
    await moving;
    expect((await service.find(attemptId()))?.value)
      .to.include({ version: 3 })
      .and.to.have.property('stop');
  });
  it('an attempt that a restored store holds in an older version goes on from that', async () => {
    await begin();
    const old = [...world.shelf.attempts];
    for (let n = 0; n < 3; n++) {
      const at = (await service.find(attemptId())) as Versioned<OpenAttempt>;
      await service.amend(at, (a) => ({ ...a, stop: { by: 'ada', via: 'cli', why: `${n}`, at: T0 } }));
    }
    world.shelf.attempts.clear();
    for (const [id, stored] of old) world.shelf.attempts.set(id, stored);
    service.distrust(attemptId());
    const at = (await service.find(attemptId())) as Versioned<OpenAttempt>;
    expect(at.value.version).to.equal(1);
    expect((await service.move(at, abort(at.value))).kind).to.equal('moved');
    expect([service.known(attemptId())?.state, service.activeFor(SHOP), service.open()]).to.deep.equal([
      'Abort',
      undefined,
      [],
    ]);
  });
  it('an answer that comes after the end of its attempt does not take the place of the next one', async () => {
    const at = await begin(1);
    let answer = (): void => {};
    const late = new Promise<void>((resolve) => (answer = resolve));
    life.after = async (call) => {
      life.after = () => {};
      if (call === 'store.save') await late;
    };
    const amending = service.amend(at, (a) => ({ ...a, stop: { by: 'ada', via: 'cli', why: 'no', at: T0 } }));
    await flush(3);
    service.distrust(attemptId(1));
    const stored = (await service.find(attemptId(1))) as Versioned<OpenAttempt>;
    await service.move(stored, { kind: 'forget', why: 'not Degraded any more' } as Move);
    await begin(2);
    answer();
    await amending;
    expect([service.activeFor(SHOP), service.open().map((a) => a.id)]).to.deep.equal([attemptId(2), [attemptId(2)]]);
  });
  it('opens an attempt in this order: audit, store', async () => {
    await begin();
    expect(life.calls).to.deep.equal(['audit.append', 'store.open']);
    expect(world.only().witness).to.match(/^1:[0-9a-f]{64}$/);
    expect(service.activeFor(SHOP)).to.equal(attemptId());
  });
  it('opens no second one for an application, and records that it was not stored', async () => {
    await begin();
    expect(await service.begin(attemptIn('DegradationDetected', { id: attemptId(2) }), 'first check')).to.equal(
      undefined,
    );
    expect(world.audit.entries.at(-1)).to.include({
      subject: `${attemptId(2)}/1`,
      kind: 'outcome',
      text: 'not stored: changed meanwhile',
    });
    expect(world.attempts()).to.have.length(1);
  });
  it("moves an attempt in this order: audit, store with the audit's witness", async () => {
    const at = await begin();
    const moved = await service.move(at, confirm(at.value));
    expect(moved).to.include({ kind: 'moved', from: at.value });
    expect(life.calls.slice(2)).to.deep.equal(['audit.append', 'store.save']);
    expect(world.only()).to.deep.include({ version: 2 });
    expect(world.only().witness).to.match(/^2:/);
  });
  it('does not touch the store when the decision cannot be audited', async () => {
    const at = await begin();
    world.audit.breakDown();
    expect(await failureOf(service.move(at, confirm(at.value)))).to.equal('AUDIT_UNWRITABLE transient');
    expect(life.calls.filter((c) => c === 'store.save')).to.deep.equal([]);
    expect(world.only().version).to.equal(1);
  });
  it('a change that came in between wins: the decision is recorded as not stored, and the store is read again', async () => {
    const at = await begin();
    const other = world.store();
    await other.takeOver('two');
    await other.save(
      { ...at.value, version: 2, stop: { by: 'ada', via: 'cli', why: 'no', at: T0 } } as RollbackAttempt,
      at.revision,
    );
    await store.takeOver('one');
    expect(await service.move(at, confirm(at.value))).to.deep.equal({ kind: 'changed-meanwhile' });
    expect(world.audit.entries.at(-1)).to.include({
      subject: `${attemptId()}/2`,
      text: 'not stored: changed meanwhile',
    });
    expect((await service.find(attemptId()))?.value.stop?.by).to.equal('ada');
  });
  it('keeps its copy while the store is away, and moves it when the store is back', async () => {
    const at = await begin();
    life.before = (call) => {
      if (call === 'store.save') throw new OperatorError('STORE_UNAVAILABLE', 'transient', 'no route');
    };
    expect(await failureOf(service.move(at, confirm(at.value)))).to.equal('STORE_UNAVAILABLE transient');
    life.before = () => {};
    expect(await service.move(at, confirm(at.value))).to.include({ kind: 'moved' });
  });
  it('an attempt whose copy is in doubt still counts for the limits, but is read before it is moved', async () => {
    await begin();
    service.distrust(attemptId());
    expect(service.open().map((a) => a.id)).to.deep.equal([attemptId()]);
    life.calls.length = 0;
    await service.find(attemptId());
    await service.find(attemptId());
    expect(life.calls).to.deep.equal(['store.load']);
  });
  it('an attempt that the store has lost frees its application', async () => {
    const at = await begin();
    await store.forget(at.value as never, at.revision);
    service.distrust(attemptId());
    expect(await service.find(attemptId())).to.equal(undefined);
    expect(service.activeFor(SHOP)).to.equal(undefined);
    expect(service.open()).to.deep.equal([]);
  });
  it('a known attempt costs no read', async () => {
    await begin();
    life.calls.length = 0;
    await service.find(attemptId());
    expect(life.calls).to.deep.equal([]);
  });
  it('forgets a dismissed one after storing what is to be remembered', async () => {
    const at = await begin();
    const settled = settle(
      at.value,
      { kind: 'dismiss', why: 'already tried', remember: latchOf() } as never,
      T0,
    ) as Move;
    expect(await service.move(at, settled)).to.include({ kind: 'forgotten' });
    expect(life.calls.slice(2)).to.deep.equal(['audit.append', 'store.putMark', 'store.forget']);
    expect([world.attempts(), service.activeFor(SHOP), service.open()]).to.deep.equal([[], undefined, []]);
  });
  it('closes an aborted one with its latch, and keeps it as long as something is owed', async () => {
    const at = await begin();
    await service.move(at, abort(at.value));
    expect(life.calls.at(-1)).to.equal('store.close');
    expect([...world.shelf.marks.values()].map((m) => m.kind)).to.deep.equal(['latch']);
    expect(service.activeFor(SHOP)).to.equal(undefined);
    expect(service.known(attemptId())?.state).to.equal('Abort');
  });
  it('after a restart knows again what is open, owed and spent', async () => {
    const first = await begin(1);
    await service.move(first, abort(first.value));
    await begin(2, 'argocd/cart');
    const again = new FsmService(world.clock, store, world.audit);
    expect((await again.load()).toSorted()).to.deep.equal([attemptId(1), attemptId(2)]);
    expect(again.activeFor('argocd/cart')).to.equal(attemptId(2));
    expect(again.activeFor(SHOP)).to.equal(undefined);
  });
});
