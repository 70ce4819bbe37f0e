import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { oid, repo, signal, useStub, type StubRequest } from './github-stub.js';

const FILE = path.resolve('../shared/data/github-openapi-trimmed.noexamples.json');

interface Schema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
}
interface Operation {
  readonly parameters?: readonly { readonly $ref?: string; readonly name?: string; readonly in?: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}
interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly parameters: Readonly<Record<string, { readonly name: string; readonly in: string }>>;
  };
}

/** What a request says that GitHub's own description of the route does not know, or leaves out that it wants. */
function faults(description: Description, request: StubRequest): readonly string[] {
  const fits = (template: string): boolean =>
    new RegExp(`^${template.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`).test(request.path);
  // The most literal one: `pulls/comments` before `pulls/{n}`.
  const [template] = Object.keys(description.paths)
    .filter((t) => fits(t) && request.method.toLowerCase() in (description.paths[t] ?? {}))
    .toSorted((a, b) => a.split('{').length - b.split('{').length);
  const operation = description.paths[template ?? '']?.[request.method.toLowerCase()];
  if (operation === undefined) return [`no such route: ${request.method} ${request.path}`];
  const named = (operation.parameters ?? []).map((p) =>
    p.$ref === undefined ? p : description.components.parameters[p.$ref.split('/').at(-1) ?? ''],
  );
  const query = new Set(named.filter((p) => p?.in === 'query').map((p) => p?.name));
  const schema = operation.requestBody?.content['application/json']?.schema;
  const variants = schema === undefined ? [] : [schema, ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])];
  const known = new Set(variants.flatMap((v) => Object.keys(v.properties ?? {})));
  const sent = Object.keys((request.body ?? {}) as object);
  return [
    ...[...request.query.keys()]
      .filter((key) => !query.has(key))
      .map((key) => `${template}: query ${key} is not known`),
    ...sent.filter((key) => !known.has(key)).map((key) => `${template}: ${key} is not known`),
    ...(schema?.required ?? []).filter((key) => !sent.includes(key)).map((key) => `${template}: ${key} is missing`),
  ];
}

describe('requests to GitHub', () => {
  const at = useStub();

  it('say only what GitHub documents, and all that it demands', async function () {
    if (!existsSync(FILE)) {
      console.warn(`skipped, there is no description of GitHub's API at ${FILE}`);
      this.skip();
    }
    const description = JSON.parse(readFileSync(FILE, 'utf8')) as Description;
    const { github, stub } = at;
    const BASE = '/repos/acme/gitops';
    stub
      .on('GET /user', { json: { login: 'me', type: 'User' } })
      .on(`GET ${BASE}`, { json: { full_name: 'acme/gitops', default_branch: 'main', archived: false } });
    stub.on(`GET ${BASE}/issues/7/comments`, [
      { json: [] },
      {
        json: [
          { id: 3, user: { login: 'me', type: 'User' }, body: 'm', created_at: '2026-01-01', updated_at: '2026-01-01' },
        ],
      },
    ]);
    stub.on(`GET ${BASE}/git/ref/heads%2Ffix`, {
      json: { ref: 'refs/heads/fix', object: { type: 'commit', sha: oid('a') } },
    });
    stub
      .on(`GET ${BASE}/git/commits/${oid('a')}`, { json: { sha: oid('a'), tree: { sha: oid('1') } } })
      .on(`GET ${BASE}/branches/main`, { json: { name: 'main', protected: true } })
      .on(`GET ${BASE}/rules/branches/main`, { json: [] });
    stub.on(`GET ${BASE}/commits/${oid('a')}/check-runs`, { json: { total_count: 0, check_runs: [] } });
    const calls: readonly (() => Promise<unknown>)[] = [
      () => github.probe(signal),
      () => github.getRepository(repo, signal),
      () => github.findBranchHead(repo, 'fix', signal),
      () => github.getCommit(repo, oid('a'), signal),
      () => github.readRepositoryContent(repo, oid('a'), signal),
      () => github.readBlob(repo, oid('a'), signal),
      () => github.isAncestor(repo, oid('a'), oid('b'), signal),
      () => github.listCommits(repo, { revision: 'main', path: 'apps', limit: 3 }, signal),
      () => github.getBranchRules(repo, 'main', signal),
      () => github.listChecks(repo, oid('a'), signal),
      () => github.listPullRequestsOf(repo, oid('a'), signal),
      () => github.createTree(repo, oid('a'), [{ path: 'x', baseMode: '100644' }], signal),
      () => github.createCommit(repo, { message: 'm', tree: oid('1'), parent: oid('2') }, signal),
      () => github.createBranch(repo, 'fix', oid('a'), signal),
      () => github.moveBranch(repo, 'fix', oid('a'), oid('b'), signal),
      () => github.findPullRequests(repo, 'fix', 'main', signal),
      () => github.listOpenPullRequests(repo, 'main', signal),
      () => github.listPullRequestFiles(repo, 7, signal),
      () => github.getPullRequestStatus(repo, 7, signal),
      () => github.createPullRequest(repo, { title: 't', body: 'b', head: 'fix', base: 'main', draft: true }, signal),
      () => github.updatePullRequest(repo, 7, { body: 'b', state: 'closed' }, signal),
      () => github.mergePullRequest(repo, 7, { headSha: oid('a'), method: 'squash' }, signal),
      () => github.listReviews(repo, 7, signal),
      () => github.upsertComment(repo, 7, 'm', 'new m', signal),
      () => github.upsertComment(repo, 7, 'm', 'newer m', signal),
      () => github.addLabels(repo, 7, ['x'], signal),
      () => github.getRole(repo, 'ann', signal),
      () => github.isTeamMember('acme', 'sre', 'ann', signal),
    ];
    for (const call of calls) await call().catch(() => {});
    const routes = new Set(stub.requests.map((r) => `${r.method} ${r.path}`));
    expect(routes.size).to.be.at.least(30);
    expect([...new Set(stub.requests.flatMap((request) => faults(description, request)))]).to.deep.equal([]);
  });
});
