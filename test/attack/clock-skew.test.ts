import { expect } from 'chai';
import { manifestPath } from '../support/operator-world.js';
import { Itinerary } from '../../src/stages/itinerary.js';
import { human } from '../support/fakes/fake-github.js';
import { ShopCase } from '../support/shop-case.js';
import { attemptId } from '../support/attempt-parts.js';

const HOUR = 3_600_000;

/** GitHub dates a pull request by its own clock; ours may be ahead of it. */
describe("a clock that is ahead of GitHub's", () => {
  let shop: ShopCase;
  beforeEach(async () => {
    shop = await new ShopCase().degrade();
    const { world } = shop;
    world.github.now = () => world.clock.now() - HOUR;
  });
  const lostAnswer = async (retryOf?: string) => {
    const start = shop.confirmed(retryOf === undefined ? {} : { retryOf });
    const intent = await shop.at('intent-pr', start);
    await shop.process.container.get(Itinerary).handle(intent, shop.signal);
    expect(shop.world.github.open()).to.have.length(1);
    return intent;
  };
  const handle = async (a: Awaited<ReturnType<typeof lostAnswer>>) =>
    shop.process.container.get(Itinerary).handle(a, shop.signal);

  it('opens no second pull request after a person merged the first before it was seen', async () => {
    const intent = await lostAnswer();
    shop.world.github.merge(1, human('dev'));
    const outcome = await handle(intent);
    expect(shop.world.github.pullRequests).to.have.length(1);
    expect(outcome).to.deep.include({ kind: 'advance', to: 'RollbackMerged' });
    expect(shop.world.github.git.read(shop.world.github.git.head(), manifestPath('shop'))).to.equal('shop: v1\n');
  });
  it("takes a person's closing for the veto it is, also in a retry", async () => {
    const intent = await lostAnswer(attemptId(9));
    shop.world.github.close(1, human('dev'));
    expect(await handle(intent)).to.deep.include({ kind: 'abort', reason: 'pr-closed-by-human' });
    expect(shop.world.github.pullRequests).to.have.length(1);
  });
});
