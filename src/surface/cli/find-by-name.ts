import { OperatorError } from '../../base/errors.js';
import type { ApplicationKey } from '../../model/application.js';
import type { AttemptId } from '../../model/rollback-attempt.js';
import type { AttemptView } from '../../model/attempt-view.js';
import type { ApplicationView } from '../operator-queries.js';
import type { DaemonClient } from './daemon-client.js';

const KEY = /^[^/\s]+\/[^/\s]+$/;
const SHORT_ID = /^[0-9a-f-]{4,}$/i;
const FULL_ID_LENGTH = 36;

const ambiguous = (name: string, found: readonly string[]): OperatorError =>
  new OperatorError(
    'CLI_AMBIGUOUS',
    'config',
    `${name} could be ${found.slice(0, 5).join(', ')}${found.length > 5 ? ', …' : ''}; write more of it`,
  );

/** Names that hold what was given: `checkout` was `checkout-staging`. */
function meant(given: string, all: readonly { readonly application: ApplicationKey }[]): string {
  const near = [...new Set(all.map((one) => one.application))].filter((key) => key.includes(given)).slice(0, 3);
  return near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`;
}

/** `namespace/name` of an application given so, or by its name alone. Throws CLI_NOT_FOUND, CLI_AMBIGUOUS. */
export async function findApplication(client: DaemonClient, given: string): Promise<ApplicationKey> {
  if (KEY.test(given)) return given as ApplicationKey;
  const all = (await client.list('/api/v1/apps')) as readonly ApplicationView[];
  const found = all.map((a) => a.application).filter((key) => key.endsWith(`/${given}`));
  const [only, ...others] = found;
  if (only === undefined) {
    const text = `no application ${given} was listed${meant(given, all)}; \`ai-operator get apps\` shows all`;
    throw new OperatorError('CLI_NOT_FOUND', 'terminal', text);
  }
  if (others.length > 0) throw ambiguous(given, found);
  return only;
}

/** The id of an attempt given whole, by its beginning, or by the application it is about (the newest). */
export async function findAttempt(client: DaemonClient, given: string): Promise<AttemptId> {
  if (given.length === FULL_ID_LENGTH && SHORT_ID.test(given)) return given;
  const all = (await client.list('/api/v1/attempts')) as readonly AttemptView[];
  const byId = SHORT_ID.test(given) ? all.filter((a) => a.id.startsWith(given.toLowerCase())) : [];
  if (byId.length > 1)
    throw ambiguous(
      given,
      byId.map((a) => a.id),
    );
  const found = byId[0] ?? all.find((a) => a.application === given || a.application.endsWith(`/${given}`));
  if (found === undefined) {
    const text = `no attempt ${given}${meant(given, all)}; \`ai-operator get attempts\` shows all of the last 7 days`;
    throw new OperatorError('CLI_NOT_FOUND', 'terminal', text);
  }
  return found.id;
}

/** A key as a part of a path. */
export const applicationPath = (key: ApplicationKey): string =>
  `/api/v1/apps/${key.split('/').map(encodeURIComponent).join('/')}`;
