import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { FaultPlan } from '../../src/sandbox/faults.js';
import { GitHubSandbox } from '../../src/sandbox/github/github-sandbox.js';
import type { GitHubSandboxOptions } from '../../src/sandbox/github/options.js';
import { Journal } from '../../src/sandbox/journal.js';
import { GitHubSchema } from './github-schema.js';
import { ManualClock } from './manual-clock.js';

const schema = GitHubSchema.load();

export interface GitHubAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; undefined when there was none. */
  readonly body: unknown;
}
export interface RequestExtras {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A sandbox with one repository, spoken to with plain `fetch`; every answer is compared with GitHub's schema. */
export class GitHubWorld {
  readonly sandbox: GitHubSandbox;
  readonly clock: ManualClock;
  readonly #folder: string;

  private constructor(sandbox: GitHubSandbox, clock: ManualClock, folder: string) {
    this.sandbox = sandbox;
    this.clock = clock;
    this.#folder = folder;
  }

  /** `acme/deploy` with `apps/web` (v1) and `apps/api` on `main`, unless `seed` is false. */
  static async start(changes: Partial<GitHubSandboxOptions> = {}, seed = true): Promise<GitHubWorld> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'github-sandbox-'));
    const clock = new ManualClock();
    const sandbox = await GitHubSandbox.start({
      directory: path.join(folder, 'deploy.git'),
      owner: 'acme',
      name: 'deploy',
      defaultBranch: 'main',
      clock,
      journal: new Journal(),
      faults: new FaultPlan(),
      operatorLogin: 'ai-operator[bot]',
      collaborators: { olga: 'admin', mika: 'maintain', wim: 'write', tria: 'triage', rea: 'read' },
      teams: { 'acme/release': ['mika'], sre: ['olga', 'wim'] },
      mergeMethods: ['merge', 'squash', 'rebase'],
      branchRules: { requiredChecks: [], via: 'ruleset', requiredApprovals: 0, strict: false, mergeQueue: false },
      ci: [],
      mergeableNullReads: 0,
      ...changes,
    });
    if (seed) {
      const files = { 'apps/web/deployment.yaml': 'image: web:v1\n', 'apps/api/deployment.yaml': 'image: api:v1\n' };
      await sandbox.push({ branch: 'main', files, message: 'Add web and api', by: 'wim' });
    }
    return new GitHubWorld(sandbox, clock, folder);
  }

  async stop(): Promise<void> {
    await this.sandbox.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Below `/repos/acme/deploy`. */
  repo(method: string, below: string, body?: unknown, extras: RequestExtras = {}): Promise<GitHubAnswer> {
    return this.call(method, `/repos/acme/deploy${below}`, body, extras);
  }

  async call(method: string, pathAndQuery: string, body?: unknown, extras: RequestExtras = {}): Promise<GitHubAnswer> {
    const response = await fetch(this.sandbox.url + pathAndQuery, {
      method,
      headers: { authorization: `Bearer ${extras.token ?? this.sandbox.operatorToken}`, ...extras.headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    const text = await response.text();
    const answer = {
      status: response.status,
      headers: response.headers,
      body: isJson ? (JSON.parse(text) as unknown) : undefined,
    };
    if (isJson || text === '') this.#judge(method, pathAndQuery, answer);
    return answer;
  }

  /** As `call`, and the answer must have this status. */
  async expect(
    status: number,
    method: string,
    below: string,
    body?: unknown,
    extras: RequestExtras = {},
  ): Promise<GitHubAnswer> {
    const answer = await this.repo(method, below, body, extras);
    if (answer.status === status) return answer;
    throw new Error(`${method} ${below} answered ${answer.status}, not ${status}: ${JSON.stringify(answer.body)}`);
  }

  /** A branch with one commit of the operator's on top of `main`, made over the Git Data API. */
  async proposeChange(branch: string, files: Readonly<Record<string, string>>): Promise<string> {
    const head = at(await this.expect(200, 'GET', '/git/ref/heads/main'), 'object', 'sha') as string;
    const base = at(await this.expect(200, 'GET', `/git/commits/${head}`), 'tree', 'sha');
    const tree = Object.entries(files).map(([file, content]) => ({
      path: file,
      mode: '100644',
      type: 'blob',
      content,
    }));
    const newTree = at(await this.expect(201, 'POST', '/git/trees', { base_tree: base, tree }), 'sha');
    const commit = { message: 'Roll back', tree: newTree, parents: [head] };
    const sha = at(await this.expect(201, 'POST', '/git/commits', commit), 'sha') as string;
    await this.expect(201, 'POST', '/git/refs', { ref: `refs/heads/${branch}`, sha });
    return sha;
  }

  /** The number of a new pull request of the operator's from `branch` to `main`. */
  async openPull(branch: string): Promise<number> {
    const pull = { title: `Roll back by ${branch}`, head: branch, base: 'main', body: 'why' };
    return at(await this.expect(201, 'POST', '/pulls', pull), 'number') as number;
  }

  #judge(method: string, pathAndQuery: string, answer: GitHubAnswer): void {
    const [route = ''] = pathAndQuery.split('?');
    const faults = schema?.faults({ method, path: route, status: answer.status, body: answer.body });
    if (faults === undefined || faults.length === 0) return;
    throw new Error(`${method} ${route} ${answer.status} breaks GitHub's schema: ${faults.join('; ')}`);
  }
}

/** A value inside a JSON answer. */
export function at(answer: GitHubAnswer | { readonly body: unknown }, ...keys: readonly (string | number)[]): unknown {
  let value: unknown = answer.body;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null)
      throw new Error(`no ${keys.join('.')} in ${JSON.stringify(answer.body)}`);
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}

/** Some fields of a JSON object. */
export function pick(answer: { readonly body: unknown }, ...names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, at(answer, name)]));
}
