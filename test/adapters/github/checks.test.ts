import { expect } from 'chai';
import { failureOf } from '../../support/failure.js';
import { notFound, oid, refusal, repo, signal, useStub, type StubReply } from './github-stub.js';

const BASE = '/repos/acme/gitops';
const [RUNS, STATUS] = [`GET ${BASE}/commits/${oid('a')}/check-runs`, `GET ${BASE}/commits/${oid('a')}/status`];
const run = (over: object): object => ({
  id: 1,
  name: 'ci',
  head_sha: oid('a'),
  status: 'completed',
  conclusion: 'success',
  started_at: '2026-01-01T00:00:00Z',
  completed_at: '2026-01-01T00:01:00Z',
  app: { id: 15368 },
  ...over,
});
const status = (over: object): object => ({
  id: 1,
  context: 'lint',
  state: 'success',
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:01:00Z',
  ...over,
});
const runs = (list: readonly object[], total = list.length): StubReply => ({
  json: { total_count: total, check_runs: list },
});
const statuses = (list: readonly object[], over: object = {}): StubReply => ({
  json: {
    sha: oid('a'),
    state: list.length === 0 ? 'pending' : 'success',
    total_count: list.length,
    statuses: list,
    ...over,
  },
});

describe('checks of a commit', () => {
  const at = useStub();
  const states = async (): Promise<readonly string[]> =>
    (await at.github.listChecks(repo, oid('a'), signal)).map((c) => `${c.name} ${c.state} ${c.conclusion}`);

  it('are none when there are none, although GitHub calls that pending', async () => {
    at.stub.on(RUNS, runs([])).on(STATUS, statuses([]));
    expect(await at.github.listChecks(repo, oid('a'), signal)).to.deep.equal([]);
  });
  it('are check runs and statuses', async () => {
    at.stub.on(RUNS, runs([run({})])).on(STATUS, statuses([status({})]));
    const [startedAt, completedAt] = [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 1, 0, 1)];
    expect(await at.github.listChecks(repo, oid('a'), signal)).to.deep.equal([
      { name: 'ci', kind: 'check-run', appId: 15368, state: 'success', conclusion: 'success', startedAt, completedAt },
      { name: 'lint', kind: 'status', state: 'success', conclusion: 'success', startedAt, completedAt },
    ]);
  });
  const words: readonly (readonly [string, string | null, string])[] = [
    ...['success', 'neutral', 'skipped'].map((word) => ['completed', word, 'success'] as const),
    ...['failure', 'timed_out', 'cancelled', 'action_required', 'startup_failure', 'stale', 'brand_new'].map(
      (word) => ['completed', word, 'failure'] as const,
    ),
    ['completed', null, 'failure'],
    ...['queued', 'in_progress', 'waiting', 'requested', 'pending'].map((word) => [word, null, 'pending'] as const),
    ['hibernating', null, 'failure'],
  ];
  for (const [state, conclusion, expected] of words) {
    it(`that are ${state}${conclusion === null ? '' : ` with ${conclusion}`} count as ${expected}`, async () => {
      at.stub.on(RUNS, runs([run({ status: state, conclusion, completed_at: null })])).on(STATUS, statuses([]));
      expect((await at.github.listChecks(repo, oid('a'), signal)).map((c) => c.state)).to.deep.equal([expected]);
    });
  }
  for (const [word, expected] of [
    ['success', 'success'],
    ['pending', 'pending'],
    ['failure', 'failure'],
    ['error', 'failure'],
    ['odd', 'failure'],
  ] as const) {
    it(`that are statuses with ${word} count as ${expected}`, async () => {
      at.stub.on(RUNS, runs([])).on(STATUS, statuses([status({ state: word })]));
      expect(await states()).to.deep.equal([`lint ${expected} ${word}`]);
    });
  }
  it('are the newest per name and app', async () => {
    at.stub.on(
      RUNS,
      runs([
        run({ id: 5, conclusion: 'failure' }),
        run({ id: 9, status: 'queued', conclusion: null }),
        run({ id: 2, app: { id: 4 } }),
        run({ id: 3, app: null }),
      ]),
    );
    at.stub.on(STATUS, statuses([status({ id: 8, state: 'failure' }), status({ id: 4 })]));
    expect((await states()).toSorted()).to.deep.equal([
      'ci pending queued',
      'ci success success',
      'ci success success',
      'lint failure failure',
    ]);
  });
  it('are read from all pages', async () => {
    at.stub.on(RUNS, (request) =>
      request.query.get('page') === '2'
        ? runs([run({ id: 2, name: 'late', conclusion: 'failure' })], 2)
        : {
            ...runs([run({})], 2),
            headers: { link: `<${at.stub.url}${BASE}/commits/${oid('a')}/check-runs?page=2>; rel="next"` },
          },
    );
    at.stub.on(STATUS, statuses([]));
    expect(await states()).to.deep.equal(['ci success success', 'late failure failure']);
  });
  it('are not believed when fewer are listed than there are', async () => {
    at.stub.on(RUNS, runs([run({})], 2)).on(STATUS, statuses([]));
    expect(await failureOf(states())).to.equal('GITHUB_LIST_INCOMPLETE transient');
  });
  it('of another commit are not believed', async () => {
    at.stub
      .on(RUNS, [runs([run({ head_sha: oid('b') })]), runs([])])
      .on(STATUS, [statuses([]), statuses([], { sha: oid('b') })]);
    expect([await failureOf(states()), await failureOf(states())]).to.deep.equal([
      'GITHUB_MALFORMED transient',
      'GITHUB_MALFORMED transient',
    ]);
  });
  it('that may not be read are no absence of checks', async () => {
    at.stub.on(RUNS, refusal(403, 'Resource not accessible by integration')).on(STATUS, statuses([]));
    expect(await failureOf(states())).to.equal('GITHUB_DENIED denied');
  });
});

