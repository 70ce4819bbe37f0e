import { expect } from 'chai';
import fc from 'fast-check';
import { FleetLines } from '../../../src/adapters/argocd/fleet-lines.js';
import type { FleetListRead } from '../../../src/adapters/argocd/fleet-list-read.js';
import { decodeList } from '../../../src/adapters/argocd/list-decoder.js';
import { OperatorError } from '../../../src/base/errors.js';
import type { FleetEntry } from '../../../src/model/application.js';
import { application } from './argocd-fixture.js';

type Json = Record<string, unknown>;
const TIME = '2026-08-19T09:10:07Z';
const item = (status: Json = {}): Json =>
  application({ health: { status: 'Healthy', lastTransitionTime: TIME }, ...status });
const named = (name: string, status: Json = {}): Json => ({ ...item(status), metadata: { namespace: 'argocd', name } });
const fleet = (count: number): Json[] => Array.from({ length: count }, (_, n) => named(`shop-${n}`));
const listOf = (items: readonly Json[]): string =>
  `{"metadata":{},"items":[${items.map((i) => `${JSON.stringify(i)}\n`).join(',')}]}`;

async function* pieces(body: Buffer, size: number): AsyncGenerator<Buffer, void> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}
interface Reading {
  readonly lines: readonly FleetEntry[];
  /** So many items had to be parsed. */
  readonly parsed: number;
}
async function read(by: FleetLines, text: string, size = 48 * 1024): Promise<Reading> {
  const list = by.begin();
  const seen = { parsed: 0 };
  await decodeList(pieces(Buffer.from(text), size), counting(list, seen));
  by.keep(list);
  return { lines: list.values, parsed: seen.parsed };
}
const counting = (list: FleetListRead, seen: { parsed: number }): Parameters<typeof decodeList>[1] => ({
  take: (items, bytes) => {
    seen.parsed += items.length;
    list.take(items, bytes);
  },
  get expected() {
    return list.expected;
  },
  recall: () => list.recall(),
  beforeRun: (items) => list.beforeRun(items),
});
const afresh = async (text: string): Promise<readonly FleetEntry[]> => (await read(new FleetLines(), text)).lines;
const readOne = async (by: FleetLines, one: Json): Promise<FleetEntry | undefined> =>
  (await read(by, listOf([one]))).lines[0];

