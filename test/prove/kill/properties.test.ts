import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { PROPERTIES } from './judge.js';
import { PLACES } from './plots.js';
import { isIdle, scheduleOf, seedsOf, type Injury } from './schedule.js';

const KINDS: readonly Injury['kind'][] = [
  'failpoint',
  'kill',
  'term',
  'etcd',
  'nats',
  'lost-answer',
  'without-nats',
  'in-turn',
  'stand-still',
];

describe('the schedules and properties of the kill test', () => {
  it('are those of docs/proofs.md, property by property and function by function', () => {
    const [, page = ''] = readFileSync('docs/proofs.md', 'utf8').split('\n## The properties\n');
    const rows = page.matchAll(/^\| `(\w+)` \| [^|]+ \| ([^|]+) \|/gm);
    const told = [...rows].map(([, id, functions = '']) => [id, functions.trim()]);
    const judged = PROPERTIES.map((p) => [p.id, p.judgedBy.map((one) => `\`${one.name}\``).join(', ')]);
    expect(told).to.deep.equal(judged);
  });
  it('are the same every time, each once, and with a hundred of them every kind and every place has its schedule', () => {
    const seeds = seedsOf(100);
    expect(seeds.map(scheduleOf)).to.deep.equal(seedsOf(100).map(scheduleOf));
    expect(new Set(seeds).size).to.equal(100);
    const kinds = seeds.flatMap((seed) => scheduleOf(seed).injuries.map(({ kind }) => kind));
    for (const kind of KINDS) expect(kinds.filter((one) => one === kind).length, kind).to.be.greaterThan(1);
    // At a moment of their own: beside them etcd and NATS are killed in three states, one after the other.
    for (const server of ['etcd', 'nats'] as const) {
      const moments = seeds.flatMap((seed) => scheduleOf(seed).injuries.filter(({ kind }) => kind === server));
      expect(new Set(moments.map((i) => ('afterMs' in i ? i.afterMs : 0))).size, server).to.be.greaterThan(3);
    }
    const first = seeds.filter((seed) => seed < PLACES.length).map((seed) => scheduleOf(seed).injuries[0]);
    expect(first.map((i) => (i?.kind === 'failpoint' ? `${i.place}@${i.where}:${i.nth}` : i?.kind))).to.deep.equal(
      PLACES.map(({ place, where, nth }) => `${place}@${where}:${nth}`),
    );
    expect(seeds.filter(isIdle).length).to.be.greaterThan(0);
  });
});