describe('rules of a branch', () => {
  const at = useStub();
  const [BRANCH, RULES, PROTECTION] = [
    `GET ${BASE}/branches/main`,
    `GET ${BASE}/rules/branches/main`,
    `GET ${BASE}/branches/main/protection`,
  ];
  const branch = (required: object | null, isProtected = true): StubReply => ({
    json: {
      name: 'main',
      protected: isProtected,
      protection: { enabled: isProtected, required_status_checks: required },
    },
  });
  const classic = {
    enforcement_level: 'everyone',
    contexts: ['ci', 'old'],
    checks: [{ context: 'ci', app_id: 15368 }],
  };
  const none = {
    requiredChecks: [],
    requiredApprovals: 0,
    mergeQueue: false,
    requiresSignatures: false,
    requiresUpToDate: false,
  };
  const ruleset = [
    {
      type: 'required_status_checks',
      parameters: {
        required_status_checks: [
          { context: 'validate', integration_id: 5 },
          { context: 'ci', integration_id: 15368 },
        ],
        strict_required_status_checks_policy: true,
      },
    },
    {
      type: 'pull_request',
      parameters: { required_approving_review_count: 1, allowed_merge_methods: ['merge', 'squash'] },
    },
    { type: 'required_linear_history' },
    { type: 'required_signatures' },
    { type: 'merge_queue', parameters: {} },
    { type: 'deletion' },
    { type: 'rule_of_tomorrow', parameters: { x: 1 } },
  ];
  beforeEach(() => {
    at.stub.on(RULES, { json: [] }).on(PROTECTION, notFound);
  });
  const rules = (): Promise<unknown> => at.github.getBranchRules(repo, 'main', signal);

  it('are none on a branch without protection, whose protection is not even asked for', async () => {
    at.stub.on(BRANCH, { json: { name: 'main', protected: false } });
    expect([await rules(), at.stub.calls]).to.deep.equal([none, [BRANCH, RULES]]);
  });
  it('are the part of the classic protection that every reader sees, when the rest is not ours to read', async () => {
    at.stub.on(BRANCH, branch(classic));
    const results = [];
    for (const hidden of [
      refusal(403, 'Resource not accessible by integration'),
      refusal(404, 'Branch not protected'),
    ]) {
      at.stub.on(PROTECTION, hidden);
      results.push(await rules());
    }
    const seen = { ...none, requiredChecks: [{ name: 'ci', appId: 15368 }, { name: 'old' }] };
    expect(results).to.deep.equal([seen, seen]);
  });
  it('are the whole classic protection, where the operator may read it', async () => {
    at.stub.on(BRANCH, branch(classic)).on(PROTECTION, {
      json: {
        required_status_checks: { strict: true, contexts: ['ci'], checks: [{ context: 'ci', app_id: 15368 }] },
        required_pull_request_reviews: { required_approving_review_count: 2 },
        required_signatures: { enabled: true },
        required_linear_history: { enabled: true },
      },
    });
    expect(await rules()).to.deep.equal({
      requiredChecks: [{ name: 'ci', appId: 15368 }, { name: 'old' }],
      requiredApprovals: 2,
      mergeQueue: false,
      requiresSignatures: true,
      requiresUpToDate: true,
      mergeMethods: ['squash', 'rebase'],
    });
  });
  it('are joined with those of rulesets, the stricter winning; others are passed over', async () => {
    at.stub.on(BRANCH, branch(classic)).on(RULES, { json: ruleset });
    expect(await rules()).to.deep.equal({
      requiredChecks: [{ name: 'ci', appId: 15368 }, { name: 'old' }, { name: 'validate', appId: 5 }],
      requiredApprovals: 1,
      mergeQueue: true,
      requiresSignatures: true,
      requiresUpToDate: true,
      mergeMethods: ['squash'],
    });
  });
  it('take "any app" for no app, and protection that is switched off for none', async () => {
    at.stub.on(BRANCH, [
      branch({
        checks: [
          { context: 'ci', app_id: -1 },
          { context: 'x', app_id: null },
        ],
        contexts: ['ci', 'x'],
      }),
      branch({ ...classic, enforcement_level: 'off' }),
    ]);
    expect([await rules(), await rules()]).to.deep.equal([
      { ...none, requiredChecks: [{ name: 'ci' }, { name: 'x' }] },
      none,
    ]);
  });
  const unreadable: readonly (readonly [string, string, StubReply, string])[] = [
    ['the branch is not there', BRANCH, refusal(404, 'Branch not found'), 'GITHUB_NOT_FOUND terminal'],
    ['rulesets cannot be read', RULES, refusal(404, 'Not Found'), 'GITHUB_NOT_FOUND terminal'],
    [
      'a ruleset is malformed',
      RULES,
      { json: [{ type: 'pull_request', parameters: {} }] },
      'GITHUB_MALFORMED transient',
    ],
    ['the protection cannot be had', PROTECTION, refusal(500, 'x'), 'GITHUB_UNREACHABLE transient'],
  ];
  for (const [title, call, reply, expected] of unreadable) {
    it(`are unknown, not absent, when ${title}`, async () => {
      at.stub.on(BRANCH, branch(classic)).on(call, reply);
      expect(await failureOf(rules())).to.equal(expected);
    });
  }
});
