import { expect } from 'chai';
import { WriteTurns } from '../../src/workflow/write-turns.js';

describe('turns of those that could not write', () => {
  let now = 0;
  let turns: WriteTurns<string>;
  beforeEach(() => {
    now = 0;
    turns = new WriteTurns({ monotonic: () => now });
  });

  it('are nobody’s business as long as writing succeeds', () => {
    expect([turns.waitMs('a'), turns.take('a'), turns.free()]).to.deep.equal([0, true, []]);
  });
  it('come 1, 2, 4, ... 30 s apart for one alone', () => {
    const waits: number[] = [];
    for (let i = 0; i < 7; i++) {
      turns.failed('a');
      waits.push(turns.waitMs('a'));
      now += turns.waitMs('a');
    }
    expect(waits).to.deep.equal([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });
  it('go to the one that has waited longest; those that failed side by side are one failure', () => {
    for (const who of ['a', 'b', 'c']) turns.failed(who);
    expect(['a', 'b', 'c', 'new'].map((who) => turns.waitMs(who))).to.deep.equal([1_000, 2_000, 3_000, 0]);
    now = 1_000;
    expect(['b', 'a', 'c'].map((who) => turns.take(who))).to.deep.equal([false, true, false]);
    turns.failed('a');
    expect(['b', 'c', 'a'].map((who) => turns.waitMs(who))).to.deep.equal([2_000, 3_000, 4_000]);
  });
  it('are not put off by those that fail for the first time, and begin short again after a success', () => {
    for (const who of ['a', 'a', 'a', 'a', 'a']) turns.failed(who);
    expect(turns.waitMs('a')).to.equal(16_000);
    now = 15_000;
    turns.failed('new');
    expect(['a', 'new'].map((who) => turns.waitMs(who))).to.deep.equal([1_000, 2_000]);
    turns.free();
    turns.failed('a');
    expect(turns.waitMs('a')).to.equal(1_000);
  });
  it('pass on to the next when the first does not come', () => {
    for (const who of ['a', 'b', 'c']) turns.failed(who);
    now = 2_000;
    expect(turns.take('b')).to.equal(true);
    expect(turns.waitMs('a'), 'one tries at a time').to.equal(1_000);
  });
  it('are given up by one that has nothing to write, and all end with a write that succeeds', () => {
    for (const who of ['a', 'b', 'c']) turns.failed(who);
    now = 1_000;
    turns.take('a');
    turns.leave('a');
    expect([turns.waitMs('a'), turns.take('b')]).to.deep.equal([0, true]);
    expect(turns.free()).to.deep.equal(['b', 'c']);
    expect(['a', 'b', 'c'].map((who) => turns.waitMs(who))).to.deep.equal([0, 0, 0]);
  });
});
