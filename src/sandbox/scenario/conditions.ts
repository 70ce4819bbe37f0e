import type { PullRequestView } from '../github/github-sandbox.js';
import type { ScenarioStage } from './stage.js';
import { pullRequestsOf } from './choose-pull-request.js';
import type { TimelineCondition } from './timeline-schema.js';

/** Does the condition hold now? */
export function holds(condition: TimelineCondition, stage: ScenarioStage): boolean {
  switch (condition.on) {
    case 'operator-watching':
      return stage.journal.find({ server: 'argocd', path: '/api/v1/applications' }).some((entry) => entry.answered);
    case 'pull-request':
      return pullRequestsOf(stage, condition).some((pull) => stateOf(pull) === condition.is);
    case 'attempt':
      return stage.attempts.some(
        (attempt) =>
          attempt.state === condition.state &&
          (condition.application === undefined || isSame(attempt.application, condition.application)) &&
          (condition.reason === undefined || attempt.reason === condition.reason),
      );
    case 'health':
      return stage.world.get(condition.application).health.status === condition.is;
    case 'deployed': {
      const { operation } = stage.world.get(condition.application);
      return operation?.phase === 'Succeeded' && operation.revision === stage.commits.get(condition.commit);
    }
    case 'requests': {
      const { server, method, path, count } = condition;
      const query = { server, ...(method && { method }), ...(path && { path: new RegExp(path) }) };
      return stage.journal.find(query).length >= count;
    }
  }
}

/** A merged pull request is not "closed" here, though GitHub says so. */
export const stateOf = (pull: Pick<PullRequestView, 'state' | 'merged'>): 'open' | 'merged' | 'closed' =>
  pull.merged ? 'merged' : pull.state;

/** `checkout` is short for `argocd/checkout`. */
export const isSame = (a: string, b: string): boolean => qualified(a) === qualified(b);
const qualified = (key: string): string => (key.includes('/') ? key : `argocd/${key}`);
