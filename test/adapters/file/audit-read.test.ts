import { expect } from 'chai';
import { readFile, writeFile } from 'node:fs/promises';
import { readAudit, type AuditFilter, type AuditReading } from '../../../src/adapters/file/audit-read.js';
import { AuditWorld, entryOf } from '../../support/audit.js';
import { attemptId, T0 } from '../../support/attempt-parts.js';

describe('readAudit', () => {
  let world: AuditWorld;
  beforeEach(async () => {
    world = await AuditWorld.create();
  });
  afterEach(() => world.remove());
  async function read(filter: AuditFilter = {}): Promise<readonly AuditReading[]> {
    const readings: AuditReading[] = [];
    for await (const reading of readAudit(world.directory, filter)) readings.push(reading);
    return readings;
  }
  const told = (readings: readonly AuditReading[]): readonly string[] =>
    readings.map((r) => (r.kind === 'record' ? `${r.record.text} ${r.standing}` : r.problem.code));

  it("gives back what was said, in order, without the log's own records", async () => {
    await world.boot(2);
    await world.boot(1, 3);
    const readings = await read();
    expect(told(readings)).to.deep.equal([1, 2, 3].map((n) => `${entryOf(n).text} stands`));
    expect(readings[0])
      .to.have.property('record')
      .that.deep.includes({ ...entryOf(1) });
  });
  it('selects by attempt, application, subject, kind and time', async () => {
    const log = world.open();
    await log.append(entryOf(1));
    await log.append(entryOf(2, { attempt: attemptId(2), application: 'argocd/cart', kind: 'alert', text: 'alert' }));
    await log.close();
    const filters: readonly AuditFilter[] = [
      { attempt: attemptId(2) },
      { application: 'argocd/cart' },
      { subject: entryOf(2).subject },
      { kinds: ['alert', 'command'] },
      { since: T0 + 2 },
    ];
    for (const filter of filters)
      expect(told(await read(filter)), JSON.stringify(filter)).to.deep.equal(['alert stands']);
    expect(await read({ until: T0 + 2, kinds: ['alert'] })).to.deep.equal([]);
    expect(await read({ until: T0 + 2 })).to.have.length(1);
  });
  it('folds by subject: of a decision taken twice the later stands', async () => {
    const log = world.open();
    await log.append(entryOf(1, { text: 'first' }));
    await log.append(entryOf(1, { text: 'effect', kind: 'outcome' }));
    const successor = world.open();
    await successor.append(entryOf(1, { text: 'again' }));
    await log.append(entryOf(1, { text: 'too late' }));
    await successor.append(entryOf(1, { text: 'effect', kind: 'outcome' }));
    expect(told(await read())).to.deep.equal([
      'first repeated',
      'effect stands',
      'too late late',
      'again stands',
      'effect stands',
    ]);
  });
  it('goes on past a damaged line and says where it is', async () => {
    await world.boot(3);
    const [segment] = await world.segments();
    const text = await readFile(world.file(segment!), 'utf8');
    await writeFile(world.file(segment!), text.replace('decision 2', 'decision X'));
    expect(told(await read())).to.deep.equal([`${entryOf(1).text} stands`, `${entryOf(3).text} stands`, 'edited']);
  });
});
