import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { publicKeyFileOf } from '../../src/adapters/file/audit-signing-key.js';
import { verifyAudit } from '../../src/adapters/file/audit-verify.js';
import { findWitness } from '../../src/adapters/file/checkpoint-line.js';
import { readerOf } from '../../src/sandbox/argocd/argocd-access.js';
import type { JsonObject } from '../../src/sandbox/json-path.js';
import { describeAtOnce } from '../support/at-once.js';
import { applied, readiness, until, untilAborted, untilState, withScenario, writes } from '../support/flow-steps.js';
import { LocalHttp } from '../support/local-http.js';
import { startScenario, type ScenarioRun } from '../support/scenario-run.js';
import { expectSoundRun } from '../support/sound-run.js';

const call = promisify(execFile);
/** Ends soon when nobody can be asked. */
const HASTY = { CANDIDATE_SEARCH_TIMEOUT: '1s', unreachableGrace: '500ms' };
const patient = (more: JsonObject = {}): { readonly overrides: JsonObject } => ({
  overrides: { expect: { within: '180s' }, ...more },
});

/** A web server that is neither Argo CD nor GitHub. */
async function withOtherServer(body: (url: string) => Promise<void>): Promise<void> {
  const server = await LocalHttp.start();
  server.answer = ({ path }) =>
    path === '/'
      ? { text: '<html>intranet</html>', type: 'text/html' }
      : { status: 404, text: '<html>no such page</html>', type: 'text/html' };
  try {
    await body(server.url);
  } finally {
    await server.close();
  }
}
async function expectAlive(run: ScenarioRun): Promise<void> {
  expect((await fetch(`${run.daemon.healthUrl}/livez`)).status).to.equal(200);
}
async function notReadyBecause(run: ScenarioRun, because: RegExp): Promise<void> {
  await until(run, `not ready because of ${String(because)}`, async () => {
    const { status, text } = await readiness(run);
    return status === 503 && because.test(text);
  });
  await expectAlive(run);
}
/** What catalog must come to, whatever happens to checkout. */
async function expectCatalogRolledBack(run: ScenarioRun): Promise<void> {
  await untilState(run, 'catalog-staging', 'RollbackComplete');
  const path = 'apps/catalog/overlays/staging/kustomization.yaml';
  expect(await run.file('refs/heads/main', path)).to.equal(await run.file('older', path));
}
const checkoutPulls = (run: ScenarioRun): readonly string[] =>
  run.sandbox.github
    .pullRequests()
    .filter((p) => p.head.includes('checkout-staging'))
    .map((p) => (p.merged ? 'merged' : p.state));

