import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { createGitHub } from '../../../src/adapters/github/create-github.js';
import { failureOf } from '../../support/failure.js';
import { GitHubStub, InstantClock, oid, repo, RETRY, signal } from './github-stub.js';

const ref = { ref: 'refs/heads/main', object: { type: 'commit', sha: oid('a') } };
const auth = { kind: 'token', token: () => 't' } as const;
const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
};
const stop = async (server: Server): Promise<void> => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
};

describe('the way to GitHub', () => {
  it('is trusted by the configured certificate authority only', async function () {
    const folder = await mkdtemp(path.join(tmpdir(), 'aio-tls-'));
    const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
    const wanted = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
    ];
    try {
      await promisify(execFile)('openssl', wanted);
    } catch (error) {
      console.warn(`skipped, openssl cannot make a certificate: ${String(error)}`);
      await rm(folder, { recursive: true });
      this.skip();
    }
    const server = createHttpsServer({ key: await readFile(key), cert: await readFile(cert) }, (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(ref));
    });
    const baseUrl = `https://127.0.0.1:${await listen(server)}/api/v3`;
    const [stranger, friend] = [
      createGitHub({ baseUrl, auth }, new InstantClock(), RETRY),
      createGitHub({ baseUrl, auth, caFile: cert }, new InstantClock(), RETRY),
    ];
    const results = [
      await failureOf(stranger.findBranchHead(repo, 'main', signal)),
      await friend.findBranchHead(repo, 'main', signal),
    ];
    await Promise.all([stranger.close(), friend.close(), stop(server), rm(folder, { recursive: true })]);
    expect(results).to.deep.equal(['GITHUB_TLS config', oid('a')]);
  });

  it('leads through the configured proxy', async () => {
    const stub = await GitHubStub.start();
    stub.on('GET /repos/acme/gitops/git/ref/heads%2Fmain', { json: ref });
    const { host, port } = new URL(stub.url);
    const tunnels: string[] = [];
    const proxy = createHttpServer().on('connect', (request, client) => {
      tunnels.push(request.url ?? '');
      const upstream = connect(Number(port), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.pipe(client).pipe(upstream);
      });
      client.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
      upstream.on('error', () => client.destroy());
    });
    const github = createGitHub(
      { baseUrl: stub.url, auth, proxy: `http://127.0.0.1:${await listen(proxy)}` },
      new InstantClock(),
      RETRY,
    );
    const head = await github.findBranchHead(repo, 'main', signal);
    await github.close();
    await Promise.all([stub.close(), stop(proxy)]);
    expect([head, tunnels]).to.deep.equal([oid('a'), [host]]);
  });
});
