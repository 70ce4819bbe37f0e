import { expect } from 'chai';
import type { Pause } from '../../src/model/mark.js';
import { Pauses } from '../../src/workflow/pauses.js';
import { SHOP } from '../support/attempt-parts.js';
import { FakeKillSwitch } from '../support/fakes/fake-outside.js';
import { pauseOf } from '../support/observations.js';

describe('the pauses', () => {
  for (const order of ['kill first', 'kill last']) {
    it(`a kill is not replaced by a plain pause of its scope, ${order}: it may stand for a record that nobody can read`, async () => {
      const plain: Pause = { ...pauseOf(), scope: 'operator', kill: false };
      const kill: Pause = { ...plain, kill: true, by: 'unknown' };
      const stored = order === 'kill first' ? [kill, plain] : [plain, kill];
      const store = { pauses: async () => stored, putPause: async () => {}, dropPause: async () => {} };
      const pauses = new Pauses(store, new FakeKillSwitch());
      await pauses.load();
      expect(pauses.of(SHOP)).to.deep.equal(kill);
    });
  }
});
