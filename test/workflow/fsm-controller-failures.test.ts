import { expect } from 'chai';
import { OperatorError, type ErrorCategory } from '../../src/base/errors.js';
import type { ApplicationKey } from '../../src/model/application.js';
import { attemptId, T0 } from '../support/attempt-parts.js';
import { attemptAt } from '../support/attempts.js';
import { ABORT, Hallway, WAIT } from '../support/hallway.js';
import { flush } from '../support/manual-clock.js';
import { eventOf } from '../support/observations.js';

const throwing =
  (category: ErrorCategory, code = 'UPSTREAM', more: object = {}) =>
  (): never => {
    throw new OperatorError(code, category, 'because', more);
  };

describe('the controller', () => {
  let h: Hallway;
  beforeEach(async () => {
    h = await Hallway.create();
  });
  afterEach(() => h.close());

  describe('when a look fails', () => {
    for (const category of ['transient', 'unknown', 'conflict', 'config'] as const) {
      it(`because of something ${category}, it looks again after 4, 8, ... s`, async () => {
        await h.stored();
        h.modules.answer = throwing(category);
        const at: number[] = [];
        for (let i = 0; i < 6; i++) {
          const before = h.world.clock.now();
          await h.nudge();
          at.push((h.agenda.dueAt(attemptId()) ?? 0) - before);
        }
        expect(at).to.deep.equal([4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
        expect(h.world.standing()).to.equal('PRCreated/waiting-for-ci');
      });
    }
    for (const code of ['ARGOCD_TOO_LARGE', 'GITHUB_MALFORMED', 'GITHUB_LIST_TRUNCATED']) {
      it(`${code} says nothing about the attempt: it looks again`, async () => {
        await h.stored();
        h.modules.answer = throwing('terminal', code);
        await h.nudge();
        expect(h.world.standing()).to.equal('PRCreated/waiting-for-ci');
        expect(h.agenda.dueAt(attemptId())).to.equal(T0 + 4_000);
      });
    }
    it('obeys an upstream that asks for a longer pause', async () => {
      await h.stored();
      h.modules.answer = throwing('transient', 'UPSTREAM', { retryAfterMs: 90_000 });
      await h.nudge();
      expect(h.agenda.dueAt(attemptId())).to.equal(T0 + 90_000);
    });
    it('a look that succeeds starts the pauses anew', async () => {
      await h.stored();
      h.modules.answer = (_a, n) => (n === 3 ? WAIT : throwing('transient')());
      for (let i = 0; i < 4; i++) await h.nudge();
      expect(h.agenda.dueAt(attemptId())).to.equal(T0 + 4_000);
    });
    for (const [category, code, reason] of [
      ['denied', 'FORBIDDEN', 'denied'],
      ['terminal', 'BROKEN', 'internal'],
      ['bug', 'OOPS', 'internal'],
      ['terminal', 'ARGOCD_NOT_FOUND', 'application-gone'],
    ] as const) {
      it(`${code} (${category}) ends it as ${reason}`, async () => {
        await h.stored();
        h.modules.answer = throwing(category, code);
        await h.nudge();
        expect(h.world.standing()).to.equal(`Abort/${reason}`);
      });
    }
    it('an error that nobody classified ends it as internal', async () => {
      await h.stored();
      h.modules.answer = () => {
        throw new TypeError('x is not a function');
      };
      await h.nudge();
      expect(h.world.standing()).to.equal('Abort/internal');
    });
    it('a cancelled look changes nothing, and is repeated', async () => {
      await h.stored();
      h.modules.answer = (_a, n) => (n === 1 ? throwing('cancelled')() : WAIT);
      await h.nudge();
      expect(h.world.standing()).to.equal('PRCreated/waiting-for-ci');
      await h.tick(2);
      expect(h.modules.asked).to.have.length(2);
    });
  });

  describe('when the store or the audit log fails', () => {
    for (const [what, code] of [
      ['store.checks', 'STORE_UNAVAILABLE'],
      ['store.close', 'STORE_UNAVAILABLE'],
      ['audit.append', 'AUDIT_UNWRITABLE'],
    ] as const) {
      it(`in ${what}, the attempt is held, nothing is aborted, and it goes on when that is over`, async () => {
        await h.stored();
        h.modules.answer = () => ABORT;
        h.life.before = (call) => {
          if (call === what) throw new OperatorError(code, 'transient', 'away');
        };
        await h.nudge();
        await h.tick(10 * 60);
        expect([h.world.standing(), h.controller.trouble]).to.deep.equal(['PRCreated/waiting-for-ci', `${code}: away`]);
        h.life.before = () => {};
        await h.tick(31);
        expect([h.world.standing(), h.controller.trouble, h.moves]).to.deep.equal([
          'Abort/no-candidate',
          undefined,
          ['Abort'],
        ]);
      });
    }
    for (const code of ['STORE_UNAVAILABLE', 'STORE_RECORD_TOO_LARGE', 'AUDIT_UNWRITABLE']) {
      it(`on writing (${code}), attempts take turns however often they are nudged, and the first write frees all`, async () => {
        const apps = ['shop', 'cart', 'till'].map((name): ApplicationKey => `argocd/${name}`);
        for (const [i, application] of apps.entries())
          await h.stored({ ...attemptAt('waiting-for-ci'), id: attemptId(i + 1), application });
        h.modules.answer = () => ABORT;
        h.life.before = (call) => {
          if (call === 'store.close') throw new OperatorError(code, 'transient', 'no space');
        };
        for (let seconds = 0; seconds < 600; seconds++) {
          for (const [i, application] of apps.entries())
            h.controller.hear({
              ...eventOf('degradation.detected', seconds, application),
              correlationid: attemptId(i + 1),
            });
          await h.tick(1);
        }
        expect(h.modules.asked.length, 'looks at the upstreams, of three attempts in ten minutes').to.be.within(20, 30);
        expect(h.world.audit.entries.length, 'audit records').to.be.at.most(30);
        expect(h.controller.trouble).to.equal(`${code}: no space`);
        h.life.before = () => {};
        for (let seconds = 0; seconds < 35 && h.moves.length === 0; seconds++) await h.tick(1);
        await h.tick(1);
        expect([h.moves, h.controller.trouble]).to.deep.equal([['Abort', 'Abort', 'Abort'], undefined]);
      });
    }
    it('once the store is back, the last of many that waited is soon at work, though those before it have nothing to write', async () => {
      const ids = Array.from({ length: 12 }, (_, n) => attemptId(n + 1));
      for (const [n, id] of ids.entries())
        await h.stored({ ...attemptAt('waiting-for-human'), id, application: `argocd/a${n}` });
      h.modules.answer = () => ABORT;
      h.life.before = (call) => {
        if (call === 'store.close') throw new OperatorError('STORE_UNAVAILABLE', 'transient', 'no space');
      };
      for (const id of ids) h.controller.nudge(id);
      await h.tick(120);
      h.life.before = () => {};
      h.modules.answer = (a) => (a.id === ids.at(-1) ? ABORT : { ...WAIT, lookAgainAt: h.world.clock.now() + 5_000 });
      await h.tick(45);
      expect([h.moves, h.controller.trouble]).to.deep.equal([['Abort'], undefined]);
    });
    it('while what was spent cannot be read, nothing is decided but what people have stopped', async () => {
      for (const n of [1, 2])
        await h.stored({ ...attemptAt('waiting-for-human'), id: attemptId(n), application: `argocd/a${n}` });
      h.modules.answer = () => ({ kind: 'step', step: { name: 'deciding' }, why: 'x' });
      h.life.before = (call) => {
        if (call === 'store.spends') throw new OperatorError('STORE_UNAVAILABLE', 'transient', 'away');
      };
      h.service.doubtSpends();
      const at = await h.service.find(attemptId(1));
      if (at === undefined) throw new Error('not there');
      await h.service.amend(at, (a) => ({ ...a, stop: { by: 'ada', via: 'cli', why: 'no', at: T0 } }));
      for (const n of [1, 2]) h.controller.nudge(attemptId(n));
      await h.tick(5);
      expect([h.moves, h.modules.asked]).to.deep.equal([['Abort'], []]);
    });
    it('spends that cannot be read, whatever is wrong with them, hold an attempt and do not end it', async () => {
      await h.stored(attemptAt('waiting-for-human'));
      h.life.before = (call) => {
        if (call === 'store.spends') throw new OperatorError('STORE_RECORD_TOO_LARGE', 'terminal', 'larger than max');
      };
      h.service.doubtSpends();
      await h.nudge();
      expect([h.world.standing(), h.controller.trouble]).to.deep.equal([
        'AwaitingMergeApproval/waiting-for-human',
        'STORE_UNAVAILABLE: What was spent cannot be read, so nothing is decided: STORE_RECORD_TOO_LARGE: larger than max',
      ]);
    });
    it('one that fails before it gets to write does not keep the turn', async () => {
      for (const n of [1, 2, 3])
        await h.stored({ ...attemptAt('waiting-for-human'), id: attemptId(n), application: `argocd/a${n}` });
      h.modules.answer = () => ABORT;
      h.life.before = (call) => {
        if (call === 'store.close') throw new OperatorError('STORE_UNAVAILABLE', 'transient', 'no space');
      };
      for (const n of [1, 2, 3]) h.controller.nudge(attemptId(n));
      await h.tick(5);
      h.life.before = () => {};
      h.modules.answer = (a) => (a.id === attemptId(1) ? throwing('transient', 'STORE_UNAVAILABLE')() : ABORT);
      await h.tick(40);
      expect(h.moves).to.deep.equal(['Abort', 'Abort']);
    });
    it('an effect that cannot be announced, because the disk is full, takes turns as well', async () => {
      for (const n of [1, 2, 3])
        await h.stored({ ...attemptAt('waiting-for-human'), id: attemptId(n), application: `argocd/a${n}` });
      h.modules.answer = throwing('transient', 'AUDIT_UNWRITABLE');
      for (const n of [1, 2, 3]) h.controller.nudge(attemptId(n));
      await h.tick(600);
      expect(h.modules.asked.length).to.be.within(20, 30);
    });
    it('what a person asks for during a step that cannot be written is looked at right after it', async () => {
      for (const n of [1, 2])
        await h.stored({ ...attemptAt('waiting-for-human'), id: attemptId(n), application: `argocd/a${n}` });
      h.modules.answer = () => ABORT;
      let fail = (): void => {};
      h.life.before = (call) =>
        call === 'store.close'
          ? new Promise((_resolve, reject) => {
              fail = () => reject(new OperatorError('STORE_UNAVAILABLE', 'transient', 'no answer'));
            })
          : undefined;
      h.controller.nudge(attemptId(1));
      await flush(5);
      fail();
      await flush(5);
      h.controller.nudge(attemptId(2));
      await flush(5);
      h.controller.nudge(attemptId(2));
      h.life.before = () => {};
      fail();
      await flush(5);
      expect((await h.store.load(attemptId(2)))?.value.state).to.equal('Abort');
    });
    it('a person is not made to wait for a turn', async () => {
      await h.stored();
      h.modules.answer = () => ABORT;
      h.life.before = (call) => {
        if (call === 'store.close') throw new OperatorError('STORE_UNAVAILABLE', 'transient', 'no space');
      };
      await h.nudge();
      await h.tick(60);
      h.life.before = () => {};
      await h.nudge();
      expect(h.world.standing()).to.equal('Abort/no-candidate');
    });
    it('a module that meets it does not end the attempt either', async () => {
      await h.stored();
      h.modules.answer = throwing('transient', 'STORE_UNAVAILABLE');
      await h.nudge();
      expect([h.world.standing(), h.controller.trouble]).to.deep.equal([
        'PRCreated/waiting-for-ci',
        'STORE_UNAVAILABLE: because',
      ]);
    });
    it('a deadline that passes meanwhile is judged by one fresh look afterwards: what has come true counts', async () => {
      await h.stored();
      h.life.before = (call) => {
        if (call === 'store.checks') throw new OperatorError('STORE_UNAVAILABLE', 'transient', 'away');
      };
      await h.nudge();
      await h.tick(20 * 60);
      h.life.before = () => {};
      h.modules.answer = (a) =>
        a.state === 'PRCreated'
          ? { kind: 'advance', to: 'AwaitingMergeApproval', with: { step: { name: 'deciding' } }, why: 'CI succeeded' }
          : WAIT;
      await h.tick(2);
      expect(h.world.standing()).to.equal('AwaitingMergeApproval/deciding');
    });
  });
});
