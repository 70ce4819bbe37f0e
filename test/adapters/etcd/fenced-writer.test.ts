import { expect } from 'chai';
import { EtcdConnection, type StoredText } from '../../../src/adapters/etcd/etcd-connection.js';
import { ETCD_TIMING } from '../../../src/adapters/etcd/etcd-settings.js';
import { FencedWriter } from '../../../src/adapters/etcd/fenced-writer.js';
import { Leadership } from '../../../src/adapters/etcd/leadership.js';
import { SystemClock } from '../../../src/base/clock.js';
import { asOperatorError, OperatorError } from '../../../src/base/errors.js';
import { EtcdWorld, QUICK } from '../../support/etcd-world.js';
import { hasEtcd, startEtcd, type RealEtcd } from '../../support/real-etcd.js';

const TIMING = { ...ETCD_TIMING, ...QUICK };
const NOT_ANSWERED = new OperatorError('STORE_UNAVAILABLE', 'unknown', 'etcd: read: no answer');

/** Lets something happen between a refusal and the look that asks why. */
class WatchedConnection extends EtcdConnection {
  beforeLook: () => Promise<unknown> = async () => undefined;
  looks = 0;
  override async look(keys: readonly string[]): Promise<ReadonlyMap<string, StoredText>> {
    this.looks += 1;
    await this.beforeLook();
    return super.look(keys);
  }
}

describe('FencedWriter, between a refusal and the look at its reason', () => {
  let etcd: RealEtcd;
  let world: EtcdWorld;
  let connection: WatchedConnection;
  let writer: FencedWriter;
  let key: string;
  let active: string;
  before(async function () {
    if (!hasEtcd()) this.skip();
    etcd = await startEtcd();
  });
  after(async () => {
    await etcd?.server.close();
  });
  beforeEach(async () => {
    world = await EtcdWorld.open(etcd);
    connection = new WatchedConnection({ endpoints: [etcd.url], instance: world.instance }, TIMING);
    const clock = new SystemClock();
    const leadership = new Leadership(connection, world.key('leader'), clock, TIMING, () => {});
    await leadership.acquire('one', new AbortController().signal);
    writer = new FencedWriter(connection, leadership, clock, [10, 10]);
    [key, active] = [world.key('attempts/1'), world.key('active/shop')];
    await put(active, 'another');
  });
  afterEach(async () => {
    connection.close();
    await world.close();
  });
  const put = (at: string, text: string): Promise<unknown> => world.raw.put(at).value(text).exec();
  const write = (): ReturnType<FencedWriter['write']> =>
    writer.write([{ key: active, text: 'mine' }], [{ kind: 'put', key, text: 'new' }]);
  const refusal = (): Promise<OperatorError> =>
    write().then((result) => {
      throw new Error(result.kind);
    }, asOperatorError);
  const textOf = async (at: string): Promise<string | null> => world.raw.get(at).string();

  it('does not look when nothing is refused', async () => {
    await put(active, 'mine');
    expect((await write()).kind).to.equal('written');
    expect(connection.looks).to.equal(0);
  });
  it('answers with what the keys hold, at one moment', async () => {
    const result = await write();
    if (result.kind !== 'conflict') throw new Error(result.kind);
    expect(result.found.get(active)?.text).to.equal('another');
    expect(result.found.has(key)).to.equal(false);
    expect(connection.looks).to.equal(1);
  });
  it('writes when what stood in the way has gone meanwhile', async () => {
    connection.beforeLook = () => put(active, 'mine');
    expect((await write()).kind).to.equal('written');
    expect(await textOf(key)).to.equal('new');
  });
  it('gives up, and says why, when it goes and comes back each time', async () => {
    // Back in place before the next try, as if somebody did it over and over.
    const transaction = connection.transaction.bind(connection);
    connection.transaction = async (...args) => {
      await put(active, 'another');
      return transaction(...args);
    };
    connection.beforeLook = () => put(active, 'mine');
    const error = await refusal();
    expect([error.code, error.category]).to.deep.equal(['STORE_UNAVAILABLE', 'transient']);
    expect(error.message).to.include('changed and changed back');
    expect(await textOf(key)).to.equal(null);
  });
  it('is not the writer when a successor came meanwhile, whatever else was refused', async () => {
    connection.beforeLook = () => put(world.key('leader'), 'two#successor');
    const error = await refusal();
    expect(error.code).to.equal('NOT_THE_WRITER');
    expect(error.message).to.include('two');
    expect(await textOf(key)).to.equal(null);
  });
  it('recognises its own late write', async () => {
    connection.beforeLook = () => put(key, 'new');
    expect((await write()).kind).to.equal('written');
  });
  it('says that nobody knows when the look is not answered, and has written nothing', async () => {
    connection.beforeLook = () => Promise.reject(NOT_ANSWERED);
    const error = await refusal();
    expect([error.code, error.category]).to.deep.equal(['STORE_UNAVAILABLE', 'transient']);
    expect(connection.looks).to.equal(3);
    expect(await textOf(key)).to.equal(null);
  });
  it('takes what was gone before for no delete of its own, though a look was not answered', async () => {
    connection.beforeLook = () => (connection.looks === 1 ? Promise.reject(NOT_ANSWERED) : Promise.resolve());
    const result = await writer.write([{ key, revision: '7' }], [{ kind: 'delete', key }]);
    expect(result.kind).to.equal('conflict');
  });
  it('looks again when one look was not answered', async () => {
    connection.beforeLook = () => (connection.looks === 1 ? Promise.reject(NOT_ANSWERED) : Promise.resolve());
    expect((await write()).kind).to.equal('conflict');
    expect(connection.looks).to.equal(2);
  });
});