describe('lines of the fleet list', () => {
  it('are the same object while they show the same, and another one when anything changes', async () => {
    const lines = new FleetLines();
    const first = await readOne(lines, item());
    expect(await readOne(lines, item())).to.equal(first);
    const changes: readonly Json[] = [
      item({ health: { status: 'Degraded', lastTransitionTime: TIME } }),
      item({ health: { status: 'Degraded', lastTransitionTime: '2026-08-19T09:10:08Z' } }),
      item({ sync: { status: 'OutOfSync', revision: 'a'.repeat(40) } }),
      item({ sync: { status: 'OutOfSync', revision: 'b'.repeat(40) } }),
      item({ operationState: { phase: 'Running' } }),
      item({ operationState: { phase: 'Running', finishedAt: TIME } }),
      { ...item(), spec: { project: 'other' } },
      { ...item(), spec: { project: 'other', destination: { namespace: 'x' } } },
    ];
    let before = first;
    for (const change of changes) {
      const line = await readOne(lines, change);
      expect(line).to.not.equal(before);
      expect(line).to.deep.equal(await readOne(new FleetLines(), change));
      before = line;
    }
  });
  it('that cannot be read are named with their place in the list', async () => {
    const faultOf = (items: readonly Json[]): Promise<unknown> =>
      read(new FleetLines(), listOf(items)).catch((e: unknown) => e);
    const nameless = await faultOf([...fleet(300), { metadata: { name: 7, namespace: 'a' } }]);
    expect((nameless as OperatorError).message).to.match(/items\.300\.metadata\.name/);
    const odd = await faultOf([...fleet(3), { ...item(), status: { health: { status: 7 } } }]);
    expect((odd as OperatorError).message).to.match(/items\.3\.status\.health\.status/);
  });
  it('cost no parse while they are written as they were', async () => {
    const lines = new FleetLines();
    const text = listOf(fleet(1_000));
    const first = await read(lines, text);
    const again = await read(lines, text);
    expect([first.parsed, again.parsed]).to.deep.equal([1_000, 1_000 % 16]);
    expect(again.lines.length).to.equal(1_000);
    expect(again.lines.every((line, n) => line === first.lines[n])).to.equal(true);
  });
  it('show a change of one byte, and cost a parse only for its neighbours', async () => {
    const lines = new FleetLines();
    const before = fleet(1_000);
    let shown = (await read(lines, listOf(before))).lines;
    for (const at of [0, 15, 16, 500, 991, 999]) {
      const changed = before.with(at, named(`shop-${at}`, { sync: { status: 'Synced', revision: 'e'.repeat(40) } }));
      const { lines: now, parsed } = await read(lines, listOf(changed));
      expect(now[at]?.syncRevision).to.equal('e'.repeat(40));
      expect(parsed).to.be.at.most(16 + (1_000 % 16));
      expect(now.filter((line, n) => line !== shown[n])).to.deep.equal([now[at]]);
      const back = await read(lines, listOf(before));
      expect(back.lines).to.deep.equal(shown);
      shown = back.lines;
    }
  });
  it('stay the same objects when others come, go or change places', async () => {
    const lines = new FleetLines();
    const before = fleet(600);
    let shown = (await read(lines, listOf(before))).lines;
    const lists: readonly (readonly Json[])[] = [
      before.slice(1),
      [named('new'), ...before],
      before.toReversed(),
      [...before.slice(300), ...before.slice(0, 300)],
      before,
    ];
    for (const items of lists) {
      const { lines: now } = await read(lines, listOf(items));
      expect(now).to.deep.equal(await afresh(listOf(items)));
      const known = new Map(shown.map((line) => [line.application, line]));
      const anew = now.filter((line) => known.has(line.application) && known.get(line.application) !== line);
      expect(anew).to.deep.equal([]);
      shown = now;
    }
  });
  it('cost a parse only for the neighbours when one comes or goes, or a few do', async () => {
    const lines = new FleetLines();
    const before = fleet(1_000);
    await read(lines, listOf(before));
    for (const at of [0, 1, 15, 16, 17, 500, 983, 999]) {
      for (const items of [before.toSpliced(at, 0, named('new')), before, before.toSpliced(at, 1), before]) {
        const { lines: now, parsed } = await read(lines, listOf(items));
        // Its own run, what is left of that, and the end of the list; so many runs have two ends when they are cut.
        expect(parsed, `${at}`).to.be.at.most(4 * 16);
        expect(now).to.deep.equal(await afresh(listOf(items)));
      }
    }
    const many = before.filter((_, n) => n % 250 !== 7);
    expect((await read(lines, listOf(many))).parsed).to.be.at.most(5 * 2 * 16);
    expect((await read(lines, listOf(many))).parsed).to.be.at.most(2 * 16);
  });
  it('do not fray: after thousands have come and gone a list is as cheap as it was', async () => {
    const lines = new FleetLines();
    let items = fleet(400);
    await read(lines, listOf(items));
    let parsed = 0;
    let mostRuns = 0;
    for (let n = 0; n < 1_500; n++) {
      const at = (n * 37) % 400;
      items = items.toSpliced(at, 1).toSpliced((at * 7) % 400, 0, named(`new-${n}`));
      const list = lines.begin();
      const seen = { parsed: 0 };
      await decodeList(pieces(Buffer.from(listOf(items)), 48 * 1024), counting(list, seen));
      lines.keep(list);
      parsed += seen.parsed;
      mostRuns = Math.max(mostRuns, list.runs.length);
    }
    expect(mostRuns).to.be.at.most(160);
    // Each list has two changes.
    expect(parsed / 1_500).to.be.at.most(60);
  });
  it('of a list that broke off count for nothing', async () => {
    const lines = new FleetLines();
    const text = listOf(fleet(500));
    await read(lines, text);
    const degraded = listOf(fleet(500).with(3, named('shop-3', { health: { status: 'Degraded' } })));
    const cut = await read(lines, degraded.slice(0, -200)).catch((e: unknown) => e);
    expect(cut).to.be.instanceOf(SyntaxError);
    expect((await read(lines, text)).lines[3]?.health).to.equal('Healthy');
    expect((await read(lines, degraded)).lines[3]?.health).to.equal('Degraded');
  });
  it('are not taken for those of a list with the same bytes that goes on otherwise', async () => {
    const lines = new FleetLines();
    const text = listOf(fleet(64));
    await read(lines, text.padEnd(80_000));
    const end = text.indexOf(',{"metadata":{"namespace":"argocd","name":"shop-16"');
    const broken = [`${text.slice(0, end)}}}${text.slice(end)}`, `${text.slice(0, end)} ${text.slice(end + 1)}`];
    for (const bad of broken) {
      const error: unknown = await read(lines, bad.padEnd(80_000)).catch((e: unknown) => e);
      expect(error).to.be.instanceOf(SyntaxError);
    }
  });
  it('stay with their applications when projects are listed one after the other and the first of them grows', async () => {
    const lines = new FleetLines();
    const second = Array.from({ length: 200 }, (_, n) => named(`cart-${n}`));
    for (const first of [fleet(200), fleet(201), fleet(201), fleet(190), fleet(190)]) {
      const list = lines.begin();
      for (const project of [first, second]) await decodeList(pieces(Buffer.from(listOf(project)), 48 * 1024), list);
      lines.keep(list);
      expect(list.values).to.deep.equal(await afresh(listOf([...first, ...second])));
    }
  });
  it('are not mistaken for each other, however alike their names are', async () => {
    const lines = new FleetLines();
    for (const metadata of [
      { namespace: 'xy', name: 'z' },
      { namespace: 'x', name: '/z' },
      { namespace: 'x', name: 'yz' },
      { namespace: 'z', name: 'xy' },
    ])
      expect((await readOne(lines, { ...item(), metadata }))?.application).to.equal(
        `${metadata.namespace}/${metadata.name}`,
      );
  });
  it('are those a fresh reading gives, whatever happens to the fleet and however the bytes come', async () => {
    const statuses: readonly Json[] = [
      {},
      { health: { status: 'Degraded', lastTransitionTime: TIME } },
      { health: { status: 'Progressing' }, sync: { status: 'OutOfSync', revision: 'c'.repeat(40) } },
      { operationState: { phase: 'Succeeded', finishedAt: '2026-08-19T09:10:09Z' } },
      // Pushes what follows out of step with the sizes seen before.
      { note: ',{"metadata":{"name":"inner"}}'.repeat(20) },
      { note: [{ metadata: {} }, { metadata: {} }] },
    ];
    const place = fc.nat(400);
    const change = fc.oneof(
      fc.record({ kind: fc.constant('set' as const), at: place, status: fc.nat(statuses.length - 1) }),
      fc.record({ kind: fc.constant('remove' as const), at: place, count: fc.integer({ min: 1, max: 40 }) }),
      fc.record({ kind: fc.constant('insert' as const), at: place, name: fc.nat(1_000) }),
      fc.record({ kind: fc.constant('move' as const), at: place, to: place }),
      fc.record({ kind: fc.constant('repeat' as const), at: place }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.array(change, { maxLength: 4 }), fc.integer({ min: 700, max: 90_000 })), { maxLength: 6 }),
        async (steps) => {
          const lines = new FleetLines();
          const items = fleet(400);
          for (const [changes, size] of steps) {
            for (const c of changes) {
              const at = Math.min(c.at, items.length - 1);
              const there = items[at];
              if (there === undefined) continue;
              const { name } = there['metadata'] as { name: string };
              if (c.kind === 'set') items[at] = named(name, statuses[c.status]);
              else if (c.kind === 'remove') items.splice(at, c.count);
              else if (c.kind === 'insert') items.splice(at, 0, named(`other-${c.name}`));
              else if (c.kind === 'repeat') items.splice(at, 0, there);
              else items.splice(c.to, 0, ...items.splice(at, 1));
            }
            const text = listOf(items);
            expect((await read(lines, text, size)).lines).to.deep.equal(await afresh(text));
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
