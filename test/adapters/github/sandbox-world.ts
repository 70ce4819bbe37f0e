import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createGitHub } from '../../../src/adapters/github/create-github.js';
import type { GitHubCredential } from '../../../src/adapters/github/github-settings.js';
import type { OctokitSourceControl } from '../../../src/adapters/github/octokit-source-control.js';
import type { RepositoryContent, TreeChange } from '../../../src/ports/source-control.js';
import { FaultPlan } from '../../../src/sandbox/faults.js';
import { GitHubSandbox } from '../../../src/sandbox/github/github-sandbox.js';
import type { GitHubSandboxOptions } from '../../../src/sandbox/github/options.js';
import { Journal } from '../../../src/sandbox/journal.js';
import { InstantClock, repo, RETRY, signal } from './github-stub.js';

export const MARKER = '<!-- aio:status -->';

/** A sandbox with a good and a bad version of apps/web on `main`, and the adapter in front of it. */
export class SandboxWorld {
  private constructor(
    readonly sandbox: GitHubSandbox,
    readonly clock: InstantClock,
    readonly github: OctokitSourceControl,
    readonly good: string,
    readonly bad: string,
    private readonly directory: string,
  ) {}
  static async start(
    over: Partial<GitHubSandboxOptions> = {},
    auth?: (sandbox: GitHubSandbox) => GitHubCredential,
  ): Promise<SandboxWorld> {
    const directory = await mkdtemp(path.join(tmpdir(), 'aio-github-'));
    const clock = new InstantClock();
    const sandbox = await GitHubSandbox.start({
      directory,
      clock,
      owner: repo.owner,
      name: repo.name,
      defaultBranch: 'main',
      journal: new Journal(),
      faults: new FaultPlan(),
      operatorLogin: 'ai-operator[bot]',
      collaborators: { ann: 'maintain', bob: 'read', cid: 'admin' },
      teams: { 'acme/sre': ['ann'] },
      mergeMethods: ['merge', 'squash'],
      branchRules: {
        requiredChecks: [{ context: 'validate' }],
        via: 'ruleset',
        requiredApprovals: 0,
        strict: false,
        mergeQueue: false,
      },
      ci: [
        { name: 'validate', kind: 'check-run', registersAfterMs: 10_000, takesMs: 30_000, conclusion: 'success' },
        { name: 'lint', kind: 'status', registersAfterMs: 0, takesMs: 5000, conclusion: 'success' },
      ],
      mergeableNullReads: 1,
      ...over,
    });
    const push = (files: Record<string, string | null>, message: string): Promise<string> =>
      sandbox.push({ branch: 'main', files, message, by: 'ann' });
    const good = await push(
      { 'apps/web/a.yaml': 'image: v1\n', 'apps/web/old.yaml': 'x: 1\n', 'apps/api/a.yaml': 'image: v1\n' },
      'good',
    );
    const bad = await push(
      { 'apps/web/a.yaml': 'image: v2\n', 'apps/web/old.yaml': null, 'apps/web/new.yaml': 'y: 2\n' },
      'bad',
    );
    const credential = auth?.(sandbox) ?? { kind: 'token', token: () => sandbox.operatorToken };
    const github = createGitHub(
      { baseUrl: sandbox.url, auth: credential, timeouts: { readMs: 2000, writeMs: 2000 } },
      clock,
      RETRY,
    );
    return new SandboxWorld(sandbox, clock, github, good, bad, directory);
  }
  async close(): Promise<void> {
    await this.github.close();
    await this.sandbox.close();
    await rm(this.directory, { recursive: true, force: true });
  }
  /** Requests that arrived, as `METHOD path-after-the-repository`. */
  seen(method: string, pattern: RegExp): number {
    return this.sandbox.journal.find({ method, path: pattern }).length;
  }
  /** The commit that puts apps/web back to the good version, on branch `fix/web`. */
  async restore(): Promise<{ readonly head: string; readonly tree: string }> {
    const [now, then] = [
      await this.github.readRepositoryContent(repo, this.bad, signal),
      await this.github.readRepositoryContent(repo, this.good, signal),
    ];
    const tree = await this.github.createTree(repo, now.tree, changesBack(now, then, 'apps/web/'), signal);
    const head = await this.github.createCommit(repo, { message: 'Roll back web', tree, parent: this.bad }, signal);
    await this.github.createBranch(repo, 'fix/web', head, signal);
    return { head, tree };
  }
  open(): Promise<number> {
    return this.github.createPullRequest(
      repo,
      { title: 'Roll back web', body: `body ${MARKER}`, head: 'fix/web', base: 'main', draft: false },
      signal,
    );
  }
}
function changesBack(now: RepositoryContent, then: RepositoryContent, folder: string): readonly TreeChange[] {
  const paths = new Set([...now.files.keys(), ...then.files.keys()].filter((file) => file.startsWith(folder)));
  return [...paths].flatMap((file) => {
    const [from, to] = [now.files.get(file), then.files.get(file)];
    if (from?.oid === to?.oid) return [];
    return [
      {
        path: file,
        ...(to === undefined ? {} : { entry: to }),
        ...(from === undefined ? {} : { baseMode: from.mode }),
      },
    ];
  });
}