describeAtOnce('wrong addresses and credentials', 2, [
  {
    title: 'an argocd.url that is not Argo CD: not ready, with the address in doubt, and nothing is done',
    run: () =>
      withOtherServer((url) =>
        withScenario('bad-deploy', { overrides: { operator: { argocd: { url } } } }, async (run) => {
          await notReadyBecause(run, /argocd.*ARGOCD_NOT_JSON.*is this the right address\?/);
          expect(writes(run)).to.deep.equal([]);
          await expectSoundRun(run);
        }),
      ),
  },
  {
    title: 'a github.apiUrl that is not GitHub: nothing is opened, and the end names the key to correct',
    run: () =>
      withOtherServer((apiUrl) =>
        withScenario('bad-deploy', { overrides: { operator: { github: { apiUrl }, timing: HASTY } } }, async (run) => {
          expect(await untilAborted(run, 'checkout-staging')).to.match(
            /^unavailable: GITHUB_NOT_JSON: .*is github\.apiUrl right\?/,
          );
          expect(run.journal.find({ server: 'github' })).to.deep.equal([]);
          await expectAlive(run);
          await expectSoundRun(run);
        }),
      ),
  },
  {
    title: 'a repository the credential does not see ends as denied, and says which and how to mend it',
    run: () =>
      withScenario('bad-deploy', { overrides: { operator: { timing: HASTY } } }, async (run) => {
        const body = { message: 'Not Found', documentation_url: 'https://docs.github.com/rest', status: '404' };
        run.sandbox.faults.add({
          server: 'github',
          path: /^\/repos\//,
          times: Number.POSITIVE_INFINITY,
          fault: { kind: 'status', status: 404, body },
        });
        expect(await untilAborted(run, 'checkout-staging')).to.match(
          /^denied: GITHUB_NOT_FOUND: .*acme\/gitops.*install the App/,
        );
        expect(applied(run, 'POST', /./)).to.deep.equal([]);
        await expectSoundRun(run, ['an upstream does not permit a call']);
      }),
  },
  {
    title: 'an expired Argo CD token: not ready and nothing done; a good one again, and the work goes on by itself',
    run: () =>
      withScenario('bad-deploy', patient({ argocd: { token: 'expired' } }), async (run) => {
        await notReadyBecause(run, /argocd.*ARGOCD_UNAUTHENTICATED.*401/);
        expect(writes(run)).to.deep.equal([]);
        run.sandbox.argocd.sessions.expire(run.sandbox.credentials.argocdToken, false);
        await run.untilMet();
        await expectSoundRun(run);
      }),
  },
  {
    title:
      'a GitHub token revoked on the way ends the attempt as denied; with a new one in the same file its pull request is closed',
    run: () =>
      withScenario('bad-deploy', {}, async (run) => {
        await untilState(run, 'checkout-staging', 'PRCreated');
        const { operatorLogin } = run.sandbox.scenario.github;
        run.sandbox.github.revokeTokens(operatorLogin);
        expect(await untilAborted(run, 'checkout-staging')).to.match(/^denied: GITHUB_UNAUTHENTICATED: .*401/);
        expect(checkoutPulls(run)).to.deep.equal(['open']);
        await writeFile(join(run.directory, 'github.token'), run.sandbox.github.tokenFor(operatorLogin));
        await until(run, 'the pull request is closed', () => checkoutPulls(run).join() === 'closed');
        expect(applied(run, 'PUT', /\/merge$/)).to.deep.equal([]);
        await expectSoundRun(run, ['an upstream does not permit a call']);
      }),
  },
  {
    title: 'a token without pull_requests: write ends as denied, names the permission, and no pull request is there',
    run: () => {
      const appPermissions = {
        metadata: 'read',
        contents: 'write',
        pull_requests: 'read',
        checks: 'read',
        statuses: 'read',
        administration: 'read',
        issues: 'read',
        members: 'read',
      };
      return withScenario('bad-deploy', { overrides: { github: { appPermissions } } }, async (run) => {
        expect(await untilAborted(run, 'checkout-staging')).to.match(
          /^denied: GITHUB_DENIED: .*pulls.*it needs pull_requests=write/,
        );
        expect(run.sandbox.github.pullRequests()).to.deep.equal([]);
        await expectSoundRun(run, ['an upstream does not permit a call']);
      });
    },
  },
]);

