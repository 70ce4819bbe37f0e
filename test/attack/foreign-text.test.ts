import { expect } from 'chai';
import { MergeController } from '../../src/stages/5-merge/merge-controller.js';
import { ShopCase } from '../support/shop-case.js';

describe('comments of strangers', () => {
  let shop: ShopCase;
  beforeEach(async () => {
    shop = await new ShopCase().degrade();
  });
  const asked = (): number => shop.process.sourceControl.hooks.calls.filter((c) => c.startsWith('getRole')).length;

  it('cost one question per person, however often he writes /abort', async () => {
    const a = await shop.at('deciding');
    for (let i = 0; i < 200; i++) shop.world.github.comment(1, 'stranger', '/abort');
    await shop.process.container.get(MergeController).decide(a, shop.signal);
    expect(asked()).to.equal(1);
  });
  it('cannot crowd out the one of a maintainer who comes after them', async () => {
    const a = await shop.at('deciding');
    for (let i = 0; i < 50; i++) shop.world.github.comment(1, `stranger-${i}`, '/abort');
    shop.world.github.roles.set('dev', 'write');
    shop.world.github.comment(1, 'dev', '/abort');
    const outcome = await shop.process.container.get(MergeController).decide(a, shop.signal);
    expect(outcome).to.deep.include({ kind: 'abort', reason: 'aborted-by-user' });
    expect(asked()).to.be.at.most(20);
  });
});
