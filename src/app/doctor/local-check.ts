import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../../base/clock.js';
import { asOperatorError } from '../../base/errors.js';
import { KillFile } from '../../adapters/file/kill-file.js';
import type { LoadedConfig } from '../../config/load-config.js';
import { highestMode, type OperatorConfig } from '../../config/operator-config.js';
import { lowestMode } from '../../model/policy.js';
import { AccessTokens } from '../../surface/http/access-tokens.js';
import type { Check, Findings } from './finding.js';

const LEAST_FREE_BYTES = 100 * 1024 * 1024;
const TIMEOUT_MS = 5_000;

/** What can be told without asking anybody: the configuration itself, files and folders on this machine. */
export function localChecks(loaded: LoadedConfig, clock: Clock): readonly Check[] {
  const { config } = loaded;
  const here = (subject: string, look: Check['look']): Check => ({
    subject,
    timeoutMs: TIMEOUT_MS,
    look,
    mend: () => 'Correct the file or the key that names it.',
  });
  return [
    here('configuration', async (found) => lookAtConfiguration(loaded, found)),
    here('audit', (found) => lookAtAudit(config, found)),
    here('kill file', async (found) => lookAtKillFile(config, clock, found)),
    here('http', (found) => lookAtTokens(config, found)),
    here('notify', async (found) => lookAtReceivers(config, found)),
  ];
}

function lookAtConfiguration({ config, warnings }: LoadedConfig, found: Findings): void {
  const modes = Object.entries(config.environments).map(([name, e]) => {
    const effective = lowestMode(e.mode, highestMode(config));
    return `${name}: ${effective}${effective === e.mode ? '' : ` (configured: ${e.mode})`}`;
  });
  found.ok(`valid; ${modes.join(', ')}; store ${config.store.kind}, bus ${config.bus.kind}`);
  for (const warning of warnings) found.warning(warning);
  if (config.development)
    found.warning('development: true, so latches, vetoes and budgets may be forgotten at a restart');
}

async function lookAtAudit({ audit: { directory } }: OperatorConfig, found: Findings): Promise<void> {
  const existing = await nearestExisting(directory);
  try {
    await access(existing, constants.W_OK | constants.X_OK);
  } catch (error) {
    const why = asOperatorError(error).message;
    found.fault(
      `${directory} cannot be written, and without an audit log nothing is done: ${why}`,
      `Give the operator's user the right to write ${existing}, or correct audit.directory.`,
    );
    return;
  }
  const { bavail, bsize } = await statfs(existing);
  const free = bavail * bsize;
  const mebibytes = Math.floor(free / 1024 / 1024);
  if (free < LEAST_FREE_BYTES) {
    found.warning(
      `only ${mebibytes} MiB are free at ${directory}; when it is full, nothing is done any more`,
      'Make room.',
    );
  } else
    found.ok(
      `${directory} can be written${existing === directory ? '' : ' (it will be created)'}, ${mebibytes} MiB free`,
    );
}
async function nearestExisting(directory: string): Promise<string> {
  for (let at = directory; ; at = dirname(at)) {
    try {
      await access(at, constants.F_OK);
      return at;
    } catch {
      if (dirname(at) === at) return at; // the root: what is wrong with it is said by who asks for the right to write
    }
  }
}

function lookAtKillFile({ killFile }: OperatorConfig, clock: Clock, found: Findings): void {
  const pause = new KillFile(killFile, () => clock.now()).engaged();
  if (pause === undefined) found.ok(`${killFile} does not exist: nothing is stopped by it`);
  else found.warning(`the ${pause.by} stops everything new: ${pause.why}`, 'Remove the file when that is over.');
}

async function lookAtTokens({ http }: OperatorConfig, found: Findings): Promise<void> {
  if (http.tokensFile === undefined) {
    found.warning(
      'without http.tokensFile the API is read-only: nobody can abort or pause through it',
      'Set http.tokensFile; the kill file, /abort and closing a pull request work without it.',
    );
    return;
  }
  const tokens = await AccessTokens.load(http.tokensFile);
  found.ok(`${tokens.count} ${tokens.count === 1 ? 'token' : 'tokens'} in ${http.tokensFile}`);
}

/** They are not called: a test message that nobody ordered is noise. */
function lookAtReceivers({ notify }: OperatorConfig, found: Findings): void {
  const names = notify.webhooks.map((w) => w.name);
  found.ok(
    names.length === 0
      ? 'no webhook is configured: alerts stand in the log and in pull requests only'
      : `${names.join(', ')} (configured; not called by doctor)`,
  );
}
