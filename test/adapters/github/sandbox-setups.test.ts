import { expect } from 'chai';
import type { GitHubSandboxOptions } from '../../../src/sandbox/github/options.js';
import { failureOf } from '../../support/failure.js';
import { repo, signal } from './github-stub.js';
import { SandboxWorld } from './sandbox-world.js';

describe('GitHub, set up differently', function () {
  this.timeout(20_000);
  const withWorld = async (
    over: Partial<GitHubSandboxOptions>,
    auth: 'token' | 'app',
    work: (world: SandboxWorld) => Promise<void>,
  ): Promise<void> => {
    const world = await SandboxWorld.start(over, (sandbox) =>
      auth === 'token'
        ? { kind: 'token', token: () => sandbox.operatorToken }
        : {
            kind: 'app',
            appId: sandbox.app.appId,
            installationId: sandbox.app.installationId,
            privateKey: () => sandbox.app.privateKeyPem,
          },
    );
    try {
      await work(world);
    } finally {
      await world.close();
    }
  };
  it('denies what the App was not given', () =>
    withWorld(
      {
        appPermissions: { metadata: 'read', contents: 'read', pull_requests: 'read', checks: 'read', statuses: 'read' },
      },
      'app',
      async ({ github, bad }) => {
        const results = [
          await failureOf(github.createBranch(repo, 'x', bad, signal)),
          await failureOf(github.isTeamMember('acme', 'sre', 'ann', signal)),
          (await github.getRepository(repo, signal)).canPush,
        ];
        expect(results).to.deep.equal(['GITHUB_DENIED denied', 'GITHUB_DENIED denied', false]);
      },
    ));
  it('takes up a new token of the App when the old one has expired', () =>
    withWorld({}, 'app', async (world) => {
      const { github, clock, bad } = world;
      await github.findBranchHead(repo, 'main', signal);
      clock.advance(2 * 3_600_000);
      // Two requests a token: the first is signed by our clock, which differs from the sandbox's by months.
      expect([await github.findBranchHead(repo, 'main', signal), world.seen('POST', /access_tokens$/)]).to.deep.equal([
        bad,
        4,
      ]);
    }));
  it('shows the probe of an App its permissions', () =>
    withWorld({}, 'app', async ({ github }) => {
      const probe = await github.probe(signal);
      expect(probe).to.deep.include({ actor: { login: 'ai-operator[bot]', kind: 'bot' } });
      expect([
        probe.permissions?.['contents'],
        probe.rateLimit?.limit,
        Math.abs(probe.clockAheadMs ?? Infinity) < 2000,
      ]).to.deep.equal(['write', 5000, true]);
    }));
  it('shows the required checks of classic protection to who may not administer', () =>
    withWorld(
      {
        branchRules: {
          requiredChecks: [{ context: 'validate', appId: 15368 }],
          via: 'classic',
          requiredApprovals: 1,
          strict: true,
          mergeQueue: false,
        },
      },
      'token',
      async ({ github }) => {
        expect((await github.getBranchRules(repo, 'main', signal)).requiredChecks).to.deep.equal([
          { name: 'validate', appId: 15368 },
        ]);
      },
    ));
  it('sees queue, signatures, approvals and strictness of a ruleset', () =>
    withWorld(
      {
        branchRules: {
          requiredChecks: [{ context: 'validate' }],
          via: 'ruleset',
          requiredApprovals: 2,
          strict: true,
          mergeQueue: true,
          signatures: true,
        },
      },
      'token',
      async ({ github }) => {
        expect(await github.getBranchRules(repo, 'main', signal)).to.deep.include({
          requiredApprovals: 2,
          mergeQueue: true,
          requiresSignatures: true,
          requiresUpToDate: true,
        });
      },
    ));
  it('walks a repository that is listed only in part', () =>
    withWorld({ treeTruncatedAbove: 3 }, 'token', async ({ github, good }) => {
      expect([...(await github.readRepositoryContent(repo, good, signal)).files.keys()].toSorted()).to.deep.equal([
        'apps/api/a.yaml',
        'apps/web/a.yaml',
        'apps/web/old.yaml',
      ]);
    }));
  it('stops at the end of the rate limit and goes on in the next window', () =>
    withWorld({ rateLimitPerHour: 2 }, 'token', async (world) => {
      const { github, clock, bad } = world;
      await github.readRepositoryContent(repo, bad, signal);
      const blocked = await failureOf(github.getRole(repo, 'ann', signal));
      const arrived = world.seen('GET', /permission$/);
      clock.advance(3_600_000);
      expect([blocked, arrived, await github.getRole(repo, 'ann', signal)]).to.deep.equal([
        'GITHUB_RATE_LIMITED transient',
        0,
        'maintain',
      ]);
    }));
});
