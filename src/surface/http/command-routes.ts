import type { CommandResult } from '../operator-commands.js';
import { jsonAnswer, type Answer } from './answer.js';
import { problem } from './problem.js';
import { keyOf } from './read-routes.js';
import type { Route } from './route.js';

/**
 * Everything that can be ordered. Making things safer needs the role operator; lifting a quarantine an approver. Lifting a
 * kill switch or a veto also needs an approver, which only the command can tell.
 */
export const COMMAND_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/v1/attempts/{id}:abort',
    role: 'operator',
    handle: async ({ commands }, { parameters, who, reason }) => answerOf(await commands.abort(parameters['id'] ?? '', who, reason), `attempt ${parameters['id']}`),
  },
  {
    method: 'POST',
    path: '/api/v1/apps/{namespace}/{name}:pause',
    role: 'operator',
    handle: async ({ commands }, { parameters, who, reason }) => answerOf(await commands.pause(keyOf(parameters), who, reason), `application ${keyOf(parameters)}`),
  },
  {
    method: 'POST',
    path: '/api/v1/apps/{namespace}/{name}:resume',
    role: 'operator',
    handle: async ({ commands }, { parameters, who, reason }) => answerOf(await commands.resume(keyOf(parameters), who, reason), `application ${keyOf(parameters)}`),
  },
  {
    method: 'POST',
    path: '/api/v1/apps/{namespace}/{name}:retry',
    role: 'operator',
    handle: async ({ commands }, { parameters, who, reason }) => answerOf(await commands.retry(keyOf(parameters), who, reason), `application ${keyOf(parameters)}`),
  },
  {
    method: 'POST',
    path: '/api/v1/quarantine/{id}:lift',
    role: 'approver',
    handle: async ({ commands }, { parameters, who, reason }) => answerOf(await commands.liftQuarantine(parameters['id'] ?? '', who, reason), `quarantine of attempt ${parameters['id']}`),
  },
  { method: 'POST', path: '/api/v1/operator:pause', role: 'operator', handle: async ({ commands }, { who, reason }) => answerOf(await commands.pause('operator', who, reason), 'operator') },
  { method: 'POST', path: '/api/v1/operator:resume', role: 'operator', handle: async ({ commands }, { who, reason }) => answerOf(await commands.resume('operator', who, reason), 'operator') },
  { method: 'POST', path: '/api/v1/operator:kill', role: 'operator', handle: async ({ commands }, { who, reason }) => answerOf(await commands.kill(who, reason), 'operator') },
];

/** Done, or already so: 200 (202 when it takes effect later). Refusals are problems that carry the result. */
function answerOf(result: CommandResult, what: string): Answer {
  const conflict = (detail: string): Answer => problem('conflict', detail, { members: { result } });
  switch (result.kind) {
    case 'stopping':
    case 'lifted':
      return jsonAnswer(202, result);
    case 'already-stopping':
    case 'paused':
    case 'already-paused':
    case 'resumed':
    case 'brake-opened':
    case 'killed':
    case 'already-killed':
      return jsonAnswer(200, result);
    case 'already-ended':
      return conflict(`The attempt has ended: ${result.attempt.next.text}`);
    case 'not-paused':
      return conflict(`Nothing is paused for ${what}.`);
    case 'nothing-to-retry':
      return conflict(result.why);
    case 'attempt-active':
      return conflict(`Attempt ${result.attempt} is under way.`);
    case 'not-found':
      return problem('not-found', `There is no ${what}.`);
    case 'role-too-low':
      return problem('role-too-low', `${result.why} It needs the role ${result.needs}.`, { members: { needs: result.needs } });
    case 'unavailable':
      return problem('unavailable', result.why, { headers: { 'retry-after': '5' } });
  }
}