describeAtOnce('one application among others', 2, [
  {
    title: 'that Argo CD hides from the start is left alone; another one is rolled back',
    run: () =>
      withScenario(
        'two-at-once',
        patient({
          argocd: { visible: ['production/*', 'staging/catalog-staging', 'staging/search-staging'] },
          operator: { timing: { reevaluationInterval: '200ms' } },
        }),
        async (run) => {
          await expectCatalogRolledBack(run);
          expect(checkoutPulls(run)).to.deep.equal([]);
          await expectSoundRun(run);
        },
      ),
  },
  {
    title: 'that is forbidden on the way ends as denied with its pull request closed; another one is rolled back',
    run: () =>
      withScenario('two-at-once', patient(), async (run) => {
        await untilState(run, 'checkout-staging', 'PRCreated');
        const { argocd, credentials, scenario } = run.sandbox;
        argocd.sessions.reassign(
          credentials.argocdToken,
          readerOf(scenario.argocd.account, ['production/*', 'staging/catalog-staging', 'staging/search-staging']),
        );
        expect(await untilAborted(run, 'checkout-staging')).to.match(/^denied: ARGOCD_DENIED: .*checkout-staging/);
        await expectCatalogRolledBack(run);
        await until(run, 'the pull request is closed', () => checkoutPulls(run).join() === 'closed');
        await expectSoundRun(run, ['an upstream does not permit a call']);
      }),
  },
  {
    title: 'that is deleted on the way ends as gone with its pull request closed; another one is rolled back',
    run: () =>
      withScenario('two-at-once', patient(), async (run) => {
        await untilState(run, 'checkout-staging', 'PRCreated');
        run.sandbox.world.removeApplication('checkout-staging');
        expect(await untilAborted(run, 'checkout-staging')).to.match(/^application-gone: /);
        await expectCatalogRolledBack(run);
        await until(run, 'the pull request is closed', () => checkoutPulls(run).join() === 'closed');
        await expectSoundRun(run, ['an attempt cannot go on']);
      }),
  },
  {
    title: 'of which every live answer makes no sense starts nothing; another one is rolled back',
    run: () =>
      withScenario('two-at-once', patient(), async (run) => {
        const nonsense = {
          metadata: { name: 'checkout-staging', namespace: 'argocd' },
          spec: { project: 7 },
          status: 'fine',
        };
        run.sandbox.faults.add({
          server: 'argocd',
          path: /\/applications\/checkout-staging$/,
          times: Number.POSITIVE_INFINITY,
          fault: { kind: 'status', status: 200, body: nonsense },
        });
        await expectCatalogRolledBack(run);
        expect(checkoutPulls(run)).to.deep.equal([]);
        await expectSoundRun(run);
      }),
  },
]);

/** A file system of its own, a few hundred kilobytes large. */
async function withTinyDisk(body: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'tiny-disk-'));
  await call('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', directory]);
  try {
    await body(directory);
  } finally {
    await call('umount', ['--lazy', directory]);
    await rm(directory, { recursive: true, force: true });
  }
}
async function fill(directory: string): Promise<string> {
  const { bavail, bsize } = await statfs(directory);
  const ballast = join(directory, 'ballast');
  await writeFile(ballast, Buffer.alloc(bavail * bsize));
  return ballast;
}
const unfit = (): string | undefined =>
  process.platform === 'linux' && process.getuid?.() === 0 ? undefined : 'only root on Linux can mount a small disk';

describeAtOnce('the audit log', 2, [
  {
    title:
      'on a full disk holds everything up: not ready, no effect; with room again the rollback goes on, and the log is whole',
    unfit,
    run: () =>
      withTinyDisk(async (disk) => {
        const directory = join(disk, 'audit');
        await withScenario('bad-deploy', patient({ operator: { audit: { directory } } }), async (run) => {
          await untilState(run, 'checkout-staging', 'PRCreated');
          const ballast = await fill(disk);
          await notReadyBecause(run, /store and audit log.*AUDIT_UNWRITABLE.*ENOSPC/);
          const before = writes(run).filter((w) => !w.startsWith('PATCH'));
          await new Promise((resolve) => setTimeout(resolve, 1_000));
          expect(writes(run).filter((w) => !w.startsWith('PATCH'))).to.deep.equal(before);
          expect(applied(run, 'PUT', /\/merge$/)).to.deep.equal([]);
          await rm(ballast);
          await run.untilMet();
          expect((await readiness(run)).status).to.equal(200);
          await run.stopDaemon();
          const publicKey = await readFile(publicKeyFileOf(join(directory, 'signing-key.pem')), 'utf8');
          const witness = findWitness(run.printed.join('\n'));
          const report = await verifyAudit(directory, { publicKey, ...(witness === undefined ? {} : { witness }) });
          expect(report.ok, report.statement).to.equal(true);
        });
      }),
  },
  {
    title: 'that cannot be made keeps the daemon from starting, and the folder is named',
    run: async () => {
      const folder = await mkdtemp(join(tmpdir(), 'no-folder-'));
      const file = join(folder, 'occupied');
      await writeFile(file, '');
      try {
        const started = startScenario('bad-deploy', {
          overrides: { operator: { audit: { directory: join(file, 'audit') } } },
        });
        const why = await started.then(
          async (run) => `started: ${await run.close().then(() => 'closed')}`,
          (error: unknown) => String(error),
        );
        expect(why).to.contain(join(file, 'audit'));
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  },
]);
