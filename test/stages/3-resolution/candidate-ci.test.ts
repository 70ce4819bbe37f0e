import { expect } from 'chai';
import { OperatorError } from '../../../src/base/errors.js';
import type { Check, PullRequestSummary } from '../../../src/ports/source-control.js';
import { ciOf, readCandidateCi } from '../../../src/stages/3-resolution/candidate-ci.js';
import { GOOD, HEAD } from '../../support/attempt-parts.js';
import { failureOf } from '../../support/failure.js';
import { ManualClock } from '../../support/manual-clock.js';
import { mergeablePullRequest } from '../../support/merge-evidence.js';

const check = (state: Check['state']): Check => ({ name: 'validate', kind: 'check-run', state, conclusion: state });
const REPO = { owner: 'acme', name: 'gitops' };
interface Known {
  readonly checks: Readonly<Record<string, readonly Check[]>>;
  readonly pullRequests?: readonly PullRequestSummary[];
}
/** What GitHub knows of commits; a commit it does not know is an error. */
const read = ({ checks, pullRequests = [] }: Known): Promise<string> =>
  readCandidateCi(
    new ManualClock(),
    {
      listChecks: (_repo, sha) =>
        checks[sha] === undefined
          ? Promise.reject(new OperatorError('GITHUB_UNREACHABLE', 'transient', 'no route'))
          : Promise.resolve(checks[sha]),
      listPullRequestsOf: () => Promise.resolve(pullRequests),
    },
    REPO,
    GOOD,
    new AbortController().signal,
  );

describe('the CI of a candidate', () => {
  it('is success when all checks succeeded, failed when one failed, else pending, else none', () => {
    expect(
      [
        [],
        [check('success')],
        [check('success'), check('pending')],
        [check('pending'), check('failure'), check('success')],
      ].map((list) => ciOf(list)),
    ).to.deep.equal(['none', 'success', 'pending', 'failed']);
  });
  it('is that of its own commit when that has checks', async () => {
    expect(
      await read({
        checks: { [GOOD]: [check('failure')], [HEAD]: [check('success')] },
        pullRequests: [mergeablePullRequest({ merged: true })],
      }),
    ).to.equal('failed');
  });
  it('is that of the merged pull request that brought it in when its own commit has none', async () => {
    expect(
      await read({
        checks: { [GOOD]: [], [HEAD]: [check('success')] },
        pullRequests: [mergeablePullRequest({ merged: true })],
      }),
    ).to.equal('success');
  });
  it('is not that of a pull request which was never merged', async () => {
    expect(
      await read({ checks: { [GOOD]: [], [HEAD]: [check('success')] }, pullRequests: [mergeablePullRequest()] }),
    ).to.equal('none');
  });
  it('is none when neither has any', async () => {
    expect(await read({ checks: { [GOOD]: [] } })).to.equal('none');
  });
  it('is unknown, and neither none nor success, when it could not be read', async () => {
    expect(await read({ checks: {} })).to.equal('unknown');
    expect(await read({ checks: { [GOOD]: [] }, pullRequests: [mergeablePullRequest({ merged: true })] })).to.equal(
      'unknown',
    );
  });
  it('passes a cancellation on', async () => {
    const cancelled = new OperatorError('CANCELLED', 'cancelled', 'stopped');
    const pending = readCandidateCi(
      new ManualClock(),
      { listChecks: () => Promise.reject(cancelled), listPullRequestsOf: () => Promise.resolve([]) },
      REPO,
      GOOD,
      new AbortController().signal,
    );
    expect(await failureOf(pending)).to.equal('CANCELLED cancelled');
  });
});
