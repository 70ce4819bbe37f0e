import { expect } from 'chai';
import { OperatorError } from '../../src/base/errors.js';
import { IntakeTrouble } from '../../src/workflow/intake-trouble.js';
import { FakeLogger } from '../support/fakes/fake-outside.js';
import { T0 } from '../support/attempt-parts.js';
import { ManualClock } from '../support/manual-clock.js';

const AWAY = new OperatorError('STORE_UNAVAILABLE', 'transient', 'etcd is away');
const FULL = new OperatorError('AUDIT_UNWRITABLE', 'transient', 'no space left');
const LARGE = new OperatorError('STORE_RECORD_TOO_LARGE', 'terminal', 'too large');

describe('checks that are not taken in', () => {
  let clock: ManualClock;
  let logger: FakeLogger;
  let trouble: IntakeTrouble;
  beforeEach(() => {
    clock = new ManualClock(T0);
    logger = new FakeLogger();
    trouble = new IntakeTrouble(clock, logger);
  });

  it('are told once per outage, and once when it is over, with how many were missed', async () => {
    for (let n = 0; n < 30; n++) trouble.failed(n % 2 === 0 ? 'argocd/shop' : 'argocd/cart', AWAY);
    expect(trouble.present).to.equal('STORE_UNAVAILABLE: etcd is away');
    await clock.advance(90_000);
    trouble.taken('argocd/cart');
    trouble.taken('argocd/shop');
    expect(trouble.present).to.equal(undefined);
    expect(logger.lines).to.deep.equal([
      {
        level: 'error',
        message: 'health checks are not taken in, so nothing is begun; said once until they are',
        fields: { application: 'argocd/shop', error: AWAY },
      },
      {
        level: 'info',
        message: 'health checks are taken in again',
        fields: { missed: 30, applications: 2, seconds: 90 },
      },
    ]);
  });
  it('are told again when the cause is another one', () => {
    for (const error of [AWAY, AWAY, FULL, FULL]) trouble.failed('argocd/shop', error);
    expect(logger.lines.map(({ fields }) => fields['error'])).to.deep.equal([AWAY, FULL]);
  });
  it('do not count as over because of an application that missed none', () => {
    trouble.failed('argocd/shop', FULL);
    trouble.taken('argocd/cart');
    trouble.failed('argocd/shop', FULL);
    expect(logger.lines).to.have.length(1);
  });
  it('are told once for the one application that is to blame, while the others go on', () => {
    for (let n = 0; n < 3; n++) {
      trouble.failed('argocd/shop', LARGE);
      trouble.taken('argocd/cart');
    }
    trouble.taken('argocd/shop');
    trouble.taken('argocd/shop');
    expect(logger.lines.map(({ level, fields }) => [level, fields['application']])).to.deep.equal([
      ['error', 'argocd/shop'],
      ['info', 'argocd/shop'],
    ]);
  });
});
