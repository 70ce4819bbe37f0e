import { expect } from 'chai';
import { OperatorError } from '../../../src/base/errors.js';
import { OctokitSourceControl } from '../../../src/adapters/github/octokit-source-control.js';
import { failureOf } from '../../support/failure.js';
import { oid, refusal, repo, RETRY, signal, useStub, type StubReply } from './github-stub.js';

const REF = 'GET /repos/acme/gitops/git/ref/heads%2Fmain';
const PULLS = 'POST /repos/acme/gitops/pulls';
const ref = { ref: 'refs/heads/main', object: { type: 'commit', sha: oid('a') } };
const newPullRequest = { title: 't', body: 'b', head: 'fix', base: 'main', draft: false };

describe('calls to GitHub', () => {
  const at = useStub();
  const readRef = (): Promise<unknown> => at.github.findBranchHead(repo, 'main', signal);
  const openPullRequest = (): Promise<unknown> => at.github.createPullRequest(repo, newPullRequest, signal);

  const failures: readonly {
    readonly title: string;
    readonly reply: StubReply;
    readonly read: string;
    readonly write: string;
  }[] = [
    {
      title: 'a cut connection',
      reply: { drop: true },
      read: 'GITHUB_UNREACHABLE transient',
      write: 'GITHUB_UNREACHABLE unknown',
    },
    {
      title: 'a 502 of a proxy',
      reply: { status: 502, text: '<html>', headers: { 'content-type': 'text/html' } },
      read: 'GITHUB_UNREACHABLE transient',
      write: 'GITHUB_UNREACHABLE unknown',
    },
    {
      title: 'a 500',
      reply: refusal(500, 'Server Error'),
      read: 'GITHUB_UNREACHABLE transient',
      write: 'GITHUB_UNREACHABLE unknown',
    },
    {
      title: 'half an answer',
      reply: { text: '{"ref": "refs/he' },
      read: 'GITHUB_MALFORMED transient',
      write: 'GITHUB_MALFORMED unknown',
    },
    {
      title: 'an answer of another shape',
      reply: { json: { number: 'seven' } },
      read: 'GITHUB_MALFORMED transient',
      write: 'GITHUB_MALFORMED unknown',
    },
    {
      title: 'an empty answer',
      reply: { text: '' },
      read: 'GITHUB_MALFORMED transient',
      write: 'GITHUB_MALFORMED unknown',
    },
    {
      title: 'a web page',
      reply: { text: '<html>', headers: { 'content-type': 'text/html' } },
      read: 'GITHUB_NOT_JSON config',
      write: 'GITHUB_MALFORMED unknown',
    },
    {
      title: 'a content type nobody can read',
      reply: { json: ref, headers: { 'content-type': ';;=' } },
      read: 'GITHUB_NOT_JSON config',
      write: 'GITHUB_MALFORMED unknown',
    },
    {
      title: 'a 404 that is not from GitHub',
      reply: { status: 404, text: 'nothing', headers: { 'content-type': 'text/plain' } },
      read: 'GITHUB_NOT_JSON config',
      write: 'GITHUB_NOT_JSON config',
    },
    {
      title: 'an expired token',
      reply: refusal(401, 'Bad credentials'),
      read: 'GITHUB_UNAUTHENTICATED denied',
      write: 'GITHUB_UNAUTHENTICATED denied',
    },
    {
      title: 'a missing permission',
      reply: refusal(403, 'Resource not accessible by integration'),
      read: 'GITHUB_DENIED denied',
      write: 'GITHUB_DENIED denied',
    },
    {
      title: 'a renamed repository',
      reply: { status: 301, json: { message: 'Moved Permanently' }, headers: { location: 'https://example.com/' } },
      read: 'GITHUB_MOVED config',
      write: 'GITHUB_MOVED config',
    },
    {
      title: 'a rate limit of a minute',
      reply: { ...refusal(429, 'slow down'), headers: { 'retry-after': '60' } },
      read: 'GITHUB_RATE_LIMITED transient',
      write: 'GITHUB_RATE_LIMITED transient',
    },
    {
      title: 'a secondary limit that names no time',
      reply: refusal(403, 'You have exceeded a secondary rate limit.'),
      read: 'GITHUB_RATE_LIMITED transient',
      write: 'GITHUB_RATE_LIMITED transient',
    },
    {
      title: 'an unknown refusal',
      reply: refusal(418, 'teapot'),
      read: 'GITHUB_FAILED terminal',
      write: 'GITHUB_FAILED terminal',
    },
  ];
  for (const { title, reply, read, write } of failures) {
    it(`calls ${title} ${read} on a read and ${write} on a write`, async () => {
      at.stub.on(REF, reply).on(PULLS, reply);
      expect({ read: await failureOf(readRef()), write: await failureOf(openPullRequest()) }).to.deep.equal({
        read,
        write,
      });
    });
  }

  it('tries a read again after 1, 2 and 4 seconds, and then gives up', async () => {
    at.stub.on(REF, { drop: true });
    await failureOf(readRef());
    expect({ calls: at.stub.calls.length, sleeps: at.clock.sleeps }).to.deep.equal({
      calls: 4,
      sleeps: [1000, 2000, 4000],
    });
  });
  it('takes the answer of a second try', async () => {
    at.stub.on(REF, [refusal(503, 'Service unavailable'), { text: '{' }, { json: ref }]);
    expect(await readRef()).to.equal(oid('a'));
  });
  it('sends a write that must happen once exactly once, however it fails', async () => {
    for (const reply of [
      { drop: true } as const,
      refusal(500, 'x'),
      refusal(502, 'x'),
      refusal(409, 'x'),
      refusal(405, 'x'),
    ]) {
      at.stub.on(PULLS, reply);
      await failureOf(openPullRequest());
    }
    expect({ calls: at.stub.calls.length, sleeps: at.clock.sleeps }).to.deep.equal({ calls: 5, sleeps: [] });
  });
  it('repeats a write that is addressed by its content', async () => {
    at.stub.on('POST /repos/acme/gitops/git/trees', [{ drop: true }, { status: 201, json: { sha: oid('b') } }]);
    expect(await at.github.createTree(repo, oid('a'), [], signal)).to.equal(oid('b'));
  });
  it('calls a refused connection transient even for a write: nothing was sent', async () => {
    await at.stub.close();
    expect(await failureOf(openPullRequest())).to.equal('GITHUB_UNREACHABLE transient');
    await at.stub.close().catch(() => {});
  });
  it('gives up a call that gets no answer within the deadline', async () => {
    at.stub.on(REF, { hang: true }).on(PULLS, { hang: true });
    const hasty = new OctokitSourceControl(
      { baseUrl: at.stub.url, auth: { kind: 'token', token: () => 't' }, timeouts: { readMs: 20, writeMs: 20 } },
      at.clock,
      { ...RETRY, count: 0 },
    );
    const results = [
      await failureOf(hasty.findBranchHead(repo, 'main', signal)),
      await failureOf(hasty.createPullRequest(repo, newPullRequest, signal)),
    ];
    await hasty.close();
    expect(results).to.deep.equal(['GITHUB_UNREACHABLE transient', 'GITHUB_UNREACHABLE unknown']);
  });
  it('is cancelled by the caller: a read ends, a write on its way is unknown, one not sent is neither', async () => {
    at.stub.on(REF, { hang: true }).on(PULLS, { hang: true });
    const abortSoon = async (act: (s: AbortSignal) => Promise<unknown>): Promise<string> => {
      const controller = new AbortController();
      const result = failureOf(act(controller.signal));
      while (at.stub.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
      controller.abort(new Error('shutting down'));
      at.stub.requests.length = 0;
      return result;
    };
    const read = await abortSoon((s) => at.github.findBranchHead(repo, 'main', s));
    const write = await abortSoon((s) => at.github.createPullRequest(repo, newPullRequest, s));
    const unsent = await failureOf(at.github.createPullRequest(repo, newPullRequest, AbortSignal.abort()));
    expect({ read, write, unsent, sent: at.stub.calls }).to.deep.equal({
      read: 'CANCELLED cancelled',
      write: 'CANCELLED unknown',
      unsent: 'CANCELLED cancelled',
      sent: [],
    });
  });
  it('refuses an answer above the size cap, which leaves a write unknown', async () => {
    const huge = { text: `"${'x'.repeat(11 * 1024 * 1024)}"` };
    at.stub.on(REF, huge).on(PULLS, huge);
    expect([await failureOf(readRef()), await failureOf(openPullRequest())]).to.deep.equal([
      'GITHUB_TOO_LARGE terminal',
      'GITHUB_TOO_LARGE unknown',
    ]);
  });
  it('pins the API version, says who it is, and sends the token of this moment', async () => {
    at.stub.on(REF, { json: ref });
    await readRef();
    const headers = at.stub.requests[0]?.headers;
    expect([headers?.['x-github-api-version'], headers?.authorization]).to.deep.equal([
      '2022-11-28',
      'Bearer test-token',
    ]);
    expect(headers?.['user-agent']).to.match(/^ai-devops-operator /);
  });
  it('never shows a token, not even one that GitHub repeats, and keeps no Octokit error as a cause', async () => {
    at.stub.on(REF, refusal(401, 'bad ghs_123_abc.def-ghijklmnop for Bearer test-token-1234567890'));
    const error = await readRef().catch((e: unknown) => e as OperatorError);
    expect(error).to.be.instanceOf(OperatorError);
    const { message, cause } = error as OperatorError;
    expect(message)
      .to.contain('GET /repos/acme/gitops/git/ref/heads%2Fmain')
      .and.not.match(/ghs_123|1234567890/);
    expect(cause).to.equal(undefined);
  });
  it('names the permission that GitHub says is missing', async () => {
    at.stub.on(PULLS, {
      ...refusal(403, 'Resource not accessible by integration'),
      headers: { 'x-accepted-github-permissions': 'pull_requests=write' },
    });
    const error = await openPullRequest().catch((e: unknown) => e as Error);
    expect((error as Error).message).to.contain('it needs pull_requests=write');
  });
  it('refuses a base address that is none', () => {
    expect(
      () => new OctokitSourceControl({ baseUrl: 'github', auth: { kind: 'token', token: () => 't' } }, at.clock, RETRY),
    ).to.throw(/github.apiUrl "github"/);
  });
});

describe('rate limits of GitHub', () => {
  const at = useStub();
  const readRef = (): Promise<unknown> => at.github.findBranchHead(repo, 'main', signal);

  it('are obeyed: after "wait a minute" nothing is sent for a minute', async () => {
    at.stub.on(REF, [{ ...refusal(403, 'secondary rate limit'), headers: { 'retry-after': '60' } }, { json: ref }]);
    const first = await failureOf(readRef());
    const during = await failureOf(readRef());
    const sent = at.stub.calls.length;
    at.clock.advance(60_000);
    expect({ first, during, sent, after: await readRef() }).to.deep.equal({
      first: 'GITHUB_RATE_LIMITED transient',
      during: 'GITHUB_RATE_LIMITED transient',
      sent: 1,
      after: oid('a'),
    });
  });
  it('are waited for inside a read when the pause is short', async () => {
    at.stub.on(REF, [{ ...refusal(429, 'slow down'), headers: { 'retry-after': '5' } }, { json: ref }]);
    expect({ head: await readRef(), sleeps: at.clock.sleeps }).to.deep.equal({ head: oid('a'), sleeps: [5000] });
  });
  it('are counted by the clock of GitHub, not by ours', async () => {
    const theirs = at.clock.now() + 86_400_000;
    const headers = {
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(theirs / 1000 + 120),
      date: new Date(theirs).toUTCString(),
    };
    at.stub.on(REF, { ...refusal(403, 'API rate limit exceeded'), headers });
    const error = await readRef().catch((e: unknown) => e as OperatorError);
    expect((error as OperatorError).retryAfterMs).to.equal(120_000);
  });
  it('stop the calls when the last one of the window is used up, and show what remains', async () => {
    const reset = String(Math.ceil(at.clock.now() / 1000) + 300);
    const headers = { 'x-ratelimit-reset': reset, date: new Date(at.clock.now()).toUTCString() };
    at.stub.on(REF, [
      { json: ref, headers: { ...headers, 'x-ratelimit-remaining': '1' } },
      { json: ref, headers: { ...headers, 'x-ratelimit-remaining': '0' } },
    ]);
    const before = at.github.rateLimitRemaining();
    await readRef();
    const afterOne = at.github.rateLimitRemaining();
    await readRef();
    expect([before, afterOne, await failureOf(readRef()), at.stub.calls.length]).to.deep.equal([
      undefined,
      1,
      'GITHUB_RATE_LIMITED transient',
      2,
    ]);
  });
  it('cannot silence the operator for more than an hour', async () => {
    at.stub.on(REF, [{ ...refusal(429, 'x'), headers: { 'retry-after': '999999999' } }, { json: ref }]);
    await failureOf(readRef());
    at.clock.advance(3_600_000);
    expect(await readRef()).to.equal(oid('a'));
  });
});
