import type { CommandResult, OperatorCommands } from '../operator-commands.js';
import type { Role } from '../role.js';
import { jsonAnswer, type Answer } from './answer.js';
import { problem } from './problem.js';
import { keyOf } from './read-routes.js';
import type { Call, Route } from './route.js';

interface Order {
  readonly path: string;
  readonly role: Role;
  /** What the order is about, for a refusal. */
  readonly about: (parameters: Call['parameters']) => string;
  readonly give: (commands: OperatorCommands, call: Call) => Promise<CommandResult>;
}
const route = ({ path, role, about, give }: Order): Route => ({
  method: 'POST',
  path,
  role,
  handle: async ({ commands }, call) => answerOf(await give(commands, call), about(call.parameters)),
});

const ATTEMPT = '/api/v1/attempts/{id}';
const APP = '/api/v1/apps/{namespace}/{name}';
const QUARANTINE = '/api/v1/quarantine/{id}';
const OPERATOR = '/api/v1/operator';
const idOf = (parameters: Call['parameters']): string => parameters['id'] ?? '';
const attempt = (p: Call['parameters']): string => `attempt ${idOf(p)}`;
const app = (p: Call['parameters']): string => `application ${keyOf(p)}`;
const operator = (): string => 'operator';

/**
 * Everything that can be ordered. Making things safer needs the role operator; lifting a quarantine an approver. Lifting a
 * kill switch or a veto also needs an approver, which only the command can tell.
 */
const ORDERS: readonly Order[] = [
  {
    path: `${ATTEMPT}:abort`,
    role: 'operator',
    about: attempt,
    give: (c, { parameters: p, who, reason }) => c.abort(idOf(p), who, reason),
  },
  {
    path: `${APP}:pause`,
    role: 'operator',
    about: app,
    give: (c, { parameters: p, who, reason }) => c.pause(keyOf(p), who, reason),
  },
  {
    path: `${APP}:resume`,
    role: 'operator',
    about: app,
    give: (c, { parameters: p, who, reason }) => c.resume(keyOf(p), who, reason),
  },
  {
    path: `${APP}:retry`,
    role: 'operator',
    about: app,
    give: (c, { parameters: p, who, reason }) => c.retry(keyOf(p), who, reason),
  },
  {
    path: `${OPERATOR}:pause`,
    role: 'operator',
    about: operator,
    give: (c, { who, reason }) => c.pause('operator', who, reason),
  },
  {
    path: `${OPERATOR}:resume`,
    role: 'operator',
    about: operator,
    give: (c, { who, reason }) => c.resume('operator', who, reason),
  },
  { path: `${OPERATOR}:kill`, role: 'operator', about: operator, give: (c, { who, reason }) => c.kill(who, reason) },
  {
    path: `${QUARANTINE}:lift`,
    role: 'approver',
    about: (p) => `quarantine of attempt ${idOf(p)}`,
    give: (c, { parameters: p, who, reason }) => c.liftQuarantine(idOf(p), who, reason),
  },
];
export const COMMAND_ROUTES: readonly Route[] = ORDERS.map(route);

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
    case 'too-late':
      return conflict(result.why);
    case 'not-paused':
      return conflict(`Nothing is paused for ${what}.`);
    case 'held-by-kill-file':
      return conflict(`Held by the ${result.pause.by} (${result.pause.why}): remove that file.`);
    case 'nothing-to-retry':
      return conflict(result.why);
    case 'attempt-active':
      return conflict(`Attempt ${result.attempt} is under way.`);
    case 'not-found':
      return problem('not-found', `There is no ${what}.`);
    case 'role-too-low':
      return problem('role-too-low', `${result.why} It needs the role ${result.needs}.`, {
        members: { needs: result.needs },
      });
    case 'unavailable':
      return problem('unavailable', result.why, { headers: { 'retry-after': '5' } });
  }
}
