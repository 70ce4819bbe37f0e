import { expect } from 'chai';
import { createEtcdClient } from '../../../src/adapters/etcd/etcd-client.js';
import { until } from '../../support/etcd-world.js';
import { hasEtcd, startEtcd, type RealEtcd } from '../../support/real-etcd.js';
import { hasNats, startNats, type RealNats } from '../../support/real-nats.js';
import { pause, within } from '../kill/patience.js';
import { CellRun } from './cell-run.js';
import { judge } from './network-judge.js';
import { NetworkWorld, type Running } from './network-world.js';

const MINUTE = 60_000;
/** The lease of the writer is 15 s. */
const TWICE_THE_LEASE_MS = 30_000;
const CHANGES_SOMETHING = /^(?:POST|PUT|PATCH|DELETE) \S+/;

describe('the built daemon behind a broken network', function () {
  this.timeout(4 * MINUTE);
  let etcd: RealEtcd;
  let nats: RealNats;
  let world: NetworkWorld;
  before(async function () {
    if (!hasEtcd() || !hasNats()) this.skip();
    [etcd, nats] = await Promise.all([startEtcd(), startNats()]);
  });
  after(async () => {
    await Promise.all([etcd?.server.close(), nats?.server.close()]);
  });
  beforeEach(async () => {
    world = await NetworkWorld.start({ etcd, nats });
  });
  afterEach(() => world.close());

  const says = ({ child }: Running, words: string): Promise<void> => until(() => child.printed.includes(words), MINUTE);
  const exitCode = async ({ child }: Running, signal?: NodeJS.Signals): Promise<number | null> => {
    if (signal !== undefined) child.signal(signal);
    await within(child.ended, 15_000);
    return child.end?.code ?? null;
  };
  async function expectSound(run: CellRun): Promise<void> {
    const merges = await run.run({});
    expect(await judge(world.inner, run.course, merges)).to.deep.equal([]);
  }

  it('whose lease cannot be renewed though everything else lives ends before the lease does, and changes nothing afterwards', async function () {
    // Slow enough to be on its way still.
    const first = await world.startChild({ timing: { HEALTH_CHECK_INTERVAL: '2s' } });
    await says(first, 'operator started');
    const cut = world.proxies.etcd.silenceLinks((sent) => !sent.includes('/ai-operator/v1/'));
    expect(cut, 'connections for the lease alone').to.be.greaterThan(0);
    const began = Date.now();
    await says(first, 'no longer the writer of the state store');
    const endedAt = Date.now();
    await first.pulse.stop();
    expect(endedAt - began).to.be.within(6_000, 14_500);
    expect(await exitCode(first)).to.equal(1);
    const key = `/ai-operator/v1/${world.inner.instance}/leader`;
    const raw = createEtcdClient({ endpoints: [etcd.url], instance: 'raw' }, 5_000);
    try {
      expect(await raw.get(key).string(), 'the lease itself').to.not.equal(null);
    } finally {
      raw.close();
    }
    const late = world.inner.sandbox.journal
      .find({ server: 'github' })
      .filter(({ at, method }) => at > endedAt && method !== 'GET');
    expect(late.map(({ method, path }) => `${method} ${path}`)).to.deep.equal([]);
    world.proxies.etcd.heal();
    await expectSound(new CellRun(world));
  });

  for (const [what, moment] of [
    ['a pull request', /^POST [^ ]*\/pulls /],
    ['a merge', /^PUT [^ ]*\/merge /],
  ] as const) {
    it(`that stands still for twice its lease while ${what} of it is on the way: another one takes over, and what arrives late does no harm`, async function () {
      const proxy = world.proxies.github;
      const asked: string[] = [];
      let isHeld = false;
      proxy.when(
        (request) => {
          const [line] = CHANGES_SOMETHING.exec(request.toString('latin1', 0, 300)) ?? [];
          if (line !== undefined) asked.push(line);
          return moment.test(request.toString('latin1', 0, 300));
        },
        () => {
          isHeld = true;
          proxy.hold('up');
        },
      );
      const first = await world.startChild();
      await until(() => isHeld && proxy.spoiled > 0, MINUTE);
      first.child.signal('SIGSTOP');
      await first.pulse.stop();
      const wakeAt = Date.now() + TWICE_THE_LEASE_MS;
      proxy.strand();
      const run = new CellRun(world, { github: { apiUrl: world.inner.sandbox.urls.github } });
      const merges = await run.run({});
      await pause(Math.max(0, wakeAt - Date.now()));
      expect(proxy.releaseLate(), 'bytes that arrive late').to.be.greaterThan(0);
      await pause(500);
      const before = asked.length;
      first.child.signal('SIGCONT');
      expect(await exitCode(first), first.child.printed.slice(-500)).to.equal(1);
      expect(asked.slice(before), 'what it asks for after it woke up').to.deep.equal([]);
      expect(await judge(world.inner, run.course, merges)).to.deep.equal([]);
    });
  }

  it('is alive, not ready and says so when no upstream has a name that resolves, and ends when asked', async function () {
    const nowhere = await world.startChild({
      argocd: { url: 'http://argocd.invalid' },
      github: { apiUrl: 'http://github.invalid' },
      prometheus: { url: 'http://prometheus.invalid' },
    });
    await says(nowhere, 'ENOTFOUND');
    await until(async () => (await nowhere.pulse.readiness()) === 503, 20_000);
    await nowhere.pulse.stop();
    expect([nowhere.pulse.faults, await exitCode(nowhere, 'SIGTERM')]).to.deep.equal([[], 0]);
  });
  it('waits aloud for an etcd whose name does not resolve, alive and not ready, and ends when asked', async function () {
    const nowhere = await world.startChild({ store: { endpoints: ['http://etcd.invalid:2379'] } });
    await says(nowhere, 'the state store is not to be had; nothing is done until it is');
    expect(await nowhere.pulse.readiness()).to.equal(503);
    await nowhere.pulse.stop();
    expect(nowhere.pulse.faults).to.deep.equal([]);
    expect(await exitCode(nowhere, 'SIGTERM')).to.equal(0);
  });
  it('brings a rollback to its end with NATS in a black hole no later than with NATS up', async () => {
    const timeOf = async (each: NetworkWorld): Promise<number> => {
      await new CellRun(each).run({});
      const [attempt] = each.inner.attempts;
      return (attempt?.closedAt ?? Number.NaN) - (attempt?.openedAt ?? Number.NaN);
    };
    const { nats: proxy } = world.proxies;
    proxy.when(
      (request) => request.includes('PUB ai-operator.'),
      () => proxy.drop('up', 'down'),
    );
    const other = await NetworkWorld.start({ etcd, nats });
    try {
      const [downMs, upMs] = await Promise.all([timeOf(world), timeOf(other)]);
      console.info(`      NATS in a black hole: ${downMs} ms from detection to the end; NATS up: ${upMs} ms`);
      expect(proxy.spoiled, 'what NATS was told in vain').to.be.greaterThan(0);
      // Side by side on the same machine. Each publish that was waited for would add 2 s.
      expect(downMs).to.be.lessThan(upMs * 1.5 + 500);
    } finally {
      await other.close();
    }
  });
});
