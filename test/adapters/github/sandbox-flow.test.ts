import { expect } from 'chai';
import { failureOf } from '../../support/failure.js';
import { repo, signal } from './github-stub.js';
import { MARKER, SandboxWorld } from './sandbox-world.js';

describe('GitHub, from the bad version to the merged rollback', function () {
  this.timeout(20_000);
  for (const kind of ['token', 'app'] as const) {
    it(`goes all the way with ${kind === 'app' ? 'an App' : 'a token'}`, async () => {
      const world = await SandboxWorld.start({}, (sandbox) =>
        kind === 'token'
          ? { kind, token: () => sandbox.operatorToken }
          : {
              kind,
              appId: sandbox.app.appId,
              installationId: sandbox.app.installationId,
              privateKey: () => sandbox.app.privateKeyPem,
            },
      );
      try {
        const { github, clock, sandbox } = world;
        expect(await github.self(signal)).to.deep.equal({ login: 'ai-operator[bot]', kind: 'bot' });
        expect(await github.getRepository(repo, signal)).to.deep.include({
          defaultBranch: 'main',
          archived: false,
          mergeMethods: ['merge', 'squash'],
          canPush: true,
        });
        expect(await github.findBranchHead(repo, 'main', signal)).to.equal(world.bad);
        expect(await github.isAncestor(repo, world.good, world.bad, signal)).to.equal(true);
        expect(await github.isAncestor(repo, world.bad, world.good, signal)).to.equal(false);
        expect(
          (await github.listCommits(repo, { revision: world.bad, path: 'apps/web', limit: 10 }, signal)).map(
            (c) => c.sha,
          ),
        ).to.deep.equal([world.bad, world.good]);
        expect(await github.getCommit(repo, world.bad, signal)).to.deep.include({
          sha: world.bad,
          parents: [world.good],
          authorLogin: 'ann',
        });

        const { head, tree } = await world.restore();
        const restored = await github.readRepositoryContent(repo, head, signal);
        expect([restored.tree, [...restored.files.keys()].toSorted()]).to.deep.equal([
          tree,
          ['apps/api/a.yaml', 'apps/web/a.yaml', 'apps/web/old.yaml'],
        ]);
        expect(await github.readBlob(repo, restored.files.get('apps/web/a.yaml')?.oid ?? '', signal)).to.equal(
          'image: v1\n',
        );
        expect(await github.findPullRequests(repo, 'fix/web', 'main', signal)).to.deep.equal([]);
        const number = await world.open();
        await github.addLabels(repo, number, ['aio-rollback'], signal);
        expect(
          (await github.findPullRequests(repo, 'fix/web', 'main', signal)).map((pr) => [
            pr.number,
            pr.headSha,
            pr.labels,
          ]),
        ).to.deep.equal([[number, head, ['aio-rollback']]]);
        expect((await github.listPullRequestFiles(repo, number, signal))?.toSorted()).to.deep.equal([
          'apps/web/a.yaml',
          'apps/web/new.yaml',
          'apps/web/old.yaml',
        ]);
        expect(await github.getBranchRules(repo, 'main', signal)).to.deep.equal({
          requiredChecks: [{ name: 'validate' }],
          requiredApprovals: 0,
          mergeQueue: false,
          requiresSignatures: false,
          requiresUpToDate: false,
          mergeMethods: ['merge', 'squash'],
        });

        const states = async (): Promise<readonly string[]> =>
          (await github.listChecks(repo, head, signal)).map((c) => `${c.name} ${c.state}`).toSorted();
        expect(await states()).to.deep.equal(['lint pending']);
        const early = await failureOf(
          github.mergePullRequest(repo, number, { headSha: head, method: 'merge' }, signal),
        );
        clock.advance(15_000);
        expect(await states()).to.deep.equal(['lint success', 'validate pending']);
        clock.advance(60_000);
        expect([early, await states()]).to.deep.equal([
          'GITHUB_NOT_MERGEABLE conflict',
          ['lint success', 'validate success'],
        ]);
        await github.getPullRequestStatus(repo, number, signal);
        const ready = await github.getPullRequestStatus(repo, number, signal);
        expect(ready).to.deep.include({
          state: 'open',
          merged: false,
          headSha: head,
          baseSha: world.bad,
          sameRepository: true,
          commits: 1,
          mergeable: true,
          mergeableState: 'clean',
          author: { login: 'ai-operator[bot]', kind: 'bot' },
        });
        expect((await github.getCommit(repo, ready.mergeCommit ?? '', signal)).parents).to.deep.equal([
          world.bad,
          head,
        ]);

        await github.upsertComment(repo, number, MARKER, `one ${MARKER}`, signal);
        await github.upsertComment(repo, number, MARKER, `two ${MARKER}`, signal);
        expect((await github.listComments(repo, number, signal)).map((c) => [c.author.kind, c.body])).to.deep.equal([
          ['bot', `two ${MARKER}`],
        ]);
        await sandbox.review(number, { by: 'ann', state: 'APPROVED' });
        expect(
          (await github.listReviews(repo, number, signal)).map((r) => [r.author, r.state, r.commit]),
        ).to.deep.equal([[{ login: 'ann', kind: 'human' }, 'APPROVED', head]]);

        expect(
          await failureOf(github.mergePullRequest(repo, number, { headSha: world.bad, method: 'merge' }, signal)),
        ).to.equal('GITHUB_HEAD_MOVED conflict');
        expect(
          await failureOf(github.mergePullRequest(repo, number, { headSha: head, method: 'rebase' }, signal)),
        ).to.equal('GITHUB_MERGE_METHOD config');
        await github.mergePullRequest(repo, number, { headSha: head, method: 'merge' }, signal);
        const merged = await github.getPullRequestStatus(repo, number, signal);
        expect(merged).to.deep.include({
          merged: true,
          state: 'closed',
          mergedBy: { login: 'ai-operator[bot]', kind: 'bot' },
        });
        expect(await github.findBranchHead(repo, 'main', signal)).to.equal(merged.mergeCommit);
        expect((await github.readRepositoryContent(repo, merged.mergeCommit ?? '', signal)).tree).to.equal(tree);
        expect((await github.listPullRequestsOf(repo, head, signal)).map((pr) => pr.number)).to.deep.equal([number]);
        expect(
          sandbox.journal
            .find({ method: 'PUT', path: /\/merge$/ })
            .map((e) => Object.keys(e.body as object).toSorted()),
        ).to.deep.equal(Array.from({ length: 4 }, () => ['merge_method', 'sha']));
      } finally {
        await world.close();
      }
    });
  }
});
