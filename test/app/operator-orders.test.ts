import { expect } from 'chai';
import { pullRequestOf } from '../../src/model/rollback-attempt.js';
import { attemptId, SHOP, T0 } from '../support/attempt-parts.js';
import { human } from '../support/fakes/fake-github.js';
import { OrdersBench, someone } from './orders-bench.js';

const OTHER = 'argocd/other';

describe('what people order', () => {
  let bench: OrdersBench;
  beforeEach(async () => {
    bench = await OrdersBench.start();
  });
  afterEach(() => {
    bench.stop();
  });

  describe('an abort', () => {
    it('while checks are waited for ends the attempt, closes the pull request, and is in the audit log with who and why', async () => {
      bench.keepCiPending();
      const id = await bench.until('PRCreated/waiting-for-ci');
      const answer = await bench.orders.abort(id, someone(), 'fix forward');
      expect(answer).to.include({ kind: 'stopping', settling: false });
      await bench.passes(10);
      expect(bench.world.standing()).to.equal('Abort/aborted-by-user');
      expect(bench.world.github.open()).to.deep.equal([]);
      expect(bench.commands()).to.deep.equal([`abort/${id} by ada (operator, cli): abort: fix forward`]);
    });

    it('that meets the intent to open a pull request is settled first: what is found is closed', async () => {
      bench.operator.life.after = async (call) => {
        if (call !== 'github.createPullRequest') return;
        bench.operator.life.after = () => {};
        const answer = await bench.orders.abort(bench.world.only().id, someone(), 'stop');
        expect(answer).to.include({ kind: 'stopping', settling: true });
      };
      await bench.until('Abort/aborted-by-user');
      await bench.passes(10);
      expect(bench.world.github.pullRequests.map((p) => [p.state, p.merged])).to.deep.equal([['closed', undefined]]);
    });

    it('after the merge comes too late: it says so, and the verification goes on to its end', async () => {
      const id = await bench.until('RollbackMerged/verifying');
      const answer = await bench.orders.abort(id, someone(), 'stop');
      expect(answer.kind).to.equal('too-late');
      expect(answer).to.have.property('why', 'The abort came too late: it is merged; verification goes on.');
      expect(answer).to.have.nested.property('attempt.next.text').that.contains('The abort of ada came too late');
      expect((await bench.orders.abort(id, someone(), 'again')).kind).to.equal('too-late');
      await bench.until('RollbackComplete');
      expect(bench.commands()).to.have.length(1);
    });

    it('of an id that nobody knows, or of an ended attempt, changes nothing', async () => {
      expect(await bench.orders.abort(attemptId(9), someone(), 'stop')).to.deep.equal({ kind: 'not-found' });
      const id = await bench.until('RollbackComplete');
      expect((await bench.orders.abort(id, someone(), 'stop')).kind).to.equal('already-ended');
      expect(bench.commands()).to.deep.equal([]);
    });

    for (const [what, call] of [
      ['audit log', 'audit.append'],
      ['store', 'store.save'],
    ] as const) {
      it(`while the ${what} is away is unavailable, and yet no new effect starts`, async () => {
        bench.keepCiPending();
        const id = await bench.until('PRCreated/waiting-for-ci');
        bench.breakDown(call);
        expect((await bench.orders.abort(id, someone(), 'stop')).kind).to.equal('unavailable');
        bench.mend();
        bench.finishCi();
        await bench.passes(120);
        expect(bench.world.github.merges).to.equal(0);
        await bench.orders.abort(id, someone(), 'stop');
        await bench.passes(10);
        expect(bench.world.standing()).to.equal('Abort/aborted-by-user');
      });
    }
  });

  describe('a pause', () => {
    it('of one application starts nothing for it, and is told once', async () => {
      const answer = await bench.orders.pause(SHOP, someone(), 'load test');
      expect(answer).to.deep.equal({
        kind: 'paused',
        pause: { scope: SHOP, kill: false, by: 'ada', why: 'load test', at: T0 + 5_000 },
      });
      expect((await bench.orders.pause(SHOP, someone(), 'again')).kind).to.equal('already-paused');
      bench.world.breakDown();
      await bench.passes(60);
      expect(bench.world.attempts()).to.deep.equal([]);
      expect(bench.commands()).to.deep.equal([`pause/${SHOP} by ada (operator, cli): pause: load test`]);
    });
    it('of an application that no list ever showed is not found', async () => {
      expect(await bench.orders.pause(OTHER, someone(), 'x')).to.deep.equal({ kind: 'not-found' });
    });
    it('holds at once even when neither store nor audit log take it, and is stored by ordering it again', async () => {
      bench.breakDown('audit.append', 'store.putPause');
      expect((await bench.orders.pause('operator', someone(), 'strange')).kind).to.equal('unavailable');
      expect(bench.operator.pauses.of(SHOP)?.why).to.equal('strange');
      bench.mend();
      expect((await bench.orders.pause('operator', someone(), 'again')).kind).to.equal('paused');
      expect([...bench.world.shelf.pauses.values()].map((p) => p.why)).to.deep.equal(['strange']);
      expect((await bench.orders.pause('operator', someone(), 'again')).kind).to.equal('already-paused');
    });
  });

  describe('a resume', () => {
    it('sets the baseline: what was red before it starts no attempt, what degrades after it does', async () => {
      await bench.orders.pause(SHOP, someone(), 'load test');
      bench.world.breakDown();
      await bench.passes(30);
      expect(await bench.orders.resume(SHOP, someone(), 'done')).to.deep.equal({ kind: 'resumed', scope: SHOP });
      await bench.passes(60);
      expect(bench.world.attempts()).to.deep.equal([]);
      bench.world.health(SHOP, 'Healthy');
      await bench.passes(20);
      bench.world.health(SHOP, 'Degraded');
      await bench.passes(20);
      expect(bench.open()).to.equal(1);
    });
    it('of everything opens the brake', async () => {
      for (const name of ['a', 'b', 'c']) bench.world.install(name);
      await bench.passes(15);
      for (const name of ['a', 'b', 'c']) bench.world.breakDown(`argocd/${name}`);
      await bench.passes(15);
      expect(bench.operator.admission.brake('staging')).to.be.a('string');
      expect(await bench.orders.resume('operator', someone(), 'it was the network')).to.deep.equal({
        kind: 'brake-opened',
        environments: ['staging'],
      });
      expect(bench.operator.admission.brake('staging')).to.equal(undefined);
    });
    it('of what is not paused is not a success', async () => {
      expect(await bench.orders.resume('operator', someone(), 'x')).to.deep.equal({ kind: 'not-paused' });
      expect(bench.commands()).to.deep.equal([]);
    });
    it('cannot lift a kill file: whoever removes the file does', async () => {
      bench.world.killSwitch.pause = { scope: 'operator', kill: true, by: 'kill file /kill', why: 'it exists', at: T0 };
      expect((await bench.orders.resume('operator', someone('admin'), 'x')).kind).to.equal('held-by-kill-file');
      bench.world.killSwitch.pause = undefined;
      expect(bench.operator.pauses.of(SHOP)?.kill).to.equal(true);
      expect((await bench.orders.resume('operator', someone('admin'), 'x')).kind).to.equal('resumed');
      expect(bench.operator.pauses.of(SHOP)).to.equal(undefined);
      expect((await bench.orders.resume('operator', someone('admin'), 'x')).kind).to.equal('not-paused');
    });
  });

  it('a kill switch pauses everything, and only an approver lifts it', async () => {
    expect((await bench.orders.kill(someone(), 'strange')).kind).to.equal('killed');
    expect((await bench.orders.kill(someone(), 'again')).kind).to.equal('already-killed');
    expect(await bench.orders.resume('operator', someone(), 'done')).to.include({
      kind: 'role-too-low',
      needs: 'approver',
    });
    expect(bench.operator.pauses.of(SHOP)?.kill).to.equal(true);
    expect(await bench.orders.resume('operator', someone('approver'), 'done')).to.deep.equal({
      kind: 'resumed',
      scope: 'operator',
    });
  });
  it('a kill switch overrules an ordinary pause', async () => {
    await bench.orders.pause('operator', someone(), 'migration');
    expect((await bench.orders.kill(someone(), 'strange')).kind).to.equal('killed');
    expect((await bench.orders.resume('operator', someone(), 'done')).kind).to.equal('role-too-low');
  });

  describe('a retry', () => {
    it('allows one more try for what was aborted, with the onset of the first', async () => {
      bench.keepCiPending();
      const first = await bench.until('PRCreated/waiting-for-ci');
      await bench.orders.abort(first, someone(), 'stop');
      await bench.until('Abort/aborted-by-user');
      await bench.passes(30);
      expect(bench.open()).to.equal(0);
      expect(await bench.orders.retry(SHOP, someone(), 'once more')).to.deep.equal({ kind: 'lifted', attempt: first });
      await bench.passes(15);
      const again = bench.world.attempts().find((a) => a.id !== first);
      expect(again).to.include({ retryOf: first, onset: bench.world.attempts().find((a) => a.id === first)?.onset });
    });
    it('of what a mark that cannot be read may be about lifts nothing, and says which and the mend', async () => {
      bench.keepCiPending();
      await bench.orders.abort(await bench.until('PRCreated/waiting-for-ci'), someone(), 'stop');
      await bench.until('Abort/aborted-by-user');
      bench.world.unread.marks = [{ kind: 'unreadable', application: SHOP, why: 'the record k: delete it' }];
      expect(await bench.orders.retry(SHOP, someone('admin'), 'once more')).to.deep.equal({
        kind: 'nothing-to-retry',
        why: 'No retry lifts a mark that nobody can read: the record k: delete it.',
      });
    });
    it("of a person's veto needs an approver", async () => {
      bench.keepCiPending();
      const id = await bench.until('PRCreated/waiting-for-ci');
      const pr = pullRequestOf(bench.world.only());
      bench.world.github.close(pr?.number ?? 0, human('maria'));
      await bench.until('Abort/pr-closed-by-human');
      expect(await bench.orders.retry(SHOP, someone(), 'but I want to')).to.include({
        kind: 'role-too-low',
        needs: 'approver',
      });
      expect(await bench.orders.retry(SHOP, someone('approver'), 'agreed')).to.deep.equal({
        kind: 'lifted',
        attempt: id,
      });
    });
    it('says when there is nothing to retry, an attempt under way, or no such application', async () => {
      expect((await bench.orders.retry(SHOP, someone(), 'x')).kind).to.equal('nothing-to-retry');
      expect((await bench.orders.retry(OTHER, someone(), 'x')).kind).to.equal('not-found');
      bench.keepCiPending();
      const id = await bench.until('PRCreated/waiting-for-ci');
      expect(await bench.orders.retry(SHOP, someone(), 'x')).to.deep.equal({ kind: 'attempt-active', attempt: id });
    });
    it('is unavailable while Argo CD cannot say what is deployed', async () => {
      bench.breakDown('argocd.getApplicationHealth');
      expect((await bench.orders.retry(SHOP, someone(), 'x')).kind).to.equal('unavailable');
    });
  });

  it('a quarantine is lifted by an approver, and by nobody below', async () => {
    const id = await bench.until('RollbackComplete');
    const marks = (): readonly string[] =>
      [...bench.world.shelf.marks.values()].map((m) => m.kind).filter((k) => k === 'quarantine');
    expect(await bench.orders.liftQuarantine(id, someone(), 'x')).to.include({
      kind: 'role-too-low',
      needs: 'approver',
    });
    expect(marks()).to.deep.equal(['quarantine']);
    expect(await bench.orders.liftQuarantine(id, someone('approver'), 'it was the database')).to.deep.equal({
      kind: 'lifted',
      attempt: id,
    });
    expect(marks()).to.deep.equal([]);
    expect((await bench.orders.liftQuarantine(id, someone('approver'), 'x')).kind).to.equal('not-found');
  });
});
