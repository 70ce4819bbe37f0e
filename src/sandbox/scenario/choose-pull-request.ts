import { OperatorError } from '../../base/errors.js';
import type { PullRequestView } from '../github/github-sandbox.js';
import type { ScenarioStage } from './stage.js';

/**
 * Which pull requests are meant: the operator's unless `by` says otherwise; of one application by the head branch's
 * name.
 */
export interface PullRequestChoice {
  readonly by?: string | undefined;
  readonly application?: string | undefined;
}

/** All pull requests that are meant, oldest first. */
export function pullRequestsOf(stage: ScenarioStage, choice: PullRequestChoice): readonly PullRequestView[] {
  const author = choice.by ?? stage.scenario.github.operatorLogin;
  const application = choice.application?.replace('/', '.');
  return stage.github
    .pullRequests()
    .filter((pull) => pull.author === author)
    .filter((pull) => application === undefined || headNames(pull.head, application));
}

/** Rollback branches end in `<namespace>.<name>/<bad>-to-<good>`. */
const headNames = (head: string, application: string): boolean =>
  head.split('/').some((segment) => segment === application || segment.endsWith(`.${application}`));

/** The pull request an action means. Throws `SANDBOX_NO_PULL_REQUEST`. */
export function choosePullRequest(
  stage: ScenarioStage,
  choice: PullRequestChoice & { readonly number?: number | undefined },
): number {
  if (choice.number !== undefined) return choice.number;
  const found = pullRequestsOf(stage, { application: choice.application }).filter((pull) => pull.state === 'open');
  const newest = found.at(-1);
  if (newest) return newest.number;
  throw new OperatorError(
    'SANDBOX_NO_PULL_REQUEST',
    'config',
    `no open pull request of the operator to act on: ${JSON.stringify(choice)}`,
  );
}
