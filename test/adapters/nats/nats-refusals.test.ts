import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { NatsEventBus } from '../../../src/adapters/nats/nats-event-bus.js';
import type { NatsSettings } from '../../../src/adapters/nats/nats-settings.js';
import { SystemClock } from '../../../src/base/clock.js';
import type { OperatorError } from '../../../src/base/errors.js';
import type { OperatorEvent } from '../../../src/model/events.js';
import { until } from '../../support/etcd-world.js';
import { failureOf } from '../../support/failure.js';
import { eventOf } from '../../support/observations.js';
import { hasNats, startNats, startNatsWithoutJetStream, type RealNats } from '../../support/real-nats.js';
import { TlsFiles } from '../../support/tls-files.js';
import { startWrongServer, WRONG_KINDS } from '../../support/wrong-servers.js';

const QUICK = { publishMs: 1_000, quietMs: 50, callMs: 500, retryMs: 100 };
const UNAVAILABLE = 'BUS_UNAVAILABLE transient';

describe('NatsEventBus where it is not wanted', () => {
  const closings: (() => Promise<unknown> | void)[] = [];
  let troubles: OperatorError[];
  let seen: OperatorEvent[];
  before(function () {
    if (!hasNats()) this.skip();
  });
  beforeEach(() => {
    [troubles, seen] = [[], []];
  });
  afterEach(async () => {
    for (const close of closings.splice(0).toReversed()) await close();
  });

  async function server(options: Parameters<typeof startNats>[0]): Promise<RealNats> {
    const nats = await startNats(options);
    closings.push(() => nats.server.close());
    return nats;
  }
  function tls(): TlsFiles {
    const files = new TlsFiles();
    closings.push(() => files.remove());
    return files;
  }
  function busOf(servers: readonly string[], more: Partial<NatsSettings> = {}): NatsEventBus {
    const bus = new NatsEventBus(
      { servers, instance: 'x', ...more },
      {
        clock: new SystemClock(),
        onHandlerError: () => {},
        onTrouble: (e: OperatorError) => troubles.push(e),
        timing: QUICK,
      },
    );
    closings.push(() => bus.close());
    bus.subscribe('pr.created', (e) => seen.push(e));
    return bus;
  }
  /** Nothing is published, and one trouble of that code names the mend. */
  async function isRefused(bus: NatsEventBus, code: string, words: RegExp): Promise<void> {
    await until(() => troubles.some((t) => `${t.code} ${t.category}` === code && words.test(t.message)));
    expect(await failureOf(bus.publish(eventOf('pr.created', 1)))).to.equal(UNAVAILABLE);
    expect(seen).to.deep.equal([]);
  }
  async function works(bus: NatsEventBus, n = 7): Promise<void> {
    await until(async () => (await failureOf(bus.publish(eventOf('pr.created', n)))) === 'nothing was thrown');
    await until(() => seen.some((e) => e.id === eventOf('pr.created', n).id));
  }

  it('a user with a wrong password, or none, is told so; the right one is taken up without a restart', async () => {
    const nats = await server({ args: ['--user', 'operator', '--pass', 'right'] });
    const credential = (password: () => string) => ({ kind: 'password', user: 'operator', password }) as const;
    let word = 'wrong';
    const bus = busOf([nats.url], { credential: credential(() => word) });
    await isRefused(bus, 'BUS_REFUSED config', /Authorization Violation.*Check bus\.tokenFile.*passwordFile/);
    word = 'right';
    await works(bus);
    [troubles, seen] = [[], []];
    await isRefused(busOf([nats.url]), 'BUS_REFUSED config', /Authorization Violation/);
  });
  it('a user without rights on the stream is told which right', async () => {
    const files = tls();
    const file = path.join(path.dirname(files.certFile), 'nats.conf');
    const rights = '{ publish: ["elsewhere"], subscribe: ["_INBOX.>"] }';
    writeFileSync(file, `authorization { users: [{ user: u, password: p, permissions: ${rights} }] }`);
    const nats = await server({ args: ['-c', file] });
    const bus = busOf([nats.url], { credential: { kind: 'password', user: 'u', password: () => 'p' } });
    await isRefused(bus, 'BUS_REFUSED config', /Permissions Violation.*\$JS\.API.*what that user may do/);
  });
  it('a server that wants TLS: an unknown authority is named, the right one connects', async () => {
    const files = tls();
    const nats = await server({ args: ['--tls', '--tlscert', files.certFile, '--tlskey', files.keyFile] });
    await isRefused(busOf([nats.url]), 'BUS_TLS config', /self-signed certificate.*bus\.caFile/);
    troubles = [];
    await works(busOf([nats.url], { caFile: files.certFile }));
    expect(troubles).to.deep.equal([]);
  });
  for (const [what, more] of [
    ['tls://', {}],
    ['a caFile', { caFile: true }],
  ] as const) {
    it(`${what} never talks to a server in clear text`, async () => {
      const nats = await server({});
      const address = what === 'tls://' ? nats.url.replace('nats:', 'tls:') : nats.url;
      const bus = busOf([address], 'caFile' in more ? { caFile: tls().certFile } : {});
      await isRefused(bus, 'BUS_TLS config', /offers no encryption/);
    });
  }
  for (const kind of WRONG_KINDS) {
    it(`${kind} is not taken for NATS`, async () => {
      const wrong = await startWrongServer(kind);
      closings.push(() => wrong.close());
      const said = kind === 'a server of another protocol' ? /unexpected response/ : /check that a NATS server listens/;
      await isRefused(busOf([`nats://127.0.0.1:${wrong.port}`]), UNAVAILABLE, said);
    });
  }
  it('a server without JetStream is told to switch it on', async () => {
    const nats = await startNatsWithoutJetStream();
    closings.push(() => nats.server.close());
    await isRefused(busOf([nats.url]), UNAVAILABLE, /JetStream does not answer: it is switched off/);
  });
  it('an event larger than the server takes fails alone, at once; the next one goes through', async () => {
    const files = tls();
    const file = path.join(path.dirname(files.certFile), 'nats.conf');
    writeFileSync(file, 'max_payload: 4096');
    const bus = busOf([(await server({ args: ['-c', file] })).url]);
    await works(bus, 1);
    const large: OperatorEvent = { ...eventOf('pr.created', 2), subject: `argocd/${'x'.repeat(5_000)}` };
    const began = Date.now();
    const error = await bus.publish(large).catch((e: unknown) => e);
    expect(error)
      .to.have.property('message')
      .that.matches(/larger than the server takes \(max_payload\)/);
    expect(Date.now() - began).to.be.lessThan(QUICK.publishMs / 2);
    await works(bus, 3);
  });
});
