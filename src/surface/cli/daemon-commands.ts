import { cleanLine } from '../../base/clean-text.js';
import type { AttemptView } from '../../model/attempt-view.js';
import type { CommandResult } from '../operator-commands.js';
import type { Explanation } from '../explanation.js';
import type { ApplicationView, QuarantineView } from '../operator-queries.js';
import { attemptText } from './attempt-text.js';
import type { CommandContext } from './command.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { explainText } from './explain-text.js';
import { applicationPath, findApplication, findAttempt } from './find-by-name.js';
import { applicationsText, attemptsText, quarantineText } from './lists-text.js';
import { print } from './output.js';

const first = (c: CommandContext): string => c.arguments[0] ?? '';

/** `get apps`. */
export async function getApps(c: CommandContext): Promise<ExitCode> {
  const apps = (await (await c.client()).list('/api/v1/apps')) as readonly ApplicationView[];
  print(c, apps, () => applicationsText(apps, c.now, c.paint));
  return EXIT.ok;
}
/** `get attempts`. */
export async function getAttempts(c: CommandContext): Promise<ExitCode> {
  const attempts = (await (await c.client()).list('/api/v1/attempts')) as readonly AttemptView[];
  print(c, attempts, () => attemptsText(attempts, c.now, c.paint));
  return EXIT.ok;
}
/** `describe attempt`. */
export async function describeAttempt(c: CommandContext): Promise<ExitCode> {
  const client = await c.client();
  const view = (await client.get(`/api/v1/attempts/${await findAttempt(client, first(c))}`)) as AttemptView;
  print(c, view, () => attemptText(view, c.now, c.paint));
  return EXIT.ok;
}
/** `explain`. */
export async function explain(c: CommandContext): Promise<ExitCode> {
  const client = await c.client();
  const explanation = (await client.get(applicationPath(await findApplication(client, first(c))))) as Explanation;
  print(c, explanation, () => explainText(explanation, c.paint));
  return EXIT.ok;
}
/** `quarantine list`. */
export async function quarantineList(c: CommandContext): Promise<ExitCode> {
  const list = (await (await c.client()).list('/api/v1/quarantine')) as readonly QuarantineView[];
  print(c, list, () => quarantineText(list, c.now, c.paint));
  return EXIT.ok;
}

/** `abort`. */
export async function abort(c: CommandContext): Promise<ExitCode> {
  const client = await c.client();
  return order(c, `/api/v1/attempts/${await findAttempt(client, first(c))}:abort`);
}
export const pause = (c: CommandContext): Promise<ExitCode> => orderScope(c, 'pause');
export const resume = (c: CommandContext): Promise<ExitCode> => orderScope(c, 'resume');
export const kill = (c: CommandContext): Promise<ExitCode> => order(c, '/api/v1/operator:kill');
/** `retry`. */
export async function retry(c: CommandContext): Promise<ExitCode> {
  return order(c, `${applicationPath(await findApplication(await c.client(), first(c)))}:retry`);
}
/** `quarantine lift`. */
export async function quarantineLift(c: CommandContext): Promise<ExitCode> {
  const client = await c.client();
  const list = (await client.list('/api/v1/quarantine')) as readonly QuarantineView[];
  const given = first(c);
  const found = list.filter(
    (q) => q.attempt.startsWith(given) || q.application === given || q.application.endsWith(`/${given}`),
  );
  const [only, ...others] = found;
  if (only === undefined || others.length > 0) {
    c.io.err(
      only === undefined
        ? `${given} is not in quarantine; see \`ai-operator quarantine list\``
        : `${given} could be ${found.map((q) => q.attempt.slice(0, 8)).join(', ')}; name the attempt`,
    );
    return only === undefined ? EXIT.conditionNotMet : EXIT.usage;
  }
  return order(c, `/api/v1/quarantine/${encodeURIComponent(only.attempt)}:lift`);
}

async function orderScope(c: CommandContext, verb: 'pause' | 'resume'): Promise<ExitCode> {
  const app = c.arguments[0];
  if ((app === undefined) === (c.options.all !== true)) {
    c.io.err(`${verb} takes either an application or --all`);
    return EXIT.usage;
  }
  return order(
    c,
    app === undefined
      ? `/api/v1/operator:${verb}`
      : `${applicationPath(await findApplication(await c.client(), app))}:${verb}`,
  );
}

async function order(c: CommandContext, path: string): Promise<ExitCode> {
  const result = (await (await c.client()).post(path, c.options.reason ?? '')) as CommandResult;
  print(c, result, () => cleanLine(resultText(result)));
  return EXIT.ok;
}

function resultText(result: CommandResult): string {
  switch (result.kind) {
    case 'stopping':
      return `Attempt ${result.attempt.id} is being stopped.${result.settling ? ' Something was under way and is settled first: if it was the merge, the attempt goes on watching.' : ' Nothing new is started.'}`;
    case 'already-stopping':
      return `Attempt ${result.attempt.id} was being stopped already.`;
    case 'paused':
      return `Paused: ${scopeText(result.pause.scope)}. Nothing new is started; observation, deadlines and abort go on.`;
    case 'already-paused':
      return `Was paused already by ${result.pause.by}: ${result.pause.why}`;
    case 'resumed':
      return `Resumed: ${scopeText(result.scope)}.`;
    case 'brake-opened':
      return `The brake is open again for ${result.environments.join(', ')}.`;
    case 'killed':
      return 'Kill switch on: nothing new is started anywhere. Only an approver or admin can `ai-operator resume --all`.';
    case 'already-killed':
      return `The kill switch was on already, by ${result.pause.by}: ${result.pause.why}`;
    case 'lifted':
      return `Lifted (attempt ${result.attempt}). What happens now depends on the next check: \`ai-operator explain\`.`;
    case 'already-ended':
    case 'too-late':
    case 'held-by-kill-file':
    case 'not-paused':
    case 'nothing-to-retry':
    case 'attempt-active':
    case 'not-found':
    case 'role-too-low':
    case 'unavailable':
      return `Refused: ${result.kind}`;
  }
}
const scopeText = (scope: string): string => (scope === 'operator' ? 'everything' : scope);
