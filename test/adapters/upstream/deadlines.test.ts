import { getEventListeners, once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { createGitHub } from '../../../src/adapters/github/create-github.js';
import { createKubernetes } from '../../../src/adapters/kubernetes/create-kubernetes.js';
import { PrometheusHttp } from '../../../src/adapters/prometheus/prometheus-http.js';
import { withDeadline } from '../../../src/adapters/upstream/deadline.js';
import { SystemClock } from '../../../src/base/clock.js';
import { failureOf } from '../../support/failure.js';
import { LocalHttp, type Answer } from '../../support/local-http.js';
import { startKubernetes } from '../kubernetes/kubernetes-fixture.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const TIMEOUT_MS = 300;
const ONCE = { count: 0, backoffMs: [] };
const DEPLOYMENT = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'shop', name: 'shop' };

/** A call that is still on its way must not hold up the end of the test. */
const inTime = (call: Promise<unknown>): Promise<string> =>
  Promise.race([
    failureOf(call),
    new Promise<string>((resolve) => {
      setTimeout(() => resolve('still on its way'), 5_000).unref();
    }),
  ]);

/** What a call to an upstream fails with that answers so, while garbage is collected all the time. */
const UPSTREAMS: Readonly<Record<string, (answer: Answer, signal: AbortSignal) => Promise<string>>> = {
  'Argo CD, Prometheus and webhooks': async (answer, signal) => {
    const server = await LocalHttp.start();
    server.answer = () => answer;
    const prometheus = new PrometheusHttp({ url: server.url, timeoutMs: TIMEOUT_MS }, new SystemClock(), ONCE);
    const failure = await inTime(prometheus.probe(signal));
    await Promise.all([prometheus.close(), server.close()]);
    return failure;
  },
  GitHub: async (answer, signal) => {
    const server = await LocalHttp.start();
    server.answer = () => answer;
    const auth = { kind: 'token', token: () => 't' } as const;
    const timeouts = { readMs: TIMEOUT_MS, writeMs: TIMEOUT_MS };
    const github = createGitHub({ baseUrl: server.url, auth, timeouts }, new SystemClock(), ONCE);
    const failure = await inTime(github.findBranchHead({ owner: 'acme', name: 'gitops' }, 'main', signal));
    await Promise.all([github.close(), server.close()]);
    return failure;
  },
  Kubernetes: async (answer, signal) => {
    const { server, kubernetes, close } = await startKubernetes(TIMEOUT_MS);
    server.answer = () => answer;
    const failure = await inTime(kubernetes.getDeploymentStatus(DEPLOYMENT, signal));
    await close();
    return failure;
  },
};

describe('the deadline of a call to an upstream', () => {
  let collecting: NodeJS.Timeout;
  before(() => {
    collecting = setInterval(collectGarbage, 25);
  });
  after(() => clearInterval(collecting));

  for (const [name, call] of Object.entries(UPSTREAMS)) {
    for (const answer of ['hang', 'half'] as const) {
      it(`comes whatever is collected as garbage meanwhile: ${name}, ${answer}`, async () => {
        expect(await call(answer, new AbortController().signal)).to.match(/_(?:UNREACHABLE|UNAVAILABLE) transient$/);
      });
      it(`is not waited for by whoever gives up: ${name}, ${answer}`, async () => {
        const controller = new AbortController();
        setTimeout(() => controller.abort(), 100);
        expect(await call(answer, controller.signal)).to.equal('CANCELLED cancelled');
      });
    }
  }

  it('is kept though a proxy takes the connection and then says nothing', async () => {
    const proxy = createServer((socket) => void socket.on('error', () => {}).resume()).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const through = { proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, timeoutMs: TIMEOUT_MS };
    const made = new PrometheusHttp({ url: 'https://prometheus.example', ...through }, new SystemClock(), ONCE);
    expect(await inTime(made.probe(new AbortController().signal))).to.equal('PROMETHEUS_UNREACHABLE transient');
    await made.close();
    proxy.close();
  });
  it('is kept though the program that hands out credentials for Kubernetes never ends', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'kubeconfig-'));
    const file = path.join(folder, 'config.yaml');
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sleep', args: ['8'] };
    await writeFile(
      file,
      JSON.stringify({
        clusters: [{ name: 'c', cluster: { server: 'http://127.0.0.1:9' } }],
        users: [{ name: 'u', user: { exec } }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'x',
      }),
    );
    const settings = { access: { kind: 'kubeconfig', file }, timeoutMs: TIMEOUT_MS } as const;
    const kubernetes = await createKubernetes(settings, new SystemClock(), ONCE);
    const failure = await inTime(kubernetes.version(new AbortController().signal));
    await rm(folder, { recursive: true });
    expect(failure).to.equal('KUBERNETES_UNREACHABLE transient');
  });

  it('leaves nothing behind: no timer, and no listener on a signal that lives as long as the daemon', async () => {
    const { signal } = new AbortController();
    const listeners = (): number => getEventListeners(signal, 'abort').length;
    let late = 0;
    const calls = Array.from({ length: 20 }, async () =>
      withDeadline(signal, 50, async (deadline) => {
        deadline.addEventListener('abort', () => late++);
        await Promise.resolve();
      }),
    );
    expect(listeners(), 'and Node.js does not take them for a leak: the setup of the tests would say so').to.equal(20);
    await Promise.all(calls);
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
    expect({ listeners: listeners(), late }).to.deep.equal({ listeners: 0, late: 0 });
  });
});
